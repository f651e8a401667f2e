"""The committer's operations of encrypted aggregates: rounds and the keys of their askers.

Owns the shapes. An operation holds statements as they were signed and public keys; refuses
identifiers of subjects: a subject is known by its store id, a consent by its own.
"""

import msgspec

from gateway.adapters.committer.operation_base import Rare
from gateway.domain.policy.round_consents import ConsentNeed


class ConsentsSeen(msgspec.Struct, frozen=True, array_like=True):
    """What was read of a round's consents beside the transaction, and what it has to look at.

    ``log_size`` was read before them: changes from that place on may not have been seen. All of
    them stand from ``valid_from`` to before ``valid_until`` (Unix seconds) unless they change;
    ``limited`` are those whose uses are, ``doubtful`` those that did not stand.
    """

    log_size: int
    count: int
    valid_from: int
    valid_until: int
    limited: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()


class OpenRound(Rare, frozen=True, tag="ao"):
    """Charge an aggregate's round and store its question; the same again is a no-op.

    ``agreements``, where there are any: one must be in force. ``consents`` are ids, ``need`` what
    each must cover; ``subject_limit`` is of the subject in ``subject_window`` seconds, 0 for none.
    Many consents come in ``parts``, each a list of ids in MessagePack, and were ``seen``.
    ``period_s`` is 0 where the round has no account. ``question`` is a ``Signed`` in MessagePack.
    """

    institution: str
    id: str
    kind: str
    dataset: str
    purpose: str
    contract: str
    digest: bytes
    question: bytes
    cost: int
    limit: int
    max_refusals: int
    period_s: int
    expires_at: int
    agreements: tuple[str, ...]
    consents: tuple[str, ...]
    consents_root: bytes
    need: ConsentNeed | None
    subject_limit: int
    subject_window: int
    parts: tuple[bytes, ...] = ()
    seen: ConsentsSeen | None = None


class FixRoster(Rare, frozen=True, tag="af"):
    """Store the one roster of a round: its payload's digest, the statement and the readies."""

    institution: str
    id: str
    digest: bytes
    roster: bytes
    readies: bytes


class ReleaseRound(Rare, frozen=True, tag="ar"):
    """Read consents, agreements and status again, count uses, and release; or void the round.

    ``void_event`` stands in the log instead of the event where a consent does not stand.
    """

    institution: str
    id: str
    digest: bytes
    contributions: bytes
    void_event: bytes
    seen: ConsentsSeen | None = None


class KeepResult(Rare, frozen=True, tag="ak"):
    """Keep a combination before the release, or a result after it; it has no event."""

    id: str
    result: bytes


class KeepContribution(Rare, frozen=True, tag="ac"):
    """Keep a contribution of a round for so many days; it has no event.

    ``digest`` is of its statement; ``room`` is in bytes, for all that are kept.
    """

    id: str
    digest: bytes
    ciphertexts: bytes
    days: int
    room: int


class ForgetContributions(Rare, frozen=True, tag="ag"):
    """Delete the contributions whose days are over; it has no event."""


class CountUses(Rare, frozen=True, tag="au"):
    """Count the uses of a part of a released round's many consents; it has no event."""

    id: str


class RefuseRound(Rare, frozen=True, tag="ax"):
    """End a round without an answer, and count it."""

    institution: str
    id: str


class FailRound(Rare, frozen=True, tag="al"):
    """Record that a round lost a contributor; it can be gone on with."""

    institution: str
    id: str


class RegisterKey(Rare, frozen=True, tag="ky"):
    """Store a proven public key; the same again is a no-op."""

    institution: str
    key_id: bytes
    scheme: str
    key: bytes


AggregateOperation = (
    OpenRound
    | FixRoster
    | ReleaseRound
    | KeepResult
    | KeepContribution
    | ForgetContributions
    | RefuseRound
    | FailRound
    | CountUses
    | RegisterKey
)
