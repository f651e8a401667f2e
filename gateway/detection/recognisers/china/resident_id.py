"""CN_RESIDENT_ID and CN_FOREIGN_RESIDENT_ID: identity numbers of those who live in China.

Owns the 18 characters of GB 11643-1999 (residents, and residence permits of Hong Kong, Macau and
Taiwan under 81 to 83), the 15 digits of before 1999, and the two forms of the permanent residence
card of foreigners. A number with a wrong check character is still reported, with a low score
unless a word names it: a typing error in an identity number identifies. Refuses digits without a
possible date, unless a word names them.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import (
    LIKELY,
    POSSIBLE,
    PROVED,
    WEAK,
    Finding,
    Recogniser,
)
from gateway.detection.recognisers.check_digits import has_mod_11_2_check
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, Labels
from gateway.detection.recognisers.china.numbers import RESIDENT_SHAPES, Number, numbers
from gateway.detection.recognisers.china.regions import (
    PROVINCES,
    is_birth_date,
    is_region,
    is_short_birth_date,
)
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.text.view import View

_RESIDENT, _FOREIGN = "CN_RESIDENT_ID", "CN_FOREIGN_RESIDENT_ID"
_SHAPES = frozenset(RESIDENT_SHAPES)
_LETTERED = Pattern(r"[A-Z]{3}[ -]?[0-9]{12}")
# Characters between the word and the number.
_NEAR = 20


class CnResidentIdRecogniser(Recogniser):
    """Finds resident identity numbers, whole or in groups, also beside Chinese characters."""

    ENTITIES = (_RESIDENT, _FOREIGN)
    SHAPES = (
        "0(?:[ )-]{0,3}0){13}",
        "A{3}[ -]?0{12}|(?:^|[^0Aa])0{12}",
    )
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _RESIDENT: words.RESIDENT,
        _FOREIGN: words.FOREIGN_RESIDENT,
        OTHER: words.OTHER,
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield resident numbers of 18 and of 15 characters, then those with letters."""
        by_size = numbers(view)
        candidates = [
            one
            for size in (18, 15)
            for one in by_size.get(size, ())
            if len(one.shape) == 1 or one.shape in _SHAPES
        ]
        # The twelve digits behind the letters of the other form are a number by themselves.
        if not candidates and 12 not in by_size:
            return
        labels = Labels(view, _RESIDENT, _NEAR, 8)
        foreign = Labels(view, _FOREIGN, _NEAR, 8)
        for one in sorted(candidates):
            near = labels.of(one.start, one.end) or foreign.of(one.start, one.end)
            if one.glued and not labels.touches(one.start, one.end):
                continue
            yield from _long(one, near) if len(one.digits) == 18 else _old(one, near)
        if 12 in by_size:
            yield from _lettered(view, foreign)


def _long(one: Number, near: str | None) -> Iterator[Finding]:
    digits = one.digits
    if digits[0] == "9":
        entity, region = _FOREIGN, digits[1:3] in PROVINCES
    else:
        entity, region = _RESIDENT, is_region(digits[:6])
    date, checked = is_birth_date(digits[6:14]), has_mod_11_2_check(digits)
    if not date and not (near and region):
        return
    if region and date:
        score = PROVED if checked else POSSIBLE if near else WEAK
    elif date and checked:
        score = LIKELY if near else WEAK
    elif near:
        score = POSSIBLE
    else:
        return
    yield _finding(one, entity, score, checked, "18 characters", near)


def _old(one: Number, near: str | None) -> Iterator[Finding]:
    digits = one.digits
    if not digits.isdigit() or not is_region(digits[:6]) or not is_short_birth_date(digits[6:12]):
        return
    score = POSSIBLE if near else WEAK
    yield Finding(one.start, one.end, _RESIDENT, score, "15 digits", _why("date fits", near))


def _lettered(view: View, labels: Labels) -> Iterator[Finding]:
    for match in _LETTERED.standing_alone(view.ascii):
        digits = match.text[-12:]
        if digits[:2] not in PROVINCES or not _is_either_century(digits[4:10]):
            continue
        near = labels.of(match.start, match.end)
        score = LIKELY if near else POSSIBLE
        why = _why("province and date fit", near)
        yield Finding(match.start, match.end, _FOREIGN, score, "3 letters, 12 digits", why)


def _is_either_century(digits: str) -> bool:
    return is_short_birth_date(digits) or is_birth_date("20" + digits)


def _finding(
    one: Number, entity: str, score: float, checked: bool, pattern: str, near: str | None
) -> Finding:
    why = _why("check character holds" if checked else "check character fails", near)
    return Finding(one.start, one.end, entity, score, pattern, why, checked)


def _why(reason: str, near: str | None) -> str:
    return f"{reason}; near {near}" if near else reason
