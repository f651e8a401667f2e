"""The last four digits of a card, a telephone or an identity number: 尾号1234, ending in 1234.

Four digits give nobody away by themselves, and lenders write them so that they do not: they score
below the default threshold, for the policies that want them masked. Those of the subject's own
numbers are ``subject_values``'s, and are always found. Refuses digits without such a word.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import Finding, Recogniser
from gateway.detection.text.view import View

_TOPIC = "NUMBER_TAIL"
TAIL = 0.4
"""Below the default threshold of 0.5, above what is weak."""
_TAIL = re.compile(
    r"(?:尾号|尾数|末[四4]位|后[四4]位|\bend(?:s|ing)? (?:in|with)|\blast (?:four|4)(?: digits)?)"
    r"(?:数字|号码)?"
    r"[ 是为:：]{0,3}(?:is |are |of )?[*xX]{0,4}([0-9]{4}|[0-9]{3}[xX])(?![0-9A-Za-z]|[-/.][0-9])",
    re.IGNORECASE,
)
_KINDS = (
    ("CN_MOBILE_NUMBER", re.compile("手机|电话|号码|来电")),
    ("PHONE_NUMBER", re.compile(r"\b(?:phone|mobile|cell)\b", re.IGNORECASE)),
    ("CN_RESIDENT_ID", re.compile("身份证|证件")),
    ("US_SSN", re.compile(r"\b(?:ssn|social)\b", re.IGNORECASE)),
    ("CREDIT_CARD", re.compile(r"\b(?:card|visa|amex|mastercard)\b", re.IGNORECASE)),
)
_BEFORE, _BEHIND = 16, 6


class NumberTailRecogniser(Recogniser):
    """Finds four digits behind a word for a tail."""

    ENTITIES = ("CN_BANK_CARD", *(kind for kind, _ in _KINDS))
    NAMED = (_TOPIC,)
    CONTEXT: ClassVar = {
        _TOPIC: (
            *("尾号", "尾数", "末四位", "末4位", "后四位", "后4位", "ending in", "ends in"),
            *("ending with", "ends with", "end in", "end with", "last four", "last 4"),
        )
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the digits; what they are the tail of is the word nearest before, then behind."""
        if not view.context.all(_TOPIC):
            return
        for match in _TAIL.finditer(view.text):
            start, end = match.span(1)
            entity = _entity(view.text[max(0, match.start() - _BEFORE) : match.start()])
            entity = entity or _entity(view.text[end : end + _BEHIND]) or "CN_BANK_CARD"
            yield Finding(start, end, entity, TAIL, "four digits", "behind a word for a tail")


def _entity(text: str) -> str | None:
    return next((entity for entity, word in _KINDS if word.search(text)), None)
