"""The lines of a byte stream, none of them held when it is too long.

Owns where an input is cut: at lines, or at paragraphs, so that a number broken over two lines is
still one. A paragraph ends at a blank line, and at 8 KiB or 40 lines at the latest.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from clients.cli.local.pii.items import MAX_ITEM_BYTES, Item

_PARAGRAPH_BYTES: Final = 8 * 1024
_PARAGRAPH_LINES: Final = 40


def lines(stream: BinaryIO) -> Iterator[Item]:
    """Yield every line with its end; a line over the limit as an item without payload."""
    number = 0
    while line := stream.readline(MAX_ITEM_BYTES + 1):
        number += 1
        if len(line) <= MAX_ITEM_BYTES or line.endswith(b"\n"):
            yield Item(number, line, len(line))
        else:
            yield Item(number, None, len(line) + _skip(stream))


def _skip(stream: BinaryIO) -> int:
    skipped = 0
    while piece := stream.readline(MAX_ITEM_BYTES):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def paragraphs(stream: BinaryIO) -> Iterator[Item]:
    """Yield lines that belong together as one item; blank lines end the item they follow."""
    held: list[bytes] = []
    first = size = 0
    for item in lines(stream):
        if not isinstance(item.payload, bytes):
            if held:
                yield Item(first, b"".join(held), size)
            yield item
            held, size = [], 0
            continue
        if not held:
            first = item.line
        held.append(item.payload)
        size += item.size
        blank = not item.payload.strip()
        if blank or size >= _PARAGRAPH_BYTES or len(held) >= _PARAGRAPH_LINES:
            yield Item(first, b"".join(held), size)
            held, size = [], 0
    if held:
        yield Item(first, b"".join(held), size)
