"""US_SSN, US_ITIN and US_EIN: the nine digits that tax and social security give.

Sources: Social Security Administration (areas 000, 666 and 9xx, group 00 and serial 0000 are never
given; 219-09-9999 was once printed as a sample), Internal Revenue Service (groups of the ITIN, and
the two digits that begin an EIN). There is no check digit. Refuses nine bare digits without a
label.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.code_lists import codes
from gateway.detection.recognisers.international.labelled import Labelled, reason
from gateway.detection.recognisers.international.labels import Label, label_of
from gateway.detection.recognisers.international.neighbours import (
    digit_before,
    digit_behind,
    glued_before,
    glued_behind,
    in_a_row,
    joined,
)
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_ITIN_GROUPS = frozenset([*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)])
_NO_EIN = codes("00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97")
_BARE = 9
_DASHED = 0.85
_NAMED = 0.83
"""Above the mainland's social security numbers, which the same words name."""
_SPACED = 0.65
"""Above a telephone number of the same digits, which has no such ranges."""


class UsTaxpayerRecogniser(Recogniser):
    """Finds 219-09-9999, 219 09 9999, and nine bare digits under a label."""

    ENTITIES = ("US_SSN", "US_ITIN")
    SHAPES = (r"(?:^|[^0])(?:0{3}[-. ]0{2}[-. ]0{4}|0{9})(?:[^0]|$)",)
    CONTEXT: ClassVar = {
        "US_SSN": (
            "ssn",
            "ssns",
            "ssn#",
            "social security",
            "social sec",
            "soc sec",
            "social security number",
            "ss#",
            "my social",
            "your social",
            "the social",
            "social number",
            "social is",
            "social #",
            "ssid",
            "社会安全号",
            "社会安全号码",
            "社安号",
            "社会保障号",
            "社会保险号",
            "社保号",
            "社安卡",
        ),
        "US_ITIN": (
            "itin",
            "individual taxpayer",
            "taxpayer identification",
            "taxpayer id",
            "tax id",
            "tin",
            "纳税人识别号",
            "个人报税号",
        ),
    }
    _PATTERN = Pattern(
        r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{3} [0-9]{2} [0-9]{4}"
        r"|[0-9]{3}\.[0-9]{2}\.[0-9]{4}|[0-9]{9}"
    )

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the numbers of a form that the administration gives, or that a label names."""
        for match in self._PATTERN.matches(view.ascii):
            text = view.ascii
            if digit_before(text, match.start) or digit_behind(text, match.end):
                continue
            if joined(text, match.start, match.end):
                continue
            label = label_of(view, self.CONTEXT, match.start, match.end)
            finding = _taxpayer(text, match, label)
            if finding:
                yield finding


def _taxpayer(text: bytes, match: Match, label: Label | None) -> Finding | None:
    if glued_behind(text, match.end) or (
        glued_before(text, match.start) and not (label and label.touches)
    ):
        return None
    digits = match.text.replace(match.text[3], "") if len(match.text) > _BARE else match.text
    itin = digits[0] == "9" and int(digits[3:5]) in _ITIN_GROUPS
    given = itin or is_ssn(digits)
    score = _score(text, match, label, given)
    entity = "US_ITIN" if itin else "US_SSN"
    form = "nine bare digits" if len(match.text) == _BARE else "three, two, four digits"
    why = reason(None, label) if given else f"never given; {reason(None, label)}"
    return Finding(match.start, match.end, entity, score, form, why) if score else None


def _score(text: bytes, match: Match, label: Label | None, given: bool) -> float:
    if label:
        bare = _NAMED if label.word.isascii() else LIKELY
        return POSSIBLE if not given else bare if len(match.text) == _BARE else _DASHED
    if not given:
        return 0.0
    form = match.text[3:4]
    if form == "-":
        return _DASHED
    return _SPACED if form == " " and not in_a_row(text, match.start, match.end) else WEAK


def is_ssn(digits: str) -> bool:
    """Say whether the administration gives such a number."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area[0] != "9" and group != "00" and serial != "0000"


class UsEinRecogniser(Labelled):
    """Finds 12-3456789 under a label; without one its form is that of many numbers."""

    ENTITIES = ("US_EIN",)
    SHAPES = ("(?:^|[^0])0{2}-0{7}(?:[^0]|$)",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "US_EIN": (
            "ein",
            "fein",
            "employer identification",
            "employer id",
            "federal tax id",
            "federal id",
            "tax id",
            "tin",
            "雇主识别号",
            "雇主税号",
        )
    }
    TOPICS = ("US_EIN",)
    PATTERN = Pattern("[0-9]{2}-[0-9]{7}|[0-9]{9}")
    FORM = "two and seven digits"
    ALONE = WEAK

    def takes(self, text: str) -> bool:
        """Say whether the first two digits are given out."""
        return text[:2] not in _NO_EIN
