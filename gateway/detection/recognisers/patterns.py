"""Patterns in linear time: RE2 over the ASCII form of a view.

Owns how patterns are compiled: over bytes, where every character beyond ASCII is a ``?``, so that
an offset in bytes is one in the view. Refuses backtracking: there is no look-around and no
back-reference, and no empty match; neighbours are checked by ``standing_alone`` or by the caller.
"""

from collections.abc import Iterator
from typing import NamedTuple

import re2

_LETTER_OR_DIGIT = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_DIGIT = frozenset(b"0123456789")
_ANYTHING = r"(?s:.)"
_ANYWHERE = re2._re2.RE2.Anchor.UNANCHORED


class Match(NamedTuple):
    """A match: extent in the view, and its ASCII text."""

    start: int
    end: int
    text: str


# Matches are many, and this way one costs half.
_new = tuple.__new__


class Pattern:
    """A compiled pattern; raises ValueError for what RE2 does not take.

    ``memory`` in bytes bounds RE2's automaton, which grows with what is read; a large pattern that
    outgrows the default falls back to a slower one.
    """

    def __init__(
        self, pattern: str, *, ignore_case: bool = False, memory: int | None = None
    ) -> None:
        options = re2.Options()
        if memory is not None:
            options.max_mem = memory
        options.case_sensitive = not ignore_case
        options.encoding = re2.Options.Encoding.LATIN1
        try:
            self._compiled = re2.compile(pattern.encode("ascii"), options)
        except re2.error as error:
            raise ValueError(f"RE2 does not take this pattern: {error}") from None
        # The wrapper makes a generator and an object of every match, which costs as much as the
        # match itself. Below it there is one call, which returns the spans.
        self._first = self._compiled._regexp.Match
        self.pattern = pattern

    def _spans(self, text: bytes) -> list[tuple[int, int]]:
        """Return the extents of the leftmost matches that do not overlap and are not empty."""
        found: list[tuple[int, int]] = []
        first, at, size = self._first, 0, len(text)
        while at < size:
            span: tuple[int, int] = first(_ANYWHERE, text, at, size)[0]
            start, at = span
            if at > start:
                found.append(span)
            elif start < 0:
                break
            else:
                at += 1
        return found

    def occurs(self, text: bytes) -> bool:
        """Say whether it matches anywhere; the quickest question."""
        return bool(self._first(_ANYWHERE, text, 0, len(text))[0][0] >= 0)

    def first_end(self, text: bytes) -> int:
        """Return where the first match ends, 0 where there is none; what follows is not read."""
        start, end = self._first(_ANYWHERE, text, 0, len(text))[0]
        if start < end:
            return int(end)
        # The first may be empty, and that is none.
        found = self._spans(text) if start >= 0 else []
        return found[0][1] if found else 0

    def matches(self, text: bytes) -> Iterator[Match]:
        """Yield the leftmost matches that do not overlap, whatever stands beside them."""
        for start, end in self._spans(text):
            yield _new(Match, (start, end, text[start:end].decode("ascii")))

    def standing_alone(self, text: bytes, *, letters: bool = True) -> Iterator[Match]:
        """Yield the matches with no ASCII digit (nor letter, unless ``letters`` is False) beside.

        A match that fails is not looked at again from its middle: give the pattern the whole run.
        """
        barred = _LETTER_OR_DIGIT if letters else _DIGIT
        size = len(text)
        for start, end in self._spans(text):
            if start and text[start - 1] in barred:
                continue
            if end < size and text[end] in barred:
                continue
            yield _new(Match, (start, end, text[start:end].decode("ascii")))


class Gates:
    """Which of many patterns match somewhere in a text: one pass for all."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        options = re2.Options()
        options.encoding = re2.Options.Encoding.LATIN1
        options.max_mem = 64 << 20
        self._set = re2.Set.SearchSet(options)
        self._all = frozenset(range(len(patterns)))
        for pattern in (*patterns, _ANYTHING):
            self._set.Add(pattern.encode("ascii"))
        self._set.Compile()

    def open(self, text: bytes) -> frozenset[int]:
        """Return the indices of the patterns that match somewhere in ``text``."""
        if not text:
            return frozenset()
        # RE2 gives up without a word when its automaton outgrows its memory. One pattern matches
        # every text, so an answer without it is no answer, and then all gates are open.
        matched = self._set.Match(text)
        return self._all & frozenset(matched) if matched else self._all
