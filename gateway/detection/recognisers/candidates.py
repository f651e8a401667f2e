"""The base of recognisers that look for candidates and check each: pattern first, proof after.

Owns the plumbing to Presidio's interface. Refuses Presidio's own matching loop, which logs a
time-out of a pattern and goes on without its findings: here every error reaches the caller.
"""

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from presidio_analyzer import EntityRecognizer, RecognizerResult


class CandidateRecogniser(EntityRecognizer):
    """An `EntityRecognizer` of one entity type; a subclass yields the extents it has proved."""

    ENTITY: ClassVar[str]
    SCORE: ClassVar[float] = 0.9

    def __init__(self) -> None:
        super().__init__(supported_entities=[self.ENTITY])

    def load(self) -> None:
        """Do nothing: patterns are compiled when the module is imported."""

    @abstractmethod
    def proved(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each finding in a folded text."""

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: object = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return a result for each finding; `entities` and `nlp_artifacts` are not needed."""
        return [
            RecognizerResult(self.ENTITY, start, end, self.SCORE)
            for start, end in self.proved(text)
        ]
