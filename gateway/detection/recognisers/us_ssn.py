"""US_SSN: Presidio's patterns and exclusions, with boundaries that hold beside Chinese text.

Refuses to weigh context: nine bare digits score 0.05 and are masked like the rest, because a
missed number costs more than a masked amount of a hundred million.
"""

from presidio_analyzer.predefined_recognizers import UsSsnRecognizer

from gateway.detection.recognisers.strict_patterns import StrictPatterns, bounded_by_non_digits


class StrictUsSsnRecogniser(StrictPatterns, UsSsnRecognizer):
    """Finds US social security numbers, with or without separators."""

    def __init__(self) -> None:
        super().__init__(patterns=bounded_by_non_digits(self.PATTERNS))
