"""What went wrong in a text, span by span, for whoever improves the detection.

Owns the four kinds. Refuses nothing, and so its result holds what the corpus holds: keep it so.
"""

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.application.ports.detection import Detected
from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.labelled import Labelled
from gateway.detection.evaluation.scoring import answered, uncovered


class Kind(enum.StrEnum):
    """How a span is wrong."""

    MISSED = "missed"
    """A character of a mark would be left."""
    INEXACT = "inexact"
    """A mark is covered, with another extent or under another type."""
    STRAY = "stray"
    """A found span touches no mark."""
    WRONG = "wrong"
    """A found span touches a mark and answers none."""


@dataclass(frozen=True, slots=True)
class SpanError:
    """One span of a text that was found wrongly, or not."""

    kind: Kind
    start: int
    end: int
    type: str
    recogniser: str = ""


def span_errors(
    labelled: Labelled, found: Sequence[Detected], same: Equivalences
) -> Iterator[SpanError]:
    """Yield what is wrong, the marks first."""
    answers = answered(labelled.marks, found, same)
    shown = uncovered(labelled.text, found)
    for at, mark in enumerate(labelled.marks):
        if at not in answers:
            left = any(shown[mark.start : mark.end])
            yield SpanError(Kind.MISSED if left else Kind.INEXACT, mark.start, mark.end, mark.type)
    right = set(answers.values())
    for number, one in enumerate(found):
        if number not in right:
            touches = any(mark.start < one.end and one.start < mark.end for mark in labelled.marks)
            kind = Kind.WRONG if touches else Kind.STRAY
            yield SpanError(kind, one.start, one.end, one.type, one.recogniser)
