"""CN_LANDLINE_NUMBER: area code and seven or eight digits, with an extension; local by context.

Owns the area codes in use and how people write such numbers. Refuses service numbers (400, 800,
95xxx and 12xxx identify a company, nobody else) and bare digits that no word names.
Source of the area codes: MIIT numbering plan, as the metadata of libphonenumber lists them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, RIVALS, Labels, other_label
from gateway.detection.recognisers.china.numbers import (
    LANDLINE_SHAPES,
    LANDLINE_SHAPES_86,
    LOCAL_SHAPES,
    Number,
    numbers,
)
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.recognisers.quantities import counts_something
from gateway.detection.text.view import View

_ENTITY = "CN_LANDLINE_NUMBER"
_TENS = {  # three digits after the trunk zero, by their first two
    "31": "0123456789", "33": "5", "34": "9", "35": "0123456789", "37": "0123456789",
    "39": "1234568", "41": "0123456789", "42": "1579", "43": "123456789", "44": "08",
    "45": "123456789", "46": "46789", "47": "0123456789", "48": "23", "51": "0123456789",
    "52": "37", "53": "0123456789", "54": "36", "55": "0123456789", "56": "123456",
    "57": "0123456789", "58": "0", "59": "123456789", "63": "12345", "66": "0238", "69": "12",
    "70": "1", "71": "0123456789", "72": "248", "73": "0123456789", "74": "3456",
    "75": "0123456789", "76": "0236789", "77": "0123456789", "79": "0123456789", "81": "23678",
    "82": "567", "83": "0123456789", "85": "1456789", "87": "0123456789", "88": "3678",
    "89": "12345678", "90": "123689", "91": "0123456789", "93": "0123456789", "94": "13",
    "95": "12345", "97": "012345679", "99": "0123456789",
}  # fmt: skip
_AREAS = frozenset(
    {"10", *(f"2{last}" for last in "0123456789"), "898", "899"}
    | {tens + last for tens, lasts in _TENS.items() for last in lasts}
)
_SHAPES = frozenset(LANDLINE_SHAPES)
_SHAPES_86 = frozenset(LANDLINE_SHAPES_86)
_LOCAL = frozenset(LOCAL_SHAPES)
# Both are asked of a dozen characters beside a number only.
_COUNTRY = re.compile(r"\(?(?:\+ ?|00)86\)?[ -]{0,3}\(?$")
_EXTENSION = re.compile(
    r" ?(?:转分机|轉分機|转|轉|分机号?|分機|内线|x|ext\.?|extension)[:： ]{0,2}[0-9]{1,6}(?![0-9])"
    r"|-[0-9]{1,5}(?![0-9-])",
    re.IGNORECASE,
)
# An area code with its trunk zero, or the country's code before it.
_BEGINS = Pattern("(?:^|[^0-9])0[1-9][0-9]|86")
_TAIL = re.compile(r"[0-9)] ?[-.)]? ?$")
_REACH = 16


class CnLandlineNumberRecogniser(Recogniser):
    """Finds fixed-line numbers of the mainland."""

    ENTITIES = (_ENTITY,)
    SHAPES = ("0(?:[ )-]{0,3}0){8}",)
    NAMED = (_ENTITY,)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _ENTITY: words.PHONE + words.LANDLINE,
        OTHER: words.OTHER,
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield numbers with an area code, then those that only a word makes one."""
        labelled = bool(view.context.all(_ENTITY))
        if not (labelled or _BEGINS.occurs(view.ascii)):
            return
        by_size = numbers(view)
        coded = b"86" in view.ascii
        candidates = [
            one for size in range(9, 13) for one in by_size.get(size, ()) if _fits(one, coded)
        ]
        if labelled:
            candidates += [one for size in (7, 8) for one in by_size.get(size, ())]
        if not candidates:
            return
        labels = Labels(view, _ENTITY, 16, 6, RIVALS)
        for one in sorted(candidates):
            size = len(one.digits)
            found = _local(view, one, labels) if size < 9 else _with_area(view, one, labels)
            if found is not None:
                yield found._replace(end=_extended(view, found.end))


def _with_area(view: View, one: Number, labels: Labels) -> Finding | None:
    start, coded = _begin(view, one)
    if not _fits(one, coded):
        return None
    near = labels.of(start, one.end)
    if one.glued and not coded and not labels.touches(start, one.end):
        return None
    score = LIKELY if near or coded or _is_written_as_one(view, one) else POSSIBLE
    if near is None and other_label(view, start, one.end):
        score = WEAK
    why = f"area code in use; near {near}" if near else "area code in use"
    return Finding(start, one.end, _ENTITY, score, "area code and number", why)


def _is_written_as_one(view: View, one: Number) -> bool:
    """Say whether the area code is set off, or an extension follows: nothing else looks so."""
    set_off = len(one.shape) == 2 or bool({0x2D, 0x29} & set(_gap(view, one)))
    return set_off or _extended(view, one.end) > one.end


def _fits(one: Number, coded: bool) -> bool:
    digits = one.digits
    if digits[0] == "0":
        digits = digits[1:]
        shaped = one.shape in _SHAPES
    else:
        shaped = coded and one.shape in _SHAPES_86
        if not coded:
            return False
    if len(one.shape) > 1 and not shaped:
        return False
    size = 2 if digits[0] in "12" else 3
    local = digits[size:]
    if digits[:size] not in _AREAS or local[:1] not in "2345678" or not local:
        return False
    return len(local) == 8 or (size == 3 and len(local) == 7)


def _begin(view: View, one: Number) -> tuple[int, bool]:
    """Return where the number begins, and whether a country code stands before it."""
    text = view.text
    match = _COUNTRY.search(text[max(0, one.start - 10) : one.start])
    if match is not None:
        return one.start - len(match[0]), True
    opened = one.start > 0 and text[one.start - 1] == "(" and b")" in _gap(view, one)
    return (one.start - 1 if opened else one.start), False


def _gap(view: View, one: Number) -> bytes:
    if len(one.shape) == 1:
        return b""
    begin = one.start + one.shape[0]
    return view.ascii[begin : begin + 2]


def _local(view: View, one: Number, labels: Labels) -> Finding | None:
    if one.digits[0] not in "2345678" or (len(one.shape) > 1 and one.shape not in _LOCAL):
        return None
    # The end of a longer number, such as one of America.
    if _TAIL.search(view.text[max(0, one.start - 4) : one.start]) or counts_something(
        view, one.end
    ):
        return None
    # "第2026131期": the number of an issue.
    if view.text[one.start - 1 : one.start] == "第":
        return None
    near = labels.of(one.start, one.end)
    if near is None or (one.glued and not labels.touches(one.start, one.end)):
        return None
    return Finding(one.start, one.end, _ENTITY, POSSIBLE, "local number", f"near {near}")


def _extended(view: View, end: int) -> int:
    match = _EXTENSION.match(view.text[end : end + _REACH])
    return end + match.end() if match else end
