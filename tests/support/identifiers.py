"""Hypothesis strategies for valid identifiers, with check digits computed apart from the code.

The resident number's weights and check characters are the table of GB 11643-1999; Luhn is the
textbook doubling of every second digit (ISO/IEC 7812-1).
"""

import datetime

from hypothesis import strategies as st

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def digits(least: int, most: int | None = None) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=least, max_size=least if most is None else most)


def with_resident_check(body: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECKS[total % 11]


def with_luhn_check(body: str) -> str:
    for check in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(body + check)):
            value = int(digit) * (2 if place % 2 else 1)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return body + check
    raise AssertionError("one of ten digits is the check digit")


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(("110105", "310104", "440524", "510104", "659001", "810000")))
    birth = draw(st.dates(datetime.date(1900, 1, 1), datetime.date(2026, 1, 1)))
    number = with_resident_check(f"{region}{birth:%Y%m%d}{draw(digits(3))}")
    return draw(st.sampled_from((number, number.lower())))


@st.composite
def mobile_numbers(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(("", "+86", "0086", "86", "+86 ", "+86-", "(+86)")))
    gap = draw(st.sampled_from(("", " ", "-")))
    # Ranges that are in use: others have the form only.
    head = draw(st.sampled_from(("130", "138", "150", "159", "166", "178", "186", "191", "199")))
    return prefix + gap.join((head, draw(digits(4)), draw(digits(4))))


_ISSUERS = (("62", (16, 17, 18, 19)), ("4", (16,)), ("51", (16,)), ("37", (15,)), ("9558", (19,)))
"""How cards begin, and how long those are."""


@st.composite
def bank_cards(draw: st.DrawFn) -> str:
    issuer, lengths = draw(st.sampled_from(_ISSUERS))
    length = draw(st.sampled_from(lengths))
    number = with_luhn_check(issuer + draw(digits(length - 1 - len(issuer))))
    gap = draw(st.sampled_from(("", " ", "-")))
    return gap.join(number[at : at + 4] for at in range(0, length, 4))
