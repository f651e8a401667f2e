"""All recognisers of places, asked as the engine asks them: through their gates, on one view."""

from collections.abc import Callable

import pytest

from gateway.detection.context import ContextWords
from gateway.detection.recognisers.base import Finding
from gateway.detection.recognisers.places import RECOGNISERS
from gateway.detection.recognisers.registry import GatedRecognisers
from gateway.detection.text.document import Document

Find = Callable[..., list[Finding]]
Values = Callable[..., list[str]]


@pytest.fixture(scope="session")
def words() -> ContextWords:
    return ContextWords(item for one in RECOGNISERS for item in one.CONTEXT.items())


@pytest.fixture(scope="session")
def find(words: ContextWords) -> Find:
    gated = GatedRecognisers(tuple(recogniser() for recogniser in RECOGNISERS))

    def found(text: str, threshold: float = 0.5) -> list[Finding]:
        view = Document(text, words).folded
        findings = [one for asked in gated.worth_asking(view) for one in asked.find(view)]
        return sorted(one for one in findings if one.score >= threshold)

    return found


@pytest.fixture(scope="session")
def values(find: Find) -> Values:
    def found(text: str, entity: str, threshold: float = 0.5) -> list[str]:
        return [text[one.start : one.end] for one in find(text, threshold) if one.entity == entity]

    return found
