"""CN_MOBILE_NUMBER: eleven digits of a range in use, whole or in groups, with or without +86.

Owns the ranges of the national numbering plan (MIIT, Telecommunications Network Numbering Plan,
2017 and later assignments). There is no check digit, so a number alone is possible and a word or a
country code makes it likely. Refuses eleven digits out of a longer number, ranges of machines
(13 digits), and numbers that a word calls an order or an amount.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, Labels, other_label
from gateway.detection.recognisers.china.numbers import (
    MOBILE_SHAPES,
    MOBILE_SHAPES_86,
    Number,
    numbers,
    shape_of,
)
from gateway.detection.text.view import View

_ENTITY = "CN_MOBILE_NUMBER"
_RANGES = frozenset(
    str(prefix)
    for block in (
        range(130, 140), (145, 146, 147, 148, 149), range(150, 154), range(155, 160),
        (162, 165, 166, 167), range(170, 179), range(180, 194), range(195, 200),
    )
    for prefix in block
)  # fmt: skip
_SHAPES = frozenset(MOBILE_SHAPES)
_SHAPES_86 = frozenset(MOBILE_SHAPES_86)
# Asked of the eight characters before a number only.
_COUNTRY = re.compile(r"(?:\((?:\+ ?|00)?86\)|(?:\+ ?|00)?86)[ -]{0,3}$")
_COUNTRY_REACH = 9


class CnMobileNumberRecogniser(Recogniser):
    """Finds mobile numbers of the mainland, also between Chinese characters."""

    ENTITIES = (_ENTITY,)
    SHAPES = (f"(?:^|[^0])(?:{shape_of(*MOBILE_SHAPES, *MOBILE_SHAPES_86, (11,), (13,), (15,))})",)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {_ENTITY: words.PHONE, OTHER: words.OTHER}

    def find(self, view: View) -> Iterator[Finding]:
        """Yield mobile numbers, country code included."""
        labels = Labels(view, _ENTITY, 16, 6)
        for one in _candidates(view):
            core = one.digits[-11:]
            if core[0] != "1" or core[1] not in "3456789":
                continue
            start = _with_country(view, one)
            near = labels.of(start, one.end)
            if one.glued and start == one.start and not labels.touches(start, one.end):
                continue
            yield _finding(view, one, start, near)


def _candidates(view: View) -> list[Number]:
    by_size = numbers(view)
    plain = [one for one in by_size.get(11, ()) if len(one.shape) == 1 or one.shape in _SHAPES]
    coded = [
        one
        for size, code in ((13, "86"), (15, "0086"))
        for one in by_size.get(size, ())
        if one.digits.startswith(code) and (len(one.shape) == 1 or one.shape in _SHAPES_86)
    ]
    return sorted(plain + coded) if coded else plain


def _with_country(view: View, one: Number) -> int:
    """Return where the number begins, its country code and what marks it included."""
    if len(one.digits) > 11:
        return one.start - 1 if view.text[one.start - 1 : one.start] == "+" else one.start
    begin = one.start
    if view.text[begin - 1 : begin] == "(" and view.text[begin + 3] == ")":
        begin -= 1
    before = view.text[max(0, begin - _COUNTRY_REACH) : begin]
    match = _COUNTRY.search(before) if "86" in before else None
    if match is None:
        return begin
    start = begin - len(match[0])
    return begin if start and view.text[start - 1].isdigit() else start


def _finding(view: View, one: Number, start: int, near: str | None) -> Finding:
    known = one.digits[-11:-8] in _RANGES
    coded = start < one.start or len(one.digits) > 11
    if near is None and not coded and other_label(view, start, one.end):
        score, why = WEAK, "named as another kind of number"
    elif known:
        score, why = (LIKELY if near or coded else POSSIBLE), "range in use"
    else:
        score, why = (POSSIBLE if near or coded else WEAK), "range not in use"
    why += "; country code" if coded else ""
    why += f"; near {near}" if near else ""
    pattern = "11 digits" if len(one.shape) == 1 else "11 digits in groups"
    return Finding(start, one.end, _ENTITY, score, pattern, why)
