"""Replaces spans of a text by their types, with Presidio's anonymizer.

Owns the choice of operator. Refuses spans that overlap: merge them first, or the anonymizer would
settle the conflict by its own rules.
"""

from itertools import pairwise

from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

from gateway.application.ports.detection import Span

_REPLACE_BY_TYPE = {"DEFAULT": OperatorConfig("replace")}


class Masker:
    """Writes `<TYPE>` in place of each span."""

    def __init__(self) -> None:
        self._engine = AnonymizerEngine()  # type: ignore[no-untyped-call]

    def mask(self, text: str, spans: list[Span]) -> tuple[str, list[tuple[int, int]]]:
        """Return the masked text and where, in it, the placeholders stand (start, end).

        Raises ValueError for spans that overlap or are out of order.
        """
        if any(left.end > right.start for left, right in pairwise(spans)):
            raise ValueError("spans to mask are disjoint and in order")
        results = [RecognizerResult(span.type, span.start, span.end, span.score) for span in spans]
        outcome = self._engine.anonymize(
            text, results, operators=_REPLACE_BY_TYPE, merge_entities_with_spaces=False
        )
        return str(outcome.text), sorted((item.start, item.end) for item in outcome.items)
