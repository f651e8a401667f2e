"""The class of a word: how it is written, and how likely it is a name by the lists alone.

Owns the classes, small whole numbers that the model combines for words side by side; a coarser set
of them is combined for three words. Refuses to look at anything but the form and its flags.
"""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.english.lexicon import PLACE, PROPER, first_band, last_band, word_band
from gateway.detection.names.english.words import SPECIAL

CAPS = ("l", "T", "U", "I", "M", "m", "x", "i", "d", "a", "z")
"""Lower, Title, UPPER, one capital, McName, miXed, without case, one letter without case, digits,
letters and digits, another script."""
_NAMEY = 12
_KINDS = (
    *(
        "title",
        "suffix",
        "role",
        "kin",
        "say",
        "greet",
        "contactverb",
        "am",
        "particle",
        "org",
        "job",
        "act",
    ),
    *("place", "time", "may"),
)
_MARKS = ".,:;!?'\"()-/&@#<>[]{}|=_*$%\\+~`^’“”•"
_OTHERS = ("B", "n", "url", "mail", "handle", "hash", "s", "p")
ALL_CAPS = (*CAPS, *_OTHERS)
"""All that ``caps_of`` returns."""
_IN_DICTIONARY = (1, 2, 5, 6, 7, 11)
"""What ``_namey`` returns for words of the dictionary."""
CLASSES = len(CAPS) * _NAMEY + 2 * len(_KINDS) + len(_MARKS) + len(_OTHERS)
COARSE = 27
_TOUCH = dict.fromkeys(".,:;!?'\")]’”", 1) | dict.fromkeys("([\"“'", 2) | {"-": 3, "/": 4}
_GREAT = re.compile(r"(?:Mc|Mac|O['’]|D['’]|De|Di|La|Le|Van|Fitz|St)[A-Z][a-z]+")
_MARKED = (0x0300, 0x036F)
_FIRST_OTHER = 0x0370
_LATIN_AGAIN = range(0x1E00, 0x1F00)


def caps_of(form: str, *, cased: bool) -> str:
    """Return how ``form`` is written: one of CAPS, or what it is if it is no word."""
    first = form[:1]
    if not first:
        return "B"
    if not first.isalnum():
        return _mark(form, first)
    if ord(first) >= _FIRST_OTHER and ord(first) not in _LATIN_AGAIN:
        return "z"
    if form.isalpha():
        return _letters(form, form, cased=cased)
    if form.isdigit():
        return "d"
    if "@" in form:
        return "mail"
    if "/" in form or form.startswith("www."):
        return "url"
    plain = "".join(one for one in form if one not in "'’" and not _is_mark(one))
    return _letters(form, plain, cased=cased) if plain.isalpha() else "a"


def _is_mark(one: str) -> bool:
    return _MARKED[0] <= ord(one) <= _MARKED[1]


def _mark(form: str, first: str) -> str:
    if first in "@#" and len(form) > 1 and form[1] != first:
        return "handle" if first == "@" else "hash"
    if first == "\n":
        return "n"
    if first == "_":
        return "a"
    if first in "'’":
        return "s" if form[1:] in ("s", "S") else "p"
    return "z" if ord(first) >= 0x2E80 else "p"


def _letters(form: str, plain: str, *, cased: bool) -> str:
    if not cased:
        return "i" if len(plain) == 1 else "x"
    if plain.islower():
        return "l"
    if plain.isupper():
        return "U" if len(plain) > 1 else "I"
    if plain[0].isupper() and plain[1:].islower():
        return "T"
    return "M" if _GREAT.fullmatch(form) else "m"


def _namey(flags: int) -> int:
    first, last, common = first_band(flags), last_band(flags), word_band(flags)
    if common:
        if first >= 2:
            return 6 if last >= 2 else 5
        if last >= 2:
            return 7 if common < 3 else 11
        return 2 if common == 1 else 1
    if first >= 2:
        return 3
    if last >= 2:
        return 8 if flags & PLACE else 4
    if first or last:
        return 9
    return 10 if flags & (PLACE | PROPER) else 0


def class_of(form: str, folded: str, caps: str, flags: int) -> int:
    """Return the class, below CLASSES."""
    base = len(CAPS) * _NAMEY
    if caps in ("l", "T", "U", "x") and folded in SPECIAL:
        return base + 2 * _KINDS.index(SPECIAL[folded]) + (caps in "TU")
    if caps in CAPS:
        return CAPS.index(caps) * _NAMEY + _namey(flags)
    base += 2 * len(_KINDS)
    if caps == "p" and form[0] in _MARKS:
        return base + _MARKS.index(form[0])
    return base + len(_MARKS) + _OTHERS.index(caps)


@cache
def word_kinds() -> NDArray[np.int64]:
    """Return for each class: 1 for a word in lower case that is English, 2 for an unknown one."""
    kinds = np.zeros(CLASSES, np.int64)
    for caps in ("l", "x"):
        first = CAPS.index(caps) * _NAMEY
        kinds[first : first + _NAMEY] = 2
        kinds[[first + namey for namey in _IN_DICTIONARY]] = 1
    base = len(CAPS) * _NAMEY
    kinds[base : base + 2 * len(_KINDS) : 2] = 1
    return kinds


_GROUP = (0, 1, 2, 3, 1, 0, 4, 3, 5, 5, 6)
_NAME_GROUP = (0, 1, 1, 2, 2, 3, 3, 3, 2, 0, 0, 3)


def coarse_of(class_: int) -> int:
    """Return the coarser class, below COARSE."""
    base = len(CAPS) * _NAMEY
    if class_ < base:
        caps, namey = divmod(class_, _NAMEY)
        group = _GROUP[caps]
        if group in (1, 2, 4):
            return 7 + (group - 1 if group < 4 else 2) * 4 + _NAME_GROUP[namey]
        return group
    class_ -= base
    if class_ < 2 * len(_KINDS):
        kind = _KINDS[class_ // 2]
        return 19 if kind in ("title", "job") else 20 if kind in ("role", "kin") else 21
    class_ -= 2 * len(_KINDS)
    if class_ < len(_MARKS):
        return 22 + (_MARKS[class_] == ",") + 2 * (_MARKS[class_] == ".")
    return 25 if class_ == len(_MARKS) else 26


def touch_of(form: str) -> int:
    """Return what a neighbour that touches ``form`` sees of it: 0 nothing, below 8."""
    return _TOUCH.get(form[0], 5) if form else 0
