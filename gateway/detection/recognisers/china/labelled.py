"""The base of recognisers whose values only a word makes what they are.

Owns the loop: the tokens of a kind's form that a label of the kind names. Refuses every token
without one, and does not even look for tokens in a text without labels.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar, NamedTuple

from gateway.detection.recognisers.base import LIKELY, Finding, Recogniser
from gateway.detection.recognisers.china.labels import RIVALS, Labels
from gateway.detection.recognisers.china.neighbours import stands_alone
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.recognisers.quantities import counts_something
from gateway.detection.text.view import View


def anything(view: View, match: Match) -> bool:  # noqa: ARG001 - the shape of a rule
    """Take every token of the form."""
    return True


class Kind(NamedTuple):
    """What a label of topic ``entity`` makes of a token of the form ``pattern``."""

    entity: str
    pattern: Pattern
    name: str
    reach: int = 10
    after: int = 0
    accepts: Callable[[View, Match], bool] = anything
    score: float = LIKELY


class LabelledRecogniser(Recogniser):
    """A subclass names its kinds."""

    KINDS: ClassVar[tuple[Kind, ...]]

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the tokens that a label names."""
        for kind in self.KINDS:
            if not view.context.all(kind.entity):
                continue
            labels = Labels(view, kind.entity, kind.reach, kind.after, RIVALS)
            for match in kind.pattern.matches(view.ascii):
                finding = _named(view, kind, match, labels)
                if finding is not None:
                    yield finding


def _named(view: View, kind: Kind, match: Match, labels: Labels) -> Finding | None:
    if not kind.accepts(view, match):
        return None
    if match.text.isdigit() and counts_something(view, match.end):
        return None
    near = labels.of(match.start, match.end)
    if near is None or not stands_alone(view, match, labels, near):
        return None
    return Finding(match.start, match.end, kind.entity, kind.score, kind.name, f"near {near}")
