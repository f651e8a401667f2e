"""The words that rjieba cuts a text into, and their parts of speech, over its characters.

Owns the call of rjieba. Refuses characters that are none: half a surrogate pair is replaced.
"""

import re
from typing import Final, NamedTuple

import numpy as np
import rjieba

from gateway.detection.names.chinese.matching import Array

_TAGS: Final = (
    "x n nr ns nt nz v a m q d p c u r t f b i l j vn an ad vd eng y e o s z zg g k h nrt nrfg"
)
_TAG_NUMBERS: Final = {tag: number for number, tag in enumerate(_TAGS.split(), start=1)}
_PRIME: Final = np.uint32(0x9E3779B1)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


class Segments(NamedTuple):
    """Over characters."""

    about: Array
    """The word, the ones before and behind it, and the parts of speech of these two."""
    kind: Array
    """Which part of which kind of word."""
    starts: Array
    """2 where a word begins, else 1."""


def segments(joined: str, codes: Array) -> Segments:
    """Return what is known of the characters of a text that is not empty."""
    tagged = _tagged(joined)
    known = _TAG_NUMBERS
    tags = np.array([0, *[known.get(tag, 0) for _, tag in tagged], 0], np.uint32)
    lengths = np.array([len(word) for word, _ in tagged])
    ends = lengths.cumsum()
    starts = ends - lengths
    numbers = np.arange(len(codes), dtype=np.uint32)
    near = np.empty((8, len(lengths)), np.uint32)
    near[3], near[4], near[5] = tags[:-2] + 1, tags[2:] + 1, tags[1:-1] * 10 - 2
    near[6], near[7] = starts, ends
    inside = numbers - near[6].repeat(lengths)
    mixed = codes * (_PRIME * (2 * inside + 1))
    mixed ^= mixed >> np.uint32(15)
    np.add.reduceat(mixed, starts, out=near[0])
    near[1, 0] = near[2, -1] = 0
    near[1, 1:], near[2, :-1] = near[0, :-1], near[0, 1:]
    over = near.repeat(lengths, axis=1)
    kind = over[5]
    kind += np.minimum(inside, 2)
    kind += 3 * np.minimum(over[7] - numbers, 3)
    return Segments(over[:5], kind, (inside == 0) + np.uint32(1))


def _tagged(joined: str) -> list[tuple[str, str]]:
    try:
        return list(rjieba.tag(joined, True))
    except UnicodeEncodeError:
        # Half a surrogate pair is no character, and rjieba takes characters only.
        return list(rjieba.tag(_SURROGATES.sub("\ufffd", joined), True))
