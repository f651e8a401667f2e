import pickle

import pytest

from gateway.application.ports.detection import (
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    Span,
)
from gateway.detection.masking import Masker
from gateway.detection.merging import merge


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("name", "张伟"),
        ("", "张伟"),
        ("A>B", "张伟"),
        ("NAME", ""),
        ("NAME", " - "),
        ("N", "a" * 1025),
    ],
)
def test_a_known_value_that_cannot_be_searched_or_printed_is_refused(
    type_: str, value: str
) -> None:
    with pytest.raises(ValueError, match=r"a (type|known value)"):
        KnownValue(type_, value)


def test_a_known_value_is_not_in_its_repr() -> None:
    assert "张伟" not in repr(KnownValue("NAME", "张伟"))


@pytest.mark.parametrize(
    ("start", "end", "score"), [(-1, 2, 0.5), (2, 2, 0.5), (3, 2, 0.5), (0, 1, 1.1), (0, 1, -0.1)]
)
def test_a_span_that_is_none_is_refused(start: int, end: int, score: float) -> None:
    with pytest.raises(ValueError, match=r"a (span|score)"):
        Span(start, end, "X", score)


def test_a_failure_survives_the_process_boundary() -> None:
    failed = pickle.loads(pickle.dumps(DetectionFailed(DetectionFailure.RESIDUE, "NAME")))
    assert (failed.reason, failed.component) == (DetectionFailure.RESIDUE, "NAME")
    assert str(failed) == "a known value was still there after masking (NAME)"


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], []),
        ([(0, 2, "A", 0.5), (2, 4, "A", 0.5)], [(0, 2, "A", 0.5), (2, 4, "A", 0.5)]),
        ([(0, 4, "A", 0.5), (2, 9, "B", 0.1)], [(0, 9, "B", 0.1)]),
        ([(0, 4, "A", 0.5), (0, 4, "B", 0.9)], [(0, 4, "B", 0.9)]),
        ([(0, 4, "B", 0.5), (0, 4, "A", 0.5)], [(0, 4, "A", 0.5)]),
        (
            [(0, 9, "A", 0.5), (1, 2, "B", 1.0), (8, 10, "C", 1.0), (10, 11, "D", 1.0)],
            [(0, 10, "A", 0.5), (10, 11, "D", 1.0)],
        ),
    ],
)
def test_merging_keeps_the_union_and_the_longest_type(
    spans: list[tuple[int, int, str, float]], expected: list[tuple[int, int, str, float]]
) -> None:
    parts = [Span(*span) for span in spans]
    merged = [Span(*span) for span in expected]
    assert merge(parts) == merged
    assert merge(reversed(parts)) == merged


def test_masking_writes_types_and_says_where() -> None:
    spans = [Span(0, 2, "A", 0.5), Span(2, 3, "A", 0.5), Span(4, 5, "B", 0.5)]
    assert Masker().mask("xxy z!", spans) == ("<A><A> <B>!", [(0, 3), (3, 6), (7, 10)])


def test_masking_refuses_overlapping_spans() -> None:
    with pytest.raises(ValueError, match="disjoint"):
        Masker().mask("xxyz", [Span(0, 2, "A", 0.5), Span(1, 3, "B", 0.5)])
