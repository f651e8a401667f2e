"""One canonical form of a text, and where each of its characters stands in the original.

Owns the offsets. A view may be shorter or longer than the original; every extent that leaves it is
the original's. Refuses nothing: a view is made by ``document``, which decides what is looked at.
"""

import enum
from collections.abc import Sequence
from typing import Final

from gateway.detection.context import ContextIndex
from gateway.detection.text.folding import Folded
from gateway.detection.text.number_forms import located


class ViewKind(enum.Enum):
    """How a view was made."""

    FOLDED = "folded"
    """Character by character: widths, look-alikes, invisible characters. Every text has it."""
    JOINED = "joined"
    """Digits in words and signs made digits, what stands between digits taken out."""
    DECODED = "decoded"
    """What an encoded part (base64, hex, URL, HTML) of the text stands for."""

    # An enumeration hashes its member's name, in Python: sets of kinds are asked for every view.
    __hash__ = object.__hash__


class View:
    """A canonical text. ``starts[i]`` and ``ends[i]`` bound character ``i`` in the original.

    Both are None where every character stands where it stood. Nothing changes a view once it is
    made; it is no dataclass, because several are made of every text.
    """

    __slots__ = ("_forms", "_words_in", "ascii", "context", "ends", "kind", "starts", "text")

    def __init__(
        self,
        text: str,
        kind: ViewKind,
        context: ContextIndex,
        starts: Sequence[int] | None = None,
        ends: Sequence[int] | None = None,
        words_in: Folded | None = None,
    ) -> None:
        self.text: Final = text
        self.kind: Final = kind
        self.context: Final = context
        self.starts: Final = starts
        self.ends: Final = ends
        self.ascii: Final = text.encode("ascii", "replace")
        """The text with ``?`` for every character beyond ASCII: one byte a character.

        Offsets in it are those of ``text``, so patterns run over bytes, in linear time (RE2), and
        a number glued to Chinese text still has a boundary.
        """
        self._forms: list[tuple[int, bytes]] | None = None
        self._words_in = words_in

    @property
    def forms(self) -> list[tuple[int, bytes]]:
        """Where each number begins, with what is glued to it, and its form (``number_forms``)."""
        if self._forms is None:
            self._forms = located(self.ascii)
        return self._forms

    def extent(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the original; ``start < end``."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands among the words of ``context``.

        That is its extent; but what was encoded is as near to its words as it was before, however
        long each character became, so there it is the place in the decoded text.
        """
        within = self._words_in
        if within is None:
            return self.extent(start, end)
        if within.starts is None or within.ends is None:
            return start, end
        return within.starts[start], within.ends[end - 1]

    def has_context(
        self, topic: str, start: int, end: int, before: int = 24, after: int = 0
    ) -> bool:
        """Say whether a word of ``topic`` stands near, in characters as ``place`` has them.

        ``before`` bounds the gap between the word and ``start``, ``after`` the one behind ``end``.
        """
        return self.context_word(topic, start, end, before, after) is not None

    def context_word(
        self, topic: str, start: int, end: int, before: int = 24, after: int = 0
    ) -> str | None:
        """Return the nearest such word, for the explanation of a finding, or None."""
        first, last = self.place(start, end)
        return self.context.nearest(topic, first, last, before, after)
