"""Places in a text of which a second look would say nothing new.

Owns the question whether an extent lies within one of them, by bisection: a hostile text has
thousands of both. Refuses to join places that overlap: what reaches over an end is news.
"""

from bisect import bisect_right
from collections.abc import Iterable

Extent = tuple[int, int]


class Settled:
    """Extents in the original, none of which lies within another."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, places: Iterable[Extent] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        reach = 0
        # Of those that begin together the longest comes first.
        ordered = [(start, -end) for start, end in places]
        if len(ordered) > 1:
            ordered.sort()
        for start, negated in ordered:
            if -negated > reach:
                reach = -negated
                self._starts.append(start)
                self._ends.append(reach)

    def covers(self, start: int, end: int) -> bool:
        """Say whether one place has all of ``start`` to ``end``."""
        # Where no place lies within another, ends come in the order of the starts.
        at = bisect_right(self._starts, start)
        return at > 0 and end <= self._ends[at - 1]


NOWHERE = Settled()
