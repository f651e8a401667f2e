"""The parts that Chinese names are made of: facts, from which names are drawn.

Owns lists of characters and names. Sources: surnames and their shares as Faker's zh_CN has
them, compound surnames of the Hundred Family Surnames, given-name
characters in common use, the characters of the transliteration tables, Japanese and Korean surnames
in common use, and names of widely known historical and foreign people. Refuses anything that
identifies a private person.
"""

from pathlib import Path
from typing import Final

from gateway.detection.names.chinese.triggers import read_sections

_PARTS: Final = read_sections(Path(__file__).parent / "chinese_parts.txt")
FIRST: Final = "".join(_PARTS["FIRST"])
LAST: Final = "".join(_PARTS["LAST"])
SINGLE: Final = "".join(_PARTS["SINGLE"])
RARE: Final = "".join(_PARTS["RARE"])
MORE_SURNAMES: Final = "".join(_PARTS["MORE_SURNAMES"])
TRANSLITERATION: Final = "".join(_PARTS["TRANSLITERATION"])
COMPOUND_SURNAMES: Final = tuple(_PARTS["COMPOUND_SURNAMES"])
FOREIGN: Final = tuple(_PARTS["FOREIGN"])
JAPANESE_SURNAMES: Final = tuple(_PARTS["JAPANESE_SURNAMES"])
JAPANESE_GIVEN: Final = tuple(_PARTS["JAPANESE_GIVEN"])
KOREAN: Final = tuple(_PARTS["KOREAN"])
ETHNIC_FIRST: Final = tuple(_PARTS["ETHNIC_FIRST"])
ETHNIC_LAST: Final = tuple(_PARTS["ETHNIC_LAST"])
TIBETAN: Final = tuple(_PARTS["TIBETAN"])
HISTORIC: Final = tuple(_PARTS["HISTORIC"])
STAGE: Final = tuple(_PARTS["STAGE"])
HARMLESS: Final = tuple(_PARTS["HARMLESS"])
TOWNS: Final = tuple(_PARTS["TOWNS"])
PROVINCES: Final = tuple(_PARTS["PROVINCES"])
COUNTRIES: Final = tuple(_PARTS["COUNTRIES"])
BRANDS: Final = tuple(_PARTS["BRANDS"])
STEMS: Final = tuple(_PARTS["STEMS"])
TRADES: Final = tuple(_PARTS["TRADES"])
KINDS: Final = tuple(_PARTS["KINDS"])
BODIES: Final = tuple(_PARTS["BODIES"])
HANDLE_TAILS: Final = tuple(_PARTS["HANDLE_TAILS"])
HANDLE_WORDS: Final = tuple(_PARTS["HANDLE_WORDS"])
MEDIA: Final = tuple(_PARTS["MEDIA"])
WORDS: Final = tuple(_PARTS["WORDS"])
TITLES: Final = tuple(_PARTS["TITLES"])
PLACE_ENDS: Final = tuple(_PARTS["PLACE_ENDS"])
AFTER_NAMES: Final = tuple(_PARTS["AFTER_NAMES"])
