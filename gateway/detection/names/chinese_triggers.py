"""The words around names, by what they say of their neighbours.

Owns the classes of words, and where each stands in a text (one pass). Refuses to decide:
a class is a feature of the model, no rule.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.chinese_matching import WordIndex

NO_CLASS: Final = "after surname"
WORDS: Final = Path(__file__).parent / "data" / "chinese_triggers.txt"


def read_sections(path: Path) -> dict[str, list[str]]:
    """Return the words by the name in square brackets that stands above them."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            sections[name] = []
        else:
            sections[name] += line.split()
    return sections


class Triggers:
    """Where the words are; longer words win over shorter ones at the same place."""

    def __init__(self) -> None:
        words: dict[str, int] = {}
        for number, (name, section) in enumerate(read_sections(WORDS).items(), start=1):
            if name != NO_CLASS:
                words.update(dict.fromkeys(section, number))
        self._index = WordIndex(words)
        self._single = {word: number for word, number in words.items() if len(word) == 1}

    def mark(self, text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return the class of the longest word that begins, and that ends, at each character."""
        single = self._single
        begins = [single.get(character, 0) for character in text]
        ends = begins.copy()
        at_begin, at_end = bytearray(len(text)), bytearray(len(text))
        for first, end, number in self._index.all(text):
            length, last = end - first, end - 1
            if length > at_begin[first]:
                at_begin[first], begins[first] = length, number
            if length > at_end[last]:
                at_end[last], ends[last] = length, number
        return np.array(begins, np.uint32), np.array(ends, np.uint32)
