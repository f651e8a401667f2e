"""The words around names, by what they say of their neighbours.

Owns the classes of words, and where each stands in a text (one automaton pass). Refuses to decide:
a class is a feature of the model, no rule.
"""

from pathlib import Path
from typing import Final

import ahocorasick
import numpy as np
from numpy.typing import NDArray

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
    """The automaton over the words; longer words win over shorter ones at the same place."""

    def __init__(self) -> None:
        self._automaton = ahocorasick.Automaton()
        for number, (name, words) in enumerate(read_sections(WORDS).items(), start=1):
            if name == NO_CLASS:
                continue
            for word in words:
                self._automaton.add_word(word, (number, len(word)))
        self._automaton.make_automaton()

    def mark(self, text: str) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """Return the class of the longest word that begins, and that ends, at each character."""
        begins, ends = [0] * len(text), [0] * len(text)
        lengths = [0] * len(text)
        # At one end the automaton reports the longest word first; begins are compared.
        for last, (number, length) in self._automaton.iter(text):
            if not ends[last]:
                ends[last] = number
            first = last - length + 1
            if length > lengths[first]:
                lengths[first], begins[first] = length, number
        return np.array(begins, np.uint32), np.array(ends, np.uint32)
