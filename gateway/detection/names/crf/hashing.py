"""Numbers to feature keys, the same when a model is trained and when it is used.

Owns the mixing function. Refuses keys that depend on the process, as ``hash`` of a string does.
"""

import numpy as np
from numpy.typing import NDArray

_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(32)


def mixed(values: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return a well-spread key for each value (two rounds of multiply and fold)."""
    spread = values * _FIRST
    spread ^= spread >> _SHIFT
    spread *= _SECOND
    return (spread >> _SHIFT).astype(np.uint32)
