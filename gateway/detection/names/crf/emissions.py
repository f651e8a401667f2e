"""The sums of the weights of a position's features, for all labels and many positions at once.

Owns a packed form of the weights: four labels in one 64-bit number, 16 bits each, so that numpy
adds four at a time; buckets without any weight share one row. Weights are in steps of a 127th of
the largest.
Refuses more features a position than the 16 bits can add up.
"""

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.crf.model import Model

MOST_FEATURES = 256
_FIELDS = 4
_BIAS = 128
_POSITIONS_AT_ONCE = 512


class Emissions:
    """The packed weights of a model."""

    def __init__(self, model: Model) -> None:
        self._mask = np.uint32((1 << model.bits) - 1)
        self._labels = len(model.labels)
        used, weights = model.used()
        self._step = max(float(np.abs(weights).max(initial=0.0)) / 127.0, 1e-9)
        # Most buckets have no weight: their one row, and the others close together, stay cached.
        self._row = np.zeros(1 << model.bits, np.uint32)
        self._row[used] = np.arange(1, len(used) + 1)
        fields = np.full((len(used) + 1, -(-self._labels // _FIELDS) * _FIELDS), _BIAS, "<u2")
        fields[1:, : self._labels] += np.rint(weights / self._step).astype("<u2")
        self._packed = fields.view("<u8")

    def of(self, keys: NDArray[np.uint32]) -> NDArray[np.float64]:
        """Return the sums over (position, label); ``keys`` are over (feature, position).

        Raises ValueError for more than `MOST_FEATURES` features.
        """
        features, many = keys.shape
        if features > MOST_FEATURES:
            raise ValueError("a position has more features than can be added up")
        sums = np.empty((many, self._packed.shape[1]), "<u8")
        for at in range(0, many, _POSITIONS_AT_ONCE):
            part = keys[:, at : at + _POSITIONS_AT_ONCE]
            rows = self._packed.take(self._row.take(part & self._mask), axis=0)
            np.add.reduce(rows, axis=0, out=sums[at : at + _POSITIONS_AT_ONCE])
        counts = sums.view("<u2")[:, : self._labels].astype(np.float64)
        counts -= _BIAS * features
        counts *= self._step
        return counts
