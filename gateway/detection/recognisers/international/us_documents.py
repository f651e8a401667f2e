"""US_PASSPORT, UK_PASSPORT, US_DRIVER_LICENSE, UK_DRIVING_LICENCE and US_MBI.

Sources: Department of State (nine digits, or a letter and eight), HM Passport Office (nine digits),
the states' licence forms as the American Association of Motor Vehicle Administrators lists them,
the Driver and Vehicle Licensing Agency (sixteen characters), Centers for Medicare (beneficiary
identifier). None has a public check digit: all but the last two need a label.
"""

from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE
from gateway.detection.recognisers.international.labelled import Labelled
from gateway.detection.recognisers.international.labels import Label
from gateway.detection.recognisers.patterns import Pattern

_MBI_LETTER = "[AC-HJKMNP-RT-Yac-hjkmnp-rt-y]"
_MBI_BOTH = "[AC-HJKMNP-RT-Yac-hjkmnp-rt-y0-9]"
_MBI = (
    f"[1-9]{_MBI_LETTER}{_MBI_BOTH}[0-9]-?{_MBI_LETTER}{_MBI_BOTH}[0-9]"
    f"-?{_MBI_LETTER}{{2}}[0-9]{{2}}"
)
_DVLA = "[A-Z]{2,5}9{0,3}[0-9]{6}[A-Z][A-Z9][0-9][A-Z]{2}"
_BRITISH = (
    *(
        f"{whose} passport{rest}"
        for whose in ("british", "uk", "gb", "united kingdom", "hm")
        for rest in ("", " no", " number")
    ),
    "passport (uk)",
    "passport (gbr)",
    "英国护照",
    "英国护照号",
    "英国护照号码",
)


class PassportRecogniser(Labelled):
    """Finds passport numbers by the word passport; which country's by the word before it."""

    ENTITIES = ("US_PASSPORT", "UK_PASSPORT")
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "US_PASSPORT": (
            "passport",
            "passports",
            "passport no",
            "passport number",
            "美国护照",
            "护照",
        ),
        "UK_PASSPORT": _BRITISH,
    }
    TOPICS = ("US_PASSPORT", "UK_PASSPORT")
    PATTERN = Pattern("[A-Za-z]?[0-9]{8,9}")
    FORM = "nine characters"

    def takes(self, text: str) -> bool:
        """Say whether it has nine characters."""
        return len(text) == 9

    def entity(self, text: str, label: Label | None) -> str:
        """Return the country's name for it."""
        british = label is not None and label.topic == "UK_PASSPORT" and text.isdigit()
        return "UK_PASSPORT" if british else "US_PASSPORT"

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:  # noqa: ARG002
        """Return the score: below that of China's passports, which have this form too."""
        return LIKELY - 0.05 if label else None


class UsDriverLicenseRecogniser(Labelled):
    """Finds driver licence numbers of the states' forms, under a label."""

    ENTITIES = ("US_DRIVER_LICENSE",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "US_DRIVER_LICENSE": (
            "driver's license",
            "driver’s license",
            "drivers license",
            "driver license",
            "driver's licence",
            "driver licence",
            "drivers licence",
            "driving license",
            "driving licence",
            "driver lic",
            "driver's lic",
            "driver's id",
            "driving permit",
            "license number",
            "licence number",
            "license no",
            "licence no",
            "license #",
            "license id",
            "dl",
            "dl#",
            "dln",
            "dl number",
            "d.l.",
            "driver's license number",
            "driver license number",
        )
    }
    TOPICS = ("US_DRIVER_LICENSE",)
    PATTERN = Pattern(
        "[A-Za-z]{1,3}[- ]?[0-9]{3,4}[- ][0-9]{3,4}[- ][0-9]{2,6}(?:-[0-9]{1,4})?"
        "|[A-Za-z]{1,7}[0-9]{2,14}[A-Za-z]{0,3}[0-9]{0,2}[A-Za-z]{0,2}"
        "|[0-9]{2}-[0-9]{3}-[0-9]{4}|[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{3} [0-9]{3} [0-9]{3}"
        "|[0-9]{6,12}[A-Za-z]{0,2}|[0-9]{2}[A-Za-z]{3}[0-9]{5}|[0-9]{14}"
    )
    FORM = "a state's licence form"

    def takes(self, text: str) -> bool:
        """Say whether it has the digits that the shortest of the forms has."""
        return sum(map(str.isdigit, text)) >= 5 and len(text) >= 6


class UkDrivingLicenceRecogniser(Labelled):
    """Finds the sixteen characters of a driver number; the form is rare enough by itself."""

    ENTITIES = ("UK_DRIVING_LICENCE",)
    SHAPES = ("A{2}0{6,9}A[A0]0AA",)
    CONTEXT: ClassVar = {"UK_DRIVING_LICENCE": ("driving licence", "driver number", "dvla")}
    TOPICS = ("UK_DRIVING_LICENCE",)
    PATTERN = Pattern(_DVLA)
    FORM = "sixteen characters of a driver number"
    ALONE = POSSIBLE

    def takes(self, text: str) -> bool:
        """Say whether it is whole, and has a month and a day in it."""
        born = text[5:11]
        if len(text) != 16 or not born.isdigit():
            return False
        return 1 <= int(born[1:3]) % 50 <= 12 and 1 <= int(born[3:5]) <= 31


class UsMbiRecogniser(Labelled):
    """Finds Medicare beneficiary identifiers, with or without dashes."""

    ENTITIES = ("US_MBI",)
    SHAPES = ("0[Aa][0Aa]0-?[Aa][0Aa]0-?[Aa]{2}00",)
    CONTEXT: ClassVar = {"US_MBI": ("medicare", "mbi", "beneficiary", "medicare number")}
    TOPICS = ("US_MBI",)
    PATTERN = Pattern(_MBI)
    FORM = "eleven places of digits and letters"
    ALONE = POSSIBLE
