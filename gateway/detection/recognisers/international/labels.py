"""Which label a number stands under: the nearest word before it, with nothing else in between.

Owns how far a label reaches: over words, not over another number (unless the numbers are a list)
and not over the end of a sentence. Refuses to look through all labels for each number: words are in
order, and found by bisection, so that a hostile text costs no square of its length.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from gateway.detection.context import Word, ended
from gateway.detection.recognisers.columns import heading
from gateway.detection.text.view import View

REACH = 32
LIST_REACH = 96
BEHIND = 3
"""A label behind its number touches it, or stands in brackets: ``219-09-9999 (SSN)``."""

_NUMBER = re.compile("[0-9]{3}")
_NO_LIST = re.compile("[^\\W0-9_]")
_LIST_WORDS = re.compile("\\b(?:and|or|to)\\b|[和及与或]")
_SENTENCE_ENDS = re.compile("[!?。;；] |。|(?<![Nn]o)(?<!cct)(?<!c/o)\\. +[A-Z](?!o\\.|umber)")


_PLAIN = frozenset(("", " ", ":", ": ", "#", "=", " is "))
"""What most labels have behind them: no need to look closer."""
_A_SIGN = max(map(len, _PLAIN))


_NEXT_LABEL = re.compile("(?: ?[A-Za-z]{1,8})? ?[:#=]")
_WORD_AND_SIGN = 12
"""A label with a sign behind it is that of what comes next."""


class Label(NamedTuple):
    """The topic and the word of a label; ``touches`` where the number is glued to it."""

    topic: str
    word: str
    touches: bool


def label_of(
    view: View, topics: Iterable[str], start: int, end: int, reach: int = REACH
) -> Label | None:
    """Return the label of ``view.text[start:end]``, or None; of several the nearest."""
    best: tuple[int, Label] | None = None
    for topic in topics:
        words = view.context.all(topic)
        if not words:
            continue
        gap, word = _nearest(view, words, (start, end), reach)
        if word is None:
            continue
        # Of two that end at one place the longer says more: "uk passport", not "passport".
        if best is None or (gap, -len(word)) < (best[0], -len(best[1].word)):
            best = gap, Label(topic, word, gap == 0)
    if best:
        return best[1]
    return _of_column(view, topics, start) if "\n" in view.text else None


def _of_column(view: View, topics: Iterable[str], start: int) -> Label | None:
    """Return the label in the heading of a table's column."""
    cell = heading(view, start)
    if cell is None:
        return None
    first, last = view.place(*cell)
    for topic in topics:
        words = view.context.all(topic)
        at = ended(words, last)
        if at and words[at - 1].start >= first:
            return Label(topic, words[at - 1].word, touches=False)
    return None


def _nearest(
    view: View, words: list[Word], at: tuple[int, int], reach: int
) -> tuple[int, str | None]:
    first, last = view.place(*at)
    before = ended(words, first) - 1
    if before >= 0:
        gap = first - words[before].end
        if gap <= LIST_REACH and _reaches(view.text[max(0, at[0] - gap) : at[0]], reach):
            return gap, words[before].word
    # Words that begin behind the number end behind it as well, so they come after these.
    behind = before + 1
    if behind < len(words):
        behind = bisect_left(words, last, behind, key=_start)
    if behind < len(words) and (gap := words[behind].start - last) <= BEHIND:
        between = view.text[at[1] : at[1] + gap]
        after = at[1] + words[behind].end - last
        if _NEXT_LABEL.match(view.text[after : after + _WORD_AND_SIGN]):
            return 0, None
        if not any(one.isalnum() or one in "\r\n,;" for one in between):
            return gap, words[behind].word
    return 0, None


def _reaches(between: str, reach: int) -> bool:
    if len(between) <= _A_SIGN and between in _PLAIN:
        return True
    if _SENTENCE_ENDS.search(between):
        return False
    if _NUMBER.search(between):
        return not _NO_LIST.search(_LIST_WORDS.sub("", between))
    return len(between) <= reach


def _start(word: Word) -> int:
    return word.start
