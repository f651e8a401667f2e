"""The noise of a plan against what a sum of discrete Gaussians really gives away."""

from fractions import Fraction
from math import exp, log

import msgspec
import pytest

from gateway.domain.privacy.budget import micro_rho
from gateway.domain.privacy.errors import BoundsRefused
from gateway.domain.privacy.noise import (
    NoisePlan,
    Sensitivity,
    plan_noise,
    require_covered,
    true_rho,
)

ONE_CELL = Sensitivity(contributors=3, cells_a_person=1, clips=(4,))


def shares(variance: float) -> list[float]:
    """Weights of one discrete Gaussian from -10 sigma to 10 sigma."""
    reach = int(10 * variance**0.5)
    weights = [exp(-(x**2) / (2 * variance)) for x in range(-reach, reach + 1)]
    total = sum(weights)
    return [weight / total for weight in weights]


def convolved(left: list[float], right: list[float]) -> list[float]:
    result = [0.0] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            result[i + j] += a * b
    return result


def divergence(weights: list[float], shift: int, order: float) -> float:
    """Renyi divergence of an answer from the one that is `shift` away."""
    total = sum(
        exp(order * log(weights[x]) + (1 - order) * log(weights[x - shift]))
        for x in range(shift, len(weights))
    )
    return log(total) / (order - 1)


@pytest.mark.parametrize("colluding", [0, 1, 2])
@pytest.mark.parametrize("cost", [100_000, 700_000])
def test_what_the_honest_shares_give_away_is_within_the_charge(cost: int, colluding: int) -> None:
    plan = plan_noise(ONE_CELL, cost=cost, colluding=colluding, length=1)
    honest = shares(plan.share_variance)
    total = honest
    for _ in range(plan.honest - 1):
        total = convolved(total, honest)
    moved = ONE_CELL.contributors * ONE_CELL.clips[0]
    for order in (1.5, 2.0, 4.0):
        assert divergence(total, moved, order) <= order * cost / 1e6 * (1 + 1e-9)
    # And the charge is not much more than what is given away, where no floor holds.
    if plan.share_variance > 9:
        assert divergence(total, moved, 2.0) > 2 * cost / 1e6 * 0.95


def test_the_plan_of_a_question_worked_by_hand() -> None:
    # U = 10, G = 4, C S = 100: squared sensitivity 10^2 * 4 * 100^2 = 4 * 10^6; rho = 1/2 asks for
    # a total of 4 * 10^6, of which each of 8 honest ones adds 500,000, and a step for tau.
    sensitivity = Sensitivity(contributors=10, cells_a_person=4, clips=(100,))
    assert sensitivity.squared == 4_000_000
    plan = plan_noise(sensitivity, cost=500_000, colluding=2, length=24)
    assert plan.share_variance == 500_001
    assert plan.total_variance == 5_000_010
    # 14 sqrt(500,001) = 9,899.5...
    assert plan.share_tail == 9_900
    assert plan.span(100) == 10 * (100 + 9_900)


def test_a_share_has_a_least_sigma_of_3() -> None:
    plan = plan_noise(ONE_CELL, cost=10**9, colluding=0, length=1)
    assert plan.share_variance == 9
    assert plan.share_tail == 42


def test_one_party_alone_adds_what_binning_asks_for() -> None:
    """Of F features a person falls into one bin each, with a row and perhaps an event: F / rho."""
    features, rho = 12, Fraction(4)
    alone = Sensitivity(contributors=1, cells_a_person=features, clips=(1, 1))
    plan = plan_noise(alone, cost=micro_rho(rho), colluding=0, length=240)
    assert plan.share_variance == plan.total_variance == features / rho == 3
    require_covered(plan, alone)
    with pytest.raises(BoundsRefused):
        require_covered(msgspec.structs.replace(plan, share_variance=2), alone)


def test_several_measures_share_a_vector() -> None:
    both = Sensitivity(contributors=2, cells_a_person=3, clips=(1, 5))
    assert both.squared == 4 * 3 * 26


@pytest.mark.parametrize(
    ("cost", "colluding", "length"),
    [(0, 0, 1), (-5, 0, 1), (10**13, 0, 1), (1, 3, 1), (1, -1, 1), (1, 0, 0), (1, 0, 10**40)],
)
def test_plans_that_rest_on_nothing_are_refused(cost: int, colluding: int, length: int) -> None:
    with pytest.raises(BoundsRefused):
        plan_noise(ONE_CELL, cost=cost, colluding=colluding, length=length)


@pytest.mark.parametrize(
    "bad", [{"contributors": 0}, {"cells_a_person": 0}, {"clips": ()}, {"clips": (1, 0)}]
)
def test_bounds_of_nothing_are_refused(bad: dict[str, object]) -> None:
    with pytest.raises(BoundsRefused):
        msgspec.structs.replace(ONE_CELL, **bad)


GOOD = plan_noise(ONE_CELL, cost=100_000, colluding=1, length=5)


def test_an_agent_accepts_a_sufficient_plan() -> None:
    require_covered(GOOD, ONE_CELL)
    require_covered(msgspec.structs.replace(GOOD, share_variance=10**9), ONE_CELL)


@pytest.mark.parametrize(
    "altered",
    [
        {"share_variance": GOOD.share_variance - 1},
        {"share_variance": 8},
        {"share_variance": 0},
        {"cost": GOOD.cost - 1_000},
        {"cost": 0},
        {"honest": 1},
        {"honest": 0},
        {"honest": 4},
        {"contributors": 4},
        {"length": 0},
        {"length": 10**40},
    ],
)
def test_an_agent_refuses_a_plan_that_was_weakened(altered: dict[str, int]) -> None:
    with pytest.raises(BoundsRefused):
        require_covered(msgspec.structs.replace(GOOD, **altered), ONE_CELL)


def test_the_correction_for_sums_is_above_the_published_one() -> None:
    """tau of the paper, in floating point, for the smallest share that is allowed."""
    plan = NoisePlan(share_variance=9, contributors=6, honest=6, length=1000, cost=1)
    sensitivity = Sensitivity(contributors=6, cells_a_person=1, clips=(1,))
    spread = Fraction(36, 2 * 6 * 9)
    correction = float(true_rho(plan, sensitivity) - spread)
    published = 10 * sum(exp(-2 * 9.8696044 * 9 * k / (k + 1)) for k in range(1, 6)) * 1000
    assert published < correction < 10 * published
