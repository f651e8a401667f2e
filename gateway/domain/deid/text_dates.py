"""Dates as people write them in free text: read to a day, and written back in the same form.

Owns the forms: 1990-03-15 (also with / and .), 19900315, 1990年3月15日, 03/15/1990 (the American
order), March 15, 1990 and 15 March 1990. Refuses what names no day of the calendar, and two-digit
years: what is guessed at wrongly would move by the wrong number of days.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from gateway.domain.deid.errors import Unparsable

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LONGEST = 40
# Each is tried on at most 40 characters, and no two parts beside each other take the same ones.
_YEAR_FIRST = re.compile(
    r"(\d{4})( ?[-/.年] ?)(\d{1,2})( ?[-/.月] ?)(\d{1,2})( ?[日号])?", re.ASCII
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_AMERICAN = re.compile(r"(\d{1,2})([-/])(\d{1,2})\2(\d{4})", re.ASCII)
_MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})(\.?) (\d{1,2})(,? )(\d{4})", re.ASCII)
_DAY_NAMED = re.compile(r"(\d{1,2}) ([A-Za-z]{3,9})(\.?,? )(\d{4})", re.ASCII)


class ReadDate(NamedTuple):
    """A day, and the function that writes another day in the form that this one had."""

    day: date
    write: Callable[[date], str]


def read_date(text: str) -> ReadDate:
    """Return the day that ``text`` names; raise ``Unparsable`` if it names none."""
    plain = unicodedata.normalize("NFKC", text[: _LONGEST + 1]).strip()
    if len(text) <= _LONGEST:
        for read in (_year_first, _compact, _american, _month_named, _day_named):
            found = read(plain)
            if found is not None:
                return found
    raise Unparsable("is no date that can be read")


def _day(year: str, month: int, day: str) -> date:
    try:
        return date(int(year), month, int(day))
    except ValueError:
        # The cause is dropped because its text repeats the value.
        raise Unparsable("is no day of the calendar") from None


def _year_first(text: str) -> ReadDate | None:
    found = _YEAR_FIRST.fullmatch(text)
    if found is None:
        return None
    year, first, month, second, day, end = found.groups("")
    wide = 2 if len(month) == 2 and len(day) == 2 else 1
    return ReadDate(
        _day(year, int(month), day),
        lambda to: f"{to.year:04}{first}{to.month:0{wide}}{second}{to.day:0{wide}}{end}",
    )


def _compact(text: str) -> ReadDate | None:
    found = _COMPACT.fullmatch(text)
    if found is None:
        return None
    return ReadDate(
        _day(found[1], int(found[2]), found[3]),
        lambda to: f"{to.year:04}{to.month:02}{to.day:02}",
    )


def _american(text: str) -> ReadDate | None:
    found = _AMERICAN.fullmatch(text)
    if found is None:
        return None
    month, dash, day, year = found.groups()
    wide = 2 if len(month) == 2 and len(day) == 2 else 1
    return ReadDate(
        _day(year, int(month), day),
        lambda to: f"{to.month:0{wide}}{dash}{to.day:0{wide}}{dash}{to.year:04}",
    )


def _month_named(text: str) -> ReadDate | None:
    found = _MONTH_NAMED.fullmatch(text)
    if found is None:
        return None
    name, dot, day, comma, year = found.groups()
    return ReadDate(
        _day(year, _month(name), day),
        lambda to: f"{_named(to, name)}{dot} {to.day}{comma}{to.year:04}",
    )


def _day_named(text: str) -> ReadDate | None:
    found = _DAY_NAMED.fullmatch(text)
    if found is None:
        return None
    day, name, gap, year = found.groups()
    return ReadDate(
        _day(year, _month(name), day),
        lambda to: f"{to.day} {_named(to, name)}{gap}{to.year:04}",
    )


def _month(name: str) -> int:
    low = name.lower()
    for number, month in enumerate(_MONTHS, 1):
        if low in (month, month[:3], month[:4]):
            return number
    raise Unparsable("is no date that can be read")


def _named(day: date, like: str) -> str:
    name = _MONTHS[day.month - 1].capitalize()
    # May is short and long at once.
    return name if len(like) > 4 or like.lower() in _MONTHS else name[:3]
