"""The scores, on cases that were counted by hand."""

import pytest

from gateway.application.ports.detection import Span
from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.labelled import Labelled, Mark
from gateway.detection.evaluation.scoring import Counts, Scores, score_text

TEXT = "abcde fghij klmno pqrst"
PHONE, NAME, CARD = "CN_MOBILE_NUMBER", "PERSON", "CN_BANK_CARD"


def scored(
    marks: list[tuple[int, int, str]],
    found: list[tuple[int, int, str]] | None,
    same: Equivalences | None = None,
) -> Scores:
    scores = Scores()
    labelled = Labelled(TEXT, tuple(Mark(*one) for one in marks))
    spans = None if found is None else [Span(*one, 0.9) for one in found]
    types = frozenset(one[2] for one in marks)
    score_text([scores], labelled, spans, same or Equivalences(), types)
    return scores


def numbers(counts: Counts) -> tuple[int, ...]:
    """Marked, exact, covered, found, touching, stray."""
    return (
        *(counts.marked, counts.exact, counts.covered),
        *(counts.found, counts.touching, counts.stray),
    )


@pytest.mark.parametrize(
    ("marks", "found", "expected"),
    [
        ([(0, 5, NAME)], [(0, 5, NAME)], (1, 1, 1, 1, 1, 0)),
        ([(0, 5, NAME)], [], (1, 0, 0, 0, 0, 0)),
        ([(0, 5, NAME)], [(0, 4, NAME)], (1, 0, 0, 1, 1, 0)),
        ([(0, 5, NAME)], [(0, 8, NAME)], (1, 0, 1, 1, 1, 0)),
        ([(0, 5, NAME)], [(6, 8, NAME)], (1, 0, 0, 1, 0, 1)),
        # The space between two found parts gives nothing away.
        ([(0, 11, NAME)], [(0, 5, NAME), (6, 11, NAME)], (1, 0, 1, 2, 2, 0)),
        # Another type's span covers, and is neither exact nor of the type.
        ([(0, 5, NAME)], [(0, 5, CARD)], (1, 0, 1, 1, 0, 0)),
        # One found span answers one mark.
        ([(0, 5, NAME), (0, 5, NAME)], [(0, 5, NAME)], (2, 1, 2, 1, 1, 0)),
        # An equivalent type is as good.
        ([(0, 5, PHONE)], [(0, 5, "PHONE_NUMBER")], (1, 1, 1, 1, 1, 0)),
        # A span over two marks covers both.
        ([(0, 5, NAME), (6, 11, NAME)], [(0, 11, NAME)], (2, 0, 2, 1, 1, 0)),
        ([], [(0, 5, NAME), (6, 8, CARD)], (0, 0, 0, 2, 0, 2)),
    ],
)
def test_a_text_is_counted_as_by_hand(
    marks: list[tuple[int, int, str]], found: list[tuple[int, int, str]], expected: tuple[int, ...]
) -> None:
    assert numbers(scored(marks, found).total) == expected


def test_the_very_type_is_answered_before_an_equivalent_one() -> None:
    marks = [(0, 5, PHONE), (0, 5, "PHONE_NUMBER")]
    counted = scored(marks, [(0, 5, "PHONE_NUMBER")]).by_entity
    assert {type_: one.exact for type_, one in counted.items()} == {PHONE: 0, "PHONE_NUMBER": 1}


def test_a_wrong_span_counts_under_the_corpus_s_name_for_it() -> None:
    counted = scored([(0, 5, PHONE)], [(6, 11, "PHONE_NUMBER"), (12, 17, NAME)]).by_entity
    assert numbers(counted[PHONE]) == (1, 0, 0, 1, 0, 1)
    assert numbers(counted[NAME]) == (0, 0, 0, 1, 0, 1)
    assert "PHONE_NUMBER" not in counted


def test_a_text_that_was_given_up_is_all_missed() -> None:
    scores = scored([(0, 5, NAME)], None)
    assert (scores.failed, scores.texts) == (1, 1)
    assert numbers(scores.total) == (1, 0, 0, 0, 0, 0)


def test_ratios() -> None:
    counts = Counts(marked=8, exact=6, covered=7, found=10, touching=9, stray=1)
    assert counts.recall == 0.75
    assert counts.covering_recall == 0.875
    assert counts.precision == 0.6
    assert counts.touching_precision == 0.9
    assert counts.f(1) == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))
    assert counts.f(2) == pytest.approx(5 * 0.6 * 0.75 / (4 * 0.6 + 0.75))
    assert Counts(marked=1).f(2) == 0.0


def test_ratios_of_nothing_are_none() -> None:
    counts = Counts()
    assert counts.recall is counts.precision is counts.covering_recall is counts.f(2) is None
    assert Scores().strays_per_100 is None


def test_strays_are_counted_by_span_and_by_text() -> None:
    scores = Scores()
    for found in ([], [Span(0, 2, NAME, 1.0), Span(3, 4, NAME, 1.0)], []):
        score_text([scores], Labelled(TEXT), found, Equivalences(), frozenset())
    assert scores.strays_per_100 == pytest.approx(200 / 3)
    assert scores.texts_with_stray == 1


def test_equivalence_does_not_chain() -> None:
    same = Equivalences([("A", "B"), ("B", "C")])
    assert same.same("A", "B")
    assert same.same("C", "B")
    assert same.same("A", "A")
    assert not same.same("A", "C")
    assert not same.same("PERSON", "A")


def test_a_mark_outside_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match="ends at 24"):
        Labelled(TEXT, (Mark(0, 24, NAME),))
    with pytest.raises(ValueError, match="runs forward"):
        Labelled(TEXT, (Mark(3, 3, NAME),))
