"""The google.rpc.Status details that every refusal carries (<https://google.aip.dev/193>).

Owns reading them. Refuses to guess: details that cannot be read count as none, and kinds of later
releases are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from clients.sdk.codecs.record import decode_decision
from clients.sdk.models.common import DecisionDetail
from clients.sdk.reasons import ErrorReason, reason_of
from veilgate.v1 import policy_pb2

DOMAIN = "veilgate.v1"


@dataclass(frozen=True, slots=True)
class Violation:
    """A bad field of the request: its path, and what it must be (never what it was)."""

    field: str
    wanted: str


@dataclass(frozen=True, slots=True)
class StatusDetails:
    """What the details of one status say; ``texts`` are pairs of language and text."""

    reason: str = ErrorReason.UNSPECIFIED
    request_id: str = ""
    event_id: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    violations: tuple[Violation, ...] = ()
    retry_after: float | None = None
    decision: DecisionDetail | None = None


_KINDS: tuple[type[Message], ...] = (
    error_details_pb2.ErrorInfo,
    error_details_pb2.LocalizedMessage,
    error_details_pb2.BadRequest,
    error_details_pb2.RetryInfo,
    policy_pb2.DecisionDetail,
)


def read_details(error: grpc.RpcError) -> StatusDetails:
    """The details of a failed call, synchronous or not."""
    if not isinstance(error, grpc.Call | grpc.aio.AioRpcError):
        return StatusDetails()
    details = StatusDetails()
    try:
        status: Any = rpc_status.from_call(error)
        for packed in status.details if status else ():
            details = _with_detail(details, packed)
    except (ValueError, DecodeError):
        # Details that contradict the status or cannot be decoded: the code alone is the error.
        return StatusDetails()
    return details


def _with_detail(details: StatusDetails, packed: Any) -> StatusDetails:
    for kind in _KINDS:
        message = kind()
        if packed.Unpack(message):
            return _merge(details, message)
    return details


def _merge(details: StatusDetails, message: Message) -> StatusDetails:
    match message:
        case error_details_pb2.ErrorInfo() if message.domain == DOMAIN:
            return replace(
                details,
                reason=reason_of(message.reason or ErrorReason.UNSPECIFIED),
                request_id=message.metadata.get("request_id", ""),
                event_id=message.metadata.get("event_id", ""),
            )
        case error_details_pb2.LocalizedMessage():
            language = message.locale.partition("-")[0].lower()
            return replace(details, texts=(*details.texts, (language, message.message)))
        case error_details_pb2.BadRequest():
            bad = message.field_violations
            return replace(
                details, violations=tuple(Violation(one.field, one.description) for one in bad)
            )
        case error_details_pb2.RetryInfo():
            delay = message.retry_delay
            return replace(details, retry_after=delay.seconds + delay.nanos / 1e9)
        case policy_pb2.DecisionDetail():
            return replace(details, decision=decode_decision(message))
    return details
