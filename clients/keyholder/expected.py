"""What a question will cost and how exact its answer will be, before anybody is asked.

Owns the preview: it follows from the contract, the budget and the plan, and reads no data (rule 4
of the protocols: a preview that looked would be an answer). Refuses to guess at the data: errors
that hang on a cohort's size are given for sizes, with values spread evenly over their range.
"""

from __future__ import annotations

from math import sqrt

import msgspec

from clients.keyholder.calls import BudgetView
from clients.keyholder.figures import Scale
from clients.keyholder.planner import CohortDraft
from clients.keyholder.wanted import Figure
from gateway.domain.aggregate.contract import Measure
from gateway.domain.aggregate.packing_plan import layout_of
from gateway.domain.aggregate.plan import STEPS
from gateway.domain.aggregate.question import AskerKey
from gateway.domain.privacy.accuracy import NoisyMoments, rank_error
from gateway.domain.privacy.budget import shown_epsilon

_SIZES = (1_000, 10_000)
"""Of a cell, in people, besides the minimum."""
_PAILLIER_BITS = 3072


class ExpectedFigure(msgspec.Struct, frozen=True):
    """A figure's standard error: by people in the cell, 0 where it does not hang on them."""

    figure: str
    measure: str
    unit: str
    errors: dict[int, float]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A question's price and worth. Costs are micro-rho; epsilons are for ``delta``."""

    dataset: str
    contract: str
    cost: int
    epsilon: str
    epsilon_ever: str
    """Of all that was ever asked of the dataset, this question included."""
    delta: str
    left_before: int
    left_after: int
    """Negative where the budget does not cover the question."""
    scheme: str
    contributors: int
    others_needed: int
    """Contributors besides the asker's own, for agents do not count that one."""
    honest: int
    """Contributors whose noise the claim rests on."""
    minimum_cohort: int
    cells: int
    values: int
    ciphertexts: int
    figures: tuple[ExpectedFigure, ...]


def preview(draft: CohortDraft, budget: BudgetView) -> Preview:
    """Return what a draft comes to, if all contributors answer."""
    plan, contract, cost = draft.plan, draft.contract, draft.wanted.cost
    delta = plan.shape.terms.budget.shown_delta
    members = len(contract.contributors)
    key = AskerKey(scheme=plan.scheme, key="ff" * (_PAILLIER_BITS // 8), proof="00")
    return Preview(
        dataset=contract.dataset,
        contract=contract.digest,
        cost=cost,
        epsilon=str(shown_epsilon(cost, delta)),
        epsilon_ever=str(shown_epsilon(budget.spent_ever + cost, delta)),
        delta=plan.shape.terms.budget.delta,
        left_before=budget.left,
        left_after=budget.limit - budget.spent - cost,
        scheme=plan.scheme,
        contributors=members,
        others_needed=contract.minimum_contributors,
        honest=plan.noise.honest,
        minimum_cohort=plan.shape.terms.minimum_cohort,
        cells=len(plan.shape.cells),
        values=plan.shape.length,
        ciphertexts=layout_of(plan, key, members).ciphertexts,
        figures=_figures(draft, Scale(plan.noise.total_variance)),
    )


def _figures(draft: CohortDraft, scale: Scale) -> tuple[ExpectedFigure, ...]:
    people = ExpectedFigure("people", "", "", {0: scale.people()})
    measures = {one.name: one for one in draft.plan.shape.terms.measures}
    sizes = (draft.plan.shape.terms.minimum_cohort, *_SIZES)
    asked = (_expected(one, measures[one.measure], scale, sizes) for one in draft.wanted.figures)
    return (people, *asked)


def _expected(
    figure: Figure, measure: Measure, scale: Scale, sizes: tuple[int, ...]
) -> ExpectedFigure:
    unit = measure.unit
    if figure.kind == "histogram":
        return ExpectedFigure("a bin of the histogram", measure.name, "", {0: scale.people()})
    if figure.kind == "quantile":
        variance = -(-scale.variance * len(measure.edges) // STEPS**2)
        error = rank_error(variance, 1).standard
        return ExpectedFigure(f"rank of {figure.label}", measure.name, "people", {0: error})
    if figure.kind == "sum":
        step = scale.unit(measure, 1)
        return ExpectedFigure("sum", measure.name, unit, {0: sqrt(scale.noise(step))})
    errors = {size: _moment_error(figure, measure, scale, size) for size in sizes}
    return ExpectedFigure(figure.label, measure.name, unit, errors)


def _moment_error(figure: Figure, measure: Measure, scale: Scale, size: int) -> float:
    mean = (measure.low + measure.high) / 2
    spread = (measure.high - measure.low) ** 2 / 12
    first, second = scale.unit(measure, 1), scale.unit(measure, 2)
    moments = NoisyMoments(
        count=size,
        total=size * mean,
        squares=size * (spread + mean**2),
        count_variance=scale.people() ** 2,
        total_variance=scale.noise(first),
        squares_variance=scale.noise(second),
    )
    if figure.kind == "mean":
        return moments.mean_error().standard
    if figure.kind == "variance":
        return moments.variance_error().standard
    return moments.deviation_error().standard
