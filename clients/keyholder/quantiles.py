"""Quantiles, read from a noisy histogram.

Owns the cumulated counts: noise can make them fall, so the nearest rising ones in the sense of
least squares are taken (pool adjacent violators; Ayer et al. 1955), and within a bin people are
taken to be spread evenly. Post-processing of published figures: it costs no privacy. Refuses to
give a quantile of fewer than one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import hypot, sqrt

from gateway.domain.privacy.accuracy import rank_error


@dataclass(frozen=True, slots=True)
class Quantile:
    """A value and its standard error, in the measure's unit.

    The error is the noise's, and that of not knowing where in its bin the value lies: a bin's width
    over the square root of 12, as if any place were as likely as another.
    """

    value: float
    error: float


def quantile_of(
    bins: Sequence[float], bounds: Sequence[float], share: float, variance: int
) -> Quantile | None:
    """Return a quantile, or None where there is nobody.

    Args:
        bins: noisy people in each bin.
        bounds: one more: bin i lies in [bounds[i], bounds[i + 1]).
        share: in (0, 1), 0.5 for the median.
        variance: of the noise in each bin, in squared people, rounded up.
    """
    curve = _Curve(bins, bounds)
    if curve.total < 1:
        return None
    rank = share * curve.total
    value, at = curve.value(rank)
    # The rank itself is a share of a total that is noisy, too: at most as much again.
    off = rank_error(variance, at + 1).standard
    low, _ = curve.value(rank - off)
    high, _ = curve.value(rank + off)
    within = (bounds[at + 1] - bounds[at]) / sqrt(12)
    return Quantile(value, hypot(max(value - low, high - value), within))


class _Curve:
    """People below a value, by value: straight between the bounds, and never falling."""

    def __init__(self, bins: Sequence[float], bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._below = [0.0, *(max(0.0, one) for one in _rising(list(accumulate(bins))))]
        self.total = self._below[-1]

    def value(self, rank: float) -> tuple[float, int]:
        """The value below which so many people lie, and its bin."""
        wanted = min(max(rank, 0.0), self.total)
        at = next(i for i, below in enumerate(self._below[1:]) if below >= wanted)
        under, within = self._below[at], self._below[at + 1] - self._below[at]
        left, right = self._bounds[at], self._bounds[at + 1]
        part = (wanted - under) / within if within else 0.0
        return left + part * (right - left), at


def _rising(values: Sequence[float]) -> list[float]:
    """The nearest sequence that does not fall."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        mean, size = value, 1
        while blocks and blocks[-1][0] > mean:
            before, many = blocks.pop()
            mean, size = (before * many + mean * size) / (many + size), many + size
        blocks.append((mean, size))
    return [mean for mean, size in blocks for _ in range(size)]
