"""The file of a name model: labels, transitions, and the weights of the buckets that have any.

Owns the format, plain numpy arrays in a zip file, and refuses pickled objects, other versions,
unknown labels and numbers that are none. Most buckets have no weight, so what is read has none of
their rows: a row for each would be tens of megabytes that every process fills at its start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

_VERSION = 1
_MOST_BITS = 22


@dataclass(frozen=True, eq=False)
class Model:
    """``weights[row, label]``, ``transitions[from, to]``; bucket 0 has no weight.

    ``buckets`` are the numbers of the rows' buckets, ascending; None: a row for every bucket.
    ``thresholds`` is the probability that is the operating point, by type (``PER``).
    Raises ValueError where the parts do not fit together.
    """

    bits: int
    labels: tuple[str, ...]
    weights: NDArray[np.float32]
    transitions: NDArray[np.float64]
    thresholds: Mapping[str, float]
    buckets: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be a model."""
        size = len(self.labels)
        rows = 1 << self.bits if self.buckets is None else len(self.buckets)
        if not 1 <= self.bits <= _MOST_BITS or self.weights.shape != (rows, size):
            raise ValueError("the weights are not one row a bucket and one column a label")
        if self.transitions.shape != (size, size):
            raise ValueError("the transitions are not one row and one column a label")
        if not (np.isfinite(self.weights).all() and np.isfinite(self.transitions).all()):
            raise ValueError("a weight is not finite")
        if self.buckets is None:
            if self.weights[0].any():
                raise ValueError("bucket 0 stands for no feature and has no weight")
        elif (np.diff(self.buckets, prepend=0, append=1 << self.bits) <= 0).any():
            raise ValueError("a bucket is out of range")
        expected = {"O", *(f"{part}-{type_}" for type_ in self.types for part in "BIES")}
        if set(self.labels) != expected or len(expected) != size:
            raise ValueError("the labels are not O and B, I, E, S of each type")
        if set(self.thresholds) != set(self.types) or not all(
            0.0 < middle < 1.0 for middle in self.thresholds.values()
        ):
            raise ValueError("there is not one threshold between 0 and 1 for each type")

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the labels, in order."""
        return tuple(sorted({label[2:] for label in self.labels if label != "O"}))

    def used(self) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the buckets that have a weight, ascending, and the rows of their weights."""
        if self.buckets is not None:
            return self.buckets, self.weights
        used = np.flatnonzero(self.weights.any(axis=1))
        return used, self.weights[used]


def write_model(path: Path, model: Model) -> None:
    """Write the file; the same model gives the same bytes."""
    used, kept = model.used()
    scale = max(float(np.abs(kept).max(initial=0.0)) / 127.0, 1e-9)
    np.savez_compressed(
        path,
        version=np.array([_VERSION], np.uint32),
        bits=np.array([model.bits], np.uint32),
        labels=np.array(model.labels, "U16"),
        gaps=np.diff(used, prepend=0).astype(np.uint32),
        weights=np.rint(kept / scale).astype(np.int8).T.copy(),
        scale=np.array([scale], np.float64),
        transitions=model.transitions,
        types=np.array(model.types, "U16"),
        thresholds=np.array([model.thresholds[type_] for type_ in model.types], np.float64),
    )


def read_model(path: Path) -> Model:
    """Return the model in the file; raises ValueError for a file that holds none."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return _model({name: arrays[name] for name in arrays.files})
    except (KeyError, BadZipFile, EOFError, IndexError) as error:
        raise ValueError(f"no name model: {type(error).__name__}") from None


def _model(arrays: Mapping[str, NDArray[np.generic]]) -> Model:
    if int(arrays["version"][0]) != _VERSION:
        raise ValueError("a name model of another version")
    bits = int(arrays["bits"][0])
    labels = tuple(str(label) for label in arrays["labels"])
    used = np.cumsum(arrays["gaps"].astype(np.int64))
    weights = arrays["weights"].astype(np.float32).T
    weights *= np.float32(arrays["scale"][0])
    weights.flags.writeable = False
    thresholds = zip(arrays["types"], arrays["thresholds"], strict=True)
    return Model(
        bits,
        labels,
        weights,
        arrays["transitions"].astype(np.float64),
        MappingProxyType({str(type_): float(middle) for type_, middle in thresholds}),
        used,
    )
