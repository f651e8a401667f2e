"""UK_NHS, UK_NINO and UK_POSTCODE.

Sources: NHS Data Dictionary (ten digits, the last a check modulo 11), HM Revenue & Customs manual
NIM39110 (letters that begin a national insurance number), Royal Mail (the 124 areas and the letters
of an inward code). Refuses an area that does not exist, and a form in lower case without a label.
"""

from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK
from gateway.detection.recognisers.international.checks import has_nhs_check
from gateway.detection.recognisers.international.code_lists import codes
from gateway.detection.recognisers.international.labelled import Labelled
from gateway.detection.recognisers.international.labels import Label
from gateway.detection.recognisers.patterns import Pattern

_AREAS = codes(
    "AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN "
    "DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA "
    "LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG "
    "SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
)
_NO_NINO = frozenset(["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"])
_NINO = (
    "[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z]"
    "(?:[0-9]{6}| ?[0-9]{2} [0-9]{2} [0-9]{2} ?|-?[0-9]{2}-[0-9]{2}-[0-9]{2}-?) ?[A-Da-d]"
)
_POSTCODE = "[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}"


class UkNhsRecogniser(Labelled):
    """Finds NHS numbers: 943 476 5919 by its form and check, ten bare digits under a label."""

    ENTITIES = ("UK_NHS",)
    SHAPES = ("(?:^|[^0])0{3} 0{3} 0{4}(?:[^0]|$)",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "UK_NHS": ("nhs", "nhs number", "nhs no", "national health service", "health service")
    }
    TOPICS = ("UK_NHS",)
    PATTERN = Pattern("[0-9]{3} [0-9]{3} [0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4}|[0-9]{10}")
    FORM = "three, three, four digits"
    IN_TABLES = False
    CHECKED_ALONE = POSSIBLE + 0.05

    def takes(self, text: str) -> bool:
        """Say whether the first digit is one in use."""
        return text[0] != "0"

    def check(self, text: str) -> bool | None:
        """Say whether the last digit is the check."""
        return has_nhs_check(text.replace(" ", "").replace("-", ""))

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:
        """Return the score; without a label only the spaced form counts, if its check holds."""
        return None if label is None and text[3] != " " else super().score(text, checked, label)


class UkNinoRecogniser(Labelled):
    """Finds national insurance numbers."""

    ENTITIES = ("UK_NINO",)
    SHAPES = ("[Aa]{2}0{6}|00 00 00|00-00-00",)
    GATES = (_NINO,)
    CONTEXT: ClassVar = {
        "UK_NINO": (
            "national insurance",
            "nino",
            "ni number",
            "ni no",
            "insurance number",
            "国民保险号",
        )
    }
    TOPICS = ("UK_NINO",)
    PATTERN = Pattern(_NINO)
    FORM = "two letters, six digits, a letter"
    ALONE = LIKELY

    def takes(self, text: str) -> bool:
        """Say whether the two letters are given out."""
        return text[:2].upper() not in _NO_NINO


class UkPostcodeRecogniser(Labelled):
    """Finds whole postcodes of the areas there are."""

    ENTITIES = ("UK_POSTCODE",)
    SHAPES = ("[Aa]0[0Aa]? ?0[Aa]{2}(?:[^0Aa]|$)",)
    CONTEXT: ClassVar = {"UK_POSTCODE": ("postcode", "post code", "postal code", "postcodes")}
    TOPICS = ("UK_POSTCODE",)
    PATTERN = Pattern(_POSTCODE)
    FORM = "outward and inward code"
    ALONE = POSSIBLE

    def takes(self, text: str) -> bool:
        """Say whether the letters are those of an area."""
        return (text[:2] if text[1].isalpha() else text[:1]).upper() in _AREAS

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:
        """Return the score; without a label it is written in capitals, with its space."""
        bare = label is None and (" " not in text or not text.isupper())
        return WEAK if bare else super().score(text, checked, label)
