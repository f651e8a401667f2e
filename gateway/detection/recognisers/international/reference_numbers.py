"""LOAN_NUMBER and ACCOUNT_ID: what a lender calls a loan, an application, a customer.

Such numbers have no form: letters, digits and dashes, with some digits. Refuses everything without
a label, and dates and amounts under one.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import Finding, Recogniser
from gateway.detection.recognisers.international.labelled import likely, reason
from gateway.detection.recognisers.international.labels import Label, label_of
from gateway.detection.recognisers.international.neighbours import (
    alone,
    glued_behind,
    is_amount,
    joined,
)
from gateway.detection.recognisers.international.phone_forms import is_date
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_GAPS = (" ", "_", "-", "")
_NUMBER_WORDS = ("number", "no", "no.", "num", "#", "id", "ref", "reference", "code", "nr")
_LOANS = (
    "loan",
    "contract",
    "agreement",
    "mortgage",
    "facility",
    "policy",
    "lease",
    "note",
    "claim",
)
_ACCOUNTS = (
    "application", "app", "customer", "client", "account", "acct", "member", "membership", "user",
    "borrower", "applicant", "case", "reference", "ref", "employee", "staff", "subscriber",
    "patient", "student", "tenant", "file", "merchant", "beneficiary", "payee",
    "profile",
)  # fmt: skip
_VALUE = r"[0-9A-Za-z]+(?:[-_/][0-9A-Za-z]+){0,5}"
_LEAST, _MOST = 5, 32
_LOAN = "loan"
"""By itself it names a code only: "about loan HT20220001"."""


def _labels(heads: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        f"{head}{gap}{word}"
        for head in heads
        for word in _NUMBER_WORDS
        for gap in _GAPS
        if gap or word in ("#", "id", "number")
    )


class ReferenceNumberRecogniser(Recogniser):
    """Finds the numbers that stand right behind such a label."""

    ENTITIES = ("LOAN_NUMBER", "ACCOUNT_ID")
    NAMED = ENTITIES
    CONTEXT: ClassVar = {"LOAN_NUMBER": (*_labels(_LOANS), _LOAN), "ACCOUNT_ID": _labels(_ACCOUNTS)}
    _PATTERN = Pattern(_VALUE)
    _REACH = 16

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the values behind their labels."""
        if not any(view.context.all(topic) for topic in self.ENTITIES):
            return
        for match in self._PATTERN.matches(view.ascii):
            if not _is_reference(match.text) or not _stands(view.ascii, match):
                continue
            label = label_of(view, self.ENTITIES, match.start, match.end, self._REACH)
            if label and label.word == _LOAN and not _is_code(match.text):
                continue
            if label and not _is_bank_account(match.text, label):
                why = reason(None, label)
                yield Finding(
                    match.start, match.end, label.topic, likely(label), "under a label", why
                )


def _is_code(text: str) -> bool:
    """Say whether it is no amount and no term: letters, and six digits."""
    return sum(map(str.isdigit, text)) >= 6 and not text[0].isdigit()


def _is_bank_account(text: str, label: Label) -> bool:
    """Say whether another recogniser names it: digits only, under the word account."""
    return text.isdigit() and len(text) >= 6 and label.word.startswith(("account", "acct"))


def _is_reference(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    if digits < 3 or not _LEAST <= len(text) <= _MOST:
        return False
    return not is_date(text)


def _stands(text: bytes, match: Match) -> bool:
    if is_amount(text, match.start) and text[match.start - 1] == 36:
        return False
    if (
        text[match.end : match.end + 1] in (b"%", b".")
        and text[match.end + 1 : match.end + 2].isdigit()
    ):
        return False
    if alone(text, match.start, match.end):
        return True
    return not glued_behind(text, match.end) and not joined(text, match.end, match.end)
