"""What lender and bureau say to each other in a binning, inside the sealed channel.

Owns the statements around a job (manifest, channel keys, counts), the context that everything is
bound to, and the order and sizes of the talk's four lists: the lender's blinded rows, the bureau's
blinded people, those raised by the lender, and the encrypted labels. Refuses parts out of turn, and
more bytes than were declared. Knows no cryptography: elements and ciphertexts are bytes of a size.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from hashlib import sha256
from typing import Annotated

from msgspec import Meta

from gateway.domain.aggregate.binning import MergedBin
from gateway.domain.aggregate.question import (
    Digest,
    RoundId,
    Statement,
    UnixTime,
    know_types,
)
from gateway.domain.aggregate.statements import TYPE
from gateway.domain.policy.document_base import InstitutionId

CHANNEL_TYPE = TYPE.format("channel")
"""DSSE payload type of a channel key."""
ELEMENT = 32
LABEL = 66
PROVEN_LABEL = LABEL + 128
SALT = 32
MAX_PEOPLE = 10**7
CONTENT = 48 * 1024 - 17 - 1
"""Bytes of a list in one part: what sealing and the kind leave of 48 KiB."""
IDENTIFIERS = "typed-identifier"
"""What parties blind: an identifier's type, a bar, its normal form; so types do not mix."""
_CONTEXT = b"veilgate/binning/v1"
_COUNT_SIZE = 4


class RowManifest(Statement, frozen=True, kw_only=True):
    """The gateway's word on the rows: each has a consent of its subject that covers the mode."""

    round: RoundId
    question: Digest
    bureau: InstitutionId
    rows: Annotated[int, Meta(ge=1, le=10**7)]
    row_root: Digest
    """Merkle root (RFC 9162) over the rows' leaves (``binning_rows``), in their order."""
    row_set: Digest
    """The same for the same consents of the same lender, whatever their order and the job."""
    issued_at: UnixTime


class ChannelStatement(Statement, frozen=True, kw_only=True):
    """A party's ephemeral X25519 key for one job (hex)."""

    job: RoundId
    question: Digest
    contributor: InstitutionId
    channel_key: Digest


class BinCounts(Statement, frozen=True, kw_only=True):
    """The bins that are answered, with their rows: for each feature, in the job's order.

    ``ciphertexts`` is the SHA-256 of the ciphertexts' bytes that belong to them.
    """

    ciphertexts: Digest
    features: Annotated[
        tuple[Annotated[tuple[MergedBin, ...], Meta(max_length=66)], ...],
        Meta(min_length=1, max_length=2000),
    ]

    @property
    def length(self) -> int:
        """Ciphertexts: one for each answered bin."""
        return sum(map(len, self.features))


class TalkRefused(ValueError):
    """A part came out of turn, is of another kind, or has more than was declared."""


class Kind(enum.IntEnum):
    """The first byte of a part's content: the list that it continues."""

    ROWS = 1
    """Lender: its rows, blinded."""
    PEOPLE = 2
    """Bureau: how many people it declares (4 bytes), then each of them blinded."""
    RAISED = 3
    """Lender: the bureau's people, raised by the lender's key."""
    LABELS = 4
    """Lender: the encrypted labels, in `dp` each with its proof."""
    COUNTS = 5
    """Bureau: `BinCounts`."""


def context_of(job: bytes, manifest: bytes) -> bytes:
    """Return H(JOB, M): 32 bytes that the channel and the proofs are bound to."""
    inner = sha256(job).digest() + sha256(manifest).digest()
    return sha256(_CONTEXT + inner).digest()


def label_size(mode: str) -> int:
    """Return the bytes of a row's label in a mode."""
    return PROVEN_LABEL if mode == "dp" else LABEL


def parts_of(kind: Kind, content: bytes) -> Iterator[bytes]:
    """Yield the contents of a list's parts; an empty list has one."""
    for at in range(0, max(len(content), 1), CONTENT):
        yield bytes([kind]) + content[at : at + CONTENT]


def declared(people: int) -> bytes:
    """Return how the size of the bureau's list begins it."""
    return people.to_bytes(_COUNT_SIZE, "big")


class Incoming:
    """One list as it comes in, of a size that is known before, or told in its first bytes."""

    def __init__(self, kind: Kind, size: int | None, at_most: int = 0) -> None:
        """Take the size in bytes; None where the list begins with its number of elements."""
        self._kind = kind
        self._size = size
        self._at_most = at_most
        self._content = bytearray()

    def add(self, part: bytes) -> bool:
        """Take a part's content; returns whether the list is whole.

        Raises ``TalkRefused`` for another kind, an empty part, or too much.
        """
        if len(part) < 2 or part[0] != self._kind:
            raise TalkRefused("kind")
        self._content += memoryview(part)[1:]
        if self._size is None:
            if len(self._content) < _COUNT_SIZE:
                raise TalkRefused("size")
            people = int.from_bytes(self._content[:_COUNT_SIZE], "big")
            if not 1 <= people <= self._at_most:
                raise TalkRefused("size")
            self._size = _COUNT_SIZE + people * ELEMENT
        if len(self._content) > self._size:
            raise TalkRefused("size")
        return len(self._content) == self._size

    def take(self) -> bytes:
        """Return the whole list, which is not kept."""
        content = bytes(self._content)
        self._content = bytearray()
        return content


def people_in(content: bytes) -> bytes:
    """Return the elements of a whole list of people."""
    return content[_COUNT_SIZE:]


know_types(RowManifest, ChannelStatement, BinCounts)
