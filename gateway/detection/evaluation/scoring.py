"""Counts what a detector found against what a person marked, per entity and per group.

Owns the definitions:

- *exact*: a found span has the extent of a mark, and its type or one equivalent to it. One found
  span answers one mark.
- *covering*: every character of a mark but white space lies in found spans, whatever they are
  called: it would have been masked.
- *wrong*: a found span that answers no mark exactly. *Stray*: one that touches no mark at all; the
  strays of 100 texts are the false positives of masking.
- F2 weighs recall twice as much as precision; both of them exact.

Refuses to average over entities: each has its own counts, and a total is made of sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.labelled import Labelled, Mark


class FoundSpan(Protocol):
    """What a detector says of a text."""

    @property
    def start(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def type(self) -> str: ...  # noqa: D102


@dataclass(slots=True)
class Counts:
    """Sums over texts; ratios of nothing are None."""

    marked: int = 0
    exact: int = 0
    covered: int = 0
    found: int = 0
    touching: int = 0
    """Found spans that share a character with a mark of their type."""
    stray: int = 0

    def add(self, other: "Counts") -> None:
        """Add the counts of other texts."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def recall(self) -> float | None:
        """Marks that were found exactly."""
        return _ratio(self.exact, self.marked)

    @property
    def covering_recall(self) -> float | None:
        """Marks of which no character would have been left."""
        return _ratio(self.covered, self.marked)

    @property
    def precision(self) -> float | None:
        """Found spans that are exactly a mark."""
        return _ratio(self.exact, self.found)

    @property
    def touching_precision(self) -> float | None:
        """Found spans that share a character with a mark of their type."""
        return _ratio(self.touching, self.found)

    def f(self, beta: float) -> float | None:
        """The weighted harmonic mean of exact precision and recall; None where neither counts."""
        weight = beta * beta
        # By counts: the same as by ratios, and 0 where something is marked and nothing found.
        return _ratio((1 + weight) * self.exact, weight * self.marked + self.found)


@dataclass(slots=True)
class Scores:
    """The counts of one detector on one corpus."""

    texts: int = 0
    texts_with_stray: int = 0
    failed: int = 0
    """Texts that the detector gave up; their marks count as missed."""
    total: Counts = field(default_factory=Counts)
    by_entity: dict[str, Counts] = field(default_factory=dict)

    @property
    def strays_per_100(self) -> float | None:
        """Found spans that touch no mark, a hundred texts."""
        return _ratio(100 * self.total.stray, self.texts)

    def entity(self, type_: str) -> Counts:
        """Return the counts of one entity, to add to."""
        return self.by_entity.setdefault(type_, Counts())


def score_text(
    scores: Iterable[Scores],
    labelled: Labelled,
    found: Sequence[FoundSpan] | None,
    same: Equivalences,
    types: frozenset[str],
) -> None:
    """Add one text to each of ``scores``; ``found`` None: the detector gave it up.

    ``types`` are the corpus's: a found span that answers nothing counts under the corpus's name.
    """
    counted = _count(labelled.marks, labelled.text, found or (), same, types)
    stray = any(counts.stray for counts in counted.values())
    for one in scores:
        one.texts += 1
        one.failed += found is None
        one.texts_with_stray += stray
        for type_, counts in counted.items():
            one.entity(type_).add(counts)
            one.total.add(counts)


def _count(
    marks: Sequence[Mark],
    text: str,
    found: Sequence[FoundSpan],
    same: Equivalences,
    types: frozenset[str],
) -> Mapping[str, Counts]:
    counted: dict[str, Counts] = {}
    answers = answered(marks, found, same)
    shown = uncovered(text, found)
    for at, mark in enumerate(marks):
        counts = counted.setdefault(mark.type, Counts())
        counts.marked += 1
        counts.exact += at in answers
        counts.covered += not any(shown[mark.start : mark.end])
    by_span = {span: marks[at].type for at, span in answers.items()}
    for number, one in enumerate(found):
        touched = [mark for mark in marks if mark.start < one.end and one.start < mark.end]
        of_type = next((mark.type for mark in touched if same.same(one.type, mark.type)), None)
        type_ = by_span.get(number) or of_type or same.canonical(one.type, types)
        counts = counted.setdefault(type_, Counts())
        counts.found += 1
        counts.touching += of_type is not None
        counts.stray += not touched
    return counted


def answered(
    marks: Sequence[Mark], found: Sequence[FoundSpan], same: Equivalences
) -> dict[int, int]:
    """Return the number of the found span by that of the mark it answers exactly.

    A span of the very type is taken before one of an equivalent type.
    """
    answers: dict[int, int] = {}
    spent: set[int] = set()
    for strict in (True, False):
        for at, mark in enumerate(marks):
            if at in answers:
                continue
            for number, one in enumerate(found):
                if number in spent or (one.start, one.end) != (mark.start, mark.end):
                    continue
                if one.type == mark.type or (not strict and same.same(one.type, mark.type)):
                    answers[at] = number
                    spent.add(number)
                    break
    return answers


def uncovered(text: str, found: Iterable[FoundSpan]) -> list[bool]:
    """Return for each character whether it would still be read; white space never is."""
    shown = [not character.isspace() for character in text]
    for one in found:
        shown[one.start : one.end] = [False] * (min(one.end, len(text)) - one.start)
    return shown


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
