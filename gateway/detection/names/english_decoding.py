"""Short stretches of emissions to spans with their probabilities, all stretches at once.

Owns a forward and a backward pass that run side by side as one array, because single sentences are
decoded here and every array operation counts. Refuses stretches over `LONGEST`, in which products
could leave the range of a float. The general decoder of sequences of any length is in ``decoding``.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.decoding import RawSpan
from gateway.detection.names.model import Model

LONGEST = 40
_LONGEST_SPAN = 12
_TINY = 1e-300
_MANY = 64
"""With more beginnings than so many it pays to drop those at once that lead nowhere."""


class _Passes(NamedTuple):
    """Over (position, stretch, label), but ``total`` over stretches."""

    chance: NDArray[np.float64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    total: NDArray[np.float64]


class _Path(NamedTuple):
    """What the way through the inside of a span needs, by position, for one type and stretch."""

    chance: list[float]
    going: list[float]
    """Of a span that goes on at the position, what follows."""
    ending: list[float]
    label: int
    end: int


class StretchDecoder:
    """Scores the spans of stretches; made once for a model."""

    def __init__(self, model: Model) -> None:
        labels = model.labels
        allowed = np.array([[_may(one, then) for then in labels] for one in labels])
        steps = np.where(allowed, np.exp(model.transitions - model.transitions.max()), 0.0)
        self._both = np.stack([steps, steps.T])
        self._steps: list[list[float]] = steps.tolist()
        self._first = np.array([label[0] not in "IE" for label in labels], np.float64)
        self._last = np.array([label[0] not in "BI" for label in labels], np.float64)
        begins = [at for at, label in enumerate(labels) if label[0] in "BS"]
        self._begins = np.array(begins)
        self._what = [(labels[at][0], labels[at][2:], at) for at in begins]
        self._after = np.array(
            [
                [labels.index(f"{then}-{type_}") if kind == "B" else -1 for then in "IE"]
                for kind, type_, _ in self._what
            ]
        )
        """The labels that may follow each of ``begins``, -1 for none."""
        self._inside = {t: (labels.index(f"I-{t}"), labels.index(f"E-{t}")) for t in model.types}

    def spans(self, stretches: Sequence[NDArray[np.float32]], floor: float) -> list[list[RawSpan]]:
        """Return the spans of each stretch, disjoint for one label, at least ``floor`` likely."""
        passes = self._passes(stretches)
        found: list[list[RawSpan]] = [[] for _ in stretches]
        weights = passes.forward * passes.backward
        weights /= passes.total[:, None]
        paths: dict[tuple[int, str], _Path] = {}
        for at, which, number, whole, first in self._likely(passes, weights, floor):
            kind, type_, label = self._what[number]
            if kind == "S":
                found[which].append(RawSpan(at, at + 1, type_, whole))
                continue
            path = paths.get((which, type_))
            if path is None:
                path = paths[which, type_] = self._path(passes, which, type_)
            found[which] += self._longer(path, at, type_, label, first, floor)
        for which in {which for which, _ in paths}:
            found[which] = _best(found[which], floor)
        return found

    def _likely(
        self, passes: _Passes, weights: NDArray[np.float64], floor: float
    ) -> Iterator[tuple[int, int, int, float, float]]:
        """Yield position, stretch, number in ``_what``, probability and weight of the way there."""
        likely = weights.take(self._begins, axis=2)
        mask = likely >= floor
        begins = np.argwhere(mask)
        whole = likely[mask]
        at, which, number = begins.T
        first = passes.forward[at, which, self._begins[number]] / passes.total[which]
        if len(begins) > _MANY:
            keep = self._goes_on(passes, begins, first) >= floor
            begins, whole, first = begins[keep], whole[keep], first[keep]
        yield from zip(*begins.T.tolist(), whole.tolist(), first.tolist(), strict=True)

    def _goes_on(
        self, passes: _Passes, begins: NDArray[np.int64], first: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return a bound on what a beginning is part of: 1 where the word is a span by itself."""
        at, which, number = begins.T
        then = np.minimum(at + 1, len(passes.chance) - 1)
        label = self._begins[number]
        bound = np.where(self._after[number, 0] < 0, 1.0, 0.0)
        for after in self._after[number].T:
            step = self._both[0][label, after] * passes.chance[then, which, after]
            bound = np.maximum(bound, first * step * passes.backward[then, which, after])
        return bound

    def _path(self, passes: _Passes, which: int, type_: str) -> "_Path":
        inside, end = self._inside[type_]
        ways = passes.chance[:, which] * passes.backward[:, which]
        return _Path(
            passes.chance[:, which, inside].tolist(),
            ways[:, inside].tolist(),
            ways[:, end].tolist(),
            inside,
            end,
        )

    def _passes(self, stretches: Sequence[NDArray[np.float32]]) -> _Passes:
        lengths = [len(one) for one in stretches]
        longest, many = max(lengths), len(stretches)
        if longest > LONGEST:
            raise ValueError("a stretch is longer than can be decoded")
        logs = np.full((longest, 2, many, len(self._first)), -99.0)
        for at, one in enumerate(stretches):
            logs[: len(one), 0, at] = one
            logs[: len(one), 1, at] = one[::-1]
        chance = np.exp(logs - logs.max(axis=3, keepdims=True))
        state = np.empty_like(chance)
        state[0, 0], state[0, 1] = chance[0, 0] * self._first, chance[0, 1] * self._last
        both = self._both
        for at in range(1, longest):
            now = state[at]
            np.matmul(state[at - 1], both, out=now)
            now *= chance[at]
        backward = np.zeros((longest, many, len(self._first)))
        for at, size in enumerate(lengths):
            backward[:size, at] = state[size - 1 :: -1, 1, at][:size]
        # Both passes count the chance of the position itself: once is enough.
        backward /= np.maximum(chance[:, 0], _TINY)
        ends = np.array(lengths) - 1
        total = (state[ends, 0, np.arange(many)] * self._last).sum(axis=1)
        return _Passes(chance[:, 0], state[:, 0], backward, np.maximum(total, _TINY))

    def _longer(
        self, path: "_Path", at: int, type_: str, begin: int, weight: float, floor: float
    ) -> Iterator[RawSpan]:
        steps = self._steps[begin]
        for stop in range(at + 1, min(at + _LONGEST_SPAN, len(path.chance))):
            whole = weight * steps[path.end] * path.ending[stop]
            if whole >= floor:
                yield RawSpan(at, stop + 1, type_, whole)
            if weight * steps[path.label] * path.going[stop] < floor:
                return
            weight *= steps[path.label] * path.chance[stop]
            steps = self._steps[path.label]


def _may(one: str, then: str) -> bool:
    if one[0] in "BI":
        return then[0] in "IE" and then[2:] == one[2:]
    return then[0] in "OBS"


def _best(spans: list[RawSpan], floor: float) -> list[RawSpan]:
    """Return the likeliest of the spans that overlap, with the probability of them all."""
    kept: list[RawSpan] = []
    owners: dict[tuple[str, int], int] = {}
    for span in sorted(spans, key=lambda one: -one.probability):
        keys = [(span.label, at) for at in range(span.start, span.end)]
        owner = min((owners[key] for key in keys if key in owners), default=-1)
        if owner < 0:
            owners.update(dict.fromkeys(keys, len(kept)))
            kept.append(span)
            continue
        more = min(kept[owner].probability + span.probability, 1.0)
        kept[owner] = kept[owner]._replace(probability=more)
    return [one for one in kept if one.probability >= floor]
