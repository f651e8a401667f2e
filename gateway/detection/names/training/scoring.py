"""Scores a model on labelled text: exact and covering, and false positives where nobody is named.

Owns the counting. A span is covered when found spans of its label hold each of its characters.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.detection.names.training.labelled import Extent, Labelled

Find = Callable[[Sequence[str]], list[list[Extent]]]


class Score(NamedTuple):
    """Counts over a set of texts."""

    gold: int
    found: int
    right: int
    covered: int
    nameless: int
    alarms: int
    """Names found in the ``nameless`` texts, those without any name of the label."""

    @property
    def recall(self) -> float:
        """Right over gold."""
        return self.right / max(self.gold, 1)

    @property
    def precision(self) -> float:
        """Right over found."""
        return self.right / max(self.found, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / max(self.gold + self.found, 1)

    def __str__(self) -> str:
        """Return the figures in one line."""
        return (
            f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f} "
            f"covered {self.covered / max(self.gold, 1):.3f} of {self.gold}; "
            f"{self.alarms} alarms in {self.nameless} nameless"
        )


def score(texts: Sequence[Labelled], find: Find, label: str = "PER") -> Score:
    """Compare what ``find`` finds with the labels."""
    counts = [0] * 6
    for one, spans in zip(texts, find([one.text for one in texts]), strict=True):
        gold = {(extent.start, extent.end) for extent in one.extents if extent.label == label}
        found = {(extent.start, extent.end) for extent in spans if extent.label == label}
        held = {at for start, end in found for at in range(start, end)}
        counts[0] += len(gold)
        counts[1] += len(found)
        counts[2] += len(gold & found)
        counts[3] += sum(held.issuperset(range(start, end)) for start, end in gold)
        counts[4] += not gold
        counts[5] += 0 if gold else len(found)
    return Score(*counts)
