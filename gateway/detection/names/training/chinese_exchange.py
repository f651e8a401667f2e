"""Gives names in labelled Chinese text to others of the same make.

Owns what a name's make is: one in full, transliterated, Japanese, a nickname, a surname alone. The
context of a name is worth more than the name: a text is trained on with several. Refuses to
exchange names in Latin letters and organisations.
"""

import re
from collections.abc import Callable
from typing import Final

from gateway.detection.names.training import chinese_parts as parts
from gateway.detection.names.training.chinese_names import Draw

_LATIN: Final = re.compile("[A-Za-z0-9]")
_HALF_HIDDEN: Final = re.compile("某|\\*|[×Xx]{1,2}$")
_FAMILIAR: Final = frozenset("老小阿大")
_FOREIGN: Final = frozenset(parts.TRANSLITERATION)
_COMPOUND: Final = frozenset(parts.COMPOUND_SURNAMES)
_JAPANESE: Final = frozenset(one for one in parts.JAPANESE_SURNAMES if len(one) > 1)
_LONGEST_HAN: Final = 3


def swapper(draw: Draw, share: float) -> Callable[[str, str], str]:
    """Return an exchange that gives a name of the same make to a share of the names."""
    surnames = frozenset((*draw.surnames, *parts.MORE_SURNAMES))

    def swap(name: str, label: str) -> str:
        if label == "LOC" and len(name) > 1 and draw.random.random() < share / 3:
            return draw("gaz")
        if label != "PER" or draw.random.random() > share:
            return name
        slot = make(name, surnames)
        return draw(slot) if slot else name

    return swap


def make(name: str, surnames: frozenset[str]) -> str:
    """Return the slot of names of this make, empty for one that is kept."""
    if _LATIN.match(name):
        return ""
    if "·" in name:
        return "full"
    if _HALF_HIDDEN.search(name):
        return "mask"
    if len(name) == 1:
        return "sur" if name in surnames else ""
    if name[:2] in _JAPANESE and len(name) > _LONGEST_HAN:
        return "japanese"
    if len(name) == 2 and name[0] in _FAMILIAR:
        return "familiar"
    if name[0] == name[-1] and len(name) == 2:
        return "doubled"
    if (name[0] in surnames and len(name) <= _LONGEST_HAN) or name[:2] in _COMPOUND:
        return "han"
    if all(one in _FOREIGN for one in name):
        return "foreign"
    return "given" if len(name) == 2 else ""
