"""Why a bureau does not answer a binning: fixed words for its own log.

Owns the words. Refuses to carry a figure: how many rows matched, or by how many a set differs,
would itself answer a question about the data.
"""

from __future__ import annotations

from enum import StrEnum


class BinWord(StrEnum):
    """Why a job was declined."""

    TALK = "talk"
    """A part was out of turn, did not open, or had another size than declared."""
    ELEMENTS = "elements"
    """Blinded rows or people that are invalid, the identity, or there twice."""
    LABELS = "labels"
    """Encrypted labels that are no points, or whose proof does not hold."""
    ROWS = "rows"
    """Too few rows match."""
    HISTORY = "history"
    """Put together with answered row sets, the set would single out too few people."""
    BUDGET = "budget"
    """The lender's account here is spent, or too many of its jobs were refused."""
    REPEATED = "repeated"
    """The job was answered before."""
    UNBOUND = "unbound"
    """The rows' bindings are not those of the manifest."""
    DATA = "data"
    """The data is not there, or a feature of it is not."""
    CAPACITY = "capacity"
    """There are more people than the declared number hides."""


class BinDeclined(Exception):
    """A job is not answered; ``word`` is all there is to know."""

    def __init__(self, word: BinWord) -> None:
        super().__init__(word.value)
        self.word = word
