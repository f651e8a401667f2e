"""A linear-chain conditional random field over hashed features: sequences in, scored spans out.

Owns decoding: a span's score is its marginal probability under the model, mapped so that 0.5 is the
operating point which the model was shipped with. Many sequences are decoded side by side in numpy.
Refuses to know what a feature is: a position is a row of 32-bit keys, and key 0 is no feature.
Labels are BIOES (``B-PER``, ``I-PER``, ``E-PER``, ``S-PER``, ``O``) of any number of types.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.decoding import Decoder, RawSpan
from gateway.detection.names.emissions import Emissions
from gateway.detection.names.model import Model, read_model

Keys: TypeAlias = NDArray[np.uint32]
"""Shape (positions, features); the features of one position in any order, 0 for an absent one."""

_POSITIONS_AT_ONCE = 8192
_SEQUENCES_AT_ONCE = 256


class LabelledSpan(NamedTuple):
    """Positions ``start`` to ``end`` (end excluded) are a ``label`` (``PER``, ...)."""

    start: int
    end: int
    label: str
    score: float


class Tagger:
    """Finds spans in sequences of feature rows. Load one, use it for all; it never changes."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._decoder = Decoder(model)
        self._emissions = Emissions(model)

    @classmethod
    def load(cls, path: Path) -> "Tagger":
        """Return the tagger of a model file; raises ValueError for a file that is none."""
        return cls(read_model(path))

    def spans(self, keys: Sequence[Keys], floor: float = 0.02) -> list[list[LabelledSpan]]:
        """Return, for each sequence, its spans in order of their start.

        Spans of one label do not overlap; those of different labels may. A span of which the
        probability is below ``floor`` is left out.
        """
        found: list[list[LabelledSpan]] = [[] for _ in keys]
        order = [at for at, rows in enumerate(keys) if len(rows)]
        order.sort(key=lambda at: -len(keys[at]))
        for part in _parts(order, keys):
            rows = [keys[at] for at in part]
            decoded = self._decoder.spans(self._emissions.of(rows), list(map(len, rows)), floor)
            for at, spans in zip(part, decoded, strict=True):
                if spans:
                    found[at] = [self._calibrated(span) for span in spans]
        return found

    def _calibrated(self, span: RawSpan) -> LabelledSpan:
        middle = self._model.thresholds[span.label]
        score = span.probability
        if score < middle:
            score = 0.5 * score / middle
        else:
            score = 0.5 + 0.5 * (score - middle) / (1.0 - middle)
        return LabelledSpan(span.start, span.end, span.label, min(score, 1.0))


def _parts(order: Sequence[int], keys: Sequence[Keys]) -> Iterator[list[int]]:
    part: list[int] = []
    for at in order:
        full = len(part) >= _SEQUENCES_AT_ONCE
        if part and (full or (len(part) + 1) * len(keys[part[0]]) > _POSITIONS_AT_ONCE):
            yield part
            part = []
        part.append(at)
    if part:
        yield part
