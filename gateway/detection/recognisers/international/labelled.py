"""The base of numbers that need a label, a check digit, or both.

Owns the table of scores: a label and a check prove, one of them is likely, neither is what the
subclass says (nothing, mostly). A failed check under a label is still possible: people mistype.
Refuses candidates that are a part of a longer number or word, but for one glued to its label.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, PROVED, Finding, Recogniser
from gateway.detection.recognisers.international.labels import REACH, Label, label_of
from gateway.detection.recognisers.international.neighbours import (
    alone,
    glued_behind,
    in_a_row,
    joined,
)
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View


class Labelled(Recogniser):
    """A subclass names ``ENTITIES`` (the first is the one found), a pattern and its topics."""

    PATTERN: ClassVar[Pattern]
    FORM: ClassVar[str]
    TOPICS: ClassVar[tuple[str, ...]]
    REACH: ClassVar[int] = REACH
    ALONE: ClassVar[float | None] = None
    """The score of a form without label or check digit; None: not found."""
    CHECKED_ALONE: ClassVar[float | None] = None
    """The score where the check digit holds, without a label."""
    FAILED_ALONE: ClassVar[float | None] = None
    IN_TABLES: ClassVar[bool] = True
    """False: without a label it is not found beside another number, as in the row of a table."""

    def check(self, text: str) -> bool | None:  # noqa: ARG002
        """Say whether the check digit of a candidate holds; None where there is none."""
        return None

    def takes(self, text: str) -> bool:  # noqa: ARG002
        """Say whether a candidate is of the entity at all."""
        return True

    def entity(self, text: str, label: Label | None) -> str:  # noqa: ARG002
        """Return the name of what was found."""
        return self.ENTITIES[0]

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the candidates that their label or check supports."""
        if self._needs_label() and not any(view.context.all(topic) for topic in self.TOPICS):
            return
        for match in self.PATTERN.matches(view.ascii):
            if self.takes(match.text) and (finding := self._weighed(view, match)):
                yield finding

    def _needs_label(self) -> bool:
        return self.ALONE is None and self.CHECKED_ALONE is None and self.FAILED_ALONE is None

    def _weighed(self, view: View, match: Match) -> Finding | None:
        is_alone = alone(view.ascii, match.start, match.end)
        if not is_alone and _goes_on(view.ascii, match):
            return None
        label = label_of(view, self.TOPICS, match.start, match.end, self.REACH)
        if not (is_alone or (label and label.touches)):
            return None
        in_table = not self.IN_TABLES and in_a_row(view.ascii, match.start, match.end)
        if label is None and in_table:
            return None
        checked = self.check(match.text)
        score = self.score(match.text, checked, label)
        if score is None:
            return None
        return Finding(
            match.start,
            match.end,
            self.entity(match.text, label),
            score,
            self.FORM,
            reason(checked, label),
            checked,
        )

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:  # noqa: ARG002
        """Return the score of a candidate, or None for one that is not found."""
        if checked is None:
            return self.ALONE if label is None else likely(label)
        if label is None:
            return self.CHECKED_ALONE if checked else self.FAILED_ALONE
        return PROVED if checked else POSSIBLE


def likely(label: Label) -> float:
    """Return the score of a form under a label.

    The mainland's recognisers read English labels as well, with LIKELY: here those names go first.
    """
    return LIKELY + 0.02 if label.word.isascii() else LIKELY


_CHECKS = {True: "check digit holds", False: "check digit fails", None: "form fits"}


def reason(checked: bool | None, label: Label | None) -> str:
    """Return the fixed words that explain a score."""
    check = _CHECKS[checked]
    return f"{check}; near {label.word}" if label else check


def _goes_on(text: bytes, match: Match) -> bool:
    """Say whether the candidate is only the begin of something: no label changes that."""
    return glued_behind(text, match.end) or joined(text, match.end, match.end)
