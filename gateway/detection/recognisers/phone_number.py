"""PHONE_NUMBER: Presidio's recogniser over python-phonenumbers, for the regions US and GB.

Numbers with a country code are found for every region. The library costs about 80 microseconds a
candidate and region, amounts and dates included, so it is shown only stretches of seven digits
and more, without the dates. Refuses to read anything else.
"""

import re
from collections.abc import Iterator

from presidio_analyzer import RecognizerResult
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

LEAST_DIGITS = 7
REGIONS = ("US", "GB")

# Digits with little between them, and never a letter, which ends a phone number.
_STRETCH = re.compile(
    r"[+(]{0,2}[0-9](?:[^0-9A-Za-z\u3400-\u9fff,;:，。、；：]{0,4}[0-9]){6,}"
    r"(?:\s?(?:ext|x|#|分机)\.?\s?[0-9]{1,6})?",
    re.IGNORECASE,
)
# A date and a count after it ("2026-11-22 48") make ten digits of a valid form.
_DATE = re.compile(
    r"(?<![0-9])(?:(?:19|20)[0-9]{2}([-/.])[0-9]{1,2}\1[0-9]{1,2}"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?![0-9])"
)


class NarrowPhoneRecogniser(PhoneRecognizer):
    """Shows the phone library the stretches that could be a number, one character around each."""

    def __init__(self) -> None:
        super().__init__(supported_regions=REGIONS)

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: object = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the phone numbers of a folded text."""
        return list(self._numbers(_DATE.sub(_blank, text)))

    def _numbers(self, text: str) -> Iterator[RecognizerResult]:
        for stretch in _STRETCH.finditer(text):
            # The library refuses a number that touches a letter, so it has to see its neighbours.
            offset = max(0, stretch.start() - 1)
            for found in super().analyze(text[offset : stretch.end() + 1], []):
                found.start += offset
                found.end += offset
                yield found


def _blank(date: re.Match[str]) -> str:
    return "," * len(date[0])
