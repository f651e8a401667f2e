"""A linear-chain conditional random field over hashed features: sequences in, scored spans out.

Owns decoding: a span's score is its marginal probability under the model, mapped so that 0.5 is the
operating point which the model was shipped with. Many sequences are decoded side by side in numpy.
Refuses to know what a feature is: a position is a row of 32-bit keys, and key 0 is no feature.
Labels are BIOES (``B-PER``, ``I-PER``, ``E-PER``, ``S-PER``, ``O``) of any number of types.
"""

from collections.abc import Iterator, Mapping, Sequence
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
_NEARER = 2.0


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
        self._other = model.labels.index("O")
        self._named = [at for at, label in enumerate(model.labels) if label != "O"]
        self._named_labels = [model.labels[at] for at in self._named]
        self._everything = dict.fromkeys(model.types, np.inf)

    @classmethod
    def load(cls, path: Path) -> "Tagger":
        """Return the tagger of a model file; raises ValueError for a file that is none."""
        return cls(read_model(path))

    def spans(self, keys: Sequence[Keys], floor: float = 0.02) -> list[list[LabelledSpan]]:
        """Return, for each sequence, its spans in order of their start.

        Spans of one label do not overlap; those of different labels may. A span of which the
        probability is below ``floor`` is left out.
        """
        lengths = [len(rows) for rows in keys]
        if not sum(lengths):
            return [[] for _ in keys]
        joined = np.concatenate([rows for rows in keys if len(rows)])
        found: list[list[LabelledSpan]] = [[] for _ in keys]
        decoded = self.joined_spans(
            np.ascontiguousarray(joined.T), lengths, floor, self._everything
        )
        for which, span in decoded:
            found[which].append(span)
        return found

    def joined_spans(
        self, keys: Keys, lengths: Sequence[int], floor: float, margins: Mapping[str, float]
    ) -> Iterator[tuple[int, LabelledSpan]]:
        """Yield the number of a sequence and a span in it; ``keys`` are over (feature, position).

        Only stretches are decoded in which a label has at most its type's margin less than no name
        has, with a position around: what is further from a name is taken for none.
        """
        emissions = self._emissions.of(keys)
        firsts = np.cumsum([0, *lengths])[:-1]
        inside = np.repeat(np.arange(len(lengths)), lengths)
        starts, ends = self._stretches(emissions, inside, margins)
        order = np.argsort(starts - ends, kind="stable")
        starts, sizes = starts[order], (ends - starts)[order]
        owners = inside[starts]
        offsets = (starts - firsts[owners]).tolist()
        for first, last in _parts(sizes.tolist()):
            rows = emissions.take(_indices(starts[first:last], sizes[first:last]), axis=0)
            decoded = self._decoder.spans(rows, sizes[first:last].tolist(), floor)
            for at, spans in enumerate(decoded, first):
                for span in spans:
                    moved = self._calibrated(span, offsets[at])
                    yield int(owners[at]), moved

    def _stretches(
        self, emissions: NDArray[np.float64], inside: NDArray[np.intp], margins: Mapping[str, float]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        size = len(inside)
        allowances = np.array([margins[label[2:]] for label in self._named_labels])
        best = (emissions.take(self._named, axis=1) + allowances).max(axis=1)
        possible = best > emissions[:, self._other]
        wide = np.zeros(size + 2, np.bool_)
        wide[1:-1] = possible
        wide[:-2] |= possible
        wide[2:] |= possible
        bounds = np.flatnonzero(wide[1:-1][1:] & (inside[1:] != inside[:-1])) + 1
        wide[0] = wide[-1] = False
        edges = np.diff(wide.view(np.int8))
        starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        if len(bounds):
            cut = bounds[wide[bounds]]
            starts = np.union1d(starts, cut)
            ends = np.union1d(ends, cut)
        if not len(starts) or not np.isfinite(allowances).all():
            return starts, ends
        # Somewhere in a name a label of names is likely by the position alone.
        likely = np.concatenate(([0], np.cumsum(best - _NEARER > emissions[:, self._other])))
        kept = likely[ends] > likely[starts]
        return starts[kept], ends[kept]

    def _calibrated(self, span: RawSpan, offset: int) -> LabelledSpan:
        middle = self._model.thresholds[span.label]
        score = span.probability
        if score < middle:
            score = 0.5 * score / middle
        else:
            score = 0.5 + 0.5 * (score - middle) / (1.0 - middle)
        return LabelledSpan(span.start + offset, span.end + offset, span.label, min(score, 1.0))


def _indices(starts: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.intp]:
    before = np.cumsum(sizes) - sizes
    found: NDArray[np.intp] = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
    return found


def _parts(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = 0
    for at in range(len(sizes)):
        many = at - first
        full = many >= _SEQUENCES_AT_ONCE or (many + 1) * sizes[first] > _POSITIONS_AT_ONCE
        if many and full:
            yield first, at
            first = at
    if sizes:
        yield first, len(sizes)
