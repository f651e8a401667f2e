"""What goes to a worker of ``veilgate pii`` and what comes back: values that cross processes.

Owns their shapes, and how one input is cut into chunks. Refuses to hold an input whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

STDIN: Final = "-"
"""Stands among names of files for the standard input."""
CHUNK_BYTES: Final = 128 * 1024
CHUNK_ITEMS: Final = 2048
MAX_ITEM_BYTES: Final = 1024 * 1024
"""A longer line is not held: it is withheld unread. The detector's own limit is lower."""

WITHHELD: Final = "<WITHHELD>"
"""Stands in a masked file for a text that could not be looked through."""

Payload = bytes | tuple[str | None, ...] | None
"""A line or paragraph as it came, a row's cells, or None for a line that is too long to hold."""


@dataclass(frozen=True, slots=True)
class Item:
    """A part of an input, with the number of its first line or row, from 1."""

    line: int
    payload: Payload = field(repr=False)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Items that are worked on together; ``size`` is what of the input they are."""

    items: tuple[Item, ...]
    size: int


@dataclass(slots=True)
class Tally:
    """What was read and found."""

    texts: int = 0
    failed: int = 0
    entities: Counter[str] = field(default_factory=Counter)

    @property
    def found(self) -> int:
        """How many entities."""
        return self.entities.total()

    def add(self, other: Tally) -> None:
        """Add what another chunk had."""
        self.texts += other.texts
        self.failed += other.failed
        self.entities.update(other.entities)


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk's output, ready to be written, what was counted, and what failed where."""

    output: bytes = field(repr=False)
    tally: Tally
    size: int
    failures: tuple[tuple[int, str], ...] = ()


def in_chunks(items: Iterable[Item]) -> Iterator[Chunk]:
    """Cut items into chunks of bounded size and number."""
    held: list[Item] = []
    size = 0
    for item in items:
        held.append(item)
        size += item.size
        if size >= CHUNK_BYTES or len(held) >= CHUNK_ITEMS:
            yield Chunk(tuple(held), size)
            held, size = [], 0
    if held:
        yield Chunk(tuple(held), size)
