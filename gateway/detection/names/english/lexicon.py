"""What is known of a Latin word by itself: is it a first name, a surname, a common word, a place.

Owns the lexicon: sorted 32-bit hashes of folded words beside their flags, so that the file is
small and holds no readable list. Refuses to decide: flags are features of the model, and a third
of all names are in no list.
"""

import unicodedata
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FIRST_SHIFT, LAST_SHIFT, WORD_SHIFT = 0, 2, 4
"""Bands of two bits each: 0 not known, 1 rare, 2 middling, 3 frequent."""
PLACE, PROPER = 1 << 6, 1 << 7
"""Part of a place's name; an entry with a capital in a dictionary of English."""

_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"})


def fold_word(word: str) -> str:
    """Return ``word`` in lower case without accents, apostrophes straight."""
    lowered = word.lower().replace("’", "'")
    if lowered.isascii():
        return lowered
    plain = unicodedata.normalize("NFD", lowered.translate(_LETTERS))
    return "".join(one for one in plain if not unicodedata.combining(one))


def word_hash(folded: str) -> int:
    """Return the stable 32-bit hash of a folded word."""
    return zlib.crc32(folded.encode("utf-8"))


class Lexicon:
    """Flags by word; a word that is in no list has none."""

    def __init__(self, hashes: NDArray[np.uint32], flags: NDArray[np.uint8]) -> None:
        if hashes.shape != flags.shape or hashes.ndim != 1 or not len(hashes):
            raise ValueError("a lexicon is two columns of one length, and not empty")
        self._hashes = np.ascontiguousarray(hashes, dtype=np.uint32)
        self._flags = np.ascontiguousarray(flags, dtype=np.uint8)

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """Read the file that ``training`` wrote; raises ValueError or OSError for another."""
        with np.load(path, allow_pickle=False) as file:
            return cls(file["hashes"], file["flags"])

    def flags_of(self, folded: Sequence[str]) -> list[int]:
        """Return the flags of words that ``fold_word`` returned."""
        wanted = np.array([word_hash(one) for one in folded], np.uint32)
        at = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        found: list[int] = np.where(self._hashes[at] == wanted, self._flags[at], 0).tolist()
        return found


def first_band(flags: int) -> int:
    """Return how frequent the word is as a first name, 0 to 3."""
    return flags >> FIRST_SHIFT & 3


def last_band(flags: int) -> int:
    """Return how frequent the word is as a surname, 0 to 3."""
    return flags >> LAST_SHIFT & 3


def word_band(flags: int) -> int:
    """Return how frequent the word is in lower case, 0 to 3."""
    return flags >> WORD_SHIFT & 3
