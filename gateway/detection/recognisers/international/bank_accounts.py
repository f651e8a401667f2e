"""US_BANK_NUMBER, ABA_ROUTING_NUMBER, UK_SORT_CODE and UK_BANK_NUMBER.

Sources: American Bankers Association (routing number: nine digits, the first two of a Federal
Reserve district, a check digit), Pay.UK (sort code: three pairs; account: eight digits). An account
number has no form of its own: it is found under its label only.
"""

from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import POSSIBLE, WEAK, Finding
from gateway.detection.recognisers.international.checks import has_aba_check
from gateway.detection.recognisers.international.labelled import Labelled
from gateway.detection.recognisers.international.labels import Label
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

_ACCOUNT = (
    "account number",
    "account no",
    "account num",
    "account #",
    "account",
    "account is",
    "accounts",
    "acct",
    "acct no",
    "acct #",
    "acct number",
    "a/c",
    "a/c no",
    "bank account",
    "checking",
    "savings",
    "checking account",
    "savings account",
    "bank acct",
    "direct deposit",
    "transfer from",
    "transferred from",
    "wired from",
    "银行账号",
    "银行账户",
)


class UsBankNumberRecogniser(Labelled):
    """Finds the digits under a label of a bank account."""

    ENTITIES = ("US_BANK_NUMBER", "UK_BANK_NUMBER")
    NAMED = ("US_BANK_NUMBER",)
    CONTEXT: ClassVar = {
        "US_BANK_NUMBER": _ACCOUNT,
        "UK_BANK_NUMBER": ("sort code", "sort-code", "sortcode"),
    }
    TOPICS = ("US_BANK_NUMBER",)
    PATTERN = Pattern("[0-9]{6,17}|[0-9]{2,6}(?:[ -][0-9]{2,8}){1,4}")
    FORM = "digits under a label"

    def takes(self, text: str) -> bool:
        """Say whether the digits are as many as accounts have, and no date."""
        count = sum(map(str.isdigit, text))
        return 6 <= count <= 17 and not _is_date(text) and not (count < 8 and len(text) > count)


class AbaRoutingRecogniser(Labelled):
    """Finds routing numbers: check digit and label."""

    ENTITIES = ("ABA_ROUTING_NUMBER",)
    SHAPES = ("(?:^|[^0])0{9}(?:[^0]|$)", "(?:^|[^0])0{4}-0{4}-0(?:[^0]|$)")
    CONTEXT: ClassVar = {
        "ABA_ROUTING_NUMBER": (
            "routing number",
            "routing no",
            "routing #",
            "routing",
            "routing code",
            "routing transit",
            "transit number",
            "bank routing",
            "aba",
            "aba number",
            "aba no",
            "rtn",
            "ach",
            "wire",
            "路由号",
            "路由号码",
            "汇款路径",
        )
    }
    TOPICS = ("ABA_ROUTING_NUMBER",)
    PATTERN = Pattern("[0-9]{9}|[0-9]{4}-[0-9]{4}-[0-9]")
    FORM = "nine digits"
    CHECKED_ALONE = WEAK

    def takes(self, text: str) -> bool:
        """Say whether the first two digits are of a Federal Reserve district or its kin."""
        first = int(text[:2])
        return 1 <= first <= 12 or 21 <= first <= 32 or 61 <= first <= 72 or first == 80

    def check(self, text: str) -> bool | None:
        """Say whether the last digit is the check."""
        return has_aba_check(text.replace("-", ""))


class UkSortCodeRecogniser(Labelled):
    """Finds sort codes under their label, and the eight digits of the account that follow one."""

    ENTITIES = ("UK_SORT_CODE", "UK_BANK_NUMBER")
    SHAPES = ("(?:^|[^0])00-00-00(?:[ /]{1,3}0{8}(?:[^0]|$)|$)",)
    NAMED = ("UK_SORT_CODE",)
    CONTEXT: ClassVar = {"UK_SORT_CODE": ("sort code", "sort-code", "sortcode", "sort codes")}
    TOPICS = ("UK_SORT_CODE",)
    PATTERN = Pattern("[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{2} [0-9]{2} [0-9]{2}|[0-9]{8}|[0-9]{6}")
    FORM = "three pairs of digits"
    REACH = 56
    _BOTH = Pattern("[0-9]{2}-[0-9]{2}-[0-9]{2}[ ,/]{1,3}[0-9]{8}")

    def find(self, view: View) -> Iterator[Finding]:
        """Yield what a label names, and a sort code with an account right behind it."""
        yield from super().find(view)
        for both in self._BOTH.standing_alone(view.ascii):
            why = "a sort code and an account side by side"
            code, account = both.start + len("00-00-00"), both.end - len("00000000")
            yield Finding(both.start, code, "UK_SORT_CODE", POSSIBLE, self.FORM, why)
            yield Finding(account, both.end, "UK_BANK_NUMBER", POSSIBLE, "eight digits", why)

    def entity(self, text: str, label: Label | None) -> str:  # noqa: ARG002
        """Return which of the two it is, by its length."""
        return "UK_BANK_NUMBER" if len(text) == 8 and text.isdigit() else "UK_SORT_CODE"


def _is_date(text: str) -> bool:
    """Say whether it is written year, month, day."""
    parts = text.split("-")
    years = ("19", "20")
    if len(parts) == 3:
        first, _, last = parts
        return (len(first) == 4 and first[:2] in years) or (len(last) == 4 and last[:2] in years)
    return len(text) == 8 and text[:2] in years and text[4:6] <= "12" and text[6:] <= "31"
