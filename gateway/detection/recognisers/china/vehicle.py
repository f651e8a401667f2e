"""CN_VEHICLE_PLATE and CN_VIN: what names a vehicle, and so its owner.

Owns the forms of GA 36 (ordinary, new energy, learner's, police, Hong Kong and Macau, trailer,
consular), those of the armed police and the army, and the vehicle number of GB 16735 with its
check character. Refuses province signs that end an ordinary word ("最新A12345") unless a word
names a plate.
"""

import re
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
from gateway.detection.recognisers.check_digits import has_vin_check
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, Labels
from gateway.detection.recognisers.china.neighbours import stands_alone
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_PLATE, _VIN = "CN_VEHICLE_PLATE", "CN_VIN"
_PROVINCES = (
    "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼雲魯蘇贛閩貴粵寧陝鄂"
)
_SIGN = "[0-9A-HJ-NP-Za-hj-np-z]"
# No part can be read in two ways, and none is longer than six: there is nothing to go back to.
_PLATES = re.compile(
    rf"([{_PROVINCES}]) ?[A-Za-z][·•・‧.\- ]{{0,2}}"
    rf"({_SIGN}{{4}}[学警港澳挂领试超]|{_SIGN}{{5,6}})"
    rf"|WJ[·•・ ]?[{_PROVINCES}]?[·•・ ]?([0-9]{{4}}[0-9A-Z])"
    r"|([使领][0-9]{6}|[0-9]{6}[使领])"
)
_ARMY = Pattern(r"[VKHBSLJNGCDEFZ][A-Z][ -]?[0-9]{5}")
# Digits, then a letter that is there: digits only are no candidate.
_VINS = Pattern(r"[0-9]{0,16}[A-HJ-NPR-Za-hj-npr-z][A-HJ-NPR-Za-hj-npr-z0-9]{4,16}")
_MAY_BE_VIN = Pattern(r"[A-HJ-NPR-Za-hj-npr-z0-9]{13}[0-9]{4}")
_SIX = re.compile(r"[A-K][0-9A-Z][0-9]{4}|[0-9]{5}[A-K]")
_LEAST_DIGITS = 3
# Seventeen signs with a letter among the first thirteen.
_VIN_SHAPE = "|".join(f"[0Aa]{{{at}}}[Aa][0Aa]{{{12 - at}}}0{{4}}" for at in range(13))
# The character before a province sign makes it an ordinary word.
_ORDINARY = frozenset(words.WITH_PROVINCE_SIGN)


class CnVehicleRecogniser(Recogniser):
    """Finds plates and vehicle numbers."""

    ENTITIES = (_PLATE, _VIN)
    SHAPES = ("(?:^|[^0Aa])[0Aa]{4,7}(?:[^0Aa]|$)", _VIN_SHAPE)
    GATES = (
        r"\? ?[A-Za-z][?. -]{0,2}[0-9A-HJ-NP-Za-hj-np-z]{4}",
        r"WJ[? ]{0,3}[0-9]{4}",
        r"\?[0-9]{6}(?:[^0-9]|$)|(?:^|[^0-9])[0-9]{6}\?",
        r"[A-Z][A-Z][ -]?[0-9]{5}",
        r"[A-HJ-NPR-Za-hj-npr-z][A-HJ-NPR-Za-hj-npr-z0-9]{0,12}[0-9]{4}",
    )
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _PLATE: words.PLATE,
        _VIN: words.VIN,
        OTHER: words.OTHER,
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield plates, then vehicle numbers."""
        labels = Labels(view, _PLATE, 12, 4)
        for match in () if _has_no_plate(view.text) else _PLATES.finditer(view.text):
            score = _plate_score(view, match, labels)
            if score:
                yield _finding(*match.span(), _PLATE, score, "plate", labels.of(*match.span()))
        if not labels.none:
            yield from _army(view, labels)
        if _MAY_BE_VIN.occurs(view.ascii):
            yield from _vins(view)


def _has_no_plate(text: str) -> bool:
    """Say whether a text has neither a province sign nor the letters of the armed police."""
    return text.isascii() and "WJ" not in text


def _plate_score(view: View, match: re.Match[str], labels: Labels) -> float:
    near = labels.of(*match.span())
    found = Match(match.start(), match.end(), match[0])
    if not stands_alone(view, found, labels, near):
        return 0.0
    if match[4]:
        return LIKELY if near else 0.0
    if match[3]:
        return LIKELY
    rest = match[2].upper()
    digits = sum(sign.isdigit() for sign in rest)
    if digits < _LEAST_DIGITS or (len(rest) == 6 and not _SIX.fullmatch(rest)):
        return 0.0
    before = view.text[match.start() - 1 : match.start() + 1] if match.start() else ""
    if not near and (before in _ORDINARY or match[0][1:].islower()):
        return WEAK
    return LIKELY


def _army(view: View, labels: Labels) -> Iterator[Finding]:
    for match in _ARMY.standing_alone(view.ascii):
        near = labels.of(match.start, match.end)
        if near and (not match.start or view.text[match.start - 1] not in _PROVINCES):
            yield _finding(match.start, match.end, _PLATE, POSSIBLE, "army plate", near)


def _vins(view: View) -> Iterator[Finding]:
    labels = Labels(view, _VIN, 12, 4)
    for match in _VINS.matches(view.ascii):
        number = match.text.upper()
        if len(number) != 17 or not number[-4:].isdigit():
            continue
        near = labels.of(match.start, match.end)
        if not stands_alone(view, match, labels, near):
            continue
        checked = has_vin_check(number)
        if near:
            score = PROVED if checked else POSSIBLE
        else:
            # Vehicles of China are numbered under L; one token in eleven passes the check.
            score = LIKELY if checked and match.text[0] == "L" else WEAK
        yield _finding(match.start, match.end, _VIN, score, "17 characters", near, checked)


def _finding(
    start: int,
    end: int,
    entity: str,
    score: float,
    pattern: str,
    near: str | None,
    checked: bool | None = None,
) -> Finding:
    why = "form fits" if checked is None else f"check character {'holds' if checked else 'fails'}"
    return Finding(
        start, end, entity, score, pattern, f"{why}; near {near}" if near else why, checked
    )
