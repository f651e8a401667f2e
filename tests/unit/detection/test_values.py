import pickle

import pytest

from gateway.application.ports.detection import (
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    Span,
    Wanted,
)


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


def test_what_is_wanted_is_by_entity_and_threshold() -> None:
    wanted = Wanted(frozenset({"A", "B"}), 0.5, {"B": 0.2})
    assert wanted.takes("A", 0.5)
    assert not wanted.takes("A", 0.49)
    assert wanted.takes("B", 0.2)
    assert not wanted.takes("C", 1.0)
    assert Wanted().takes("C", 0.5)
