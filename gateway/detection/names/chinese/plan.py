"""Which numbers of a character and its neighbours make the model's features, and their keys.

Owns the list of features; training and detection share it. Refuses to know what a number means:
that is the matter of ``columns``.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.chinese.matching import Array

COLUMNS: Final = "cknbezytrwpfoushldgij"
"""The columns of numbers that a text becomes; neighbours here are filled together."""
AT: Final = {name: number for number, name in enumerate(COLUMNS)}
_PRIME: Final = np.uint32(0x9E3779B1)

# A feature is up to three columns, each with a shift; it is absent where the first column is 0.
_FEATURES: Final = """
z0,s0 z-1,s0 y0,s0,s1 y-1,s0
c-2 c-1 c0 c1 c2 c-1,c0 c0,c1 c-2,c-1 c1,c2 c-1,c1 n0 n-1,n0 n0,n1 n-1,n0,n1 n0,n1,n2
n-2,n-1,n0 k-1,n0,k1 s0 s-1,s0 s0,s1 w0,s0 p0,s0 f0,s0 o0,s0,u0 e-1,n0 e-2,n0 e-3,n0 b1,n0
b2,n0 b3,n0 e-1,b1 e-1,b2 e-2,b1 e-2,b2 b0 e0 y0 y-1 y-2 z0 z-1 y0,z0 y-1,z-1 y0,h0,h3
y-1,h-1,h2 y-2,h-2,h1 z0,h0,h2 z-1,h-1,h1 y-2,c1 z-1,c1 y0,c-1 z0,c-1 y0,e-1 z0,e-1 y-2,b1
z-1,b1 z0,b2 y0,b3 t0 r0,n0 i0,n0 j0,n0 i0,d0,n0 j0,g0,n0
l0 l0,s0 l0,n0 l-1,l0 l0,y0 l0,b1
y0,c3 z0,c2 y-2,c-3 z-1,c-2 s-1,s0,s1 c-1,s0 c1,s0 p0,n0 f0,n0
"""


class Plan:
    """Makes keys of columns."""

    def __init__(self) -> None:
        features = [feature.split(",") for feature in _FEATURES.split()]
        used = sorted({part for feature in features for part in feature})
        at = {part: number for number, part in enumerate(used)}
        self._rows = np.array([AT[part[0]] for part in used])
        self._shifts = np.array([int(part[1:]) for part in used])
        # A column that is 0 everywhere stands in for the second and third of a shorter feature.
        padded = [
            [at[part] for part in feature] + [len(used)] * (3 - len(feature))
            for feature in features
        ]
        self._first, self._second, self._third = np.array(padded).T.copy()
        self._salt = np.arange(1, len(features) + 1, dtype=np.uint32)[:, None]
        self._salt *= np.uint32(0x85EBCA6B)

    def keys(self, columns: Array, wanted: NDArray[np.intp]) -> Array:
        """Return the keys of the positions, over (feature, position)."""
        offsets = self._rows * columns.shape[1] + self._shifts
        window = np.zeros((len(offsets) + 1, len(wanted)), np.uint32)
        columns.ravel().take(offsets[:, None] + wanted, out=window[:-1], mode="clip")
        first = window.take(self._first, axis=0)
        keys = first * _PRIME
        keys ^= keys >> np.uint32(16)
        keys += window.take(self._second, axis=0)
        keys *= np.uint32(0xC2B2AE35)
        keys ^= keys >> np.uint32(15)
        keys += window.take(self._third, axis=0)
        keys *= np.uint32(0x27D4EB2F)
        keys += self._salt
        keys ^= keys >> np.uint32(13)
        keys *= np.uint32(0x165667B1)
        keys ^= keys >> np.uint32(16)
        keys *= first != 0
        return np.asarray(keys, np.uint32)
