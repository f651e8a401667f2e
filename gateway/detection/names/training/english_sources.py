"""Lists of names, words and places, and the lexicon made of them.

Owns which lists there are: Faker's name providers (MIT), the frequency lists of the United States
census of 1990 (public domain: dist.all.last, dist.female.first, dist.male.first), the word list of
the Hunspell dictionary en_US from SCOWL (permissive; words only), and the place names in the
metadata of libphonenumber (Apache 2.0). Refuses lists in other scripts than Latin.
"""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from faker.providers import person

from gateway.detection.names.english.lexicon import (
    FIRST_SHIFT,
    LAST_SHIFT,
    PLACE,
    PROPER,
    WORD_SHIFT,
    fold_word,
    word_hash,
)
from gateway.detection.names.training.english_lists import listed, name_lists
from gateway.detection.names.training.english_romanised import romanised_lists

LATIN = re.compile(r"[A-Za-zÀ-ɏḀ-ỿ'’.\- ]{2,}")
_COMMON = ("en_US", "en_GB", "us", "nick", "world", "public")
_PIECES = re.compile(r"[ \-]+")
_PARTICLES = frozenset(
    [
        "de",
        "la",
        "le",
        "du",
        "van",
        "von",
        "der",
        "den",
        "del",
        "di",
        "da",
        "das",
        "dos",
        "el",
        "al",
        "bin",
        "ibn",
        "mac",
        "mc",
        "st",
        "of",
        "and",
        "the",
        "ter",
        "y",
        "e",
        "i",
        "o",
        "u",
        "a",
    ]
)


def faker_lists() -> Iterator[tuple[str, str, dict[str, float]]]:
    """Yield (locale, "first" or "last", names with weights) for every Latin list of Faker."""
    for module in sorted(one.name for one in pkgutil.iter_modules(person.__path__)):
        provider: Any = importlib.import_module(f"{person.__name__}.{module}").Provider
        for cls in provider.__mro__[:2]:
            for attribute, value in sorted(vars(cls).items()):
                kind = "first" if "first" in attribute else "last" if "last" in attribute else ""
                if "name" not in attribute or not kind or callable(value):
                    continue
                names = _latin(value)
                # The lists of Faker's base class hold no more than John and Jane Doe.
                if len(names) > 4:
                    yield module, kind, names


def all_lists() -> Iterator[tuple[str, str, dict[str, float]]]:
    """Yield the Latin lists of Faker, its romanised ones, and those that lie beside this file."""
    for locale, kind, names in (*faker_lists(), *romanised_lists(), *_ranked_lists()):
        yield locale, kind, {one: weight for one, weight in names.items() if not _no_name(one)}


def _ranked_lists() -> Iterator[tuple[str, str, dict[str, float]]]:
    for name, names in name_lists().items():
        locale, kind = name.split("_")
        ranked = {one: 1000.0 / (20 + rank) for rank, one in enumerate(names)}
        yield locale, "last" if kind == "last" else "first", ranked


def _no_name(word: str) -> bool:
    """Say whether the word nearly always means something else, though some people bear it."""
    return word in listed("not_names")


def _latin(value: object) -> dict[str, float]:
    if isinstance(value, dict):
        items = [(one, float(weight)) for one, weight in value.items() if isinstance(one, str)]
    elif isinstance(value, list | tuple | set):
        items = [(one, 1.0) for one in sorted(one for one in value if isinstance(one, str))]
    else:
        return {}
    return {one: weight for one, weight in items if LATIN.fullmatch(one)}


def _pieces(name: str) -> Iterator[str]:
    for piece in _PIECES.split(name):
        folded = fold_word(piece)
        if len(folded) > 1 and folded not in _PARTICLES:
            yield folded


def _raise_band(bands: dict[str, int], words: Iterable[str], band: int) -> None:
    for word in words:
        bands[word] = max(band, bands.get(word, 0))


def name_bands(census: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Return the bands of first names and of surnames; ``census`` holds the three lists."""
    bands: dict[str, dict[str, int]] = {"first": {}, "last": {}}
    seen: dict[str, Counter[str]] = {"first": Counter(), "last": Counter()}
    for locale, kind, names in all_lists():
        pieces = {piece for name in names for piece in _pieces(name)}
        seen[kind].update(pieces)
        _raise_band(bands[kind], pieces, 2 if locale in _COMMON else 1)
    for kind, counter in seen.items():
        _raise_band(bands[kind], (one for one, times in counter.items() if times > 3), 2)
    for file, kind in (("all.last", "last"), ("female.first", "first"), ("male.first", "first")):
        for rank, line in enumerate((census / f"dist.{file}").read_text().splitlines()):
            band = 3 if rank < (2000 if kind == "last" else 400) else 2 if rank < 12000 else 1
            _raise_band(bands[kind], [fold_word(line.split()[0])], band)
    for word in map(fold_word, listed("not_names")):
        for known in bands.values():
            known.pop(word, None)
    return bands["first"], bands["last"]


def dictionary(dic: Path, aff: Path) -> tuple[set[str], set[str]]:
    """Return the words in lower case of a Hunspell dictionary, and those with a capital."""
    rules: dict[str, list[tuple[str, str, re.Pattern[str]]]] = {}
    for line in aff.read_text("latin-1").splitlines():
        part = line.split()
        if len(part) == 5 and part[0] == "SFX":
            strip = "" if part[2] == "0" else part[2]
            rules.setdefault(part[1], []).append((strip, part[3], re.compile(part[4] + "$")))
    lower: set[str] = set()
    proper: set[str] = set()
    for line in dic.read_text("utf-8", "replace").splitlines()[1:]:
        stem, _, flags = line.partition("/")
        if not stem.isalpha():
            continue
        if stem[0].isupper():
            proper.add(fold_word(stem))
            continue
        lower.add(fold_word(stem))
        lower.update(_inflected(stem, [rule for flag in flags for rule in rules.get(flag, ())]))
    return lower, proper


def _inflected(stem: str, rules: list[tuple[str, str, re.Pattern[str]]]) -> Iterator[str]:
    for strip, add, condition in rules:
        if condition.search(stem) and stem.endswith(strip):
            word = stem[: len(stem) - len(strip)] + add
            if word.isalpha():
                yield fold_word(word)


def places() -> list[str]:
    """Return the place names of libphonenumber's metadata, as it writes them."""
    from phonenumbers.geodata import GEOCODE_DATA

    found = {one["en"].strip() for one in GEOCODE_DATA.values() if "en" in one}
    return sorted(one for one in found if LATIN.fullmatch(one.replace(",", "").replace("/", "")))


def write_lexicon(census: Path, dic: Path, aff: Path, frequent: Counter[str], out: Path) -> int:
    """Write the lexicon; ``frequent`` counts words in lower case in running text."""
    first, last = name_bands(census)
    lower, proper = dictionary(dic, aff)
    flags: Counter[str] = Counter()
    for bands, shift in ((first, FIRST_SHIFT), (last, LAST_SHIFT)):
        for word, band in bands.items():
            flags[word] |= band << shift
    for word in lower | {one for one, times in frequent.items() if times >= 8}:
        times = frequent[word]
        flags[word] |= (3 if times >= 30 else 2 if times >= 3 else 1) << WORD_SHIFT
    for word in proper:
        flags[word] |= PROPER
    for place in places():
        for word in re.split(r"[ ,/\-]+", place):
            folded = fold_word(word)
            if len(folded) > 3 or (len(place) == len(word) > 2):
                flags[folded] |= PLACE
    rows = sorted({word_hash(word): flag for word, flag in flags.items() if flag}.items())
    hashes = np.array([one for one, _ in rows], dtype=np.uint32)
    np.savez_compressed(out, hashes=hashes, flags=np.array([f for _, f in rows], dtype=np.uint8))
    return len(rows)
