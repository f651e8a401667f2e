"""Where the words of a list stand in a text, by their first two characters.

Owns the look-up: a table over hashes of two characters says for a whole text at once where a word
may begin, and only there it is looked for. An automaton over Chinese words is slower: its root has
thousands of branches. Refuses words of one character; who wants them looks at the characters.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.uint32]

BEYOND: Final = 0xFFFF
_BITS: Final = 19
_FIRST, _SECOND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)
_SHIFT: Final = np.uint32(32 - _BITS)
_HEAD: Final = itemgetter(slice(2))


def codes_of(text: str) -> Array:
    """Return the code points; all beyond the Basic Multilingual Plane are `BEYOND`."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.minimum(codes, np.uint32(BEYOND))


def pairs_of(codes: Array) -> Array:
    """Return a hash of each character and the next: one fewer than there are characters."""
    pairs = codes[:-1] * _FIRST
    pairs ^= codes[1:] * _SECOND
    pairs >>= _SHIFT
    return pairs


class WordIndex:
    """The words, with a number each."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = {word: number for word, number in words.items() if len(word) > 1}
        self._sizes = _sizes(self._words)
        self._heads = np.zeros(1 << _BITS, np.bool_)
        if self._sizes:
            self._heads[pairs_of(codes_of("".join(self._sizes)))[::2]] = True

    def may_begin(self, text: str, start: int) -> bool:
        """Say whether some word begins with the two characters at ``start``."""
        return text[start : start + 2] in self._sizes

    def at(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        """Yield end and number of every word that begins at ``start``."""
        for size in self._sizes.get(text[start : start + 2], ()):
            number = self._words.get(text[start : start + size])
            if number is not None and start + size <= len(text):
                yield start + size, number

    def all(self, text: str, pairs: Array | None = None) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of every word; at one start the longest first.

        ``pairs`` are those of ``text``, where they are at hand.
        """
        if pairs is None:
            pairs = pairs_of(codes_of(text))
        sizes_of, words, last = self._sizes, self._words, len(text)
        for at in self._heads.take(pairs).nonzero()[0].tolist():
            for size in sizes_of.get(text[at : at + 2], ()):
                # At the end of the text a slice is shorter, and then another size finds it.
                number = words.get(text[at : at + size]) if at + size <= last else None
                if number is not None:
                    yield at, at + size, number

    def longest(self, text: str, pairs: Array | None = None) -> Iterator[tuple[int, int, int]]:
        """Yield the words from left to right, each the longest at its place, none over another."""
        free = 0
        for start, end, number in self.all(text, pairs):
            if start >= free:
                yield start, end, number
                free = end


def _sizes(words: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return by two characters how long the words are that begin so, the longest first.

    There are tens of thousands, at every start.
    """
    by_size = defaultdict[int, list[str]](list)
    for word in words:
        by_size[len(word)].append(word)
    sizes: dict[str, tuple[int, ...]] = {}
    for size, group in sorted(by_size.items(), reverse=True):
        heads = set(map(_HEAD, group))
        longer = heads & sizes.keys()
        sizes.update(dict.fromkeys(heads - longer, (size,)))
        sizes.update({head: (*sizes[head], size) for head in longer})
    return sizes
