"""The port to requests for re-identification: made by one person, approved by another, used once.

Owns the shapes of a request and the promises about its life. Refuses to hold a token or a value:
only digests, counts and the masked justification are kept.
"""

import enum
from typing import Protocol

import msgspec

from gateway.application.ports.ledger import Recorded
from gateway.domain.institution import Principal


class State(enum.Enum):
    """Where a request stands."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    USED = "USED"
    EXPIRED = "EXPIRED"


class NewRequest(msgspec.Struct, frozen=True):
    """A request as it is stored. ``digest`` binds tokens, purpose and requester (SHA-256)."""

    id: str
    purpose: str
    digest: bytes
    tokens: int
    justification: str
    rule: str
    expires_at: int


class Request(msgspec.Struct, frozen=True):
    """A stored request. Times are Unix seconds."""

    id: str
    institution: str
    requester: str
    purpose: str
    digest: bytes
    tokens: int
    justification: str
    rule: str
    requested_at: int
    expires_at: int
    approver: str
    used: bool

    def state(self, now: float) -> State:
        """Return the state at ``now``."""
        if self.used:
            return State.USED
        if now >= self.expires_at:
            return State.EXPIRED
        return State.APPROVED if self.approver else State.REQUESTED


class ReidentificationReader(Protocol):
    """Reads requests of one institution."""

    async def find(self, institution: str, request_id: str) -> Request | None:
        """Return the request, or None."""
        ...

    async def page(
        self, institution: str, before: tuple[int, str] | None, size: int
    ) -> tuple[Request, ...]:
        """Return requests, the latest first, those before (requested_at, id)."""
        ...


class ReidentificationLedger(Protocol):
    """The committer's promises. Each reads the institution's status again in its transaction."""

    async def request(self, principal: Principal, new: NewRequest) -> Recorded:
        """Store a request; the same again is a repeat.

        Raises ``Refused``: REIDENTIFICATION_ALREADY_EXISTS, INSTITUTION_SUSPENDED.
        """
        ...

    async def approve(self, principal: Principal, request_id: str, digest: bytes) -> Recorded:
        """Approve what has this digest; by the same approver again a repeat.

        Raises ``Refused``: REIDENTIFICATION_NOT_FOUND (also for another digest),
        REIDENTIFICATION_SPENT, SECOND_PERSON_NEEDED, INSTITUTION_SUSPENDED.
        """
        ...

    async def use(
        self, principal: Principal, request_id: str, digest: bytes, types: tuple[str, ...]
    ) -> Recorded:
        """Use an approved request, once and by its requester.

        Raises ``Refused``: REIDENTIFICATION_NOT_FOUND, REIDENTIFICATION_NOT_APPROVED,
        REIDENTIFICATION_SPENT, INSTITUTION_SUSPENDED. Then nothing may be revealed.
        """
        ...

    async def deny(self, principal: Principal, request_id: str, reason: str) -> Recorded:
        """Record that a use was denied before it came to the store."""
        ...
