"""A street's line by itself, without a town: a number, a name and a word for a street.

Owns what must speak for it: a sure word (Street, Ave), a unit, or a label near. Refuses what a
number and a capital make by chance: a year before a name, words that go on (a 5 Star Road trip).
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.recognisers.places.en_labels import labelled, without_stop
from gateway.detection.recognisers.places.en_parts import (
    CITY,
    GAP,
    NUMBER,
    STATE_NAME,
    STREET,
    SURE_STREET,
    UNIT,
    US_STATE,
    WORD,
    one_of,
)
from gateway.detection.text.view import View

_NAME = rf"(?:{WORD} ){{0,3}}{WORD}"
_DIRECTION = r"(?: (?:NE|NW|SE|SW|N|S|E|W|North|South|East|West)\b\.?)?"
_STREET = Pattern(
    rf"\b(?:{UNIT}{GAP}){{0,3}}{NUMBER},? (?:{_NAME} {STREET}\b\.?{_DIRECTION}|Broadway\b|"
    r"Avenue [A-Z]\b|"
    r"(?:[A-Z][a-z]+ )?(?:Highway|Hwy|Route|County Road|Interstate) [0-9]{1,4}[A-Z]?\b|"
    rf"(?:[Rr]ue|[Cc]hemin) {_NAME}\b|Avenue of the {WORD}\b)(?:{GAP}{UNIT}){{0,2}}"
)
_ANY_CASE = Pattern(
    rf"\b(?:(?:flat|apt|unit|suite|room) ?[0-9][a-z0-9]{{0,3}},? )?"
    rf"[0-9]{{1,6}}[a-z]? (?:[a-z0-9.'-]{{1,20}} ){{1,3}}{SURE_STREET}\b"
    rf"(?:,? (?:apt|unit|suite|ste|#)\.? ?[a-z0-9]{{1,5}}\b)?"
    rf"(?:,? [a-z]+(?: [a-z]+){{0,2}},? (?:[a-z]{{2}},? [0-9]{{5}}\b|{STATE_NAME}\b)"
    rf"|, {CITY}\b)?",
    ignore_case=True,
)
_ON = r" (?:on|and|since|last|by|before|until|for|from|is|was|with)\b"
_TOWN_BEHIND = re.compile(
    rf"(?:,[ ]{{1,2}}(?:{WORD} ){{0,2}}{WORD}(?: [0-9]{{1,2}})?(?=[.,;)\"\n]|\Z|{_ON})){{1,2}}"
)
_STATE_LAST = re.compile(rf"[, ]{US_STATE}\.?\Z")
_TOWN_REACH = 60
_MAY_GO_ON = one_of(
    "in on at to and by is was for with near from twice last since before until where who but or "
    "as when has every yesterday today now this that which then again while because if so after "
    "between next will please thanks thx asap now pls plz"
)
_GOES_ON = re.compile(rf" (?!{_MAY_GO_ON}\b)[a-z]")
_SURE = re.compile(rf"\b{SURE_STREET}\b")
_HAS_UNIT = re.compile(UNIT)
_CODED = re.compile(
    rf"[0-9]{{5}}$|\b(?:{STATE_NAME}|{CITY})$|\b(?:apt|unit|suite|ste|#)\.? ?\w+$", re.IGNORECASE
)
_NO_STREET = re.compile(
    one_of(
        "the a an to in on at by for from with and or is was are were this that his her my our "
        "your their down up off per each one two more than miles km hours days years people of"
    )
)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\s")
_BEFORE_A_YEAR = re.compile(
    r"\b(?:(?i:in|since|by|of|during|until|from|year)|[A-Z][a-z]{2,8}),? ?\Z"
)
_BESIDE = 12


def streets(view: View) -> Iterator[Finding]:
    """Yield the streets' lines in ``view``, those that may be by chance with a low score."""
    for match in _STREET.matches(view.ascii):
        yield _street(view, match)
    for match in _ANY_CASE.matches(view.ascii):
        words = match.text.lower().replace(",", " ").split()
        if not any(_NO_STREET.fullmatch(word) for word in words[1:4]):
            yield _in_any_case(view, match)


def _street(view: View, match: Match) -> Finding:
    text, start, end = view.ascii, match.start, match.end
    score, why = _weighed(view, match)
    behind = _TOWN_BEHIND.match(text[end : end + _TOWN_REACH].decode("ascii"))
    if score == WEAK and _is_whole(text, match, behind):
        score, why = POSSIBLE, "a number and a street's name, and a state or nothing else"
    end = without_stop(text, end + behind.end() if behind else end)
    return Finding(start, end, "ADDRESS", score, "street", why)


def _is_whole(text: bytes, match: Match, behind: re.Match[str] | None) -> bool:
    """Say whether a state stands behind the town, or the street fills a cell of a table."""
    if behind is not None and _STATE_LAST.search(behind.group()):
        return True
    if (
        behind is not None
        and "," in behind.group()[1:]
        and text[match.end + behind.end() :].strip() == b""
    ):
        return True
    before, after = text[match.start - 1 : match.start], text[match.end : match.end + 1]
    return match.start > 0 and before == after and before in (b'"', b"\t", b"|")


def _weighed(view: View, match: Match) -> tuple[float, str]:
    near = labelled(view, match.start)
    sure = _SURE.search(match.text) is not None
    unit = _HAS_UNIT.search(match.text) is not None
    if not (unit or near) and _is_by_chance(view.ascii, match):
        return WEAK, "a number before words that are more than a street's name"
    if sum((near, sure, unit)) > 1:
        return LIKELY, "a number and a street, near a word for an address or with a unit"
    if sure or near or unit:
        return POSSIBLE, "a number and a street"
    return WEAK, "a number, a name and a word that may be a street's"


def _is_by_chance(text: bytes, match: Match) -> bool:
    before = text[max(0, match.start - _BESIDE) : match.start].decode("ascii")
    year = _YEAR.match(match.text) is not None and _BEFORE_A_YEAR.search(before) is not None
    behind = text[match.end : match.end + _BESIDE].decode("ascii")
    return year or _GOES_ON.match(behind) is not None


def _in_any_case(view: View, match: Match) -> Finding:
    sure = labelled(view, match.start) or match.text.isupper()
    score = LIKELY if _CODED.search(match.text) else POSSIBLE if sure else WEAK
    name, why = "street in any case", "a number and a street"
    return Finding(match.start, match.end, "ADDRESS", score, name, why)
