"""Dates of the subject, in the orders and words in which both languages write them.

Refuses what is no calendar date: such a value is searched for as it stands, and no further.
"""

import datetime
import re
from collections.abc import Iterator

from gateway.detection.subject_values.form import PART, WHOLE, Form, compact

_NUMERIC = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})\D?", re.ASCII)
_MONTHS = "january february march april may june july august september october november december"
_HAN_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_TEN = 10


def parse_date(value: str) -> datetime.date | None:
    """Return the date that ``value`` is in year-month-day order, or None."""
    match = _NUMERIC.fullmatch(value.strip())
    if match is None:
        return None
    try:
        return datetime.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None


def date_forms(value: str) -> Iterator[Form]:
    """Yield the forms of a date; nothing for what is none."""
    date = parse_date(value)
    if date is None:
        return
    year, month, day = date.year, date.month, date.day
    wide, short = f"{month:02}", f"{day:02}"
    name = _MONTHS.split()[month - 1]
    yield Form(f"{year}{wide}{short}", WHOLE, alone=True, what="date")
    # Written with a point or a dash between, "1990.3.7" has no leading zeros.
    yield Form(f"{year}{month}{day}", WHOLE, alone=True, what="date")
    for text in (f"{year}年{month}月{day}", f"{year}年{wide}月{short}"):
        yield Form(f"{text}日", WHOLE, what="date")
        yield Form(text, WHOLE, alone=True, what="date")
    yield Form(f"{year % 100:02}年{month}月{day}日", PART, alone=True, what="date")
    han = f"{str(year).translate(_HAN_DIGITS)}年{_han(month)}月{_han(day)}"
    yield Form(f"{han}日", WHOLE, what="date")
    yield Form(han, WHOLE, what="date")
    for text in (f"{wide}{short}{year}", f"{short}{wide}{year}", f"{month}{day}{year}"):
        yield Form(text, WHOLE, alone=True, what="date")
    for word in {name, name[:3]}:
        for text in (f"{word}{day}{year}", f"{day}{word}{year}", f"{word}{day}th{year}"):
            yield Form(compact(text), WHOLE, alone=True, what="date")


def _han(number: int) -> str:
    digits = "零一二三四五六七八九十"
    if number <= _TEN:
        return digits[number]
    tens, ones = divmod(number, _TEN)
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
