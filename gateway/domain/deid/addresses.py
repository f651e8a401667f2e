"""Generalisation of addresses, Chinese and American, to a district or a city.

Owns the reading of an address from its coarse end. A Chinese result is always a name of the
gazetteer; an American one is ``City, ST`` at both levels, since below the city there is only the
street. Refuses what it cannot read, and what may be a street where the city should stand.
"""

import re
from collections.abc import Callable
from typing import Literal

from gateway.domain.deid.cn_divisions import find_place
from gateway.domain.deid.errors import Unparsable
from gateway.domain.deid.values import Value, require_text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HAN = re.compile("[\u4e00-\u9fff]")
_NOISE = re.compile(r"[\s,\uff0c\u3001]+|^(?:中华人民共和国|中国)")
_CITY = re.compile(r"[A-Za-z][A-Za-z .'-]{1,39}", re.ASCII)
_STATE_AND_ZIP = re.compile(r"([A-Z]{2})(?:\s+\d{5}(?:-\d{4})?)?", re.ASCII)
_COUNTRIES = frozenset({"USA", "United States"})
# USPS Publication 28, appendix C1 (the common suffixes) and C2 (secondary units).
_STREET_ENDINGS = _words(
    "alley aly avenue ave boulevard blvd circle cir court ct drive dr expressway expy highway hwy "
    "lane ln loop parkway pkwy place pl plaza plz road rd route rte square sq street st terrace "
    "ter trail trl turnpike tpke walk way"
)
_UNITS = _words(
    "apartment apt basement bsmt box building bldg department dept floor fl front hangar lobby lot "
    "lower ofc office penthouse ph pier po rear room rm slip space ste suite trailer trlr unit "
    "upper"
)
# USPS Publication 28, appendix B: the states, the district and the territories.
_STATES = _words(
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ "
    "NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY AS GU MP PR VI"
)
_UNREADABLE = "is no address that can be read"
_MAX_CHARACTERS = 400


def compile_address(level: Literal["district", "city"]) -> Callable[[Value], str]:
    """Return the function from an address to its district or its city.

    Chinese: ``广东省深圳市南山区`` or ``广东省深圳市``; a municipality is its own province, and the
    city stands for a district that is not known. American: ``Austin, TX`` at both levels. The
    function raises ``DeidError`` for what is no text, ``Unparsable`` for what it cannot read.
    """
    want_district = level == "district"

    def apply(value: Value) -> str:
        text = require_text(value)
        if len(text) > _MAX_CHARACTERS:
            raise Unparsable(_UNREADABLE)
        return _chinese(text, want_district) if _HAN.search(text) else _american(text)

    return apply


def _chinese(text: str, want_district: bool) -> str:
    place = find_place(_NOISE.sub("", text.strip()))
    if place is None:
        raise Unparsable(_UNREADABLE)
    return place.district if want_district else place.city


def _american(text: str) -> str:
    parts = [" ".join(part.split()) for part in text.split(",")]
    if parts[-1] in _COUNTRIES:
        parts.pop()
    # A part must stand before the city: without one, what looks like the city may be the street.
    if len(parts) < 3 or not parts[-3]:
        raise Unparsable(_UNREADABLE)
    city, state = parts[-2], _STATE_AND_ZIP.fullmatch(parts[-1])
    if state is None or state[1] not in _STATES or not _may_be_city(city):
        raise Unparsable(_UNREADABLE)
    return f"{city}, {state[1]}"


def _may_be_city(text: str) -> bool:
    words = text.lower().replace(".", "").split()
    return (
        _CITY.fullmatch(text) is not None
        and words[-1] not in _STREET_ENDINGS
        and _UNITS.isdisjoint(words)
    )
