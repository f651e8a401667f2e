"""What a batch of the committer reads and writes, on any engine.

Owns the rows' shapes in memory. What is done to them is ``Batch``'s; how they come from and go to
the store, ``rows``'s.
"""

import msgspec

from gateway.adapters.committer.messages import Grant
from gateway.adapters.committer.seen_rows import SeenRows
from gateway.domain.consent import ConsentTerms, Standing


class ConsentRow(msgspec.Struct):
    """A consent as read in this transaction; its standing changes with the batch."""

    subject_id: bytes
    terms: ConsentTerms
    standing: Standing


class AgreementRow(msgspec.Struct, frozen=True):
    """Whose agreement it is, and from when until before when it is in force, in Unix seconds."""

    institution: str
    valid_from: int
    valid_until: int


class RequestRow(msgspec.Struct):
    """A request id: the bytes it is bound to, and under which consent it was released, if so."""

    body_digest: bytes
    consent_id: str | None = None
    window: int = 0


class Rows(msgspec.Struct):
    """What a batch reads, by key."""

    active: set[str]
    requests: dict[str, RequestRow]
    consents: dict[str, ConsentRow]
    usage: dict[bytes, tuple[int, int]]
    open_intents: set[str]
    """Of the intents that the operations close, those that are open."""
    grants: dict[str, tuple[bytes, int]]
    """Consent id to the digest of its artefact and the log index of its grant."""
    subject_keys: dict[bytes, bytes]
    """Subject id to its wrapped key."""
    agreements: dict[str, AgreementRow]
    seen: SeenRows
    """What recipients have been shown of whom; changes with the batch."""


class Changes(msgspec.Struct):
    """What a batch writes."""

    events: list[bytes]
    subject_events: list[tuple[bytes, int]]
    opened: dict[str, int]
    closed: list[str]
    grants: list[tuple[Grant, int]]
    new_requests: list[str]
    released_requests: list[str]
    consents: set[str]
    usage: set[bytes]
    consent_events: list[tuple[str, int]]
    """Consent id and log index of each change of a consent's state."""
