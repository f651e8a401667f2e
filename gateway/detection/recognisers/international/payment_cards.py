"""CREDIT_CARD and CREDIT_CARD_CVV.

Sources: ISO/IEC 7812 (Luhn), the schemes' published ranges: 4 Visa, 51-55 and 2221-2720 Mastercard,
34 and 37 American Express, 3528-3589 JCB, 36, 38 and 300-305 Diners Club, 6011, 644-649 and 65
Discover, 50 and 56-58 Maestro. UnionPay's 62 is CN_BANK_CARD, and another recogniser's. Refuses a
number whose check fails, unless a label says that it is a card.
"""

from typing import ClassVar

from gateway.detection.recognisers.base import POSSIBLE, PROVED, WEAK, Finding
from gateway.detection.recognisers.check_digits import has_luhn_check
from gateway.detection.recognisers.china.labels import other_label
from gateway.detection.recognisers.international.labelled import Labelled, reason
from gateway.detection.recognisers.international.labels import Label
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_ISSUER = "(?:4[0-9]{3}|5[0-9]{3}|2[2-7][0-9]{2}|35[2-8][0-9]|6011|64[4-9][0-9]|65[0-9]{2})"
_SHAPE = (
    rf"{_ISSUER}(?:-[0-9]{{4}}-[0-9]{{4}}-[0-9]{{4}}| [0-9]{{4}} [0-9]{{4}} [0-9]{{4}}"
    r"|\.[0-9]{4}\.[0-9]{4}\.[0-9]{4})"
    rf"|{_ISSUER}[0-9]{{8,15}}"
    r"|3[47][0-9]{2}(?:-[0-9]{6}-[0-9]{5}| [0-9]{6} [0-9]{5}|[0-9]{11}"
    r"|-[0-9]{4}-[0-9]{4}-[0-9]{3}| [0-9]{4} [0-9]{4} [0-9]{3})"
    r"|3(?:0[0-5]|[68][0-9])[0-9](?:-[0-9]{6}-[0-9]{4}| [0-9]{6} [0-9]{4}|[0-9]{10}"
    r"|-[0-9]{4}-[0-9]{4}-[0-9]{2}| [0-9]{4} [0-9]{4} [0-9]{2})"
)
_LENGTHS = {
    "4": (13, 16, 19), "5": (16,), "2": (16,), "6": (16, 19),
    "30": (14,), "34": (15,), "35": (16,), "36": (14,), "37": (15,), "38": (14,),
}  # fmt: skip


class CreditCardRecogniser(Labelled):
    """Finds card numbers in the schemes' ranges and groups."""

    ENTITIES = ("CREDIT_CARD",)
    SHAPES = (
        "(?:^|[^0])0{12,19}(?:[^0]|$)",
        r"(?:^|[^0])0{4}(?:-0{4}-0{4}-0{2,4}| 0{4} 0{4} 0{2,4}|\.0{4}\.0{4}\.0{4})(?:[^0]|$)",
        "(?:^|[^0])0{4}(?:-0{6}-0{4,5}| 0{6} 0{4,5})(?:[^0]|$)",
    )
    GATES = (rf"(?:^|[^0-9])(?:{_SHAPE})(?:[^0-9]|$)",)
    CONTEXT: ClassVar = {
        "CREDIT_CARD": (
            "card",
            "cards",
            "card number",
            "card no",
            "credit card",
            "debit card",
            "visa",
            "mastercard",
            "amex",
            "american express",
            "discover",
            "jcb",
            "diners",
            "maestro",
            "卡号",
            "信用卡",
            "借记卡",
            "银行卡",
            "卡",
        )
    }
    TOPICS = ("CREDIT_CARD",)
    PATTERN = Pattern(_SHAPE)
    FORM = "a scheme's number"
    CHECKED_ALONE = PROVED
    FAILED_ALONE = WEAK

    def takes(self, text: str) -> bool:
        """Say whether it is as long as the scheme's numbers are."""
        digits = _digits(text)
        lengths = _LENGTHS.get(digits[:2]) or _LENGTHS[digits[0]]
        if len(digits) not in lengths:
            return False
        if digits[0] == "2":
            return 2221 <= int(digits[:4]) <= 2720
        return len(set(digits)) > 1

    def check(self, text: str) -> bool | None:
        """Say whether the last digit is the check."""
        return has_luhn_check(_digits(text))

    def _weighed(self, view: View, match: Match) -> Finding | None:
        """Return the finding; one of ten numbers of orders has the check digit of a card."""
        finding = super()._weighed(view, match)
        if finding is None or finding.score < PROVED or finding.why != reason(True, None):
            return finding
        if not match.text.isdigit() or not other_label(view, match.start, match.end):
            return finding
        return finding._replace(score=WEAK, why="check digit holds; named as something else")


class CreditCardCvvRecogniser(Labelled):
    """Finds the three or four digits under a label of a card's code."""

    ENTITIES = ("CREDIT_CARD_CVV",)
    NAMED = ENTITIES
    CONTEXT: ClassVar = {
        "CREDIT_CARD_CVV": (
            "cvv",
            "cvv2",
            "cvc",
            "cvc2",
            "cvn",
            "cvn2",
            "cid",
            "security code",
            "card security",
            "card code",
            "card verification",
            "verification value",
            "安全码",
            "校验码",
            "后三码",
            "卡背三位",
        )
    }
    TOPICS = ("CREDIT_CARD_CVV",)
    PATTERN = Pattern("[0-9]{3,4}")
    FORM = "three or four digits"
    REACH = 16

    def score(self, text: str, checked: bool | None, label: Label | None) -> float | None:
        """Return the score: a short number, so it may be something else near the word."""
        return (POSSIBLE + 0.1) if super().score(text, checked, label) else None


def _digits(text: str) -> str:
    return text if text.isdigit() else text.replace("-", "").replace(" ", "").replace(".", "")
