"""A text as the model reads it: its tokens, each with what is seen of its form.

Owns the rows of keys which training fits weights for; detection adds up the same weights without
making the rows. Refuses to look across more than two words.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.english.classes import word_kinds
from gateway.detection.names.english.features import (
    WIDTHS,
    Word,
    mate_keys,
    pair_keys,
    triple_keys,
)
from gateway.detection.names.english.tokens import Tokens

PAIRS = ((1, -1, 0), (2, 0, 1), (3, -1, 1))
"""Table, and the two places from the position of which it takes the classes."""
TRIPLES = ((4, -1, 0, 1), (5, -2, -1, 0), (6, 0, 1, 2))
TOUCH_TABLE = 7
MATES = ((8, -1, 0), (9, 1, 0))
"""Table, the place of the word itself, and the place of which it meets the class."""


TONGUE_TABLE, TONGUES = 10, 4
_FEW, _SOME_UNKNOWN, _MANY_UNKNOWN = 3, 0.25, 0.5


def tongues(classes: NDArray[np.int64], texts: NDArray[np.int64], many: int) -> NDArray[np.int64]:
    """Return, for each text, how far its words in lower case look like English.

    0 where there are too few, 1 to 3 the more of them no dictionary of English has. ``texts`` says
    which text each word belongs to.
    """
    kinds = word_kinds()[classes]
    lower = np.bincount(texts[kinds > 0], minlength=many)
    unknown = np.bincount(texts[kinds > 1], minlength=many)
    tongue = 1 + (unknown > _SOME_UNKNOWN * lower) + (unknown > _MANY_UNKNOWN * lower)
    return np.where(lower < _FEW, 0, tongue)


def joints(found: Tokens) -> list[bool]:
    """Return for each token whether it stands right behind the one before."""
    behind = [a == b for a, b in zip(found.starts[1:], found.ends, strict=False)]
    return [False, *behind] if found.starts else []


def touching(joined: NDArray[np.bool_], touches: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return, for each token, what it touches: left class times 8, plus right class."""
    found = np.zeros(len(joined), np.int64)
    behind = joined[1:]
    found[1:] = 8 * touches[:-1] * behind
    found[:-1] += touches[1:] * behind
    return found


def rows(found: Tokens, see: Callable[[str, bool], Word]) -> NDArray[np.uint32]:
    """Return the keys of every position: shape (tokens, features). For training."""
    edge = see("", True)
    seen = [see(form, cased) for form, cased in zip(found.forms, found.cased, strict=True)]
    words: Sequence[Word] = [edge, edge, *seen, edge, edge]
    size = len(seen)
    keys = np.array([one.keys for one in words], np.uint32)
    own, before, behind, far_before, far_behind = np.split(keys, np.cumsum(WIDTHS)[:-1], axis=1)
    columns = [
        own[2:-2],
        before[1 : 1 + size],
        behind[3 : 3 + size],
        far_before[:size],
        far_behind[4:],
    ]
    classes = np.array([one.class_ for one in words], np.int64)
    coarse = np.array([one.coarse for one in words], np.int64)
    single = [
        pair_keys(table, classes[2 + a : 2 + a + size], classes[2 + b : 2 + b + size])
        for table, a, b in PAIRS
    ]
    single += [
        triple_keys(table, *(coarse[2 + one : 2 + one + size] for one in places))
        for table, *places in TRIPLES
    ]
    hashes = np.array([one.hash for one in words], np.int64)
    single += [
        mate_keys(table, hashes[2 + a : 2 + a + size], classes[2 + b : 2 + b + size])
        for table, a, b in MATES
    ]
    touches = np.array([one.touch for one in seen], np.int64)
    touch = touching(np.array(joints(found)), touches)
    single.append(pair_keys(TOUCH_TABLE, np.array([one.caps for one in seen], np.int64), touch))
    tongue = tongues(classes[2:-2], np.zeros(size, np.int64), 1)
    single.append(pair_keys(TONGUE_TABLE, classes[2:-2], tongue.repeat(size)))
    return np.concatenate([*columns, np.stack(single, axis=1)], axis=1)
