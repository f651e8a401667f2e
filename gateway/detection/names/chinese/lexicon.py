"""Words that look like names and are known: people of note, places, brands, and mere things.

Owns the classes of words in ``data/chinese_words.txt`` and the divisions of China, and where each
stands in a text (one pass). Refuses to decide: a class is a feature of the model, and
``vetoes`` weighs it against what stands around.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from gateway.detection.names.chinese.matching import Array, WordIndex
from gateway.detection.names.chinese.triggers import read_sections
from gateway.domain.deid.cn_divisions_north import NORTH
from gateway.domain.deid.cn_divisions_south import SOUTH

WORDS: Final = Path(__file__).parent.parent / "data" / "chinese_words.txt"
PERSON, PLACE, BRAND, THING = 1, 2, 3, 4
_SUFFIXES: Final = (
    "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州", "自治县", "地区", "新区",
    "省", "市", "区", "县", "盟", "旗",
)  # fmt: skip
_BY_LAST: Final = {
    last: tuple(one for one in _SUFFIXES if one.endswith(last))
    for last in {one[-1] for one in _SUFFIXES}
}
_INSIDE: Final = 10
_BEFORE: Final = 2
_BEGIN, _MIDDLE, _END = 1, 2, 3


def known_words() -> dict[str, int]:
    """Return the class of every word."""
    words: dict[str, int] = {}
    for division in _divisions():
        words[division] = PLACE
        for suffix in _BY_LAST.get(division[-1], ()):
            short = division.removesuffix(suffix)
            if len(short) > 1:
                words.setdefault(short, PLACE)
    numbers = {"place": PLACE, "brand": BRAND, "thing": THING, "person": PERSON}
    for name, section in read_sections(WORDS).items():
        words |= {word: numbers[name] for word in section if word not in words}
    return words


def _divisions() -> list[str]:
    return [word.rstrip(":/") for word in (NORTH + SOUTH).split()]


class Lexicon:
    """The automaton over the words; a longer word hides the shorter ones in it."""

    def __init__(self, keep: Callable[[str], bool] | None = None) -> None:
        """``keep`` says which words there are: in training some are left out, as in life."""
        self.words = known_words()
        if keep is not None:
            self.words = {word: class_ for word, class_ in self.words.items() if keep(word)}
        self._index = WordIndex({word: one * _INSIDE for word, one in self.words.items()})

    def mark(self, text: str, pairs: Array) -> Array:
        """Return, by character, the class of the word it is in and its place in it, or 0."""
        marks = np.zeros(len(text), np.uint32)
        for first, end, class_ in self._index.longest(text, pairs):
            marks[first:end] = class_ + _MIDDLE
            marks[first] = class_ + _BEGIN
            marks[end - 1] = class_ + _END
        return marks

    def covers(self, text: str, start: int, end: int) -> bool:
        """Say whether a longer word than ``text[start:end]``, but no person, goes over it."""
        for first in range(max(0, start - _BEFORE), start + 1):
            if self._index.may_begin(text, first):
                for last, number in self._index.at(text, first):
                    longer = last >= end and last - first > end - start
                    if longer and number != PERSON * _INSIDE:
                        return True
        return False
