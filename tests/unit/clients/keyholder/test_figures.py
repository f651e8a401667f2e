"""From sums in steps to figures: units, errors, suppression, quantiles."""

import random
from collections.abc import Mapping
from math import sqrt
from statistics import median, pvariance

import pytest

from clients.keyholder.answers import Cell, read_answer
from clients.keyholder.figure_text import figure_text
from clients.keyholder.figures import answer_of, bounds_of
from clients.keyholder.opening import OpenedSums
from clients.keyholder.quantiles import quantile_of
from clients.keyholder.rounds import OpenQuestion
from clients.keyholder.wanted import Figure, Kind
from gateway.domain.aggregate.contract import Measure
from gateway.domain.aggregate.plan import STEPS
from gateway.domain.policy.document_base import Bilingual
from support.keyholders import CONTRIBUTORS, World, contract, vector, wanted

NOW = 1_790_000_000
Values = Mapping[tuple[str, str, int], int]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def opened(world: World, *figures: Figure, group_by: tuple[str, ...] = ()) -> OpenQuestion:
    return world.question(wanted(figures=figures, group_by=group_by), contract(), NOW)[0]


def cells(question: OpenQuestion, *values: Values, answered: int = 4) -> tuple[Cell, ...]:
    counted = [{("counter", "", 0): answered, **one} for one in values]
    sums = vector(question, counted)
    return answer_of(OpenedSums(question, CONTRIBUTORS, 1, "e", tuple(sums))).cells


def test_figures_come_in_the_units_of_the_measure(world: World) -> None:
    """Of the people 3, 5 and 10 DM: a step of a sum is 2048/1024, of squares 2048^2/1024."""
    amounts = [300, 500, 1000, 1200]
    kinds: tuple[Kind, ...] = ("sum", "mean", "variance", "deviation")
    question = opened(world, *(Figure(kind, "amount") for kind in kinds))
    (cell,) = cells(
        question,
        {
            ("people", "", 0): len(amounts) * STEPS,
            ("sum", "amount", 0): round(sum(amounts) * STEPS / 2048),
            ("squares", "amount", 0): round(sum(a**2 for a in amounts) * STEPS / 2048**2),
        },
    )
    shown = [one.estimate.value if one.estimate else None for one in cell.figures]
    spread = pvariance(amounts)
    # The squares' step is large beside four people.
    wanted_values = [sum(amounts), sum(amounts) / 4, spread, sqrt(spread)]
    assert shown == [pytest.approx(one, rel=0.01) for one in wanted_values]


def test_the_error_is_that_of_all_members_noise(world: World) -> None:
    question = opened(world, Figure("sum", "amount"), Figure("mean", "amount"))
    share = question.plan.noise.share_variance
    generator = random.Random(7)
    sums, means = [], []
    for _ in range(4000):
        noise = [round(generator.gauss(0, sqrt(4 * share))) for _ in range(2)]
        (cell,) = cells(
            question,
            {
                ("people", "", 0): 2000 * STEPS + noise[0],
                ("sum", "amount", 0): 1000 * STEPS + noise[1],
            },
        )
        total, mean = (one.estimate for one in cell.figures)
        assert total is not None
        assert mean is not None
        sums.append((total.value - 1000 * 2048) / (total.error or 0))
        means.append((mean.value - 1024) / (mean.error or 0))
    # A fixed seed: the standardised errors have a deviation of 1.
    assert sqrt(pvariance(sums)) == pytest.approx(1, abs=0.04)
    assert sqrt(pvariance(means)) == pytest.approx(1, abs=0.04)


@pytest.mark.parametrize("answered", [0, 1, 3])
def test_a_cell_that_any_member_suppressed_shows_nothing(world: World, answered: int) -> None:
    question = opened(world, Figure("mean", "amount"), Figure("histogram", "amount"))
    (cell,) = cells(question, {("people", "", 0): 500 * STEPS}, answered=answered)
    assert cell == Cell((), suppressed=True)


def test_cells_come_in_the_order_of_the_contract(world: World) -> None:
    question = opened(world, group_by=("market", "housing"))
    found = cells(question, *({("people", "", 0): at * STEPS} for at in range(4)))
    assert [cell.group for cell in found] == [
        ("CN", "own"), ("CN", "rent"), ("other", "own"), ("other", "rent"),
    ]  # fmt: skip
    assert [cell.people.value for cell in found if cell.people] == [0, 1, 2, 3]


def test_nobody_has_no_mean_and_few_have_a_weak_one(world: World) -> None:
    question = opened(world, Figure("mean", "amount"))
    nobody, few = (
        cells(question, {("people", "", 0): people * STEPS})[0].figures[0].estimate
        for people in (-5, 2)
    )
    assert nobody is None
    assert few is not None
    assert few.weak


def test_a_negative_range_is_scaled_by_its_largest_magnitude(world: World) -> None:
    question = opened(world, Figure("sum", "months"))
    (cell,) = cells(question, {("sum", "months", 0): -3 * STEPS})
    assert cell.figures[0].estimate is not None
    assert cell.figures[0].estimate.value == -3 * 64


def test_a_histogram_has_bins_from_the_least_to_the_largest_value(world: World) -> None:
    question = opened(world, Figure("histogram", "amount"))
    values = {("bin", "amount", at): (at + 1) * STEPS for at in range(3)}
    (cell,) = cells(question, values)
    bins = cell.figures[0].bins
    assert [(one.low, one.high) for one in bins] == [(0, 512), (512, 1024), (1024, 2048)]
    assert [one.people.value for one in bins] == [1, 2, 3]


def test_an_answer_is_the_same_after_it_was_kept(world: World) -> None:
    question = opened(world, Figure("histogram", "amount"), Figure("deviation", "months"))
    sums = vector(question, [{("counter", "", 0): 4}])
    answer = answer_of(OpenedSums(question, CONTRIBUTORS, 1, "e", tuple(sums)))
    assert read_answer(answer.encoded()) == answer


def test_bounds_go_around_edges_outside_the_range() -> None:
    measure = Measure("m", Bilingual("m", "m"), 0, 100, "", (-5, 0, 50, 100))
    assert bounds_of(measure) == (0, 0, 0, 50, 100, 100)


def test_a_quantile_is_where_the_cumulated_people_say() -> None:
    bounds = (0.0, 10.0, 20.0, 40.0)
    found = quantile_of([100, 100, 200], bounds, 0.25, 0)
    assert found is not None
    assert found.value == 10.0
    assert found.error == pytest.approx(10 / sqrt(12)), "where in its bin it lies is not known"
    assert quantile_of([100, 100, 200], bounds, 0.75, 0) is not None
    assert quantile_of([100, 100, 200], bounds, 0.75, 0).value == 30.0  # type: ignore[union-attr]


def test_a_quantile_of_a_sample_is_near_its_own() -> None:
    generator = random.Random(3)
    sample = [generator.expovariate(1 / 20) for _ in range(20_000)]
    bounds = [float(at) for at in range(401)]
    bins = [0.0] * 400
    for one in sample:
        bins[min(399, int(one))] += 1
    noisy = [one + generator.gauss(0, 10) for one in bins]
    found = quantile_of(noisy, bounds, 0.5, 100)
    assert found is not None
    assert abs(found.value - median(sample)) < 3 * found.error
    assert 0.28 < found.error < 2


def test_noise_never_makes_a_quantile_fall() -> None:
    generator = random.Random(5)
    bins = [generator.gauss(1, 30) for _ in range(60)]
    bounds = [float(at) for at in range(61)]
    shares = [at / 20 for at in range(1, 20)]
    found = [quantile_of([*bins[:-1], 900], bounds, share, 900) for share in shares]
    values = [one.value for one in found if one is not None]
    assert len(values) == len(shares)
    assert values == sorted(values)
    assert all(0 <= one <= 60 for one in values)


def test_nobody_has_no_median() -> None:
    assert quantile_of([-3.0, 0.5], (0, 1, 2), 0.5, 9) is None


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (1234.567, 12.34, "1,235 ± 12"),
        (1234.567, 1234.0, "1,200 ± 1,200"),
        (0.123456, 0.0123, "0.123 ± 0.012"),
        (-0.4, 16.0, "0 ± 16"),
        (5.0, 0.0, "5 ± 0"),
        (1234.5, None, "1,234"),
    ],
)
def test_no_more_digits_than_the_error_leaves(value: float, error: float | None, text: str) -> None:
    assert figure_text(value, error) == text
