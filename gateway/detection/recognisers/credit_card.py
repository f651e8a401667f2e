"""CREDIT_CARD: Presidio's pattern and Luhn check, with boundaries that hold beside Chinese text.

Leaves the name of UnionPay numbers (issuer 62) to CN_BANK_CARD, by a lower score.
"""

from presidio_analyzer.predefined_recognizers import CreditCardRecognizer

from gateway.detection.recognisers.strict_patterns import StrictPatterns, bounded_by_non_digits


class StrictCreditCardRecogniser(StrictPatterns, CreditCardRecognizer):
    """Finds card numbers in the groupings that Presidio knows."""

    def __init__(self) -> None:
        super().__init__(patterns=bounded_by_non_digits(self.PATTERNS))

    def validate_result(self, pattern_text: str) -> bool | None:  # type: ignore[override]
        """Return False for a wrong Luhn digit, None (score as matched) for UnionPay, or True."""
        if not super().validate_result(pattern_text):
            return False
        return None if pattern_text.startswith("62") else True
