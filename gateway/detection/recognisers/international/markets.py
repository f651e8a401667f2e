"""CA_SIN, AU_TFN, AU_ABN, IN_PAN, IN_AADHAAR, SG_NRIC_FIN, HK_IDENTITY_CARD and IMEI.

Sources: Canada Revenue Agency (Luhn; 0 and 8 begin none), Australian Taxation Office and Business
Register, Income Tax Department of India (fourth letter: kind of holder), UIDAI (Verhoeff; 0 and 1
begin none), the published rule of Singapore's identity cards, Hong Kong's Immigration Department
(check digit modulo 11), 3GPP TS 23.003 (IMEI, Luhn).
"""

from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK
from gateway.detection.recognisers.check_digits import has_luhn_check
from gateway.detection.recognisers.international import checks
from gateway.detection.recognisers.international.labelled import Labelled
from gateway.detection.recognisers.international.labels import Label
from gateway.detection.recognisers.patterns import Pattern

_THREES = "[0-9]{3} [0-9]{3} [0-9]{3}|[0-9]{3}-[0-9]{3}-[0-9]{3}"


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text)).upper()


class CaSinRecogniser(Labelled):
    """Finds Canadian social insurance numbers."""

    ENTITIES = ("CA_SIN",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "CA_SIN": ("social insurance", "social insurance number", "sin number", "sin")
    }
    TOPICS = ("CA_SIN",)
    PATTERN = Pattern(f"{_THREES}|[0-9]{{9}}")
    FORM = "three groups of three"

    def takes(self, text: str) -> bool:
        """Say whether the first digit is in use."""
        return text[0] not in "08"

    def check(self, text: str) -> bool | None:
        """Say whether the last digit is the check."""
        return has_luhn_check(_bare(text))


class AuTfnRecogniser(Labelled):
    """Finds Australian tax file numbers."""

    ENTITIES = ("AU_TFN",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {"AU_TFN": ("tfn", "tax file", "tax file number")}
    TOPICS = ("AU_TFN",)
    PATTERN = Pattern(f"{_THREES}|[0-9]{{9}}")
    FORM = "three groups of three"

    def check(self, text: str) -> bool | None:
        """Say whether the weighted sum is a multiple of eleven."""
        return checks.has_tfn_check(_bare(text))


class AuAbnRecogniser(Labelled):
    """Finds Australian business numbers."""

    ENTITIES = ("AU_ABN",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {"AU_ABN": ("abn", "australian business number")}
    TOPICS = ("AU_ABN",)
    PATTERN = Pattern("[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}|[0-9]{11}")
    FORM = "two digits and three groups of three"

    def check(self, text: str) -> bool | None:
        """Say whether the weighted sum is a multiple of 89."""
        return checks.has_abn_check(_bare(text))


class InPanRecogniser(Labelled):
    """Finds Indian permanent account numbers; the form is rare enough by itself."""

    ENTITIES = ("IN_PAN",)
    SHAPES = ("[Aa]{5}0{4}[Aa]",)
    CONTEXT: ClassVar = {"IN_PAN": ("pan", "permanent account number", "pan card", "pan no")}
    TOPICS = ("IN_PAN",)
    PATTERN = Pattern("[A-Za-z]{3}[ABCFGHJLPTabcfghjlpt][A-Za-z][0-9]{4}[A-Za-z]")
    FORM = "five letters, four digits, a letter"
    ALONE = POSSIBLE

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:
        """Return the score; in small letters it needs a label."""
        return WEAK if label is None and not text.isupper() else super().score(text, checked, label)


class InAadhaarRecogniser(Labelled):
    """Finds Aadhaar numbers."""

    ENTITIES = ("IN_AADHAAR",)
    SHAPES = ("(?:^|[^0 -]|[^0][ -])0{4}[ -]0{4}[ -]0{4}(?:[^0 -]|[ -][^0]|$)",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {"IN_AADHAAR": ("aadhaar", "aadhar", "uidai", "aadhaar number", "uid")}
    TOPICS = ("IN_AADHAAR",)
    PATTERN = Pattern(
        "[2-9][0-9]{3} [0-9]{4} [0-9]{4}|[2-9][0-9]{3}-[0-9]{4}-[0-9]{4}|[2-9][0-9]{11}"
    )
    FORM = "twelve digits"
    CHECKED_ALONE = WEAK

    def check(self, text: str) -> bool | None:
        """Say whether the last digit is Verhoeff's check."""
        return checks.has_verhoeff_check(_bare(text))


class SgNricFinRecogniser(Labelled):
    """Finds Singapore's identity card and foreign identification numbers."""

    ENTITIES = ("SG_NRIC_FIN",)
    SHAPES = ("[Aa]0{7}[Aa]",)
    CONTEXT: ClassVar = {"SG_NRIC_FIN": ("nric", "fin", "identity card", "ic number", "singpass")}
    TOPICS = ("SG_NRIC_FIN",)
    PATTERN = Pattern("[STFGMstfgm][0-9]{7}[A-Za-z]")
    FORM = "letter, seven digits, letter"
    CHECKED_ALONE = LIKELY
    FAILED_ALONE = WEAK

    def check(self, text: str) -> bool | None:
        """Say whether the last letter is the check of its series."""
        kind, body, last = text[0].upper(), text[1:8], text[8].upper()
        total = checks.weighted_sum(body, (2, 7, 6, 5, 4, 3, 2))
        total += {"T": 4, "G": 4, "M": 3}.get(kind, 0)
        letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "KLJNPQRTUWX"}
        place = 10 - total % 11 if kind == "M" else total % 11
        return letters.get(kind, "XWUTRQPNMLK")[place] == last


class HkIdentityCardRecogniser(Labelled):
    """Finds Hong Kong identity card numbers: A123456(3)."""

    ENTITIES = ("HK_IDENTITY_CARD",)
    SHAPES = (r"[Aa]0{6}(?:[0Aa](?:[^0Aa]|$)|\(|$)",)
    CONTEXT: ClassVar = {
        "HK_IDENTITY_CARD": ("hkid", "hong kong identity", "hk id", "identity card", "id card",
                             "香港身份证", "香港身份證", "身份证", "身份證"),
    }  # fmt: skip
    TOPICS = ("HK_IDENTITY_CARD",)
    PATTERN = Pattern(r"[A-Za-z]{1,2}[0-9]{6}\([0-9Aa]\)|[A-Za-z]{1,2}[0-9]{6}[0-9Aa]")
    FORM = "letters, six digits, check in brackets"
    CHECKED_ALONE = LIKELY
    FAILED_ALONE = WEAK

    def check(self, text: str) -> bool | None:
        """Say whether the last character is the check, modulo eleven from the right."""
        bare = _bare(text)
        letters = bare[:-7].rjust(2)
        values = [36 if letters[0] == " " else int(letters[0], 36), int(letters[1], 36)]
        values += [int(one, 16) for one in bare[-7:]]
        return (
            sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11
            == 0
        )

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:
        """Return the score; without a label there must be the brackets."""
        return super().score(text, checked, label) if label or "(" in text else None


class ImeiRecogniser(Labelled):
    """Finds the serial numbers of telephones."""

    ENTITIES = ("IMEI",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "IMEI": ("imei", "imei1", "imei2", "device id", "handset", "设备号", "串号")
    }
    TOPICS = ("IMEI",)
    PATTERN = Pattern("[0-9]{15}|[0-9]{2}-[0-9]{6}-[0-9]{6}-[0-9]|[0-9]{6} [0-9]{2} [0-9]{6} [0-9]")
    FORM = "fifteen digits"

    def check(self, text: str) -> bool | None:
        """Say whether the last digit is the check."""
        return has_luhn_check(_bare(text))
