"""Everything that a caller can read of a failed call, as bytes to be searched.

Owns a client whose every failure is written down: code, text, trailing metadata, and what the SDK
makes of them. Refuses to let a call through unnoticed: successes are counted by name.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import grpc

from clients.sdk import ClientProfile, VeilgateError
from clients.sdk.identity.channel import open_channel
from veilgate.v1 import audit_pb2_grpc, consent_pb2_grpc, exchange_pb2_grpc

TIMEOUT_S = 20


@dataclass(slots=True)
class Errors:
    """What all callers were told, and the reasons that they were given."""

    heard: list[bytes] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def hear(self, error: grpc.RpcError) -> None:
        typed = VeilgateError.from_rpc(error)
        self.reasons[typed.reason] += 1
        assert isinstance(error, grpc.Call)
        parts: list[Any] = [repr(error), str(error), error.code(), error.details()]
        parts += [typed, repr(typed), typed.next_step, typed.text("en"), typed.text("zh")]
        parts += [typed.decision, typed.fields, getattr(error, "debug_error_string", str)()]
        self.heard += [str(part).encode() for part in parts]
        for key, value in error.trailing_metadata() or ():
            self.heard += [key.encode(), value if isinstance(value, bytes) else value.encode()]

    @property
    def content(self) -> bytes:
        return b"\n".join(self.heard)


class Caller:
    """One institution's stubs, and raw calls; every failure goes to ``errors``."""

    def __init__(self, profile: ClientProfile, errors: Errors) -> None:
        self.profile = profile
        self._channel = open_channel(profile)
        self._errors = errors
        exchange: Any = exchange_pb2_grpc.ExchangeServiceStub(self._channel)
        consents: Any = consent_pb2_grpc.ConsentServiceStub(self._channel)
        self.audit: Any = audit_pb2_grpc.AuditServiceStub(self._channel)
        self.get_record, self.explain = exchange.GetRecord, exchange.ExplainAccess
        self.grant, self.revoke = consents.GrantConsent, consents.RevokeConsent
        self.get_consent = consents.GetConsent

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._channel.close()

    def ask(
        self,
        method: Callable[..., Any],
        request: object,
        note: str = "-",
        timeout: float = TIMEOUT_S,
    ) -> Any:
        """Call a method with a note in the metadata; return the answer, or None if it failed."""
        metadata = [("x-note-bin", note.encode())]
        try:
            return method(request, timeout=timeout, metadata=metadata)
        except grpc.RpcError as error:
            self._errors.hear(error)
            return None

    def send(self, method: str, body: bytes) -> None:
        """Send bytes to a method by its full name."""
        raw: Any = self._channel.unary_unary(method, bytes, bytes)
        self.ask(raw, body)
