"""Forward and backward over many sequences at once, and the probabilities of whole spans.

Owns the arithmetic: chances are products scaled now and then, spans are scored in logarithms.
Refuses transitions that BIOES does not allow, whatever weight they have.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.model import Model

Floats: TypeAlias = NDArray[np.float64]

LONGEST_SPAN = 24
MOST_STOPS = 8
_SCALE_EVERY = 8
_TINY = 1e-300


class RawSpan(NamedTuple):
    """A span and the probability of it, or of another of its label that overlaps it."""

    start: int
    end: int
    label: str
    probability: float


class _Chances(NamedTuple):
    """Over (position, sequence, label).

    A forward or backward chance is the stored one times the exponential of its scale, which is over
    (position, sequence); ``total`` is the logarithm over sequences, ``emissions`` are logarithms.
    """

    emissions: Floats
    forward: Floats
    backward: Floats
    scale: Floats
    scale_back: Floats
    total: Floats

    def certainty(self) -> Floats:
        """Return the probability of each label at each position."""
        factor = np.exp(self.scale + self.scale_back - self.total)
        return self.forward * self.backward * factor[:, :, None]


class Decoder:
    """Scores spans from the emissions of sequences."""

    def __init__(self, model: Model) -> None:
        self._labels = model.labels
        self._size = len(model.labels)
        allowed = np.array([[_may(one, next_) for next_ in self._labels] for one in self._labels])
        # All paths of a sequence have as many transitions: what is taken off each changes nothing.
        transitions = model.transitions - model.transitions[allowed].max()
        self._steps: list[list[float]] = np.where(allowed, transitions, -1e4).tolist()
        self._transitions = np.where(allowed, np.exp(transitions), 0.0)
        self._backwards = np.ascontiguousarray(self._transitions.T)
        self._first = np.array([0.0 if label[0] in "IE" else 1.0 for label in self._labels])
        self._last = np.array([0.0 if label[0] in "BI" else 1.0 for label in self._labels])
        at = {label: index for index, label in enumerate(self._labels)}
        self._named_labels = [index for label, index in at.items() if label[0] in "BES"]
        self._named = np.array(self._named_labels)
        self._insides = [index for label, index in at.items() if label[0] == "I"]
        self._inside_at = {index: number for number, index in enumerate(self._insides)}
        self._parts = [label[0] for label in self._labels]
        self._types = [label[2:] for label in self._labels]
        self._others = {
            at[label]: (at[f"I-{label[2:]}"], at[f"E-{label[2:]}"])
            for label in self._labels
            if label[0] == "B"
        }

    def spans(
        self, emissions: Floats, lengths: Sequence[int], floor: float
    ) -> Iterator[list[RawSpan]]:
        """Yield the spans of each sequence; ``emissions`` has one after the other.

        The longest comes first, and none is empty.
        """
        chances = self._chances(emissions, np.array(lengths))
        found: list[list[RawSpan]] = [[] for _ in lengths]
        self._candidates(chances, floor, found)
        for spans in found:
            yield sorted(_best(spans, floor)) if spans else spans

    def _chances(self, emissions: Floats, lengths: NDArray[np.intp]) -> _Chances:
        longest, many = int(lengths[0]), len(lengths)
        every = np.arange(many)
        ends = lengths - 1
        which = np.repeat(every, lengths)
        where = np.arange(len(emissions)) - (np.cumsum(lengths) - lengths)[which]
        # A row's highest emission is 1: products only shrink, and slowly.
        emissions -= emissions.max(axis=1, keepdims=True)
        logs = np.zeros((longest, many, self._size))
        logs[where, which] = emissions
        chance = np.exp(logs)
        active = np.bincount(ends, minlength=longest)[::-1].cumsum()[::-1].tolist()
        forward, scale = self._forward(chance, active)
        backward, scale_back = self._backward(chance, active, ends)
        whole = (forward[ends, every] * backward[ends, every]).sum(axis=1)
        total = np.log(np.maximum(whole, _TINY))
        total += scale[ends, every] + scale_back[ends, every]
        return _Chances(logs, forward, backward, scale, scale_back, total)

    def _forward(self, chance: Floats, active: list[int]) -> tuple[Floats, Floats]:
        forward = np.zeros_like(chance)
        scale = np.zeros(chance.shape[:2])
        np.multiply(chance[0], self._first, out=forward[0])
        for at in range(1, len(chance)):
            now = forward[at, : active[at]]
            np.matmul(forward[at - 1, : active[at]], self._transitions, out=now)
            now *= chance[at, : active[at]]
            if at % _SCALE_EVERY == 0:
                _rescale(forward[at], scale[at])
        if len(chance) > _SCALE_EVERY:
            scale = np.cumsum(scale, axis=0)
        return forward, scale

    def _backward(
        self, chance: Floats, active: list[int], ends: NDArray[np.intp]
    ) -> tuple[Floats, Floats]:
        backward = np.zeros_like(chance)
        scale = np.zeros(chance.shape[:2])
        backward[ends, np.arange(len(ends))] = self._last
        for at in range(len(chance) - 2, -1, -1):
            further = backward[at + 1, : active[at + 1]] * chance[at + 1, : active[at + 1]]
            np.matmul(further, self._backwards, out=backward[at, : active[at + 1]])
            if at and at % _SCALE_EVERY == 0:
                _rescale(backward[at], scale[at])
        if len(chance) > _SCALE_EVERY:
            scale = np.cumsum(scale[::-1], axis=0)[::-1]
        return backward, scale

    def _candidates(self, chances: _Chances, floor: float, found: list[list[RawSpan]]) -> None:
        certainty = chances.certainty()
        positions, sequences, labels = np.nonzero(certainty[:, :, self._named] >= floor)
        inside = certainty[:, :, self._insides] >= floor
        ends: dict[tuple[int, int], list[int]] = {}
        starts: list[tuple[int, int, int]] = []
        for at, which, number in zip(
            positions.tolist(), sequences.tolist(), labels.tolist(), strict=True
        ):
            label = self._named_labels[number]
            part = self._parts[label]
            if part == "S":
                chance = min(float(certainty[at, which, label]), 1.0)
                found[which].append(RawSpan(at, at + 1, self._types[label], chance))
            elif part == "B":
                starts.append((which, label, at))
            elif part == "E":
                ends.setdefault((which, label), []).append(at)
        for which, begin, at in starts:
            possible = ends.get((which, self._others[begin][1]))
            if possible:
                through = inside[:, which, self._inside_at[self._others[begin][0]]]
                stops = _stops(at, possible, through)
                left = float(certainty[at, which, begin])
                found[which] += self._longer(chances, which, (at, begin), stops, (left, floor))

    def _longer(
        self,
        chances: _Chances,
        which: int,
        begins: tuple[int, int],
        stops: list[int],
        limits: tuple[float, float],
    ) -> Iterator[RawSpan]:
        """Yield the spans that begin at a position with a label; ``limits`` are all and least."""
        at, begin = begins
        left, floor = limits
        labels = (begin, *self._others[begin])
        for stop, chance in self._paths(chances, which, labels, at, stops):
            if chance >= floor:
                yield RawSpan(at, stop + 1, self._types[begin], chance)
            left -= chance
            if left < floor:
                # What begins here ends somewhere: no more is left for the others.
                return

    def _paths(
        self, chances: _Chances, which: int, labels: tuple[int, int, int], at: int, stops: list[int]
    ) -> Iterator[tuple[int, float]]:
        """Yield each stop and the probability of the span that ends there."""
        begin, inside, end = labels
        log, emissions = self._steps, chances.emissions
        path = _log(chances.forward[at, which, begin]) + float(chances.scale[at, which])
        path -= float(chances.total[which])
        last, previous = at, begin
        for stop in stops:
            while last < stop - 1:
                last += 1
                path += log[previous][inside] + float(emissions[last, which, inside])
                previous = inside
            whole = path + log[previous][end] + float(emissions[stop, which, end])
            whole += _log(chances.backward[stop, which, end])
            whole += float(chances.scale_back[stop, which])
            yield stop, math.exp(min(whole, 0.0))


def _stops(at: int, possible: list[int], through: NDArray[np.bool_]) -> list[int]:
    """Return where a span from ``at`` may end: it is no likelier than what is inside it."""
    stops = []
    reach = at + 1
    first = bisect_right(possible, at)
    for stop in possible[first : first + MOST_STOPS]:
        while reach < stop and through[reach]:
            reach += 1
        if stop > reach or stop >= at + LONGEST_SPAN:
            break
        stops.append(stop)
    return stops


def _log(chance: float) -> float:
    return math.log(max(chance, _TINY))


def _rescale(rows: Floats, scale: Floats) -> None:
    sums = rows.sum(axis=1)
    sums[sums <= _TINY] = 1.0
    rows /= sums[:, None]
    np.log(sums, out=scale)


def _may(one: str, next_: str) -> bool:
    if one[0] in "BI":
        return next_[0] in "IE" and next_[2:] == one[2:]
    return next_[0] in "OBS"


def _best(spans: list[RawSpan], floor: float) -> Iterator[RawSpan]:
    """Yield the likeliest spans that do not overlap, each with what the overlapping ones add."""
    kept: list[tuple[RawSpan, float]] = []
    for span in sorted(spans, key=lambda one: -one.probability):
        for at, (other, more) in enumerate(kept):
            if other.label == span.label and span.start < other.end and other.start < span.end:
                kept[at] = other, more + span.probability
                break
        else:
            kept.append((span, span.probability))
    return (span._replace(probability=min(total, 1.0)) for span, total in kept if total >= floor)
