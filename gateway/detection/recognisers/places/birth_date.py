"""Dates of birth in Chinese and English: a date, and a word near that says it is one's birth.

Owns the forms of a date and the words. Refuses a date by itself, and a day no calendar has; a lone
year counts where the word stands directly beside it.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, Finding, Recogniser
from gateway.detection.recognisers.columns import heading
from gateway.detection.recognisers.places.dates import DATE, is_date
from gateway.detection.text.view import View, ViewKind

_TOPIC = "DATE_OF_BIRTH"
_WORDS = (
    *(
        "出生日期",
        "出生年月",
        "出生时间",
        "出生",
        "生日",
        "生于",
        "年生",
        "月生",
        "日生",
        "号生",
        "诞辰",
    ),
    *("date of birth", "birth date", "birthdate", "birthday", "birth", "dob", "d.o.b", "born"),
    *("出生於", "b-day", "bday", "生辰"),
)
_BEFORE = re.compile(
    r"(?:出生(?:日期|年月日?|时间)?|生(?:日|辰)|(?<![发产衍滋派新])生于|诞辰"
    r"|date of birth|birth ?date"
    r"|birthday|birth|b-?day|d\.?o\.?b|\bborn)\.?"
    r"[ \t]{0,3}(?:[(（\[][^()（）\n\d]{1,14}[)）\]])?[ \t]{0,3}"
    r"(?:[-=:：,，|]|[?？][ \t]{0,2}\n?(?:[A-Z][a-z]{0,11}|答|回答|客户|用户)?[ \t]?[:：]?"
    r"|[^\d一二三四五六七八九十〇零，,、。；;\n]{0,8}"
    r"|(?: in [a-z ]{2,24},?)? on(?: the)?)[ \t\n]{0,4}\Z",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r" ?(?:前?后?出?生(?![产效活意长命成态育效物源动死前])|\(?(?:born|生日|d\.?o\.?b))",
    re.IGNORECASE,
)
_SPAN = 48


_HEADING = re.compile(r"出生|生日|birth|\bd\.?o\.?b\b", re.IGNORECASE)


def _in_column(view: View, start: int) -> bool:
    cell = heading(view, start)
    return cell is not None and _HEADING.search(view.text, *cell) is not None


class BirthDates(Recogniser):
    """DATE_OF_BIRTH."""

    ENTITIES = ("DATE_OF_BIRTH",)
    NAMED = (_TOPIC,)
    NEEDS_DIGITS = False
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {_TOPIC: _WORDS}
    VIEWS = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the dates that a word makes dates of birth; nothing where there is no such word."""
        if not view.context.all(_TOPIC):
            return
        text = view.text
        for match in DATE.finditer(text):
            start, end = match.span()
            before = text[max(0, start - _SPAN) : start]
            said = _BEFORE.search(before) or _BEHIND.match(text, end) or _in_column(view, start)
            if said and is_date(match):
                form = match.lastgroup or ""
                score = POSSIBLE if form == "year" else LIKELY
                yield Finding(start, end, "DATE_OF_BIRTH", score, form, "beside a word for birth")
