"""What calls return, as frozen values.

Owns the types. Refuses to show released values and subjects in a ``repr``: values are read from
the attribute that holds them, so that none lands in a log by accident.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from clients.sdk.consents.draft import Draft
from clients.sdk.vocabulary import ConsentState, Operator, WithheldBecause
from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.crypto.note_key import VerifierKey


@dataclass(frozen=True, slots=True)
class Obligation:
    """What the recipient must do; ``days`` stands with ``delete_within`` only."""

    id: str
    article: str
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands in the way; ``reason`` is a name of ErrorReason without prefix."""

    reason: str
    element: str
    article: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class DecisionDetail:
    """How a decision came about; findings are empty if it allows."""

    allow: bool
    rule: str
    articles: tuple[str, ...]
    findings: tuple[Finding, ...]
    smallest_change_en: str
    smallest_change_zh: str
    allowed_purposes: tuple[str, ...]
    policy_digest: str


@dataclass(frozen=True, slots=True)
class Record:
    """One released record: ``fields`` and ``operators`` by field name, ``withheld`` the rest.

    A value is None where the provider holds none. ``event_id`` and ``log_index`` name the release
    in the audit log, where the values are committed to; ``record_salt`` (32 bytes) opens that
    commitment: keep both mappings in their order to be able to verify it. ``repeat``: this request
    id was released before and no second use was counted. ``provider_event_id`` is the provider's
    own event, empty where it keeps no log.
    """

    fields: Mapping[str, str | int | None] = field(repr=False)
    operators: Mapping[str, Operator]
    withheld: Mapping[str, WithheldBecause]
    obligations: tuple[Obligation, ...]
    rule: str
    consent_id: str
    request_id: str
    event_id: str
    log_index: int
    repeat: bool
    policy_digest: str
    record_salt: bytes = field(repr=False)
    provider_event_id: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision that ``get_record`` would get now; ``released`` gives each field's operator."""

    decision: DecisionDetail
    released: Mapping[str, Operator]
    withheld: Mapping[str, WithheldBecause]
    obligations: tuple[Obligation, ...]
    event_id: str


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """A stored consent and the event that recorded it."""

    consent_id: str
    event_id: str
    log_index: int


@dataclass(frozen=True, slots=True)
class ConsentStatus:
    """A consent as it was granted, and where it stands."""

    draft: Draft
    key_id: str
    state: ConsentState
    uses: int
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class Revocation:
    """The state after a revocation and the event that recorded it.

    Where the answer was lost and the state was read instead, the event is not known: ``event_id``
    is empty and ``log_index`` None.
    """

    state: ConsentState
    event_id: str = ""
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the audit log: its index and the bytes that were hashed (JSON)."""

    index: int
    event: bytes


@dataclass(frozen=True, slots=True)
class EventPage:
    """Entries in log order; ``next`` is where to go on, equal to ``size`` at the end."""

    entries: tuple[LogEntry, ...]
    next: int
    size: int


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A C2SP signed note. ``verifier_key`` is the gateway's word: trust the one you were given.

    ``cosignatures`` witnesses are on it, of the ``required`` that the witness policy asks for; both
    are the gateway's word too.
    """

    note: bytes
    verifier_key: str
    cosignatures: int = 0
    required: int = 0


@dataclass(frozen=True, slots=True)
class Cosigned:
    """Witnesses on a checkpoint now, and how many the witness policy asks for (0: no policy)."""

    cosignatures: int
    required: int


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of ``new_size`` extends that of ``old_size`` (RFC 9162, 2.1.4)."""

    old_size: int
    new_size: int
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That ``event`` is entry ``index`` of the log (RFC 9162, 2.1.3); hashes from the leaf up."""

    index: int
    tree_size: int
    hashes: tuple[bytes, ...]
    event: bytes
    checkpoint: bytes

    def verify(self, verifier_key: str) -> Checkpoint:
        """Check event and proof against the checkpoint that came with them.

        Raises:
            CryptoError: the checkpoint is not the log's, or the proof does not lead to its root.
        """
        checkpoint = open_checkpoint(self.checkpoint, VerifierKey.parse(verifier_key))
        leaf = leaf_hash(self.event)
        verify_inclusion(self.index, checkpoint.size, leaf, self.hashes, checkpoint.root)
        return checkpoint
