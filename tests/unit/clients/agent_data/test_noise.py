"""The agent's own noise, tested as an adversary would: neighbouring data, events, counts.

The bounds are Clopper-Pearson's at one in 10^10 for each event, so that an honest run fails at most
once in 10^9.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import ceil, exp, log
from pathlib import Path

import msgspec
import numpy as np
import pytest

from clients.agent.data import noisy
from clients.agent.data.evaluation import Evaluated, evaluate
from clients.agent.data.frozen import FrozenData
from clients.agent.data.noisy import answered_cells, with_noise
from clients.agent.data.snapshot import open_snapshot
from gateway.crypto.discrete_gaussian import SystemChance
from gateway.domain.aggregate.plan import CohortPlan
from gateway.domain.privacy.budget import MICRO, shown_epsilon
from support.agent_data import DATASET, Row, config, contract, csv_source, question

RISK = 1e-10
DELTAS = ("0.3", "0.1", "0.01", "0.001")
CUTS = (-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0)
"""Where events part, in standard deviations of the share from the middle of both."""
PEOPLE: list[Row] = [(f"p{n}", "north", "own", "-50", "90") for n in range(20)]
ONE_MORE: Row = ("one-more", "north", "own", "200", "90")


def neighbours(folder: Path) -> tuple[Evaluated, Evaluated, CohortPlan]:
    """The figures without and with the person who changes most, and a plan of little noise.

    The claim of one share alone (h = 1) is rho = 1/2: its sigma is what one person changes here.
    """
    _, plan = question(contract(), 1_000_000, sums=("amount",))
    share = plan.shape.sensitivity(1).squared
    noise = msgspec.structs.replace(plan.noise, share_variance=share)
    plan = CohortPlan(plan.shape, noise, plan.counter_variance)
    found = []
    for name, people in (("without", PEOPLE), ("with", [*PEOPLE, ONE_MORE])):
        data = config(csv_source(folder / name, people))
        dimensions = plan.shape.terms.dimensions
        snapshot = open_snapshot(DATASET, data, dimensions, folder / name / "state")
        found.append(evaluate(snapshot, plan.shape))
    return found[0], found[1], plan


def claimed_rho(plan: CohortPlan, share_variance: int) -> Fraction:
    return Fraction(plan.shape.sensitivity(1).squared, 2 * share_variance)


def scores(
    evaluated: Evaluated, plan: CohortPlan, change: Sequence[int], samples: int
) -> list[int]:
    """Project answers onto what the person changes: the best that an adversary can look at."""
    chance = SystemChance()
    found = []
    for _ in range(samples):
        _, *values = with_noise(evaluated, plan, (0,), chance)
        found.append(sum(a * b for a, b in zip(values, change, strict=True)))
    return found


def lower_bound(folder: Path, samples: int, noise_divided_by: int = 1) -> list[tuple[float, float]]:
    """For each delta the empirical lower bound of epsilon, and the claimed one."""
    without, one_more, plan = neighbours(folder)
    claim = claimed_rho(plan, plan.noise.share_variance)
    assert claim == Fraction(1, 2)
    variance = plan.noise.share_variance // noise_divided_by
    noise = msgspec.structs.replace(plan.noise, share_variance=variance)
    plan = CohortPlan(plan.shape, noise, plan.counter_variance)
    pairs = zip(one_more.figures[0], without.figures[0], strict=True)
    change = [a - b for a, b in pairs]
    assert change == [1024, 1024], "the neighbour changes as much as is allowed"
    null, other = (scores(one, plan, change, samples) for one in (without, one_more))
    middle = sum(d * (2 * v + d) for d, v in zip(change, without.figures[0], strict=True)) / 2
    unit = (sum(d * d for d in change) * variance) ** 0.5
    cuts = [middle + cut * unit for cut in CUTS]
    counted = [(sum(s > cut for s in other), sum(s > cut for s in null)) for cut in cuts]
    bounds = []
    for delta in DELTAS:
        best = max(_epsilon(more, less, samples, float(delta)) for more, less in counted)
        bounds.append((best, float(shown_epsilon(ceil(claim * MICRO), Decimal(delta)))))
    return bounds


def _epsilon(more: int, less: int, samples: int, delta: float) -> float:
    surely = at_least(more, samples) - delta
    return log(surely / at_most(less, samples)) if surely > 0 else 0.0


def at_most(count: int, samples: int) -> float:
    """The upper bound of Clopper and Pearson: the chance at which so few have a chance of RISK."""
    low, high = count / samples, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _tail(count, samples, middle) > RISK else (low, middle)
    return high


def at_least(count: int, samples: int) -> float:
    """The lower bound."""
    return 1 - at_most(samples - count, samples)


def _tail(count: int, samples: int, chance: float) -> float:
    """The chance of at most ``count`` of ``samples``."""
    if chance >= 1:
        return 0.0
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, samples + 1)))))
    k = np.arange(count + 1)
    terms = logs[samples] - logs[k] - logs[samples - k]
    terms += k * log(chance) + (samples - k) * log(1 - chance)
    return float(np.exp(terms - terms.max()).sum()) * exp(min(0.0, float(terms.max())))


def test_the_bounds_are_clopper_and_pearsons() -> None:
    assert at_most(0, 10) == pytest.approx(1 - RISK ** (1 / 10))
    assert at_least(10, 10) == pytest.approx(RISK ** (1 / 10))
    assert at_least(5, 10) < 0.5 < at_most(5, 10)


def test_one_persons_share_of_the_noise_keeps_its_claim(tmp_path: Path) -> None:
    assert all(found <= claimed for found, claimed in lower_bound(tmp_path, 20_000))


def test_the_same_test_finds_noise_that_is_too_small(tmp_path: Path) -> None:
    assert any(found > claimed for found, claimed in lower_bound(tmp_path, 4_000, 12))


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_claim_holds_in_a_million_draws(tmp_path: Path) -> None:
    assert all(found <= claimed for found, claimed in lower_bound(tmp_path, 1_000_000))


def test_a_comparison_with_k_keeps_its_claim() -> None:
    """One person moves the chance of an answer by no more than the eighth of the cost allows."""
    of = contract(k=20)
    _, plan = question(of, 1_000_000)
    samples = 20_000
    found = []
    for people in (18, 19):
        empty = np.array([], dtype=np.uint32)
        true = Evaluated((people,), ((people * 1024,),), (empty,))
        draws = (answered_cells(true, plan, people, False, SystemChance()) for _ in range(samples))
        found.append(sum(map(bool, draws)))
    claim = Fraction(1, 2 * plan.counter_variance)
    epsilon = float(shown_epsilon(ceil(claim * MICRO), Decimal("0.001")))
    assert _epsilon(found[1], found[0], samples, 0.001) <= epsilon
    assert found[1] > found[0], "and it is a comparison of the count"


def test_noise_is_of_integers_whatever_the_data(tmp_path: Path) -> None:
    """Every value, of answered and suppressed cells alike, is on the lattice of the integers."""
    people: list[Row] = [(f"p{n}", "north", "own", f"{n}.3337", "1") for n in range(30)]
    _, plan = question(contract(), 1_000_000, group_by=("region",), sums=("amount",))
    data = config(csv_source(tmp_path, people))
    snapshot = open_snapshot(DATASET, data, plan.shape.terms.dimensions, tmp_path / "state")
    true = evaluate(snapshot, plan.shape)
    values = [with_noise(true, plan, (0,), SystemChance()) for _ in range(300)]
    assert {type(one) for one in chain.from_iterable(values)} == {int}
    tail = plan.noise.share_tail
    for at in range(len(values[0])):
        cell, place = divmod(at, plan.shape.values_a_cell)
        drawn = [one[at] for one in values]
        if place == 0:
            assert set(drawn) == {int(cell == 0)}
            continue
        figure = true.figures[cell][place - 1] if cell == 0 else 0
        noise = [one - figure for one in drawn]
        assert max(map(abs, noise)) <= tail
        # With sigma far above two, all residues come: there is no grid but that of the integers.
        assert {one % 2 for one in noise} == {0, 1}


def test_each_content_has_noise_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    of = contract()
    asked, plan = question(of, 1_000, sums=("amount",), histograms=("amount", "days"))
    with FrozenData(config(csv_source(tmp_path, PEOPLE)), tmp_path / "state") as data:
        found = [data.prepare(asked, of, plan, f"group-{n}").values for n in range(5)]
        assert [data.prepare(asked, of, plan, f"group-{n}").values for n in range(5)] == found
    # Sigma is above 10^5 here: no two draws are the same, but with a chance below 10^-5 each.
    assert len({values[1] for values in found}) > 1
    assert all(len(values) == plan.shape.length for values in found)


@pytest.mark.parametrize("sign", [-1, 1])
def test_noise_is_clamped_at_the_plans_tail(monkeypatch: pytest.MonkeyPatch, sign: int) -> None:
    """No draw of a test's life is that far out, so here one is made up."""
    monkeypatch.setattr(noisy, "discrete_gaussian", lambda *_: sign * 10**30)
    _, plan = question(contract(), 1_000_000)
    empty = Evaluated((0,), ((0,),), (np.array([], dtype=np.uint32),))
    found = with_noise(empty, plan, (), SystemChance())
    assert found == (0, sign * plan.noise.share_tail)
