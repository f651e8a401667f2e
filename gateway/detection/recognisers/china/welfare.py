"""Numbers of social security, housing fund, medical insurance and driving licences.

Owns them by the words that name them: their forms differ from city to city and say nothing. The
resident number that many of them are is CN_RESIDENT_ID, at its own score. Refuses bare numbers.
"""

from collections.abc import Mapping
from typing import ClassVar

from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labelled import Kind, LabelledRecogniser
from gateway.detection.recognisers.china.labels import OTHER
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_SECURITY, _FUND = "CN_SOCIAL_SECURITY_NUMBER", "CN_HOUSING_FUND_NUMBER"
_MEDICAL, _DRIVER = "CN_MEDICAL_INSURANCE_NUMBER", "CN_DRIVER_LICENSE"
_NUMBER = Pattern(r"[A-Za-z]{0,2}[0-9]{6,20}[Xx]?")
_FILE = Pattern(r"[0-9]{12}|[0-9]{15}|[0-9]{17}[0-9Xx]")
_DATES = ("19", "20")


def _is_no_date(view: View, match: Match) -> bool:  # noqa: ARG001 - the shape of a rule
    """Leave out eight digits that are a day, or six that are a month."""
    text = match.text
    if not text.startswith(_DATES) or len(text) not in (6, 8):
        return True
    return int(text[4:6]) not in range(1, 13)


class CnWelfareRecogniser(LabelledRecogniser):
    """Finds what a word calls a number of the welfare or of the traffic office."""

    ENTITIES = (_SECURITY, _FUND, _MEDICAL, _DRIVER)
    NAMED = ENTITIES
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _SECURITY: words.SOCIAL_SECURITY,
        _FUND: words.HOUSING_FUND,
        _MEDICAL: words.MEDICAL,
        _DRIVER: words.DRIVER,
        OTHER: words.OTHER,
    }
    KINDS = (
        Kind(_SECURITY, _NUMBER, "6 to 20 digits", 10, accepts=_is_no_date),
        Kind(_FUND, _NUMBER, "6 to 20 digits", 10, accepts=_is_no_date),
        Kind(_MEDICAL, _NUMBER, "6 to 20 digits", 10, accepts=_is_no_date),
        Kind(_DRIVER, _FILE, "12, 15 or 18 digits", 12),
    )
