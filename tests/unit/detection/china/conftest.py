"""All recognisers of China, asked as the engine asks them: through their gates, on one view."""

from collections.abc import Callable

import pytest

from gateway.detection.recognisers.base import Finding
from gateway.detection.recognisers.china import RECOGNISERS
from gateway.detection.recognisers.registry import GatedRecognisers, context_words
from gateway.detection.text.document import Document

Find = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def find() -> Find:
    gated = GatedRecognisers(tuple(recogniser() for recogniser in RECOGNISERS))

    def found(text: str, threshold: float = 0.5) -> list[Finding]:
        view = Document(text, context_words()).folded
        findings = [one for asked in gated.worth_asking(view) for one in asked.find(view)]
        return sorted(one for one in findings if one.score >= threshold)

    return found
