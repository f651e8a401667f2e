"""Answers of an agent's data: what is in them, what they cost, and which are refused."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.data.api import CohortData, DataWord, Declined, Prepared
from clients.agent.data.config import Allowance, DataConfig
from clients.agent.data.errors import DataError
from clients.agent.data.frozen import FrozenData
from clients.agent.data.store import Standing, Store
from gateway.domain.aggregate.contract import AggregateContract
from support.agent_data import DATASET, NOW, Row, contract, open_data, question, where
from support.agent_data import people_of as rows

GROUP = "group-a"
STEPS = 1024


def ask(
    data: CohortData, of: AggregateContract, group: str = GROUP, cost: int = 1000, **asked: Any
) -> Prepared:
    made, plan = question(of, cost, **asked)
    return data.prepare(made, of, plan, group)


def declined(word: DataWord, *arguments: Any, **asked: Any) -> None:
    with pytest.raises(Declined) as caught:
        ask(*arguments, **asked)
    assert (caught.value.word, str(caught.value)) == (word, word.value)


def standing(folder: Path) -> Standing | None:
    store = Store(folder / "state" / "answers.db")
    with store.transaction() as transaction:
        found = transaction.standing(GROUP, DATASET)
    store.close()
    return found


def test_a_vector_has_counter_people_sums_squares_and_bins_of_each_cell(tmp_path: Path) -> None:
    of = contract(k=2)
    with open_data(tmp_path, rows(north_own=3, south_own=4, south_rent=5, west_rent=2)) as data:
        found = ask(
            data,
            of,
            group_by=("region",),
            sums=("amount",),
            squares=("amount",),
            histograms=("days",),
        )
    # 10 of a clip of 200 are 51.2 steps, its square 2.56.
    north = (1, 3 * STEPS, 3 * 51, 3 * 3, 0, 3 * STEPS, 0)
    south = (1, 9 * STEPS, 9 * 51, 9 * 3, 0, 9 * STEPS, 0)
    west = (1, 2 * STEPS, 2 * 51, 2 * 3, 0, 2 * STEPS, 0)
    assert found.values == (*north, *south, *west)


def test_values_are_clamped_at_the_contracts_number_of_people(tmp_path: Path) -> None:
    of = contract(people_at_most=4)
    with open_data(tmp_path, rows(north_own=9)) as data:
        assert ask(data, of, sums=("amount",)).values == (1, 4 * STEPS, 9 * 51)


@pytest.mark.parametrize(("cells", "north"), [(1, 50 * STEPS), (2, 150 * STEPS)])
def test_a_person_counts_in_so_many_cells_only(tmp_path: Path, cells: int, north: int) -> None:
    """In those with most rows of that person: here the south, then of equal ones the first."""
    regions = ("north", "west", "south", "south")
    people: list[Row] = [
        (f"p{n}", region, "own", "30", "1") for n in range(100) for region in regions
    ]
    people += rows(north_own=50, west_own=200)
    with open_data(tmp_path, people, rows_a_person="many") as data:
        values = ask(data, contract(cells=cells), group_by=("region",), sums=("amount",)).values
    assert values[1::3] == (north, 100 * STEPS, 200 * STEPS)
    assert values[5] == 100 * round(60 / 200 * STEPS)


def test_a_cell_below_k_sends_zeros_and_counter_zero(tmp_path: Path) -> None:
    with open_data(tmp_path, rows(north_own=9, south_own=50, west_own=9)) as data:
        values = ask(data, contract(k=10), group_by=("region",)).values
    assert values == (0, 0, 1, 50 * STEPS, 0, 0)


def test_a_cell_is_not_suppressed_alone(tmp_path: Path) -> None:
    """Whoever knows the total would have it: the smallest of the others goes with it."""
    with open_data(tmp_path, rows(north_own=9, south_own=50, west_own=40)) as data:
        values = ask(data, contract(k=10), group_by=("region",)).values
    assert values == (0, 0, 1, 50 * STEPS, 0, 0)


def test_a_cohort_of_nearly_everybody_is_suppressed(tmp_path: Path) -> None:
    of, north = contract(k=10), where(region=("north",))
    with open_data(tmp_path / "few", rows(north_own=100, south_own=9)) as data:
        assert ask(data, of, where=north).values == (0, 0)
    with open_data(tmp_path / "enough", rows(north_own=100, south_own=10)) as data:
        assert ask(data, of, where=north).values == (1, 100 * STEPS)


def test_a_provider_whose_people_are_all_in_one_cell_ends_nobodys_round(tmp_path: Path) -> None:
    with open_data(tmp_path, rows(north_own=100)) as data:
        assert ask(data, contract(k=10), group_by=("region",)).values == (0,) * 6


def test_the_same_content_has_the_same_values_and_costs_nothing(tmp_path: Path) -> None:
    people = rows(north_own=30)
    of = contract(limit=1000)
    with open_data(tmp_path, people) as data:
        first = ask(data, of)
    with open_data(tmp_path, people) as data:
        # Another id, another key: the content is the same. Noise would differ if it were drawn.
        data._chance = Loud()
        assert ask(data, of) == first
        declined(DataWord.BUDGET, data, of, sums=("days",))
    assert standing(tmp_path) == Standing((NOW // 2_592_000 + 1) * 2_592_000, 1000, 1000, 0)


class Loud:
    """Draws far from zero."""

    def below(self, bound: int) -> int:
        return bound - 1

    def happens(self, numerator: int, denominator: int) -> bool:
        return True


def test_each_group_and_each_cost_is_another_content(tmp_path: Path) -> None:
    of = contract()
    with open_data(tmp_path, rows(north_own=30)) as data:
        found = {
            ask(data, of).content,
            ask(data, of, "group-b").content,
            ask(data, of, cost=1001).content,
        }
    assert len(found) == 3
    assert all(len(one) == 32 for one in found)


def test_the_providers_own_allowance_counts_where_it_is_lower(tmp_path: Path) -> None:
    allowance = Allowance(limit=1500, refusals=1)
    with open_data(tmp_path, rows(north_own=30), allowance=allowance) as data:
        ask(data, contract())
        declined(DataWord.BUDGET, data, contract(), sums=("days",))
        ask(data, contract(), "group-b", sums=("days",))


def test_a_new_period_has_a_new_budget_and_an_old_clock_has_none(tmp_path: Path) -> None:
    of, now = contract(limit=1000), [NOW]
    with open_data(tmp_path, rows(north_own=30)) as data:
        data._clock = lambda: now[0]
        ask(data, of)
        now[0] += 31 * 86_400
        ask(data, of, sums=("days",))
        now[0] -= 31 * 86_400
        declined(DataWord.BUDGET, data, of, sums=("amount",))
    found = standing(tmp_path)
    assert found is not None
    assert (found.spent, found.spent_ever) == (1000, 2000)


def test_a_shorter_period_of_the_contract_does_not_begin_the_account_anew(tmp_path: Path) -> None:
    """Nobody signs a contract: its period could be made a day, and a month again, at will."""
    monthly, now = contract(limit=1000), [NOW - NOW % (30 * 86_400)]
    assert monthly.cohort is not None
    daily = contract(
        limit=1000, budget=msgspec.structs.replace(monthly.cohort.budget, period_days=1)
    )
    with open_data(tmp_path, rows(north_own=30)) as data:
        data._clock = lambda: now[0]
        ask(data, monthly)
        now[0] += 86_400
        declined(DataWord.BUDGET, data, daily, sums=("days",))
        now[0] += 29 * 86_400
        ask(data, daily, sums=("days",))
        declined(DataWord.BUDGET, data, monthly, sums=("amount",))


def test_of_64_callers_for_the_last_of_a_budget_one_wins(tmp_path: Path) -> None:
    of = contract(limit=1000)
    with open_data(tmp_path, rows(north_own=30)) as data:

        def call(caller: int) -> str:
            try:
                ask(data, of, asker=f"lender-{caller}")
            except Declined as error:
                return error.word.value
            return "answered"

        with ThreadPoolExecutor(64) as pool:
            assert sorted(pool.map(call, range(64))) == ["answered", *["budget"] * 63]


def test_what_is_not_held_or_not_the_contracts_is_declined_without_a_charge(tmp_path: Path) -> None:
    of = contract()
    with open_data(tmp_path, rows(north_own=30)) as data:
        made, plan = question(of, 1000)
        with pytest.raises(Declined, match="contract"):
            data.prepare(made, contract(k=3), plan, GROUP)
        with pytest.raises(Declined, match="contract"):
            data.prepare(made, of, question(of, 1001)[1], GROUP)
        for change in ({"dataset": "credit.other"}, {"snapshot": "2026-11"}):
            declined(DataWord.DATASET, data, msgspec.structs.replace(of, **change))
    assert standing(tmp_path) is None


def test_a_domain_that_was_frozen_otherwise_is_declined(tmp_path: Path) -> None:
    of = contract()
    assert of.cohort is not None
    wider = type(of.cohort.dimensions[0])("region", of.title, ("north", "south", "west", "east"))
    with open_data(tmp_path, rows(north_own=30)) as data:
        ask(data, of)
        changed = contract(dimensions=(wider, of.cohort.dimensions[1]))
        declined(DataWord.CONTRACT, data, changed, group_by=("region",))
        ask(data, changed, group_by=("housing",))


def test_a_source_that_changed_is_declined(tmp_path: Path) -> None:
    with open_data(tmp_path, rows(north_own=30)) as data:
        ask(data, contract())
    with open_data(tmp_path, rows(north_own=31)) as data:
        declined(DataWord.SOURCE, data, contract(), sums=("days",))


def test_without_a_dataset_nothing_is_held(tmp_path: Path) -> None:
    with FrozenData(DataConfig(), tmp_path / "state") as data:
        declined(DataWord.DATASET, data, contract())


def test_a_snapshot_is_made_before_the_first_question(tmp_path: Path) -> None:
    with open_data(tmp_path, rows(north_own=30)) as data:
        report = data.freeze(contract())
        assert (report.rows, report.kept, report.people, report.unreadable) == (30, 30, 30, {})
        for change in ({"dataset": "credit.other"}, {"snapshot": "2026-11"}):
            with pytest.raises(DataError):
                data.freeze(msgspec.structs.replace(contract(), **change))
