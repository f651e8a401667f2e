"""COORDINATES: a place on earth in decimal degrees or in degrees, minutes and seconds.

Sources: ISO 6709 (writing, ranges of 90 and 180 degrees). A pair without letters or label needs
five places, because models and tables are full of pairs of decimals. Refuses a row of three and
more.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international.labelled import reason
from gateway.detection.recognisers.international.labels import label_of
from gateway.detection.recognisers.international.neighbours import (
    digit_before,
    digit_behind,
    glued_before,
    glued_behind,
)
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_TOPIC = "COORDINATES"
_DECIMAL = r"[+-]?[0-9]{1,3}\.[0-9]{2,15}"
_PAIR = rf"{_DECIMAL} ?[,;/ ] ?{_DECIMAL}"
# Signs of degrees, minutes and seconds are beyond ASCII, mostly: "?" there.
_MARKED = r"[0-9]{1,3}\.[0-9]{1,15} ?\??"
_SEXAGESIMAL = (
    r"[0-9]{1,3} ?(?:\?|deg) ?[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:\?|')"
    r"(?: ?[0-9]{1,2}(?:\.[0-9]{1,6})? ?(?:\?|''|\"){1,2})?"
)
_BEHIND = rf"(?:{_MARKED}|{_SEXAGESIMAL}) ?[NSns][ ,;/]{{0,3}}(?:{_MARKED}|{_SEXAGESIMAL}) ?[EWew]"
_BEFORE = rf"[NS] ?(?:{_MARKED}|{_SEXAGESIMAL})[ ,;/]{{1,3}}[EW] ?(?:{_MARKED}|{_SEXAGESIMAL})"
_ONE = (
    r"(?:东经|西经|北纬|南纬|東經|西經|北緯|南緯)[ :：]{0,2}[0-9]{1,3}(?:\.[0-9]{1,15})?[ °度]{0,2}"
    r"(?:[0-9]{1,2}(?:\.[0-9]{1,6})?[ ′'分]{0,2})?(?:[0-9]{1,2}(?:\.[0-9]{1,6})?[ ″\"秒]{0,2})?"
)
_CHINESE = re.compile(rf"{_ONE}(?:[,，、;；/ ]{{0,2}}{_ONE})?")
_CHINESE_WORD = re.compile("[东西東]经|[东西東]經|[北南][纬緯]")
_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,15})?")


_ONE_OF_TWO = frozenset({"la", "ln", "lo", "经度", "纬度", "經度", "緯度"})


class CoordinatesRecogniser(Recogniser):
    """Finds pairs of coordinates, and single ones under a label."""

    ENTITIES = (_TOPIC,)
    SHAPES = (r"0\.0",)
    SIGNS = ("°", "º", "˚", "度", "deg", "东经", "西经", "東經", "西經", "经度", "經度", "纬", "緯")
    GATES = (
        rf"{_DECIMAL[5:]} ?[,;/ ] ?{_DECIMAL}",
        rf"(?:{_MARKED}|{_SEXAGESIMAL}) ?[NSns][ ,;/]{{0,3}}[0-9]",
        r"[NS] ?[0-9]{1,3}[.?][^A-Za-z]{1,24}[EW] ?[0-9]",
        r"\?\?[ :?]{0,2}[0-9]{1,3}(?:\.[0-9]{2,15}|\?[0-9]{1,2}\?)",
        r"(?i)(?:lat|lon|lng|long)(?:itude)?",
    )
    CONTEXT: ClassVar = {
        _TOPIC: (
            "gps",
            "coordinates",
            "coordinate",
            "coords",
            "location",
            "lat",
            "latitude",
            "lng",
            "lon",
            "long",
            "longitude",
            "lat/lng",
            "经纬度",
            "经度",
            "纬度",
            "坐标",
            "定位",
            "經緯度",
            "經度",
            "緯度",
            "座標",
        )
    }
    _PAIR = Pattern(_PAIR)
    _LETTERED = Pattern(f"{_BEHIND}|{_BEFORE}")
    _SINGLE = Pattern(r"[+-]?[0-9]{1,3}\.[0-9]{3,15}")

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the places."""
        for match in self._LETTERED.matches(view.ascii):
            if not digit_before(view.ascii, match.start) and _in_range(match.text):
                yield _finding(match, LIKELY, "with letters of the compass")
        if not view.text.isascii():
            for chinese in _CHINESE.finditer(view.text):
                start, end = chinese.span()
                yield Finding(start, end, _TOPIC, LIKELY, "in Chinese", "form fits")
        for match in self._PAIR.matches(view.ascii):
            if score := _pair_score(view, match):
                yield _finding(match, score, "pair of decimals")
        if view.context.all(_TOPIC):
            yield from self._labelled(view)

    def _labelled(self, view: View) -> Iterator[Finding]:
        for match in self._SINGLE.matches(view.ascii):
            label = label_of(view, (_TOPIC,), match.start, match.end, 8)
            if label and label.word[:2] in _ONE_OF_TWO and _is_degrees(view.ascii, match):
                why = reason(None, label)
                yield Finding(match.start, match.end, _TOPIC, LIKELY, "one decimal", why)


def _is_degrees(text: bytes, match: Match) -> bool:
    return _free(text, match) and abs(float(match.text)) <= 180


def _finding(match: Match, score: float, form: str) -> Finding:
    return Finding(match.start, match.end, _TOPIC, score, form, "within the range")


def _free(text: bytes, match: Match) -> bool:
    return not (
        digit_before(text, match.start)
        or digit_behind(text, match.end)
        or glued_before(text, match.start)
        or glued_behind(text, match.end)
    )


def _pair_score(view: View, match: Match) -> float:
    first, second = _NUMBER.findall(match.text)[:2]
    if not _free(view.ascii, match) or max(float(first), float(second)) > 180:
        return 0.0
    if min(float(first), float(second)) > 90 or _in_a_list(view.ascii, match):
        return 0.0
    places = min(len(one.partition(".")[2]) for one in (first, second))
    if label_of(view, (_TOPIC,), match.start, match.end) and places >= 3:
        return LIKELY
    if not any(sign in match.text for sign in ",;") or places < 4:
        return 0.0
    whole = max(float(first), float(second)) >= 10
    return POSSIBLE if whole and places >= 4 else WEAK


def _in_a_list(text: bytes, match: Match) -> bool:
    before = text[max(0, match.start - 2) : match.start].strip()
    behind = text[match.end : match.end + 3].lstrip(b" ,;\t")
    separated = text[match.end : match.end + 1] in b",; \t"
    return before[-1:] in (b",", b";") or (separated and behind.lstrip(b"-")[:1].isdigit())


def _in_range(text: str) -> bool:
    numbers = [float(one) for one in _NUMBER.findall(text)]
    return bool(numbers) and max(numbers) <= 180
