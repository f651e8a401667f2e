"""Samples names of people as English text writes them.

Owns the forms (initials, surname first, hyphens, suffixes, pinyin, particles) and the split of all
names in two parts, so that the held-back part is never trained on. Names are Faker's, or made of
the syllables of its lists. Refuses real people: first names and surnames are drawn apart.
"""

import random
import zlib
from collections.abc import Callable
from itertools import accumulate

from gateway.detection.names.training.english_lists import listed
from gateway.detection.names.training.english_sources import all_lists

_SYLLABLES = listed("syllables")
_CHINESE = listed("chinese")
_KOREAN_LAST = listed("korean_last")
_KOREAN = listed("korean")
_ARABIC_FIRST = listed("arabic_first")
_ARABIC_LAST = listed("arabic_last")
_SUFFIXES = listed("suffixes")
_ENGLISH = listed("english")
_OTHERS = listed("others")


def held_out(name: str) -> bool:
    """Say whether a first name or surname is kept for the tests of the model."""
    return zlib.crc32(name.lower().encode()) % 6 == 0


class NameSampler:
    """Draws names; with ``held`` only such as no other sampler draws."""

    def __init__(self, seed: int, *, held: bool) -> None:
        self._random = random.Random(seed)  # noqa: S311 - text, not secrets
        self._lists: dict[tuple[str, str], tuple[list[str], list[float]]] = {}
        for locale, kind, names in all_lists():
            kept = {one: weight for one, weight in names.items() if held_out(one) is held}
            if not kept:
                continue
            known, weights = self._lists.get((locale, kind), ([], []))
            # A flat share beside the frequencies, or the rare names would never be drawn.
            flat = sum(kept.values()) / len(kept)
            more = (0.5 * one + flat for one in kept.values())
            cumulated = list(accumulate(more, initial=weights[-1] if weights else 0.0))[1:]
            self._lists[locale, kind] = [*known, *kept], [*weights, *cumulated]

    def _draw(self, locale: str, kind: str) -> str:
        names, cumulated = self._lists.get((locale, kind)) or self._lists["en_US", kind]
        name = self._random.choices(names, cum_weights=cumulated)[0]
        return name.replace("'", "’") if "'" in name and self._random.random() < 0.2 else name

    def _invented(self, kind: str) -> str:
        one, two = self._draw(self._locale(), kind), self._draw(self._locale(), kind)
        joined = one[: max(2, len(one) // 2)] + two[len(two) // 2 :].lower()
        return joined if joined.isalpha() and len(joined) > 2 else one

    def _locale(self) -> str:
        return self._random.choice(_ENGLISH if self._random.random() < 0.5 else _OTHERS)

    def first(self, locale: str | None = None) -> str:
        """Return a first name."""
        if self._random.random() < 0.08:
            return self._invented("first")
        return self._draw(locale or self._locale(), "first")

    def last(self, locale: str | None = None) -> str:
        """Return a surname."""
        if self._random.random() < 0.12:
            return self._invented("last")
        name = self._draw(locale or self._locale(), "last")
        if self._random.random() < 0.03:
            return f"{name}-{self._draw(locale or self._locale(), 'last')}"
        return name

    def full(self) -> str:
        """Return a whole name, in one of its forms."""
        chance = self._random.random()
        if chance < 0.09:
            return self._chinese()
        if chance < 0.11:
            return self._korean()
        if chance < 0.14:
            return self._arabic()
        return self._western(self._locale())

    def _western(self, locale: str) -> str:
        first, last = self.first(locale), self.last(locale)
        if locale == "vi_VN":
            return f"{last} {first}"
        if locale.startswith("es") and self._random.random() < 0.4:
            return f"{first} {last} {self.last(locale)}"
        forms: list[tuple[float, Callable[[], str]]] = [
            (0.70, lambda: f"{first} {last}"),
            (0.08, lambda: f"{first} {self._initial()} {last}"),
            (0.04, lambda: f"{first} {self.first(locale)} {last}"),
            (0.04, lambda: f"{first[0]}. {last}"),
            (0.02, lambda: f"{first[0]}. {self._initial()} {last}"),
            (0.02, lambda: f"{first[0]}.{self._random.choice('ABCDEFGHJKLMPRSTW')}. {last}"),
            (0.008, lambda: f"{last}, {first}"),
            (0.004, lambda: f"{last}, {first} {self._initial()}"),
            (0.02, lambda: f"{first} {last} {self._random.choice(_SUFFIXES)}"),
            (0.015, lambda: f"{first} {self._initial()[0]} {last}"),
            (0.01, lambda: f"{first}-{self.first(locale)} {last}"),
            (0.02, lambda: f"{first} {last[0]}."),
        ]
        weights = [weight for weight, _ in forms]
        return self._random.choices([form for _, form in forms], weights)[0]()

    def _initial(self) -> str:
        return self._random.choice("ABCDEFGHIJKLMNOPRSTVW") + "."

    def _chinese(self) -> str:
        last = self._random.choice(_CHINESE)
        some = self._random.sample(_SYLLABLES, self._random.choice((1, 2, 2)))
        style = self._random.random()
        if len(some) == 2 and style < 0.25:
            given = some[0].title() + "-" + (some[1].title() if style < 0.15 else some[1])
        elif len(some) == 2 and style < 0.35:
            given = " ".join(one.title() for one in some)
        else:
            given = "".join(some).title()
        if self._random.random() < 0.15:
            return f"{self.first('en_US')} {last}"
        return f"{last} {given}" if self._random.random() < 0.55 else f"{given} {last}"

    def _korean(self) -> str:
        one, two = self._random.sample(_KOREAN, 2)
        given = f"{one.title()}-{two}" if self._random.random() < 0.6 else f"{one}{two}".title()
        last = self._random.choice(_KOREAN_LAST)
        return f"{last} {given}" if self._random.random() < 0.5 else f"{given} {last}"

    def _arabic(self) -> str:
        first, last = self._random.choice(_ARABIC_FIRST), self._random.choice(_ARABIC_LAST)
        middle = self._random.choice(("", "", "bin ", "ibn ", "Abu ", "Al-", "al-", "El-", "Al "))
        return f"{first} {middle}{last}"
