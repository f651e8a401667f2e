"""The sums of the weights of a position's features, for all labels and many positions at once.

Owns a packed form of the weights: four labels in one 64-bit number, 16 bits each, so that numpy
adds four at a time and gathers from flat tables. Weights are in steps of a 127th of the largest.
Refuses more features a position than the 16 bits can add up.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.model import Model

MOST_FEATURES = 256
_FIELDS = 4
_BIAS = 128


class Emissions:
    """The packed weights of a model."""

    def __init__(self, model: Model) -> None:
        self._mask = np.uint32((1 << model.bits) - 1)
        self._labels = len(model.labels)
        self._step = max(float(np.abs(model.weights).max()) / 127.0, 1e-9)
        fields = np.full((1 << model.bits, -(-self._labels // _FIELDS) * _FIELDS), _BIAS, "<u2")
        fields[:, : self._labels] += np.rint(model.weights / self._step).astype("<u2")
        packed = fields.view("<u8")
        self._tables = [np.ascontiguousarray(column) for column in packed.T]

    def of(self, keys: Sequence[NDArray[np.uint32]]) -> NDArray[np.float64]:
        """Return the sums over (position, label), one sequence after the other.

        Raises ValueError for more than `MOST_FEATURES` features.
        """
        rows = np.concatenate(keys) if len(keys) > 1 else keys[0]
        many, features = rows.shape
        if features > MOST_FEATURES:
            raise ValueError("a position has more features than can be added up")
        buckets = (rows.astype(np.uint32, copy=False) & self._mask).astype(np.intp)
        sums = np.empty((many, len(self._tables)), "<u8")
        for at, table in enumerate(self._tables):
            np.add.reduce(table.take(buckets), axis=1, out=sums[:, at])
        counts = sums.view("<u2")[:, : self._labels].astype(np.float64)
        counts -= _BIAS * features
        counts *= self._step
        return counts
