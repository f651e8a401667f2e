"""The words around names, by what they say of their neighbours.

Owns the classes of words, and where each stands in a text (one pass). Refuses to decide:
a class is a feature of the model, no rule.
"""

from pathlib import Path
from typing import Final

import numpy as np

from gateway.detection.names.chinese.matching import BEYOND, Array, WordIndex

NO_CLASS: Final = "after surname"
WORDS: Final = Path(__file__).parent.parent / "data" / "chinese_triggers.txt"


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
        self._single = np.zeros(BEYOND + 1, np.uint32)
        for word, number in words.items():
            if len(word) == 1:
                self._single[ord(word)] = number

    def mark(self, text: str, codes: Array, pairs: Array) -> tuple[Array, Array]:
        """Return the class of the longest word that begins, and that ends, at each character."""
        begins = self._single.take(codes)
        ends = begins.copy()
        at_begin: dict[int, int] = {}
        at_end: dict[int, tuple[int, int]] = {}
        for first, end, number in self._index.all(text, pairs):
            at_begin.setdefault(first, number)
            known = at_end.get(end - 1)
            if known is None or known[0] < end - first:
                at_end[end - 1] = end - first, number
        if at_begin:
            begins[list(at_begin)] = list(at_begin.values())
            ends[list(at_end)] = [number for _, number in at_end.values()]
        return begins, ends
