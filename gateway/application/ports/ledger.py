"""The port to the one writer: what is durable, counted and in the log when a call returns.

Owns the promises of the committer as the use cases see them. Every method raises ``Refused`` with
STORE_UNAVAILABLE when nothing could be made durable; then nothing may leave the gateway.
"""

from typing import Protocol

import msgspec

from gateway.domain.consent import ConsentEvent, ConsentTerms
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason
from gateway.domain.stages import Decided, Intended, Released, Resolved, SafeRecord
from gateway.domain.subject import SubjectKey


class Recorded(msgspec.Struct, frozen=True):
    """An event that is in the log. ``repeat``: it was there already."""

    event_id: str
    log_index: int
    repeat: bool = False


class SignedArtefact(msgspec.Struct, frozen=True):
    """A consent as its collector signed it; ``artefact`` is stored as it came."""

    artefact: bytes
    key_id: str
    signature: bytes


class NewConsent(msgspec.Struct, frozen=True):
    """A verified consent, to be stored."""

    subject: SubjectKey
    terms: ConsentTerms
    signed: SignedArtefact


class Ledger(Protocol):
    """The committer's promises."""

    async def intend(self, decided: Decided) -> Intended:
        """Make the intent durable. Raises ``Refused``: REQUEST_ID_REUSED, INSTITUTION_SUSPENDED."""
        ...

    async def release(self, safe: SafeRecord) -> Released:
        """Check consent, status and limits again and count the use, in one transaction.

        Raises ``Refused`` with what no longer holds; then nothing was counted.
        """
        ...

    async def deny(self, resolved: Resolved, decision: Decision) -> Recorded:
        """Record a denial."""
        ...

    async def explain(self, resolved: Resolved, decision: Decision) -> Recorded:
        """Record that a decision was asked for and given, without a release."""
        ...

    async def fail(self, intended: Intended, reason: ErrorReason) -> Recorded:
        """Record that an intent came to nothing."""
        ...

    def abandon(self, intended: Intended) -> None:
        """Record, without waiting, that the caller of an intent is gone."""
        ...

    async def take_evaluations(self, principal: Principal, amount: int, limit: int) -> int:
        """Take evaluations out of the institution's ``limit`` a day; return how many are left.

        Raises ``Refused``: REFERENCE_QUOTA_SPENT; then none was taken.
        """
        ...

    async def grant(self, principal: Principal, consent: NewConsent) -> Recorded:
        """Store a consent. Raises ``Refused``: CONSENT_ALREADY_EXISTS."""
        ...

    async def change(
        self, principal: Principal, consent_id: str, transition: ConsentEvent
    ) -> Recorded:
        """Take a consent through a transition. Raises ``Refused``: CONSENT_TRANSITION_REFUSED."""
        ...
