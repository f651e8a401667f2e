"""A linear-chain conditional random field over hashed features: sequences in, scored spans out.

Owns the way from feature keys to spans: a span's score is its marginal probability under the model,
mapped so that 0.5 is the operating point which the model was shipped with. Refuses to know what a
feature is: a position is a row of 32-bit keys, and key 0 is no feature. Labels are BIOES
(``B-PER``, ``I-PER``, ``E-PER``, ``S-PER``, ``O``) of any number of types.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.crf.decoding import StretchDecoder
from gateway.detection.names.crf.emissions import Emissions
from gateway.detection.names.crf.model import Model, read_model
from gateway.detection.names.crf.stretches import Bounds, decoded

Keys: TypeAlias = NDArray[np.uint32]
"""Shape (positions, features); the features of one position in any order, 0 for an absent one."""

_LEAST = 0.02


class LabelledSpan(NamedTuple):
    """Positions ``start`` to ``end`` (end excluded) are a ``label`` (``PER``, ...)."""

    start: int
    end: int
    label: str
    score: float


class Tagger:
    """Finds spans in sequences of feature rows. Load one, use it for all; it never changes.

    By type: a span of which the probability is below its floor is left out, and ``slack`` is by how
    many nats a span may be less likely than that to be weighed against the others. Without these,
    little is left out, and all is weighed.
    """

    def __init__(
        self,
        model: Model,
        floors: Mapping[str, float] | None = None,
        slack: Mapping[str, float] | None = None,
    ) -> None:
        self._thresholds = model.thresholds
        if floors is None:
            floors = dict.fromkeys(model.types, _LEAST)
        self._decoder = StretchDecoder(model)
        self._floors = self._decoder.floors(floors)
        self._emissions = Emissions(model)
        everything = dict.fromkeys(model.types, np.inf)
        self._bounds = Bounds(model, floors, everything if slack is None else slack)

    @classmethod
    def load(
        cls,
        path: Path,
        floors: Mapping[str, float] | None = None,
        slack: Mapping[str, float] | None = None,
    ) -> "Tagger":
        """Return the tagger of a model file; raises ValueError for a file that is none."""
        return cls(read_model(path), floors, slack)

    def spans(self, keys: Sequence[Keys]) -> list[list[LabelledSpan]]:
        """Return, for each sequence, its spans in order of their start.

        Spans of one label do not overlap; those of different labels may.
        """
        found: list[list[LabelledSpan]] = [[] for _ in keys]
        used = [at for at, rows in enumerate(keys) if len(rows)]
        if used:
            joined = np.concatenate([keys[at] for at in used])
            lengths = np.array([len(keys[at]) for at in used])
            emissions = self.emissions(np.ascontiguousarray(joined.T))
            for which, start, end, label, score in self.decoded(emissions, lengths):
                found[used[which]].append(LabelledSpan(start, end, label, score))
        return [sorted(spans) for spans in found]

    def emissions(self, keys: Keys) -> NDArray[np.float64]:
        """Return the weight of every label, over (position, label).

        ``keys`` are over (feature, position).
        """
        return self._emissions.of(keys)

    def decoded(
        self, emissions: NDArray[np.float64], lengths: NDArray[np.intp]
    ) -> Iterator[tuple[int, int, int, str, float]]:
        """Yield the number of a sequence and a span in it, as a `LabelledSpan` has it.

        No sequence is empty.
        """
        firsts = lengths.cumsum() - lengths
        begins = firsts.tolist()
        stretches = list(self._bounds.stretches(emissions, firsts))
        for (first, _, owner), spans in decoded(self._decoder, emissions, stretches, self._floors):
            by = first - begins[owner]
            for start, end, label, probability in spans:
                yield owner, start + by, end + by, label, self._score(label, probability)

    def _score(self, label: str, probability: float) -> float:
        middle = self._thresholds[label]
        if probability < middle:
            return 0.5 * probability / middle
        return min(0.5 + 0.5 * (probability - middle) / (1.0 - middle), 1.0)
