"""Short stretches of emissions to spans with their probabilities, all stretches at once.

Owns a forward and a backward pass that run side by side as one array, because single sentences are
decoded here and every array operation counts. Refuses stretches over `LONGEST`, in which products
could leave the range of a float.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.crf.model import Model

Ints = NDArray[np.intp]
Where = tuple[Ints | slice, Ints | int]

LONGEST = 40
LONGEST_SPAN = 24
_TINY = 1e-300
_BY_LABEL = itemgetter(2, 0)
_MANY = 64
"""With more beginnings than so many it pays to drop those at once that lead nowhere."""


class Floors(NamedTuple):
    """How likely a span must be, by type and by the label that it begins with."""

    types: Mapping[str, float]
    begins: NDArray[np.float64]


class RawSpan(NamedTuple):
    """A span and the probability of it, or of another of its label that overlaps it."""

    start: int
    end: int
    label: str
    probability: float


class _Passes(NamedTuple):
    """Over (position, stretch, label), but ``total`` over stretches."""

    chance: NDArray[np.float64]
    forward: NDArray[np.float64]
    backward: NDArray[np.float64]
    total: NDArray[np.float64]


class _Inner(NamedTuple):
    """What the way through the inside of a span needs, by position, for a stretch and type."""

    chance: list[float]
    going: list[float]
    """Of a span that goes on at the position, what follows."""
    ending: list[float]
    """Of a span that ends at the position, what follows."""


class _Begin(NamedTuple):
    """A label that a span may begin with."""

    label: int
    type_: str
    number: int
    """The number of its type; -1 where the span is one position long."""
    steps: tuple[float, float, float, float]
    """From it to the inside and to the end, from the inside to itself and to the end."""


class StretchDecoder:
    """Scores the spans of stretches; made once for a model."""

    def __init__(self, model: Model) -> None:
        labels, types = model.labels, model.types
        allowed = np.array([[_may(one, then) for then in labels] for one in labels])
        steps = np.where(allowed, np.exp(model.transitions - model.transitions.max()), 0.0)
        self._both = np.stack([steps, steps.T])
        self._first = np.array([label[0] not in "IE" for label in labels], np.float64)
        self._last = np.array([label[0] not in "BI" for label in labels], np.float64)
        self._edges = np.stack([self._first, self._last])[:, None]
        self._insides = np.array([labels.index(f"I-{one}") for one in types])
        self._ends = np.array([labels.index(f"E-{one}") for one in types])
        self._what = [_begin(labels, types, label, steps) for label in labels if label[0] in "BS"]
        self._begins = np.array([one.label for one in self._what])
        self._after = np.array(
            [
                [-1, -1] if one.number < 0 else [self._insides[one.number], self._ends[one.number]]
                for one in self._what
            ]
        )
        """The labels that may follow each of ``begins``, -1 for none."""

    def floors(self, types: Mapping[str, float]) -> Floors:
        """Return what `spans` takes, for the probabilities by type."""
        return Floors(types, np.array([types[one.type_] for one in self._what]))

    def spans(
        self,
        emissions: NDArray[np.floating],
        stretches: Sequence[tuple[int, int, int]],
        floors: Floors,
    ) -> list[list[RawSpan]]:
        """Return the spans of each stretch, disjoint for one label, as likely as its floor.

        A stretch is where it starts and ends in the emissions, and something else; none is empty.
        """
        starts, ends, _ = np.array(stretches).T
        passes = self._passes(emissions, starts, ends)
        found: list[list[RawSpan]] = [[] for _ in stretches]
        weights = passes.forward * passes.backward
        weights /= passes.total[:, None]
        likely = list(self._likely(passes, weights, floors))
        inner = self._inner(
            passes, {(which, self._what[number].number) for _, which, number, *_ in likely}
        )
        for at, which, number, whole, first in likely:
            what = self._what[number]
            if what.number < 0:
                found[which].append(RawSpan(at, at + 1, what.type_, whole))
            else:
                least = floors.types[what.type_]
                found[which] += _longer(inner[which, what.number], what, at, first, least)
        return [_best(spans, floors.types) if len(spans) > 1 else spans for spans in found]

    def _likely(
        self, passes: _Passes, weights: NDArray[np.float64], floors: Floors
    ) -> Iterator[tuple[int, int, int, float, float]]:
        """Yield position, stretch, number in ``_what``, probability and weight of the way there."""
        likely = weights.take(self._begins, axis=2)
        mask = likely >= floors.begins
        at, which, number = begins = mask.nonzero()
        if not len(at):
            return
        whole = likely[mask]
        first = passes.forward[at, which, self._begins.take(number)] / passes.total.take(which)
        if len(at) > _MANY:
            keep = self._goes_on(passes, begins, first) >= floors.begins[number]
            at, which, number, whole, first = (one[keep] for one in (*begins, whole, first))
        columns = (one.tolist() for one in (at, which, number, whole, first))
        yield from zip(*columns, strict=True)

    def _goes_on(
        self, passes: _Passes, begins: tuple[Ints, ...], first: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return a bound on what a beginning is part of: 1 where the word is a span by itself."""
        at, which, number = begins
        then = np.minimum(at + 1, len(passes.chance) - 1)
        label = self._begins[number]
        bound = np.where(self._after[number, 0] < 0, 1.0, 0.0)
        for after in self._after[number].T:
            step = self._both[0][label, after] * passes.chance[then, which, after]
            bound = np.maximum(bound, first * step * passes.backward[then, which, after])
        return bound

    def _inner(
        self, passes: _Passes, wanted: set[tuple[int, int]]
    ) -> dict[tuple[int, int], _Inner]:
        """Return what is needed of the wanted stretches and numbers of types."""
        pairs = [pair for pair in wanted if pair[1] >= 0]
        if not pairs:
            return {}
        which, number = np.array(pairs).T
        inside, end = self._insides[number], self._ends[number]
        chance = passes.chance[:, which, inside]
        going = chance * passes.backward[:, which, inside]
        ending = passes.chance[:, which, end] * passes.backward[:, which, end]
        columns = (one.T.tolist() for one in (chance, going, ending))
        return dict(zip(pairs, map(_Inner, *columns), strict=True))

    def _passes(self, emissions: NDArray[np.floating], starts: Ints, ends: Ints) -> _Passes:
        sizes = ends - starts
        longest, many = int(sizes.max()), len(sizes)
        if longest > LONGEST:
            raise ValueError("a stretch is longer than can be decoded")
        # Where each row stands, from the start and from the end; the same for all of one stretch.
        way: tuple[Where, Where] = (slice(None), 0), (slice(None, None, -1), 0)
        rows = emissions[int(starts[0]) : int(ends[0])]
        if many > 1:
            which = np.arange(many).repeat(sizes)
            where = np.arange(len(which)) - (sizes.cumsum() - sizes)[which]
            way = (where, which), (sizes[which] - 1 - where, which)
            rows = emissions[starts[which] + where]
        # A row's highest emission is 1: products only shrink.
        chances = np.exp(rows - rows.max(axis=1, keepdims=True))
        chance = np.ones((longest, 2, many, len(self._first)))
        chance[:, 0][way[0]] = chances
        chance[:, 1][way[1]] = chances
        state = np.empty_like(chance)
        np.multiply(chance[0], self._edges, out=state[0])
        both = self._both
        for at in range(1, longest):
            now = state[at]
            np.matmul(state[at - 1], both, out=now)
            now *= chance[at]
        backward = np.zeros((longest, *chance.shape[2:]))
        # Both passes count the chance of the position itself: once is enough.
        backward[way[0]] = state[:, 1][way[1]] / np.maximum(chances, _TINY)
        total = state[sizes - 1, 0, np.arange(many)] @ self._last
        return _Passes(chance[:, 0], state[:, 0], backward, np.maximum(total, _TINY))


def _begin(
    labels: tuple[str, ...], types: tuple[str, ...], label: str, steps: NDArray[np.float64]
) -> _Begin:
    at, type_ = labels.index(label), label[2:]
    if label[0] == "S":
        return _Begin(at, type_, -1, (0.0, 0.0, 0.0, 0.0))
    inside, end = labels.index(f"I-{type_}"), labels.index(f"E-{type_}")
    ways = (at, inside), (at, end), (inside, inside), (inside, end)
    into, over, on, out = (float(steps[way]) for way in ways)
    return _Begin(at, type_, types.index(type_), (into, over, on, out))


def _longer(
    inner: _Inner, begin: _Begin, at: int, weight: float, floor: float
) -> Iterator[RawSpan]:
    on, out, then_on, then_out = begin.steps
    for stop in range(at + 1, min(at + LONGEST_SPAN, len(inner.chance))):
        whole = weight * out * inner.ending[stop]
        if whole >= floor:
            yield RawSpan(at, stop + 1, begin.type_, whole)
        if weight * on * inner.going[stop] < floor:
            return
        weight *= on * inner.chance[stop]
        on, out = then_on, then_out


def _may(one: str, then: str) -> bool:
    if one[0] in "BI":
        return then[0] in "IE" and then[2:] == one[2:]
    return then[0] in "OBS"


def _best(spans: list[RawSpan], floors: Mapping[str, float]) -> list[RawSpan]:
    """Return the likeliest of the spans that overlap, with the probability of them all."""
    spans.sort(key=_BY_LABEL)
    if all(one[1] <= then[0] or one[2] != then[2] for one, then in pairwise(spans)):
        return spans
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
    return [one for one in kept if one.probability >= floors[one.label]]
