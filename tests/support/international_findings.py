"""What the recognisers of ``recognisers/international`` find in a text."""

from typing import NamedTuple

from gateway.detection.recognisers.base import Finding, Recogniser
from gateway.detection.recognisers.international import RECOGNISERS
from gateway.detection.recognisers.registry import GatedRecognisers, context_words
from gateway.detection.text.document import Document
from gateway.detection.text.view import View

ALL: tuple[Recogniser, ...] = tuple(one() for one in RECOGNISERS)
GATED = GatedRecognisers(ALL)
DEFAULT = 0.5


class Found(NamedTuple):
    entity: str
    text: str
    score: float
    checked: bool | None
    why: str


def folded(text: str) -> View:
    return Document(text, context_words()).folded


def found(text: str, threshold: float = DEFAULT, *, gated: bool = True) -> list[Found]:
    view = folded(text)
    asked = GATED.worth_asking(view) if gated else iter(ALL)
    return sorted(
        _described(view, one, text)
        for recogniser in asked
        for one in recogniser.find(view)
        if one.score >= threshold
    )


def _described(view: View, one: Finding, text: str) -> Found:
    start, end = view.extent(one.start, one.end)
    return Found(one.entity, text[start:end], one.score, one.checked, one.why)


def named(text: str, entity: str, threshold: float = DEFAULT) -> list[str]:
    return [one.text for one in found(text, threshold) if one.entity == entity]


def score(text: str, entity: str) -> float:
    """The best score of the entity in a text; 0 where there is none."""
    return max((one.score for one in found(text, 0.0) if one.entity == entity), default=0.0)
