"""What the model sees of a word, and of words side by side, as 32-bit keys.

Owns the features; training and detection share this file, so that they cannot differ. A word's
features depend on its form only, whatever stands around it, so that the sum of their weights can be
kept. Refuses anything that would need more of the text than two words on each side.
"""

import re
from functools import cache
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.crf.hashing import mixed
from gateway.detection.names.english.classes import CAPS, caps_of, class_of, coarse_of, touch_of
from gateway.detection.names.english.lexicon import first_band, last_band, word_band

OWN, NEAR, FAR = 34, 7, 3
"""The most features of a word for its own position, for the next ones, for those after."""
WIDTHS = (OWN, NEAR, NEAR, FAR, FAR)
"""The keys of a word in a row: own, for the position before, behind, two before, two behind."""

_PINYIN = re.compile(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?+(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan"
    r"|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|[aeiou])){1,3}"
)
_LONGEST_PINYIN = 12


class Word(NamedTuple):
    """A form's classes, and the keys of its features in a row of ``sum(WIDTHS)``, 0 for none."""

    class_: int
    coarse: int
    caps: int
    touch: int
    hash: int
    keys: list[int]


class _Seen(NamedTuple):
    folded: bytes
    caps: str
    flags: int
    class_: int
    form: str


def word(form: str, folded: str, flags: int, *, cased: bool) -> Word:
    """Return what is seen of ``form``; ``flags`` are the lexicon's for ``folded``."""
    caps = caps_of(form, cased=cased)
    class_ = class_of(form, folded, caps, flags)
    seen = _Seen(folded.encode("utf-8"), caps, flags, class_, form)
    keys = _own(seen)
    keys += [0] * (OWN - len(keys))
    for role in ("-1", "+1"):
        keys += _near(role, seen)
    for role in ("-2", "+2"):
        keys += _far(role, seen)
    number = CAPS.index(caps) if caps in CAPS else len(CAPS)
    hash_ = crc32(seen.folded, start_of("h"))
    return Word(class_, coarse_of(class_), number, touch_of(form), hash_, keys)


@cache
def start_of(name: str) -> int:
    """Return what the checksums of the features of one kind begin with."""
    return crc32(name.encode("ascii"))


def is_pinyin(folded: bytes) -> bool:
    """Say whether the word could be one to three syllables of Chinese."""
    if len(folded) > _LONGEST_PINYIN:
        return False
    return _PINYIN.fullmatch(folded.decode("utf-8")) is not None


def _own(seen: _Seen) -> list[int]:
    folded, caps, flags, class_, _ = seen
    found = [
        crc32(folded, start_of("w")),
        start_of(f"c{class_}"),
        start_of(f"k{caps}"),
        crc32(folded, start_of(f"w{caps}")),
    ]
    if caps not in "lTUIMmxi":
        return found
    common = word_band(flags)
    first, last = first_band(flags), last_band(flags)
    size = len(folded)
    found += [
        start_of(f"x{flags}|{caps}"),
        start_of(f"fl{first}{last}|{caps}"),
        start_of(f"fw{first}{common}|{caps}"),
        start_of(f"lw{last}{common}|{caps}"),
        start_of(f"n{min(size, 12)}|{caps}"),
        start_of(f"y{is_pinyin(folded)}{common}|{caps}"),
        crc32(folded[:1], start_of("p1")),
        crc32(folded[-1:], start_of("s1")),
    ]
    known = "k" if common else "u"
    starts = start_of("p"), start_of("s"), start_of(f"p{caps}{known}"), start_of(f"s{caps}{known}")
    for cut in (2, 3, 4):
        if size > cut:
            head, tail = folded[:cut], folded[-cut:]
            found += [crc32(head, starts[0]), crc32(tail, starts[1])]
            found += [crc32(head, starts[2]), crc32(tail, starts[3])]
    if not common:
        start, padded = start_of("g"), b"^" + folded[:12] + b"$"
        found += [crc32(padded[at : at + 3], start) for at in range(min(len(padded) - 2, 7))]
    return found


def _near(role: str, seen: _Seen) -> list[int]:
    folded, caps, flags, class_, form = seen
    edge = form.encode("utf-8")
    if caps == "z":
        edge = (form[-2:] if role == "-1" else form[:2]).encode("utf-8")
    return [
        crc32(folded, start_of(f"{role}w")),
        start_of(f"{role}c{class_}"),
        start_of(f"{role}k{caps}"),
        start_of(f"{role}x{flags}|{caps}"),
        crc32(folded[-3:], start_of(f"{role}s{caps}")),
        crc32(folded[:3], start_of(f"{role}p")),
        crc32(edge, start_of(f"{role}e")),
    ]


def _far(role: str, seen: _Seen) -> list[int]:
    return [
        crc32(seen.folded, start_of(f"{role}w")),
        start_of(f"{role}c{seen.class_}"),
        start_of(f"{role}k{seen.caps}{word_band(seen.flags)}"),
    ]


def pair_keys(which: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the keys of two classes side by side; ``which`` tells the tables apart."""
    values = left * 4096 + right + (which << 40)
    return mixed(values.astype(np.uint64))


def mate_keys(
    which: int, hashes: NDArray[np.int64], classes: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Return the keys of a word, by its hash, beside the class of another."""
    values = (hashes << 12) + classes + (which << 50)
    return mixed(values.astype(np.uint64))


def triple_keys(
    which: int, one: NDArray[np.int64], two: NDArray[np.int64], three: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Return the keys of three coarse classes in a row."""
    values = (one * 256 + two) * 256 + three + (which << 40)
    return mixed(values.astype(np.uint64))
