"""Findings that overlap become spans that do not, and no letter or digit is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.application.ports.detection import Detected
from gateway.detection.merging import merge

TEXT = "abcdefghijkl, -mnopqrstuvwxyz0123456789"
Part = tuple[int, int, str, float, bool | None]


def _detected(part: Part) -> Detected:
    start, end, type_, score, checked = part
    return Detected(start, end, type_, score, checked=checked)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], []),
        ([(0, 2, "A", 0.5, None), (2, 4, "A", 0.5, None)], [(0, 2, "A"), (2, 4, "A")]),
        # The longest part names the whole.
        ([(0, 4, "A", 0.9, None), (2, 9, "B", 0.1, None)], [(0, 9, "B")]),
        ([(0, 4, "A", 0.5, None), (0, 4, "B", 0.9, None)], [(0, 4, "B")]),
        ([(0, 4, "B", 0.5, None), (0, 4, "A", 0.5, None)], [(0, 4, "A")]),
        # What covers the others stands for them, a check digit or not.
        ([(0, 9, "URL", 0.6, None), (2, 6, "ID", 0.99, True)], [(0, 9, "URL")]),
        # A check digit keeps its extent; the rest of the other is covered beside it.
        ([(0, 6, "A", 0.9, None), (4, 8, "ID", 0.99, True)], [(0, 4, "A"), (4, 8, "ID")]),
        (
            [(0, 6, "A", 0.9, None), (4, 8, "ID", 0.99, True), (6, 10, "B", 0.9, None)],
            [(0, 4, "A"), (4, 8, "ID"), (8, 10, "B")],
        ),
        # A rest without letter or digit is nothing.
        ([(10, 15, "ID", 0.99, True), (8, 14, "A", 0.9, None)], [(8, 10, "A"), (10, 15, "ID")]),
        ([(8, 12, "ID", 0.99, True), (10, 14, "A", 0.9, None)], [(8, 12, "ID")]),
        # A failed check gives no right.
        ([(0, 6, "A", 0.9, None), (4, 8, "ID", 0.3, False)], [(0, 8, "A")]),
    ],
)
def test_overlaps(parts: list[Part], expected: list[tuple[int, int, str]]) -> None:
    found = [_detected(part) for part in parts]
    for spans in (found, list(reversed(found))):
        assert [(one.start, one.end, one.type) for one in merge(TEXT, spans)] == expected


_PARTS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(1, 9),
        st.sampled_from("ABC"),
        st.floats(0, 1),
        st.sampled_from([None, True, False]),
    ),
    max_size=12,
)


@given(_PARTS.flatmap(lambda parts: st.tuples(st.just(parts), st.permutations(parts))))
def test_every_letter_and_digit_stays_covered_in_any_order(
    lists: tuple[list[Part], list[Part]],
) -> None:
    original, shuffled = (
        [_detected((start, start + length, *rest)) for start, length, *rest in parts]  # type: ignore[arg-type]
        for parts in lists
    )
    merged = merge(TEXT, original)
    assert merged == merge(TEXT, shuffled)
    covered = [at for span in merged for at in range(span.start, span.end)]
    assert covered == sorted(set(covered))
    wanted = {at for span in original for at in range(span.start, span.end)}
    assert {at for at in wanted if TEXT[at].isalnum()} <= set(covered) <= wanted
