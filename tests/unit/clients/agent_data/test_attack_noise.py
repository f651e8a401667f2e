"""Noise that is thinner than the plan's, missing in one figure, or one draw for two figures.

The test of the claim itself (``test_noise``) measures what an adversary can tell apart, and leaves
room for noise of half the variance. Here the plan's numbers are compared with what is drawn.

Variances and correlations are of so many draws that an honest run fails once in 10^8 or so: each
bound is six standard errors or more away.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from clients.agent.data import noisy
from clients.agent.data.evaluation import Evaluated
from clients.agent.data.noisy import answered_cells, with_noise
from gateway.crypto.discrete_gaussian import SystemChance
from gateway.domain.aggregate.plan import CohortPlan
from support.agent_data import contract, question, where

Noise = npt.NDArray[np.float64]
RUNS = 300
ASKED: dict[str, Any] = {
    "group_by": ("region",),
    "sums": ("amount",),
    "squares": ("amount",),
    "histograms": ("amount", "days"),
}


def nothing(plan: CohortPlan) -> Evaluated:
    """True figures that are all zero: what is left is noise."""
    shape = plan.shape
    cells = len(shape.cells)
    figures = ((0,) * (shape.values_a_cell - 1),) * cells
    return Evaluated((0,) * cells, figures, (np.array([], dtype=np.uint32),) * cells)


@pytest.fixture(scope="module")
def drawn() -> tuple[CohortPlan, Noise]:
    """Noise by run and value; the first cell is answered, the other two are suppressed."""
    _, plan = question(contract(), 1_000_000, **ASKED)
    zeros, chance = nothing(plan), SystemChance()
    values = np.array([with_noise(zeros, plan, (0,), chance) for _ in range(RUNS)], dtype=float)
    counters = [at for at in range(values.shape[1]) if at % plan.shape.values_a_cell == 0]
    assert (values[:, counters] == [1, 0, 0]).all()
    return plan, np.delete(values, counters, axis=1)


def test_all_values_have_the_variance_of_the_plan(drawn: tuple[CohortPlan, Noise]) -> None:
    plan, noise = drawn
    assert noise.shape == (RUNS, plan.shape.noisy_length)
    assert 0.9 < np.square(noise).mean() / plan.noise.share_variance < 1.1


def test_no_figure_and_no_suppressed_cell_goes_without(
    drawn: tuple[CohortPlan, Noise],
) -> None:
    plan, noise = drawn
    shares = np.square(noise).mean(axis=0) / plan.noise.share_variance
    assert 0.45 < shares.min() <= shares.max() < 1.7


def test_no_two_figures_share_a_draw(drawn: tuple[CohortPlan, Noise]) -> None:
    """Their difference would be without noise."""
    _, noise = drawn
    correlated = np.corrcoef(noise, rowvar=False) - np.eye(noise.shape[1])
    assert np.abs(correlated).max() < 0.42


def test_what_is_compared_with_k_has_the_variance_of_the_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each cell's people, and those that the filter leaves out: noise of that very size, once."""
    _, plan = question(contract(), 1_000, where=where(region=("north",)), group_by=("housing",))
    asked: list[int] = []

    def noted(variance: int, _: object) -> int:
        asked.append(variance)
        return 0

    monkeypatch.setattr(noisy, "discrete_gaussian", noted)
    answered_cells(nothing(plan), plan, 100, False, SystemChance())
    assert asked == [plan.counter_variance] * (len(plan.shape.cells) + 1)
    # One person changes it at all contributors together by G + 1; an eighth of the cost is for it.
    contributors, cells = 3, plan.shape.terms.cells_a_person + 1
    assert plan.counter_variance >= contributors * cells * 1_000_000 / (2 * 1_000 / 8)
