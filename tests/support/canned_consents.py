"""The consents of a server that a test prepares: what was granted is kept, nothing is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import grpc

from gateway.crypto.dsse import DsseEnvelope, DsseSignature
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import CryptoError
from support.canned_answers import abort, refusal
from support.canned_receipt import document, signed
from veilgate.v1 import consent_pb2, consent_pb2_grpc

if TYPE_CHECKING:
    from support.canned_gateway import CannedGateway

CONSENT_TYPE = "application/vnd.veilgate.consent.v1+protobuf"
SIGNING_KEY = SigningKey.from_seed(b"\x07" * 32)


class Consents(consent_pb2_grpc.ConsentServiceServicer):
    def __init__(self, gateway: CannedGateway) -> None:
        self._gateway = gateway

    def GrantConsent(self, request: Any, context: Any) -> consent_pb2.GrantConsentResponse:  # noqa: N802
        self._gateway.take(request, context)
        consent = request.consent
        signature = DsseSignature(consent.key_id, consent.signature)
        envelope = DsseEnvelope(CONSENT_TYPE, consent.artefact, (signature,))
        try:
            artefact = envelope.verify(CONSENT_TYPE, [SIGNING_KEY.public_key])
        except CryptoError:
            abort(context, refusal("CONSENT_SIGNATURE_INVALID", grpc.StatusCode.INVALID_ARGUMENT))
        consent_id = consent_pb2.ConsentArtefact.FromString(artefact).consent_id
        self._gateway.consents[consent_id] = consent
        return consent_pb2.GrantConsentResponse(
            consent_id=consent_id, event_id="event-7", log_index=7
        )

    def GetConsent(self, request: Any, context: Any) -> consent_pb2.GetConsentResponse:  # noqa: N802
        self._gateway.take(request, context)
        consent = self._find(request.consent_id, context)
        answer = consent_pb2.GetConsentResponse(
            consent=consent, state=consent_pb2.CONSENT_STATE_ACTIVE, uses=2
        )
        answer.granted_at.FromSeconds(1_767_225_600)
        return answer

    def RevokeConsent(self, request: Any, context: Any) -> consent_pb2.RevokeConsentResponse:  # noqa: N802
        self._gateway.take(request, context)
        self._find(request.consent_id, context)
        return consent_pb2.RevokeConsentResponse(
            state=consent_pb2.CONSENT_STATE_REVOKED, event_id="event-8", log_index=8
        )

    def PauseConsent(self, request: Any, context: Any) -> consent_pb2.PauseConsentResponse:  # noqa: N802
        self._gateway.take(request, context)
        self._find(request.consent_id, context)
        return consent_pb2.PauseConsentResponse(
            state=consent_pb2.CONSENT_STATE_PAUSED, event_id="event-9", log_index=9
        )

    def ResumeConsent(self, request: Any, context: Any) -> consent_pb2.ResumeConsentResponse:  # noqa: N802
        self._gateway.take(request, context)
        self._find(request.consent_id, context)
        return consent_pb2.ResumeConsentResponse(
            state=consent_pb2.CONSENT_STATE_ACTIVE, event_id="event-10", log_index=10
        )

    def ListConsents(self, request: Any, context: Any) -> consent_pb2.ListConsentsResponse:  # noqa: N802
        self._gateway.take(request, context)
        listed, start = self._gateway.listed, int(request.page_token or 0)
        stop = start + (request.page_size or 100)
        return consent_pb2.ListConsentsResponse(
            consents=listed[start:stop], next_page_token=str(stop) if stop < len(listed) else ""
        )

    def GetConsentReceipt(  # noqa: N802
        self, request: Any, context: Any
    ) -> consent_pb2.GetConsentReceiptResponse:
        self._gateway.take(request, context)
        self._find(request.consent_id, context)
        receipt = signed(document(request.consent_id))
        return consent_pb2.GetConsentReceiptResponse(
            receipt=receipt.receipt, key_id=receipt.key_id, signature=receipt.signature
        )

    def _find(self, consent_id: str, context: Any) -> consent_pb2.SignedConsent:
        if consent_id not in self._gateway.consents:
            abort(context, refusal("CONSENT_NOT_FOUND", grpc.StatusCode.NOT_FOUND))
        return self._gateway.consents[consent_id]
