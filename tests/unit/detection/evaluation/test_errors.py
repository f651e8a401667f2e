"""What is said to be wrong with a text, on cases made by hand."""

from gateway.application.ports.detection import Detected
from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.errors import Kind, span_errors
from gateway.detection.evaluation.labelled import Labelled, Mark

LABELLED = Labelled("abcdefghij", (Mark(0, 4, "PERSON"), Mark(6, 8, "US_SSN")))


def kinds(*found: tuple[int, int, str]) -> list[tuple[Kind, int, int]]:
    spans = [Detected(*one, 0.9, "R") for one in found]
    return [(one.kind, one.start, one.end) for one in span_errors(LABELLED, spans, Equivalences())]


def test_the_four_kinds() -> None:
    assert kinds((0, 4, "PERSON"), (6, 8, "US_SSN")) == []
    assert kinds((0, 4, "PERSON")) == [(Kind.MISSED, 6, 8)]
    assert kinds((0, 5, "PERSON"), (6, 8, "US_SSN")) == [(Kind.INEXACT, 0, 4), (Kind.WRONG, 0, 5)]
    assert kinds((0, 4, "PERSON"), (6, 8, "PERSON")) == [(Kind.INEXACT, 6, 8), (Kind.WRONG, 6, 8)]
    assert kinds((0, 4, "PERSON"), (6, 8, "US_SSN"), (9, 10, "URL")) == [(Kind.STRAY, 9, 10)]
