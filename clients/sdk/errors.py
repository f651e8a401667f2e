"""A refused or failed call as one typed error.

Owns what an error says: why, what would help, and whether the same call may be made again. Refuses
to mix up a gateway that said no with a connection that brought no answer (`TransportFailure`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import grpc

from clients.sdk.codecs.status_details import StatusDetails, Violation, read_details
from clients.sdk.codecs.status_texts import next_step_for, text_for
from clients.sdk.failure import SdkError
from clients.sdk.models.common import Finding
from clients.sdk.reasons import ErrorReason

UNSPECIFIED = ErrorReason.UNSPECIFIED
Language = Literal["en", "zh"]


class VeilgateError(SdkError):
    """A call that the gateway refused, or (`TransportFailure`) that got no answer from it.

    Attributes:
        reason: an ErrorReason; a plain name where a later release made it.
        code: the gRPC status code.
        request_id: the request id to ask again with, empty where the call has none.
        event_id: the event that recorded a denial, empty where none was.
        violations: the fields that were refused, by path, and what each must be.
        retry_after: seconds to wait, or None where waiting changes nothing.
        decision: the policy's decision, or None where no policy decided.
    """

    def __init__(self, code: grpc.StatusCode, details: StatusDetails, request_id: str = "") -> None:
        self.code = code
        self.reason = details.reason
        self.request_id = details.request_id or request_id
        self.event_id = details.event_id
        self.violations = details.violations
        self.retry_after = details.retry_after
        self.decision = details.decision
        self._texts = dict(details.texts)
        named = "" if self.reason == UNSPECIFIED else f"{self.reason}: "
        super().__init__(named + self.text("en"), self._next_step())

    @property
    def fix(self) -> str:
        """The smallest change that would help, in English; the same as ``next_step``."""
        return self.next_step

    @property
    def fields(self) -> tuple[str, ...]:
        """Paths of the fields that were refused."""
        return tuple(one.field for one in self.violations)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What stands in the way, by the policy's decision; empty where none was made."""
        return self.decision.findings if self.decision else ()

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later, unchanged."""
        return self.retry_after is not None

    @property
    def texts(self) -> Mapping[str, str]:
        """What happened, by language: ``en`` and ``zh``."""
        return MappingProxyType({"en": self.text("en"), "zh": self.text("zh")})

    def text(self, language: Language = "en") -> str:
        """What happened, for a person; the gateway's words, or the SDK's where it sent none.

        Raises:
            ValueError: the language is neither ``en`` nor ``zh``.
        """
        if language not in ("en", "zh"):
            raise ValueError("texts are in en and zh")
        return self._texts.get(language) or text_for(self.code, language)

    @classmethod
    def from_rpc(cls, error: grpc.RpcError, request_id: str = "") -> VeilgateError:
        """The typed form of a failed call; ``request_id`` is the one that was sent."""
        known = isinstance(error, grpc.Call | grpc.aio.AioRpcError)
        code = (error.code() if known else None) or grpc.StatusCode.UNKNOWN
        details = read_details(error)
        kind = TransportFailure if details.reason == UNSPECIFIED else VeilgateError
        return kind(code, details, request_id)

    def _next_step(self) -> str:
        if self.decision and self.decision.smallest_change_en:
            return self.decision.smallest_change_en
        if self.violations:
            # What a field should be is a fixed sentence of the gateway; the value is not in it.
            return f"Correct {', '.join(map(_shown, self.violations))}."
        if self.retry_after is not None:
            return f"Ask again in {self.retry_after:g} seconds, with the same request id."
        return next_step_for(self.code, self.reason)


class TransportFailure(VeilgateError):
    """No gateway said why: it was not reached, the connection broke, or the time ran out.

    What the call was to do may have been done: ask again with the same request id, or look.
    """

    @property
    def retryable(self) -> bool:
        """Whether the connection was the cause, so that the same call may succeed later."""
        return self.code is grpc.StatusCode.UNAVAILABLE or super().retryable


def _shown(violation: Violation) -> str:
    return f"{violation.field} ({violation.wanted})" if violation.wanted else violation.field
