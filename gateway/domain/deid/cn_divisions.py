"""The gazetteer of Chinese divisions: from how an address begins to the place that it names.

Owns the spellings: with and without the province, with and without its suffix (省, 市). Refuses
what two places share: 长安区 alone is no place. A county that the list does not know (it was
founded or renamed since) gives its city, which is coarser, never finer.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.domain.deid.cn_divisions_north import NORTH
from gateway.domain.deid.cn_divisions_south import SOUTH

_PROVINCE_SUFFIXES = ("维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")


class Place(NamedTuple):
    """Two names from the province down; ``district`` equals ``city`` where none is known."""

    city: str
    district: str


class _Start(NamedTuple):
    """What the beginning of an address says: a place, and the counties that may follow."""

    place: Place
    counties: frozenset[str]
    county_must_follow: bool = False


class _City(NamedTuple):
    province: str
    name: str
    counties: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """The name from the province down; a municipality is its own province."""
        return self.name if self.name == self.province else self.province + self.name


def find_place(text: str) -> Place | None:
    """Return the place that ``text``, without white space, begins with; None if there is none."""
    for size in _SIZES.get(text[:2], ()):
        start = _STARTS.get(text[:size])
        if start is not None:
            place = _followed(start, text[size:])
            if place is not None:
                return place
    return None


def _followed(start: _Start, rest: str) -> Place | None:
    rest = rest.removeprefix("市辖区")
    for size in range(min(len(rest), _LONGEST_COUNTY), 1, -1):
        if rest[:size] in start.counties:
            return Place(start.place.city, start.place.city + rest[:size])
    return None if start.county_must_follow else start.place


def _cities(words: Iterable[str]) -> Iterator[_City]:
    province, city, counties = "", "", list[str]()
    for word in words:
        if word[-1] not in ":/":
            counties.append(word)
            continue
        if city:
            yield _City(province, city, tuple(counties))
        city, counties = "", []
        if word[-1] == ":":
            province = word[:-1]
        else:
            city = word[:-1]
    yield _City(province, city, tuple(counties))


def _short_province(province: str) -> str:
    for suffix in _PROVINCE_SUFFIXES:
        if province.endswith(suffix):
            return province.removesuffix(suffix)
    return province


def _starts(cities: tuple[_City, ...]) -> dict[str, _Start]:
    """Return every spelling of a beginning; the more exact kinds win over the shorter ones."""
    starts: dict[str, _Start] = {}
    for spelling, start in (*_city_starts(cities), *_county_starts(cities), *_short_starts(cities)):
        starts.setdefault(spelling, start)
    return starts


def _city_starts(cities: tuple[_City, ...]) -> Iterator[tuple[str, _Start]]:
    for city in cities:
        start = _Start(Place(city.full_name, city.full_name), frozenset(city.counties))
        for province in (city.province, _short_province(city.province), ""):
            yield province + city.name, start


def _short_starts(cities: tuple[_City, ...]) -> Iterator[tuple[str, _Start]]:
    """Yield cities without 市; only a county behind them tells them from a street's name."""
    for city in cities:
        place = Place(city.full_name, city.full_name)
        start = _Start(place, frozenset(city.counties), county_must_follow=True)
        if city.name.endswith("市"):
            for province in (city.province, _short_province(city.province), ""):
                yield province + city.name.removesuffix("市"), start


def _county_starts(cities: tuple[_City, ...]) -> Iterator[tuple[str, _Start]]:
    """Yield counties without their city, where only one city of the scope has that county."""
    everywhere = Counter(county for city in cities for county in city.counties)
    within = Counter((city.province, county) for city in cities for county in city.counties)
    for city in cities:
        for county in city.counties:
            start = _Start(Place(city.full_name, city.full_name + county), frozenset())
            if within[city.province, county] == 1:
                yield city.province + county, start
                yield _short_province(city.province) + county, start
            if everywhere[county] == 1:
                yield county, start


def _sizes(spellings: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """Return the lengths, longest first, of the spellings that begin with two characters."""
    sizes = defaultdict[str, set[int]](set)
    for spelling in spellings:
        sizes[spelling[:2]].add(len(spelling))
    return {head: tuple(sorted(lengths, reverse=True)) for head, lengths in sizes.items()}


_CITIES = tuple(_cities((NORTH + SOUTH).split()))
_STARTS = _starts(_CITIES)
_SIZES = _sizes(_STARTS)
_LONGEST_COUNTY = max(len(county) for city in _CITIES for county in city.counties)
