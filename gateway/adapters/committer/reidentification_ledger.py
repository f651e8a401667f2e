"""The ledger of re-identification over the committer: requests to operations and back."""

from collections.abc import Awaitable, Callable

from gateway.adapters.committer.audit_events import Event
from gateway.adapters.committer.messages import (
    AnyOperation,
    Append,
    ApproveReidentification,
    Done,
    RequestReidentification,
    UseReidentification,
)
from gateway.adapters.committer.reidentification_events import (
    approved_event,
    denied_event,
    requested_event,
    used_event,
)
from gateway.application.ports.ledger import Recorded
from gateway.application.ports.reidentification import NewRequest
from gateway.domain.institution import Principal

_NOBODY = b""
"""No subject: whom a token stands for is not known before it is opened."""


class CommitterReidentification:
    """Implements ``ReidentificationLedger``."""

    def __init__(self, done: Callable[[AnyOperation], Awaitable[Done]]) -> None:
        """Take the way to the committer: ``CommitterLedger.done``."""
        self._done = done

    async def request(self, principal: Principal, new: NewRequest) -> Recorded:
        """Store a request."""
        event = requested_event(principal, new)
        operation = RequestReidentification(
            event.body,
            _NOBODY,
            principal.institution,
            new.id,
            principal.workload,
            new.purpose,
            new.digest,
            new.tokens,
            new.justification,
            new.rule,
            new.expires_at,
        )
        return _recorded(event, await self._done(operation))

    async def approve(self, principal: Principal, request_id: str, digest: bytes) -> Recorded:
        """Approve a request."""
        event = approved_event(principal, digest)
        operation = ApproveReidentification(
            event.body, _NOBODY, principal.institution, request_id, principal.workload, digest
        )
        return _recorded(event, await self._done(operation))

    async def use(
        self, principal: Principal, request_id: str, digest: bytes, types: tuple[str, ...]
    ) -> Recorded:
        """Use an approved request."""
        event = used_event(principal, digest, types)
        operation = UseReidentification(
            event.body, _NOBODY, principal.institution, request_id, principal.workload, digest
        )
        return _recorded(event, await self._done(operation))

    async def deny(self, principal: Principal, request_id: str, reason: str) -> Recorded:
        """Record a denial."""
        event = denied_event(principal, request_id, reason)
        return _recorded(event, await self._done(Append(event.body, _NOBODY, "")))


def _recorded(event: Event, done: Done) -> Recorded:
    return Recorded("" if done.repeat else event.id, done.log_index, done.repeat)
