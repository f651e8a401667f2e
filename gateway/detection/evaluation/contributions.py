"""What each recogniser adds: what it found, what nobody else found, what it got wrong.

Owns the counts over candidates, before merging hides who said what. Refuses to credit a recogniser
for a span that only another one's type names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.application.ports.detection import Detected
from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.labelled import Labelled, Mark


@dataclass(slots=True)
class Contribution:
    """Marks covered with their type; those that no other recogniser covered; spans beside any."""

    found: int = 0
    only: int = 0
    wrong: int = 0


@dataclass(slots=True)
class Contributions:
    """By recogniser; ``add`` takes the candidates of one text that are over the threshold."""

    same: Equivalences
    by_recogniser: dict[str, Contribution] = field(default_factory=dict)

    def add(self, labelled: Labelled, candidates: Iterable[Detected]) -> None:
        """Count one text."""
        spans: dict[str, dict[tuple[int, int, str], Detected]] = {}
        for one in candidates:
            spans.setdefault(one.recogniser, {})[one.start, one.end, one.type] = one
        finders = [
            [name for name, own in spans.items() if self._covers(labelled.text, mark, own.values())]
            for mark in labelled.marks
        ]
        for name, own in spans.items():
            counts = self.by_recogniser.setdefault(name, Contribution())
            counts.found += sum(name in found for found in finders)
            counts.only += sum(found == [name] for found in finders)
            counts.wrong += sum(not self._touches(one, labelled.marks) for one in own.values())

    def _covers(self, text: str, mark: Mark, spans: Iterable[Detected]) -> bool:
        left = {at for at in range(mark.start, mark.end) if not text[at].isspace()}
        for one in spans:
            if self.same.same(one.type, mark.type):
                left.difference_update(range(one.start, one.end))
        return not left

    def _touches(self, one: Detected, marks: Sequence[Mark]) -> bool:
        return any(
            mark.start < one.end and one.start < mark.end and self.same.same(one.type, mark.type)
            for mark in marks
        )
