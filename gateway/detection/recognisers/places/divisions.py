"""Chinese divisions as an address has them: province, city, county, whole or short.

Owns the look-up of a division at a place of a text, and where one may begin. Refuses counties
without their suffix but behind another division: 中山 is a road's name more often. The names are
those of ``gateway.domain.deid.cn_divisions_*`` (National Bureau of Statistics, codes of 2023), and
of Hong Kong, Macau and Taiwan from GB/T 2260-2007.
"""

from collections import defaultdict
from collections.abc import Iterator
from operator import concat
from typing import NamedTuple

from gateway.domain.deid.cn_divisions_north import NORTH
from gateway.domain.deid.cn_divisions_south import SOUTH

PROVINCE, CITY, COUNTY = 1, 2, 3
ABBREVIATIONS = frozenset("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼")
_PROVINCE_SUFFIXES = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
_CITY_SUFFIXES = ("市", "地区", "盟")
_COUNTY_SUFFIXES = ("新区", "自治县", "区", "县", "市", "旗")
_BEYOND = {
    "香港特别行政区": PROVINCE, "澳门特别行政区": PROVINCE, "台湾省": PROVINCE, "台北市": CITY,
    "新北市": CITY, "高雄市": CITY, "台中市": CITY, "台南市": CITY, "桃园市": CITY,
    "臺北市": CITY, "臺中市": CITY, "臺南市": CITY,
}  # fmt: skip
_BEYOND_SHORT = {
    "香港": PROVINCE, "澳门": PROVINCE, "台湾": PROVINCE, "九龙": CITY, "新界": CITY,
    "台北": CITY, "高雄": CITY, "市辖区": CITY,
}  # fmt: skip


class Division(NamedTuple):
    """A division in a text: its end, its level, and whether it has its suffix."""

    end: int
    level: int
    whole: bool


def _official() -> Iterator[tuple[str, int]]:
    for word in (NORTH + SOUTH).split():
        if word[-1] == ":":
            yield word[:-1], PROVINCE
        elif word[-1] == "/":
            yield word[:-1], CITY
        else:
            yield word, COUNTY


def _without(name: str, suffixes: tuple[str, ...]) -> str:
    for suffix in suffixes:
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name


def _names() -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Return the whole names, those short forms that may begin an address, and the others."""
    whole, short, inner = dict(_BEYOND), dict(_BEYOND_SHORT), dict[str, int]()
    for name, level in _official():
        whole.setdefault(name, level)
        if level == COUNTY:
            inner.setdefault(_without(name, _COUNTY_SUFFIXES), level)
        else:
            suffixes = _PROVINCE_SUFFIXES if level == PROVINCE else _CITY_SUFFIXES
            short.setdefault(_without(name, suffixes), level)
    return whole, short, {name: level for name, level in inner.items() if len(name) > 1}


_WHOLE, _SHORT, _INNER = _names()


def _sizes() -> dict[str, tuple[int, ...]]:
    sizes = defaultdict[str, set[int]](set)
    for name in (*_WHOLE, *_SHORT, *_INNER):
        sizes[name[:2]].add(len(name))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in sizes.items()}


_SIZES = _sizes()


_HEADS = frozenset(name[:2] for name in (*_WHOLE, *_SHORT))


def division_at(text: str, at: int, above: int) -> Division | None:
    """Return the longest division that begins at ``at``, or None.

    ``above`` is the level of the one before, 0 for none: a county without its suffix must follow
    another division.
    """
    for size in _SIZES.get(text[at : at + 2], ()):
        name = text[at : at + size]
        level = _WHOLE.get(name)
        if level is not None:
            return Division(at + len(name), level, True)
        level = _SHORT.get(name)
        if level is None and above:
            level = _INNER.get(name)
        if level is not None and level >= above:
            return Division(at + len(name), level, False)
    return None


def division_starts(text: str) -> list[int]:
    """Return where a division begins, in order.

    By the first two characters: an automaton is slower, as its root has a thousand branches.
    """
    heads = _HEADS
    return [
        at
        for at, head in enumerate(map(concat, text, text[1:]))
        if head in heads and division_at(text, at, 0) is not None
    ]
