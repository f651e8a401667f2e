"""The ports of the aggregate path: what is durable of a round, who signed what, how sums are made.

Owns the promises. A round is charged and in the log before any agent hears of it; its roster is
fixed once; its result is durable, with every consent read again, before it leaves.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Protocol

import msgspec

from gateway.application.ports.ledger import Recorded
from gateway.domain.aggregate.question import AskerKey
from gateway.domain.institution import Principal
from gateway.domain.privacy.budget import PrivacyAccount


class Signed(msgspec.Struct, frozen=True):
    """A statement as it came: bytes, signature, chain (DER, leaf first)."""

    payload: bytes
    signature: bytes
    chain: tuple[bytes, ...] = ()


class RoundState(enum.Enum):
    """How far a round is, as the store knows it."""

    OPEN = "OPEN"
    ROSTER = "ROSTER"
    RELEASED = "RELEASED"
    REFUSED = "REFUSED"
    VOID = "VOID"


class NewRound(msgspec.Struct, frozen=True):
    """A checked question, to be charged and stored. ``cost`` is micro-rho, 0 where none is due.

    ``consents`` are read in this transaction and again in the release; empty for a cohort.
    """

    id: str
    kind: str
    dataset: str
    purpose: str
    digest: bytes
    question: Signed
    cost: int
    limit: int
    max_refusals: int
    period_s: int
    expires_at: int
    consents: tuple[str, ...] = ()


class StoredRound(msgspec.Struct, frozen=True):
    """A round as it is stored. ``result`` is what was released, ready to be sent again.

    Where a process ended between release and ``keep_result``, ``result`` is what was kept before
    the release, and the rest says what a result is made of.
    """

    id: str
    institution: str
    kind: str
    dataset: str
    digest: bytes
    state: RoundState
    question: Signed
    roster: Signed | None
    readies: tuple[Signed, ...]
    result: bytes
    released_index: int
    contributions: bytes = b""
    consents: int = 0
    released_at: int = 0


class AccountView(msgspec.Struct, frozen=True):
    """A legal entity's account of one dataset; times are Unix seconds, the end exclusive."""

    dataset: str
    account: PrivacyAccount
    period_start: int
    period_end: int


class AggregateLedger(Protocol):
    """The committer's promises. ``principal`` is the round's asker, throughout.

    What lets a round go on reads the institution's status again in its transaction; of another's
    round each says ROUND_NOT_FOUND.
    """

    async def open(self, principal: Principal, new: NewRound) -> Recorded:
        """Charge a round and store its intent; the same again is a repeat and costs nothing.

        Raises ``Refused``: REQUEST_ID_REUSED, PRIVACY_BUDGET_SPENT, INSTITUTION_SUSPENDED, and for
        a consent that does not stand the reasons of the record path.
        """
        ...

    async def fix_roster(
        self, principal: Principal, round_id: str, roster: Signed, readies: Sequence[Signed]
    ) -> Recorded:
        """Store the one roster of a round. Raises ``Refused``: ROUND_MESSAGE_REFUSED."""
        ...

    async def release(
        self, principal: Principal, round_id: str, digest: bytes, contributions: bytes
    ) -> Recorded:
        """Read consents, agreements and status again, count their uses, append the release.

        ``digest`` is of the combined ciphertexts, ``contributions`` the Merkle root. Raises
        ``Refused``: ROUND_VOID (the round is then void for good), ROUND_MESSAGE_REFUSED.
        """
        ...

    async def keep_result(self, round_id: str, result: bytes) -> None:
        """Keep a result: before the release its combination, once, after it what was signed, once.

        The combination of a round is randomised anew each time it is made, and a release is of one:
        lost, it could never be made again. Raises ``Refused``: ROUND_MESSAGE_REFUSED for other
        bytes than were kept.
        """
        ...

    async def keep_contribution(
        self, round_id: str, statement: Signed, ciphertexts: bytes, days: int
    ) -> None:
        """Keep a contribution for so many days; the same again is fine.

        Before the combination that it is in is kept, so that members can make that again whatever
        happens. Where there is no room, the oldest rounds' go. Raises ``Refused``: RATE_LIMITED
        where one round alone has more than there is room.
        """
        ...

    async def forget_contributions(self) -> None:
        """Delete the contributions whose days are over."""
        ...

    async def refuse(self, principal: Principal, round_id: str) -> Recorded:
        """Count a refusal; the charge stays and the round is over."""
        ...

    async def fail(self, principal: Principal, round_id: str, reason: str) -> Recorded:
        """Record that a contributor was lost; the round can be gone on with."""
        ...

    async def register_key(self, principal: Principal, key_id: bytes, key: AskerKey) -> Recorded:
        """Store a proven key; the same again is a repeat."""
        ...

    async def deny(self, principal: Principal, digest: bytes, reason: str) -> Recorded:
        """Record a question, key or message that was not let in: the digest of it, and why."""
        ...


class AggregateReader(Protocol):
    """Reads rounds, keys and accounts."""

    async def round(self, round_id: str) -> StoredRound | None:
        """Return a round, or None."""
        ...

    async def contribution(self, round_id: str, digest: bytes) -> bytes | None:
        """Return the ciphertexts of a contribution by its statement's digest, while it is kept."""
        ...

    async def knows_key(self, institution: str, key_id: bytes) -> bool:
        """Return whether the institution has registered the key."""
        ...

    async def account(
        self, legal_group: str, dataset: str, period_s: int, limit: int, max_refusals: int
    ) -> AccountView:
        """Return an account as it stands now; a fresh one where nothing was asked yet."""
        ...


class StatementRefused(Exception):
    """A statement's signature, chain, signer or form is wrong: the text says which, in one word."""


class StatementChecker(Protocol):
    """Checks statements of institutions, and makes the gateway's own."""

    def institution(self, payload_type: str, signed: Signed) -> str:
        """Return who signed. Raises ``StatementRefused``."""
        ...

    def require_masking_key(self, key: str) -> None:
        """Raise ``StatementRefused`` for a key (hex) that would spoil a roster's masks."""
        ...

    def sign(self, payload_type: str, payload: bytes) -> Signed:
        """Return a statement of the gateway's."""
        ...

    @property
    def public_key(self) -> bytes:
        """Return the Ed25519 key that agents and keyholders pin, 32 bytes."""
        ...


class CiphertextRefused(Exception):
    """A key, a ciphertext, or their number is not valid. Carries no value."""


class Combined(msgspec.Struct, frozen=True):
    """Sums, randomised anew, and the proof that they are those of the contributions."""

    ciphertexts: bytes
    proof: bytes


class Combiner(Protocol):
    """The additive schemes, as far as they need no secret. Work runs beside the event loop."""

    async def require_key(self, key: AskerKey, asker: str) -> None:
        """Check a key and its proof. Raises ``CiphertextRefused``."""
        ...

    async def require_valid(self, key: AskerKey, ciphertexts: bytes, count: int) -> None:
        """Check the ciphertexts of one contribution. Raises ``CiphertextRefused``."""
        ...

    async def combine(
        self, key: AskerKey, contributions: Sequence[bytes], count: int, context: bytes
    ) -> Combined:
        """Return the sums, value by value, each randomised anew, proven in a context.

        Raises ``CiphertextRefused``.
        """
        ...
