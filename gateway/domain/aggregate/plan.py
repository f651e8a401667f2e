"""What a cohort question comes to: its cells, its values, its noise, its scheme.

Owns the order of a vector and the scale of its values. A vector has, for each cell (the product of
the grouped dimensions, the first varying slowest), these values: the counter of contributors that
did not suppress the cell, the people, then for each summed measure its sum and, where asked, its
sum of squares, then the bins of each histogram. All but the counter are in steps, ``STEPS`` to one
clip, so that one noise fits them all: a person changes each by ``STEPS`` at most.

A contributor suppresses a cell when its people plus noise of its own are below k, and refuses a
question when its cohorts overlap too much, which is another noisy number of people. Those looks
have a cost too, so an eighth of a question's cost pays for them: of all contributors' together one
person changes U (G + 1) by one, and each has noise of ``counter_variance``.

Refuses what the contract does not list, too many cells, costs above the contract's, and a noise
that is not the plan's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from gateway.domain.aggregate.contract import (
    MAX_CELLS,
    MAX_VALUES,
    AggregateContract,
    CohortTerms,
    Dimension,
    Measure,
)
from gateway.domain.aggregate.question import CohortQuestion, Scheme, WrongContract
from gateway.domain.privacy.noise import NoisePlan, Sensitivity, plan_noise

STEPS = 1024
"""Fixed-point steps in one clip: of a person's value no more than half a step is lost."""
ELGAMAL_SPAN = 1 << 36
_COUNTER_SHARE = 8
_MICRO = 1_000_000


@dataclass(frozen=True)
class Shape:
    """Which figures of which cells: what follows from a question without its noise."""

    terms: CohortTerms
    grouped: tuple[Dimension, ...]
    filtered: tuple[tuple[Dimension, frozenset[str]], ...]
    sums: tuple[Measure, ...]
    squares: frozenset[str]
    histograms: tuple[Measure, ...]

    @cached_property
    def cells(self) -> tuple[tuple[str, ...], ...]:
        """The groups, in the order of the vector; one empty group where nothing is grouped."""
        return tuple(product(*(one.values for one in self.grouped)))

    @cached_property
    def values_a_cell(self) -> int:
        """Counter, people, sums with squares, bins."""
        bins = sum(len(one.edges) + 1 for one in self.histograms)
        return 2 + len(self.sums) + len(self.squares) + bins

    @property
    def length(self) -> int:
        """Values of a contribution, the counters included."""
        return len(self.cells) * self.values_a_cell

    @property
    def noisy_length(self) -> int:
        """Values that carry the plan's noise: all but the counters."""
        return len(self.cells) * (self.values_a_cell - 1)

    def figures(self) -> Iterator[tuple[str, str, int]]:
        """Yield (kind, measure, bin) of a cell's values in their order, the counter first."""
        yield "counter", "", 0
        yield "people", "", 0
        for one in self.sums:
            yield "sum", one.name, 0
            if one.name in self.squares:
                yield "squares", one.name, 0
        for one in self.histograms:
            for at in range(len(one.edges) + 1):
                yield "bin", one.name, at

    def sensitivity(self, contributors: int) -> Sensitivity:
        """What one person can change, in steps: of a histogram, one bin."""
        changed = 1 + len(self.sums) + len(self.squares) + len(self.histograms)
        return Sensitivity(
            contributors=contributors,
            cells_a_person=self.terms.cells_a_person,
            clips=(STEPS,) * changed,
        )


def shape_of(question: CohortQuestion, contract: AggregateContract) -> Shape:
    """Return a question's shape; raises ``WrongContract`` naming what is not in the contract."""
    terms = contract.cohort
    if terms is None:
        raise WrongContract("cohort")
    dimensions = {one.name: one for one in terms.dimensions}
    measures = {one.name: one for one in terms.measures}
    for name in (*question.group_by, *(one.dimension for one in question.where)):
        if name not in dimensions:
            raise WrongContract(name)
    for name in (*question.sums, *question.histograms):
        if name not in measures:
            raise WrongContract(name)
    if any(not measures[name].edges for name in question.histograms):
        raise WrongContract("histograms")
    shape = Shape(
        terms=terms,
        grouped=tuple(dimensions[name] for name in question.group_by),
        filtered=tuple(
            (dimensions[one.dimension], _listed(dimensions[one.dimension], one.among))
            for one in question.where
        ),
        sums=tuple(measures[name] for name in question.sums),
        squares=frozenset(question.squares),
        histograms=tuple(measures[name] for name in question.histograms),
    )
    cells = 1
    for one in shape.grouped:
        cells *= len(one.values)
    if cells > MAX_CELLS or cells * shape.values_a_cell > MAX_VALUES:
        raise WrongContract("group_by")
    return shape


def _listed(dimension: Dimension, among: tuple[str, ...]) -> frozenset[str]:
    if not set(among) <= set(dimension.values) or len(set(among)) != len(among):
        raise WrongContract(dimension.name)
    return frozenset(among)


@dataclass(frozen=True)
class CohortPlan:
    """The noise and the scheme of a shape at a cost, for a number of contributors."""

    shape: Shape
    noise: NoisePlan
    counter_variance: int
    """Of the noise in the count that a contributor compares with k, in squared people."""

    @property
    def span(self) -> int:
        """The largest absolute sum that can come out, in steps."""
        return self.noise.span(self.shape.terms.people_at_most * STEPS)

    @property
    def scheme(self) -> Scheme:
        """ElGamal where the sum can be read by steps, Paillier where it cannot."""
        return "elgamal" if 2 * self.span <= ELGAMAL_SPAN else "paillier"


def plan_cohort(shape: Shape, contract: AggregateContract, cost: int) -> CohortPlan:
    """Return the plan of a question at a cost in micro-rho, for all of the contract's contributors.

    Raises ``WrongContract`` ("cost") above the contract's cost of a question, and ``BoundsRefused``
    where the cost is too small for so many values.
    """
    if not _COUNTER_SHARE <= cost <= shape.terms.budget.a_question:
        raise WrongContract("cost")
    contributors = len(contract.contributors)
    for_counters = cost // _COUNTER_SHARE
    people = contributors * (shape.terms.cells_a_person + 1)
    noise = plan_noise(
        shape.sensitivity(contributors),
        cost=cost - for_counters,
        # The claim holds for the smallest roster that is let through.
        colluding=contributors - contract.minimum_contributors + contract.colluding,
        length=shape.noisy_length,
    )
    return CohortPlan(shape, noise, -(-people * _MICRO // (2 * for_counters)))


def require_plan(question: CohortQuestion, contract: AggregateContract) -> CohortPlan:
    """Return the plan that a question must be of, checked from outside.

    Raises ``WrongContract``: "share_variance" for another noise, "scheme" for another scheme, and
    as ``shape_of`` and ``plan_cohort``.
    """
    plan = plan_cohort(shape_of(question, contract), contract, question.cost)
    if question.share_variance != plan.noise.share_variance:
        raise WrongContract("share_variance")
    if question.key.scheme != plan.scheme:
        raise WrongContract("scheme")
    return plan
