"""The gateway's services as typed calls.

Owns the connection, and a deadline on every call. Refuses to retry and to interpret: what is sent
and what came back is the codec's, what was refused is a ``VeilgateError``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar
from uuid import uuid4

import grpc

from clients.sdk import codec, log_codec
from clients.sdk.channel import open_channel
from clients.sdk.errors import VeilgateError
from clients.sdk.failure import RequestError
from clients.sdk.models import (
    ConsentReceipt,
    ConsentStatus,
    EventPage,
    Explanation,
    InclusionProof,
    Record,
    Revocation,
    SignedCheckpoint,
)
from clients.sdk.profile import ClientProfile
from veilgate.v1 import (
    audit_pb2,
    audit_pb2_grpc,
    consent_pb2,
    consent_pb2_grpc,
    exchange_pb2,
    exchange_pb2_grpc,
)

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds."""

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class VeilgateClient:
    """One institution's connection to one gateway; may be shared by threads.

    Every call takes ``timeout`` in seconds and raises ``VeilgateError`` where it is refused or
    fails, ``RequestError`` where it cannot be sent, ``AnswerError`` where the answer is unusable.
    """

    def __init__(self, profile: ClientProfile) -> None:
        self._channel = open_channel(profile)
        self._exchange = exchange_pb2_grpc.ExchangeServiceStub(self._channel)
        self._consents = consent_pb2_grpc.ConsentServiceStub(self._channel)
        self._audit = audit_pb2_grpc.AuditServiceStub(self._channel)

    def __enter__(self) -> Self:
        """Open: the connection is made at the first call."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._channel.close()

    def get_record(
        self,
        subject_type: str,
        subject_id: str,
        purpose: str,
        dataset: str,
        fields: Sequence[str] = (),
        consent_id: str = "",
        request_id: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Record:
        """What the decision releases of one record; no ``fields`` means all that may be released.

        Give ``request_id`` (a UUID) to ask again: the same request costs no second use.
        """
        request = exchange_pb2.GetRecordRequest(
            request_id=str(uuid4()) if request_id is None else request_id,
            subject=codec.encode_subject(subject_type, subject_id),
            dataset=dataset,
            purpose=purpose,
            fields=fields,
            consent_id=consent_id,
        )
        answer = _call(self._exchange.GetRecord, request, timeout, request.request_id)
        return codec.decode_record(request, answer)

    def explain_access(
        self,
        subject_type: str,
        subject_id: str,
        purpose: str,
        dataset: str,
        fields: Sequence[str] = (),
        consent_id: str = "",
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Explanation:
        """The decision that ``get_record`` would get now, a denial included; recorded as asked."""
        request = exchange_pb2.ExplainAccessRequest(
            subject=codec.encode_subject(subject_type, subject_id),
            dataset=dataset,
            purpose=purpose,
            fields=fields,
            consent_id=consent_id,
        )
        return codec.decode_explanation(_call(self._exchange.ExplainAccess, request, timeout))

    def grant_consent(
        self, signed: consent_pb2.SignedConsent, timeout: float = DEFAULT_TIMEOUT
    ) -> ConsentReceipt:
        """Store a signed consent; the same one again changes nothing."""
        request = consent_pb2.GrantConsentRequest(consent=signed)
        return codec.decode_receipt(_call(self._consents.GrantConsent, request, timeout))

    def get_consent(self, consent_id: str, timeout: float = DEFAULT_TIMEOUT) -> ConsentStatus:
        """A consent that this institution collected or controls, and where it stands."""
        request = consent_pb2.GetConsentRequest(consent_id=consent_id)
        answer = _call(self._consents.GetConsent, request, timeout)
        return codec.decode_status(consent_id, answer)

    def revoke_consent(self, consent_id: str, timeout: float = DEFAULT_TIMEOUT) -> Revocation:
        """Revoke a consent, finally: once this returns, nothing is released under it."""
        request = consent_pb2.RevokeConsentRequest(consent_id=consent_id)
        return codec.decode_revocation(_call(self._consents.RevokeConsent, request, timeout))

    def checkpoint(self, timeout: float = DEFAULT_TIMEOUT) -> SignedCheckpoint:
        """A signed checkpoint of the audit log as it is now, not yet verified."""
        request = audit_pb2.GetCheckpointRequest()
        return log_codec.decode_checkpoint(_call(self._audit.GetCheckpoint, request, timeout))

    def list_events(
        self, start: int = 0, limit: int = 100, timeout: float = DEFAULT_TIMEOUT
    ) -> EventPage:
        """At most ``limit`` (1 to 500) events from ``start`` on; for auditors."""
        request = audit_pb2.ListEventsRequest(start=start, limit=limit)
        return log_codec.decode_events(start, _call(self._audit.ListEvents, request, timeout))

    def inclusion_proof(
        self, index: int, size: int = 0, timeout: float = DEFAULT_TIMEOUT
    ) -> InclusionProof:
        """The proof of entry ``index`` in the tree of ``size`` entries; 0 means the present one."""
        request = audit_pb2.GetInclusionProofRequest(log_index=index, tree_size=size)
        answer = _call(self._audit.GetInclusionProof, request, timeout)
        return log_codec.decode_proof(index, answer)

    def tile(self, path: str, timeout: float = DEFAULT_TIMEOUT) -> bytes:
        """One tile or entry bundle by its tlog-tiles path; for auditors."""
        return _call(self._audit.GetTile, audit_pb2.GetTileRequest(path=path), timeout).content


def _call(
    method: Callable[..., Answer], request: object, timeout: float, request_id: str = ""
) -> Answer:
    if not 0 < timeout < math.inf:
        raise RequestError("a timeout is a positive number of seconds", "Give one, such as 10.")
    try:
        return method(request, timeout=timeout)
    except grpc.RpcError as error:
        raise VeilgateError.from_rpc(error, request_id) from error
