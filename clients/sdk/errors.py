"""A refused or failed call, read from the google.rpc.Status details that every refusal carries.

Owns the way from details to one typed error (<https://google.aip.dev/193>). Refuses to guess:
details that cannot be read leave an error with its gRPC code and the reason ``UNSPECIFIED``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from clients.sdk.codec import decode_decision
from clients.sdk.failure import SdkError
from clients.sdk.models import DecisionDetail, Finding
from clients.sdk.status_texts import next_step_for, text_for
from veilgate.v1 import policy_pb2

DOMAIN = "veilgate.v1"
UNSPECIFIED = "UNSPECIFIED"
Language = Literal["en", "zh"]


@dataclass(frozen=True, slots=True)
class _Details:
    """What the details of one status say."""

    reason: str = UNSPECIFIED
    request_id: str = ""
    event_id: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    fields: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    retry_after: float | None = None
    decision: DecisionDetail | None = None


_KINDS: tuple[type[Message], ...] = (
    error_details_pb2.ErrorInfo,
    error_details_pb2.LocalizedMessage,
    error_details_pb2.BadRequest,
    error_details_pb2.RetryInfo,
    policy_pb2.DecisionDetail,
)


class VeilgateError(SdkError):
    """A call that the gateway refused, or that did not reach it.

    Attributes:
        reason: a name of ErrorReason without its prefix; ``UNSPECIFIED`` where no gateway said one.
        code: the gRPC status code.
        request_id: the request id to ask again with, empty where the call has none.
        event_id: the event that recorded a denial, empty where none was.
        fields: paths of the fields that were refused.
        retry_after: seconds to wait, or None where waiting changes nothing.
        decision: the policy's decision, or None where no policy decided.
    """

    def __init__(self, code: grpc.StatusCode, details: _Details, request_id: str = "") -> None:
        self.code = code
        self.reason = details.reason
        self.request_id = details.request_id or request_id
        self.event_id = details.event_id
        self.fields = details.fields
        self.retry_after = details.retry_after
        self.decision = details.decision
        self._texts = dict(details.texts)
        named = "" if self.reason == UNSPECIFIED else f"{self.reason}: "
        super().__init__(named + self.text("en"), self._next_step(details.wanted))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What stands in the way, by the policy's decision; empty where none was made."""
        return self.decision.findings if self.decision else ()

    def text(self, language: Language = "en") -> str:
        """What happened, for a person; the gateway's words, or the SDK's where it sent none.

        Raises:
            ValueError: the language is neither ``en`` nor ``zh``.
        """
        if language not in ("en", "zh"):
            raise ValueError("texts are in en and zh")
        return self._texts.get(language) or text_for(self.code, language)

    @classmethod
    def from_rpc(cls, error: grpc.RpcError, request_id: str = "") -> Self:
        """The typed form of a failed call; ``request_id`` is the one that was sent."""
        code = error.code() if isinstance(error, grpc.Call) else None
        return cls(code or grpc.StatusCode.UNKNOWN, _read_details(error), request_id)

    def _next_step(self, wanted: tuple[str, ...]) -> str:
        if self.decision and self.decision.smallest_change_en:
            return self.decision.smallest_change_en
        if self.fields:
            # What a field should be is a fixed sentence of the gateway; the value is not in it.
            pairs = zip(self.fields, wanted, strict=True)
            should = [f"{field} ({how})" if how else field for field, how in pairs]
            return f"Correct {', '.join(should)}."
        if self.retry_after is not None:
            return f"Ask again in {self.retry_after:g} seconds, with the same request id."
        return next_step_for(self.code, self.reason)


def _read_details(error: grpc.RpcError) -> _Details:
    details = _Details()
    try:
        status: Any = rpc_status.from_call(error) if isinstance(error, grpc.Call) else None
        for packed in status.details if status else ():
            details = _with_detail(details, packed)
    except (ValueError, DecodeError):
        # Details that contradict the status or cannot be decoded: the code alone is the error.
        return _Details()
    return details


def _with_detail(details: _Details, packed: Any) -> _Details:
    for kind in _KINDS:
        message = kind()
        if packed.Unpack(message):
            return _merge(details, message)
    # Kinds of later releases are passed over.
    return details


def _merge(details: _Details, message: Message) -> _Details:
    match message:
        case error_details_pb2.ErrorInfo() if message.domain == DOMAIN:
            return replace(
                details,
                reason=message.reason or UNSPECIFIED,
                request_id=message.metadata.get("request_id", ""),
                event_id=message.metadata.get("event_id", ""),
            )
        case error_details_pb2.LocalizedMessage():
            language = message.locale.partition("-")[0].lower()
            return replace(details, texts=(*details.texts, (language, message.message)))
        case error_details_pb2.BadRequest():
            violations = message.field_violations
            fields = tuple(one.field for one in violations)
            return replace(details, fields=fields, wanted=tuple(o.description for o in violations))
        case error_details_pb2.RetryInfo():
            delay = message.retry_delay
            return replace(details, retry_after=delay.seconds + delay.nanos / 1e9)
        case policy_pb2.DecisionDetail():
            return replace(details, decision=decode_decision(message))
    return details
