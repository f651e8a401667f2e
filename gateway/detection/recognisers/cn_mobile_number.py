"""CN_MOBILE_NUMBER: eleven digits, 13x to 19x, written whole or 3-4-4, with or without +86.

Proves the shape only: the number has no check digit. Refuses eleven digits out of a longer number.
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.candidates import CandidateRecogniser

_NUMBER = re.compile(
    r"(?<![0-9])(?:\(?(?:\+|00)?86\)?[ -]{0,2})?"
    r"1[3-9][0-9][ -]{0,2}[0-9]{4}[ -]{0,2}[0-9]{4}(?![0-9])"
)


class CnMobileNumberRecogniser(CandidateRecogniser):
    """Finds mobile numbers of the mainland, also between Chinese characters."""

    ENTITY = "CN_MOBILE_NUMBER"

    def proved(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the extents of mobile numbers, country code included."""
        for match in _NUMBER.finditer(text):
            yield match.span()
