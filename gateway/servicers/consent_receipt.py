"""GetConsentReceipt: the receipt's bytes go out as they were signed."""

from __future__ import annotations

from gateway.application.consent_receipt import IssueReceipt
from gateway.servicers import decode
from gateway.servicers.binding import Call
from veilgate.v1 import consent_pb2 as pb


class ConsentReceiptServicer:
    """Receipts."""

    def __init__(self, receipts: IssueReceipt) -> None:
        """Take the use case."""
        self._receipts = receipts

    async def get(self, call: Call[pb.GetConsentReceiptRequest]) -> pb.GetConsentReceiptResponse:
        """Answer GetConsentReceipt."""
        consent_id = decode.uuid(call.request.consent_id, "consent_id")
        signed = await self._receipts(call.principal, consent_id)
        return pb.GetConsentReceiptResponse(
            receipt=signed.receipt, key_id=signed.key_id, signature=signed.signature
        )
