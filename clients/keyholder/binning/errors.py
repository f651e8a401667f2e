"""What a lender refuses in a binning, and why.

Owns the reasons. Refuses to carry a figure.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from clients.keyholder.errors import KeyholderError


class BinWrong(StrEnum):
    """What is wrong with a job or with its answer."""

    ROWS = "rows"
    """The own rows: there twice, without an identifier or a consent, or of another number."""
    LABELS = "labels"
    """A label other than 0 and 1."""
    TALK = "talk"
    """A part of the bureau's was out of turn, did not open, or had another size than declared."""
    ELEMENTS = "elements"
    """The bureau's blinded people are invalid or there twice."""
    MANIFEST = "manifest"
    """The gateway's statement over the rows is not of this job, or not signed by its key."""
    BUREAU = "bureau"
    """The bureau's statement does not hold by the own anchors, or is another's."""
    COUNTS = "counts"
    """The bureau's counts are not of this job's features, or of other ciphertexts."""
    CIPHERTEXTS = "ciphertexts"
    OUT_OF_BOUNDS = "out_of_bounds"
    """Events that cannot be."""


_WHAT: Final = {
    BinWrong.ROWS: "the rows cannot be used: an identifier is empty or there twice",
    BinWrong.LABELS: "a label is neither 0 nor 1",
    BinWrong.TALK: "the talk with the bureau broke off, or was tampered with",
    BinWrong.ELEMENTS: "the bureau sent elements that are invalid or there twice",
    BinWrong.MANIFEST: "the gateway's statement over the rows does not hold",
    BinWrong.BUREAU: "the bureau's statement does not hold",
    BinWrong.COUNTS: "the bureau's counts do not belong to this job",
    BinWrong.CIPHERTEXTS: "the ciphertexts are not those of the counts",
    BinWrong.OUT_OF_BOUNDS: "an event count lies out of its bounds",
}
_OWN: Final = frozenset({BinWrong.ROWS, BinWrong.LABELS})


class BinningRefused(KeyholderError):
    """A binning does not go on; ``wrong`` says why."""

    def __init__(self, wrong: BinWrong) -> None:
        next_step = (
            "Correct the file; nothing was sent."
            if wrong in _OWN
            else "Nothing was opened. Begin a new job, and tell the operator."
        )
        super().__init__(_WHAT[wrong], next_step)
        self.wrong = wrong
