"""Where the words of a list stand in a text, by their first two characters.

Owns the look-up. An automaton over Chinese words is slower: its root has thousands of branches.
Refuses words of one character; who wants them looks at the characters.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from operator import concat


class WordIndex:
    """The words, with a number each."""

    def __init__(self, words: Mapping[str, int]) -> None:
        self._words = {word: number for word, number in words.items() if len(word) > 1}
        sizes = defaultdict[str, set[int]](set)
        for word in self._words:
            sizes[word[:2]].add(len(word))
        self._sizes = {head: tuple(sorted(some, reverse=True)) for head, some in sizes.items()}

    def at(self, text: str, start: int) -> Iterator[tuple[int, int]]:
        """Yield end and number of every word that begins at ``start``."""
        for size in self._sizes.get(text[start : start + 2], ()):
            number = self._words.get(text[start : start + size])
            if number is not None and start + size <= len(text):
                yield start + size, number

    def all(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and number of every word; at one start the longest first."""
        sizes_of, words, last = self._sizes, self._words, len(text)
        for at, head in enumerate(map(concat, text, text[1:])):
            if head in sizes_of:
                for size in sizes_of[head]:
                    # At the end of the text a slice is shorter, and then another size finds it.
                    number = words.get(text[at : at + size]) if at + size <= last else None
                    if number is not None:
                        yield at, at + size, number

    def longest(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Yield the words from left to right, each the longest at its place, none over another."""
        free = 0
        for start, end, number in self.all(text):
            if start >= free:
                yield start, end, number
                free = end
