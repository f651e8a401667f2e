"""The committer's operations of encrypted aggregates: rounds and the keys of their askers.

Owns the shapes. An operation holds statements as they were signed and public keys; refuses
identifiers of subjects: a subject is known by its store id, a consent by its own.
"""

from gateway.adapters.committer.operation_base import Rare
from gateway.domain.policy.round_consents import ConsentNeed


class OpenRound(Rare, frozen=True, tag="ao"):
    """Charge an aggregate's round and store its question; the same again is a no-op.

    ``agreements``, where there are any: one must be in force. ``consents`` are ids, ``need`` what
    each must cover; ``subject_limit`` is of the subject in ``subject_window`` seconds, 0 for none.
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


class KeepResult(Rare, frozen=True, tag="ak"):
    """Keep a combination before the release, or a result after it; it has no event."""

    id: str
    result: bytes


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
    OpenRound | FixRoster | ReleaseRound | KeepResult | RefuseRound | FailRound | RegisterKey
)
