"""Another Veilgate gateway as a provider: the consent and the purpose travel along.

Owns the call upstream: as an institution with the role gateway, for the recipient that asked here,
under the consent as its collector signed it. A request that is asked again here is the same request
there, so that it costs no second use. Refuses to ask in a circle, and to pass on an answer
that does not hold exactly what was asked for.
"""

import asyncio
import re
from collections.abc import Callable
from typing import Final
from uuid import UUID, uuid5

import grpc.aio
import msgspec

from gateway.adapters.providers.addressing import Address
from gateway.adapters.providers.contract_values import Contract
from gateway.adapters.providers.remote_channel import RemoteAddress, RemoteChannel
from gateway.adapters.providers.upstream_refusals import refusal_of
from gateway.application.ports.ledger import SignedArtefact
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.application.ports.store import ConsentReader
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Value
from veilgate.v1 import consent_pb2, exchange_pb2, exchange_pb2_grpc, subject_pb2

MAX_HOPS: Final = 4
_EVENT_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_REQUESTS: Final = UUID("c1f1b3f0-52f6-5a4e-9d38-0d0a3f8f6b0e")
"""The name space in which recipient and request id give the id of the request upstream."""


class Upstream(msgspec.Struct, frozen=True):
    """The dataset's name there, the origin of this gateway's own log, and the time limit."""

    dataset: str
    origin: str
    timeout_s: float


class VeilgateProvider:
    """Implements ``RecordSource`` over the upstream gateway's ExchangeService."""

    def __init__(
        self,
        remote: RemoteAddress,
        upstream: Upstream,
        consents: Callable[[], ConsentReader],
    ) -> None:
        """Take where it is, and where consents are found once the store is open.

        Raises ``RemoteFileError``: a file of the connection cannot be used.
        """
        self._channel = RemoteChannel(remote)
        self._upstream = upstream
        self._consents = consents
        self._contract: Contract | None = None
        self._stub: exchange_pb2_grpc.ExchangeServiceAsyncStub | None = None

    async def look_up(self, address: Address, inquiry: Inquiry) -> Fetched | None:
        """Ask upstream. Raises what a caller can act on by its own reason; see the table."""
        origin = self._upstream.origin
        if origin in inquiry.path or len(inquiry.path) >= MAX_HOPS:
            raise refuse(ErrorReason.FEDERATION_LOOP)
        stored = await self._consents().consent(inquiry.consent_id)
        if stored is None:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        request = self._request(address, inquiry, stored.signed)
        try:
            answer = await self._connected().GetRecord(request, timeout=self._upstream.timeout_s)
        except grpc.aio.AioRpcError as error:
            refusal = refusal_of(error)
        else:
            return fetched(self._contract, inquiry, answer)
        if refusal is ErrorReason.RECORD_NOT_FOUND:
            return None
        raise refuse(refusal)

    def use_contract(self, contract: DatasetDocument) -> None:
        """Learn the types that the answers must have."""
        self._contract = Contract(contract, as_text=False)

    def close(self) -> None:
        """Drop the connection; calls under way are cancelled."""
        self._stub = None
        self._closing = asyncio.ensure_future(self._channel.close())

    def _request(
        self, address: Address, inquiry: Inquiry, signed: SignedArtefact
    ) -> exchange_pb2.GetRecordRequest:
        kind = subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{address.type}")
        return exchange_pb2.GetRecordRequest(
            request_id=str(uuid5(_REQUESTS, f"{inquiry.recipient}|{inquiry.request_id}")),
            subject=subject_pb2.SubjectIdentifier(type=kind, value=address.value),
            dataset=self._upstream.dataset,
            purpose=inquiry.purpose,
            fields=inquiry.fields,
            consent_id=inquiry.consent_id,
            forwarding=exchange_pb2.Forwarding(
                recipient=inquiry.recipient,
                consent=consent_pb2.SignedConsent(
                    artefact=signed.artefact, key_id=signed.key_id, signature=signed.signature
                ),
                path=(*inquiry.path, self._upstream.origin),
                event_id=inquiry.event_id,
            ),
        )

    def _connected(self) -> "exchange_pb2_grpc.ExchangeServiceAsyncStub":
        if self._stub is None:
            self._stub = exchange_pb2_grpc.ExchangeServiceStub(self._channel.opened())
        return self._stub


def fetched(
    contract: Contract | None, inquiry: Inquiry, answer: exchange_pb2.GetRecordResponse
) -> Fetched:
    """Return exactly what was asked for, or raise ``Refused`` with PROVIDER_ANSWER_INVALID.

    The event's id must be one of a gateway's: it goes into the log here, for ever, and upstream
    must not be able to put anything else there.
    """
    values: dict[str, Value] = {one.field: None for one in answer.withheld}
    for one in answer.fields:
        which = one.WhichOneof("value")
        values[one.field] = None if which is None else getattr(one, which)
    named = len(answer.withheld) + len(answer.fields)
    if (
        contract is None
        or named != len(values)
        or set(values) != set(inquiry.fields)
        or _EVENT_ID.fullmatch(answer.event_id) is None
    ):
        raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID)
    ordered = [values[field] for field in inquiry.fields]
    return Fetched(contract.record(inquiry.fields, ordered), answer.event_id)
