"""The words that rjieba cuts a text into, and their parts of speech, over its characters.

Owns the call of rjieba. Refuses characters that are none: half a surrogate pair is replaced.
"""

import re
from typing import Final

import numpy as np
import rjieba
from numpy.typing import NDArray

Array = NDArray[np.uint32]

_TAGS: Final = (
    "x n nr ns nt nz v a m q d p c u r t f b i l j vn an ad vd eng y e o s z zg g k h nrt nrfg"
)
_TAG_NUMBERS: Final = {tag: number for number, tag in enumerate(_TAGS.split(), start=1)}
_PRIME: Final = np.uint32(0x9E3779B1)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


def _tagged(joined: str) -> list[tuple[str, str]]:
    try:
        return list(rjieba.tag(joined, True))
    except UnicodeEncodeError:
        # Half a surrogate pair is no character, and rjieba takes characters only.
        return list(rjieba.tag(_SURROGATES.sub("\ufffd", joined), True))


def segment(joined: str, codes: Array) -> tuple[Array, Array, Array]:
    """Return, over characters: the words, which part of which kind of word, and 2 at its start.

    The first are the word itself, the ones beside it, and their parts of speech.
    """
    tagged = _tagged(joined)
    tags = np.array([0, *[_TAG_NUMBERS.get(tag, 0) for _, tag in tagged], 0], np.uint32)
    lengths = np.array([len(word) for word, _ in tagged])
    many = len(lengths)
    starts = np.cumsum(lengths) - lengths
    owner = np.repeat(np.arange(many), lengths)
    inside = np.arange(len(codes)) - starts[owner]
    left = lengths[owner] - inside
    mixed = codes * (_PRIME * (2 * inside.astype(np.uint32) + 1))
    mixed ^= mixed >> np.uint32(15)
    words = np.zeros(many + 2, np.uint32)
    np.add.reduceat(mixed, starts, out=words[1:-1])
    near = np.stack((words[1:-1], words[:-2], words[2:], tags[:-2] + 1, tags[2:] + 1))
    about = near.take(owner, axis=1)
    place = np.minimum(inside, 2) + 3 * np.minimum(left, 3) - 2
    kind = tags[1:-1][owner] * np.uint32(10) + place.astype(np.uint32)
    return about, kind, (1 + (inside == 0)).astype(np.uint32)
