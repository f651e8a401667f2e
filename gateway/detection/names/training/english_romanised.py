"""Latin forms of names that Faker lists in Cyrillic, Greek, Georgian and Armenian letters.

Owns the letters, as passports and newspapers commonly write them. Refuses other scripts.
"""

import importlib
from collections.abc import Iterator
from typing import Any

from faker.providers import person

_LOCALES = ("ru_RU", "uk_UA", "bg_BG", "el_GR", "ka_GE", "hy_AM")
_PAIRS = (
    ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch "
     "sh shch - y - e yu ya"),
    ("іїєґѝ", "i yi ye g i"),
    ("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o"),
    ("άέήίόύώϊϋΐΰ", "a e i i o y o i y i y"),
    ("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "a b g d e v z t i k l m n o p zh r s t u p k gh q sh "
     "ch ts dz ts ch kh j h"),
    ("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև", "a b g d e z e y t zh i l kh ts k h dz gh ch m y n "
     "sh o ch p j r s v t r ts v p k o f ev"),
)  # fmt: skip
_LETTERS = str.maketrans(
    {
        letter: "" if latin == "-" else latin
        for letters, latins in _PAIRS
        for letter, latin in zip(letters, latins.split(), strict=True)
    }
)
_TOGETHER = (
    ("ου", "u"),
    ("ού", "u"),
    ("ευ", "ev"),
    ("εύ", "ev"),
    ("αυ", "av"),
    ("μπ", "b"),
    ("ու", "u"),
)


def romanised(name: str) -> str:
    """Return the Latin form of a name; letters of other scripts stay as they are."""
    lowered = name.lower()
    for letters, latin in _TOGETHER:
        lowered = lowered.replace(letters, latin)
    return lowered.translate(_LETTERS).title()


def romanised_lists() -> Iterator[tuple[str, str, dict[str, float]]]:
    """Yield (locale, "first" or "last", names with weight 1) of the locales in those scripts."""
    for locale in _LOCALES:
        provider: Any = importlib.import_module(f"{person.__name__}.{locale}").Provider
        for kind in ("first", "last"):
            names = {
                romanised(name)
                for attribute in (f"{kind}_names", f"{kind}_names_female", f"{kind}_names_male")
                for name in getattr(provider, attribute, ())
            }
            yield (
                locale,
                kind,
                {one: 1.0 for one in sorted(names) if one.isascii() and len(one) > 2},
            )
