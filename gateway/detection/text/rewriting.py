"""Rewrites parts of a text and keeps the map back to the original through every rewriting.

Owns the composition of offset maps. Refuses edits that overlap or run backwards.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.detection.text.folding import Folded


class Edit(NamedTuple):
    """``text`` takes the place of ``start`` to ``end``.

    Its character ``i`` stood at ``starts[i]`` to ``ends[i]``; None where all of it stood for all.
    """

    start: int
    end: int
    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None


def rewrite(base: Folded, edits: Iterable[Edit]) -> Folded:
    """Return ``base`` with the edits made; they come in order. ValueError where they overlap."""
    size = len(base.text)
    first: Sequence[int] = range(size) if base.starts is None else base.starts
    last: Sequence[int] = range(1, size + 1) if base.ends is None else base.ends
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for edit in edits:
        if not at <= edit.start < edit.end <= size:
            raise ValueError("edits come in order, do not overlap and are not empty")
        if at < edit.start:
            pieces.append(base.text[at : edit.start])
            starts += first[at : edit.start]
            ends += last[at : edit.start]
        pieces.append(edit.text)
        if edit.starts is None or edit.ends is None:
            starts += [first[edit.start]] * len(edit.text)
            ends += [last[edit.end - 1]] * len(edit.text)
        else:
            starts += [first[start] for start in edit.starts]
            ends += [last[end - 1] for end in edit.ends]
        at = edit.end
    pieces.append(base.text[at:])
    starts += first[at:]
    ends += last[at:]
    return Folded("".join(pieces), starts, ends)


def extent(base: Folded, start: int, end: int) -> tuple[int, int]:
    """Return where ``base.text[start:end]`` stands in the original; ``start < end``."""
    if base.starts is None or base.ends is None:
        return start, end
    return base.starts[start], base.ends[end - 1]


def disjoint(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits in order, without those that overlap an earlier or longer one."""
    reach = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if edit.start >= reach:
            yield edit
            reach = edit.end


def refold(base: Folded, again: Folded) -> Folded:
    """Return ``again``, a folding of ``base.text``, with the offsets of the original."""
    if again.starts is None or again.ends is None or base.starts is None or base.ends is None:
        return Folded(again.text, again.starts or base.starts, again.ends or base.ends)
    starts = [base.starts[at] for at in again.starts]
    ends = [base.ends[at - 1] for at in again.ends]
    return Folded(again.text, starts, ends)
