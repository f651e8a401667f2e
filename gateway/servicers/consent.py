"""ConsentService: decode, call the use case, encode."""

from __future__ import annotations

from typing import Final

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.application.manage_consents import ManageConsents, state_after
from gateway.application.ports.ledger import NewConsent, SignedArtefact
from gateway.domain.consent import ConsentEvent
from gateway.servicers import decode
from gateway.servicers.artefact import consent_terms
from gateway.servicers.binding import Call, Guard, service, unary
from veilgate.v1 import consent_pb2 as pb

NAME: Final = "veilgate.v1.ConsentService"
MAX_ARTEFACT_BYTES: Final = 16 * 1024


class ConsentServicer:
    """Grant, get, revoke."""

    def __init__(self, consents: ManageConsents) -> None:
        """Take the use case."""
        self._consents = consents

    async def grant(self, call: Call[pb.GrantConsentRequest]) -> pb.GrantConsentResponse:
        """Answer GrantConsent."""
        consent = _new_consent(call.request.consent)
        recorded = await self._consents.grant(call.principal, consent)
        return pb.GrantConsentResponse(
            consent_id=consent.terms.consent_id,
            event_id=recorded.event_id,
            log_index=recorded.log_index,
        )

    async def get(self, call: Call[pb.GetConsentRequest]) -> pb.GetConsentResponse:
        """Answer GetConsent."""
        consent_id = decode.uuid(call.request.consent_id, "consent_id")
        stored = self._consents.show(call.principal, consent_id)
        standing = stored.consent.standing
        return pb.GetConsentResponse(
            consent=pb.SignedConsent(
                artefact=stored.signed.artefact,
                key_id=stored.signed.key_id,
                signature=stored.signed.signature,
            ),
            state=_state(standing.state.value),
            uses=standing.uses,
            granted_at=Timestamp(seconds=stored.granted_at),
        )

    async def revoke(self, call: Call[pb.RevokeConsentRequest]) -> pb.RevokeConsentResponse:
        """Answer RevokeConsent."""
        consent_id = decode.uuid(call.request.consent_id, "consent_id")
        stored, recorded = await self._consents.change(
            call.principal, consent_id, ConsentEvent.REVOKE
        )
        return pb.RevokeConsentResponse(
            state=_state(state_after(stored, ConsentEvent.REVOKE)),
            event_id=recorded.event_id,
            log_index=recorded.log_index,
        )


def consent_service(guard: Guard, servicer: ConsentServicer) -> grpc.GenericRpcHandler:
    """Bind the service."""
    return service(
        NAME,
        {
            "GrantConsent": unary(guard, pb.GrantConsentRequest, servicer.grant),
            "GetConsent": unary(guard, pb.GetConsentRequest, servicer.get),
            "RevokeConsent": unary(guard, pb.RevokeConsentRequest, servicer.revoke),
        },
    )


def _new_consent(signed: pb.SignedConsent) -> NewConsent:
    if not 0 < len(signed.artefact) <= MAX_ARTEFACT_BYTES:
        raise decode.InvalidField("consent.artefact", "must have 1 to 16384 bytes")
    if len(signed.signature) != 64:
        raise decode.InvalidField("consent.signature", "must be an Ed25519 signature of 64 bytes")
    if not 0 < len(signed.key_id) <= 63:
        raise decode.InvalidField("consent.key_id", "must have 1 to 63 characters")
    identifier, terms = consent_terms(signed.artefact, "consent.artefact")
    artefact = SignedArtefact(signed.artefact, signed.key_id, signed.signature)
    return NewConsent(identifier, terms, artefact)


def _state(value: str) -> pb.ConsentState.ValueType:
    return pb.ConsentState.Value(f"CONSENT_STATE_{value.upper()}")
