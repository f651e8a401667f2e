"""From sums in steps to figures of cells.

Owns the units and the errors. A step of a sum is clip / STEPS of the measure's unit, of a sum of
squares clip^2 / STEPS, of people 1 / STEPS; the noise in each is that of all members, in steps, and
known. Refuses nothing: what cannot be computed, such as a mean of nobody, is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, sqrt

from clients.keyholder.answers import Bin, Cell, CohortAnswer, Estimate, MeasureName, Shown
from clients.keyholder.opening import OpenedSums
from clients.keyholder.quantiles import quantile_of
from clients.keyholder.wanted import Figure
from gateway.domain.aggregate.contract import Measure
from gateway.domain.aggregate.plan import STEPS, Shape
from gateway.domain.privacy.accuracy import ExpectedError, NoisyMoments
from gateway.domain.privacy.budget import shown_epsilon
from gateway.domain.privacy.errors import BoundsRefused

_WEAK_BELOW = 3.0
"""Standard errors of the people: below that, errors to first order mislead."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Units of one step, and the noise of one value."""

    variance: int
    """Of the noise in a sum, in squared steps."""

    def people(self) -> float:
        """The standard error of a count."""
        return sqrt(self.variance) / STEPS

    def unit(self, measure: Measure, power: int) -> float:
        """One step of a sum (power 1) or a sum of squares (power 2)."""
        return float(measure.clip**power) / STEPS

    def noise(self, unit: float) -> float:
        """The variance of a sum whose step is this unit."""
        return self.variance * unit**2


def bounds_of(measure: Measure) -> tuple[float, ...]:
    """Return the bounds of a measure's bins: its edges between its low and its high."""
    inner = [one for one in measure.edges if measure.low < one < measure.high]
    low, high = float(measure.low), float(measure.high)
    # Edges on or beyond the range leave empty bins: they have no width.
    below = [low] * sum(1 for one in measure.edges if one <= measure.low)
    above = [high] * sum(1 for one in measure.edges if one >= measure.high)
    return (low, *below, *map(float, inner), *above, high)


def answer_of(opened: OpenedSums) -> CohortAnswer:
    """Return what is shown of an opened result."""
    question, contract, plan = opened.opened.question, opened.opened.contract, opened.opened.plan
    shape = plan.shape
    scale = Scale(plan.noise.share_variance * len(opened.members))
    size = shape.values_a_cell
    cells = tuple(
        _cell(group, opened.sums[at * size : (at + 1) * size], opened, scale)
        for at, group in enumerate(shape.cells)
    )
    delta = shape.terms.budget.shown_delta
    return CohortAnswer(
        id=question.id,
        dataset=question.dataset,
        snapshot=question.snapshot,
        title=contract.title,
        purpose=question.purpose,
        where=tuple(f"{one.dimension}={'|'.join(one.among)}" for one in question.where),
        grouped=tuple(MeasureName(one.name, one.title) for one in shape.grouped),
        measures=tuple(MeasureName(one.name, one.title, one.unit) for one in shape.terms.measures),
        members=opened.members,
        cost=question.cost,
        epsilon=str(shown_epsilon(question.cost, delta)),
        delta=shape.terms.budget.delta,
        log_index=opened.log_index,
        event_id=opened.event_id,
        cells=cells,
    )


def _cell(
    group: tuple[str, ...], values: tuple[int, ...], opened: OpenedSums, scale: Scale
) -> Cell:
    shape = opened.opened.plan.shape
    named = dict(zip(shape.figures(), values, strict=True))
    if named["counter", "", 0] < len(opened.members):
        return Cell(group, suppressed=True)
    reading = _Reading(shape, named, scale)
    figures = tuple(reading.shown(one) for one in opened.opened.wanted.figures)
    return Cell(group, suppressed=False, people=reading.people(), figures=figures)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One cell's sums by (kind, measure, bin), in steps."""

    shape: Shape
    sums: Mapping[tuple[str, str, int], int]
    scale: Scale

    def people(self) -> Estimate:
        return Estimate(self._count, self.scale.people())

    def shown(self, figure: Figure) -> Shown:
        if figure.kind == "histogram":
            return Shown(figure, bins=self._bins(figure.measure))
        if figure.kind == "quantile":
            return Shown(figure, self._quantile(figure))
        if figure.kind == "sum":
            return Shown(figure, self._sum(figure.measure))
        return Shown(figure, self._moment(figure))

    @property
    def _count(self) -> float:
        return self.sums["people", "", 0] / STEPS

    @property
    def _weak(self) -> bool:
        return self._count < _WEAK_BELOW * self.scale.people()

    def _measure(self, name: str) -> Measure:
        return next(one for one in self.shape.terms.measures if one.name == name)

    def _sum(self, name: str) -> Estimate:
        unit = self.scale.unit(self._measure(name), 1)
        return Estimate(self.sums["sum", name, 0] * unit, sqrt(self.scale.noise(unit)))

    def _moment(self, figure: Figure) -> Estimate | None:
        moments = self._moments(figure.measure)
        try:
            if figure.kind == "mean":
                value, error = moments.mean, moments.mean_error()
            elif figure.kind == "variance":
                value, error = moments.variance, moments.variance_error()
            else:
                value, error = sqrt(moments.variance), moments.deviation_error()
        except BoundsRefused:
            return None
        return Estimate(value, _finite(error), self._weak or not isfinite(error.standard))

    def _moments(self, name: str) -> NoisyMoments:
        measure, scale = self._measure(name), self.scale
        first, second = scale.unit(measure, 1), scale.unit(measure, 2)
        squared = name in self.shape.squares
        return NoisyMoments(
            count=self._count,
            total=self.sums["sum", name, 0] * first,
            squares=self.sums["squares", name, 0] * second if squared else 0.0,
            count_variance=scale.people() ** 2,
            total_variance=scale.noise(first),
            squares_variance=scale.noise(second) if squared else 0.0,
        )

    def _bins(self, name: str) -> tuple[Bin, ...]:
        bounds = bounds_of(self._measure(name))
        error = self.scale.people()
        return tuple(
            Bin(bounds[at], bounds[at + 1], Estimate(people, error))
            for at, people in enumerate(self._people_in_bins(name))
        )

    def _people_in_bins(self, name: str) -> list[float]:
        bins = len(self._measure(name).edges) + 1
        return [self.sums["bin", name, at] / STEPS for at in range(bins)]

    def _quantile(self, figure: Figure) -> Estimate | None:
        measure = self._measure(figure.measure)
        variance = -(-self.scale.variance // STEPS**2)
        found = quantile_of(
            self._people_in_bins(measure.name), bounds_of(measure), figure.share, variance
        )
        return None if found is None else Estimate(found.value, found.error, self._weak)


def _finite(error: ExpectedError) -> float | None:
    return error.standard if isfinite(error.standard) else None
