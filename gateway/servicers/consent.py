"""ConsentService: decode, call the use case, encode."""

from __future__ import annotations

from typing import Final, TypeVar

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.application.manage_consents import ManageConsents, state_after
from gateway.domain.consent import ConsentEvent
from gateway.servicers import decode
from gateway.servicers.artefact import signed_consent
from gateway.servicers.binding import Call, Guard, service, unary
from gateway.servicers.consent_list import ConsentListServicer, state_number
from gateway.servicers.consent_receipt import ConsentReceiptServicer
from veilgate.v1 import consent_pb2 as pb

NAME: Final = "veilgate.v1.ConsentService"
_Change = TypeVar(
    "_Change", pb.RevokeConsentRequest, pb.PauseConsentRequest, pb.ResumeConsentRequest
)
_Changed = TypeVar(
    "_Changed", pb.RevokeConsentResponse, pb.PauseConsentResponse, pb.ResumeConsentResponse
)


class ConsentServicer:
    """Grant, get, and the changes of state."""

    def __init__(self, consents: ManageConsents) -> None:
        """Take the use case."""
        self._consents = consents

    async def grant(self, call: Call[pb.GrantConsentRequest]) -> pb.GrantConsentResponse:
        """Answer GrantConsent."""
        consent = signed_consent(call.request.consent, "consent")
        recorded = await self._consents.grant(call.principal, consent)
        return pb.GrantConsentResponse(
            consent_id=consent.terms.consent_id,
            event_id=recorded.event_id,
            log_index=recorded.log_index,
        )

    async def get(self, call: Call[pb.GetConsentRequest]) -> pb.GetConsentResponse:
        """Answer GetConsent."""
        consent_id = decode.uuid(call.request.consent_id, "consent_id")
        stored = await self._consents.show(call.principal, consent_id)
        standing = stored.consent.standing
        return pb.GetConsentResponse(
            consent=pb.SignedConsent(
                artefact=stored.signed.artefact,
                key_id=stored.signed.key_id,
                signature=stored.signed.signature,
            ),
            state=state_number(standing.state),
            uses=standing.uses,
            granted_at=Timestamp(seconds=stored.granted_at),
        )

    async def revoke(self, call: Call[pb.RevokeConsentRequest]) -> pb.RevokeConsentResponse:
        """Answer RevokeConsent."""
        return await self._changed(call, ConsentEvent.REVOKE, pb.RevokeConsentResponse)

    async def pause(self, call: Call[pb.PauseConsentRequest]) -> pb.PauseConsentResponse:
        """Answer PauseConsent."""
        return await self._changed(call, ConsentEvent.PAUSE, pb.PauseConsentResponse)

    async def resume(self, call: Call[pb.ResumeConsentRequest]) -> pb.ResumeConsentResponse:
        """Answer ResumeConsent."""
        return await self._changed(call, ConsentEvent.RESUME, pb.ResumeConsentResponse)

    async def _changed(
        self, call: Call[_Change], event: ConsentEvent, kind: type[_Changed]
    ) -> _Changed:
        consent_id = decode.uuid(call.request.consent_id, "consent_id")
        stored, recorded = await self._consents.change(call.principal, consent_id, event)
        return kind(
            state=state_number(state_after(stored, event)),
            event_id=recorded.event_id,
            log_index=recorded.log_index,
        )


def consent_service(
    guard: Guard,
    servicer: ConsentServicer,
    lists: ConsentListServicer,
    receipts: ConsentReceiptServicer,
) -> grpc.GenericRpcHandler:
    """Bind the service."""
    return service(
        NAME,
        {
            "GrantConsent": unary(guard, pb.GrantConsentRequest, servicer.grant),
            "GetConsent": unary(guard, pb.GetConsentRequest, servicer.get),
            "RevokeConsent": unary(guard, pb.RevokeConsentRequest, servicer.revoke),
            "PauseConsent": unary(guard, pb.PauseConsentRequest, servicer.pause),
            "ResumeConsent": unary(guard, pb.ResumeConsentRequest, servicer.resume),
            "ListConsents": unary(guard, pb.ListConsentsRequest, lists.list),
            "GetConsentReceipt": unary(guard, pb.GetConsentReceiptRequest, receipts.get),
        },
    )
