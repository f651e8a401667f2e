"""Attacks on cohorts: pairs, combinations, dropped contributors. Each of them loses."""

from pathlib import Path
from typing import Any

import pytest

from clients.agent.data import frozen, noisy
from clients.agent.data.api import DataWord, Declined
from clients.agent.data.config import DimensionColumn
from clients.agent.data.frozen import FrozenData, content_of
from clients.agent.data.store import Place, Store
from gateway.domain.aggregate.contract import AggregateContract
from support.agent_data import DATASET, Row, contract, open_data, people_of, question, where

GROUP = "group-a"
ALL = ("bank-a", "bank-b", "bank-c")


def ask(data: FrozenData, of: AggregateContract, group: str = GROUP, **asked: Any) -> bytes:
    made, plan = question(of, 1000, **asked)
    return data.prepare(made, of, plan, group).content


def refused(data: FrozenData, of: AggregateContract, **asked: Any) -> None:
    with pytest.raises(Declined) as caught:
        ask(data, of, **asked)
    assert caught.value.word is DataWord.OVERLAP


NORTH = where(region=("north",))
NORTH_OWN = where(region=("north",), housing=("own",))


@pytest.mark.parametrize("renters", [0, 1, 9])
def test_a_cohort_and_the_same_with_few_people_less_are_refused(
    tmp_path: Path, renters: int
) -> None:
    """Also where nobody is between them: a refusal would say else that somebody is."""
    people = people_of(north_own=100, north_rent=renters, south_own=100, south_rent=100)
    with open_data(tmp_path, people) as data:
        ask(data, contract(k=10), where=NORTH)
        refused(data, contract(k=10), where=NORTH_OWN)
        ask(data, contract(k=10), "group-b", where=NORTH_OWN)


def test_cohorts_that_differ_by_k_are_answered(tmp_path: Path) -> None:
    people = people_of(north_own=100, north_rent=10, south_own=100, south_rent=100)
    with open_data(tmp_path, people) as data:
        ask(data, contract(k=10), where=NORTH)
        ask(data, contract(k=10), where=NORTH_OWN)


def test_a_combination_of_three_cohorts_is_refused(tmp_path: Path) -> None:
    """North, south, and the owners of both: no two of them are close, the sum of three is."""
    people = people_of(north_own=100, north_rent=4, south_own=100, south_rent=5, west_own=99)
    of = contract(k=10)
    both = where(region=("north", "south"), housing=("own",))
    with open_data(tmp_path, people) as data:
        ask(data, of, where=NORTH)
        ask(data, of, where=where(region=("south",)))
        refused(data, of, where=both)
    with open_data(tmp_path, people) as data:
        ask(data, of, "group-b", where=NORTH)
        ask(data, of, "group-b", where=both)


def test_cells_of_a_grouping_count_as_cohorts(tmp_path: Path) -> None:
    people = people_of(north_own=100, north_rent=4, south_own=100, south_rent=50, west_own=99)
    with open_data(tmp_path, people) as data:
        ask(data, contract(k=10), group_by=("region",))
        refused(data, contract(k=10), where=NORTH_OWN)
        # The cell itself, asked for by a filter and for other figures, is the same cohort.
        ask(data, contract(k=10), where=NORTH, sums=("days",))


def test_the_sum_of_answered_cells_is_known(tmp_path: Path) -> None:
    people = people_of(north_own=100, south_own=100, west_own=100)
    with open_data(tmp_path, people) as data:
        ask(data, contract(k=10), group_by=("region",))
        ask(data, contract(k=10), where=where(region=("north", "south")))


def test_people_with_several_rows_do_not_add_up(tmp_path: Path) -> None:
    """Who is in the north and in the south is in both cohorts, and once in the two together."""
    people = [
        *people_of(north_own=100, south_own=100, west_own=100),
        ("both", "north", "own", "1", "1"),
    ]
    people += [("both", "south", "own", "1", "1")]
    of = contract(k=10, cells=2)
    with open_data(tmp_path, people, rows_a_person="many") as data:
        ask(data, of, group_by=("region",))
        ask(data, of, where=NORTH)
        ask(data, of, where=where(region=("south",)))
        refused(data, of, where=where(region=("north", "south")))


def test_what_two_cohorts_leave_out_together_is_looked_at(tmp_path: Path) -> None:
    """The whole population is known: less the north and less the south it is the west."""
    with open_data(tmp_path, people_of(north_own=100, south_own=100, west_own=5)) as data:
        ask(data, contract(k=10), where=NORTH)
        refused(data, contract(k=10), where=where(region=("south",)))


def test_a_cell_that_noise_let_through_ends_no_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It passed its own comparison with k; only what is cut out of it is refused."""
    people = people_of(north_own=7, north_rent=1, south_own=100, west_own=100)
    with open_data(tmp_path, people) as data:
        monkeypatch.setattr(noisy, "discrete_gaussian", lambda *_: 3)
        ask(data, contract(k=10), group_by=("region",))
        ask(data, contract(k=10), where=where(region=("south",)), sums=("days",))
        refused(data, contract(k=10), where=NORTH_OWN)


def test_the_same_cells_again_are_no_further_cohorts(tmp_path: Path) -> None:
    of, people, columns = wide(40)
    with open_data(tmp_path, people, dimensions=columns) as data:
        ask(data, of, group_by=("region",))
        ask(data, of, group_by=("region",), sums=("days",))


def wide(regions: int) -> tuple[AggregateContract, list[Row], dict[str, DimensionColumn]]:
    """A contract of many regions, and six people in each."""
    of = contract(k=2)
    assert of.cohort is not None
    many = type(of.cohort.dimensions[0])("region", of.title, tuple(f"r{n}" for n in range(regions)))
    people: list[Row] = [
        (f"p{n}", f"r{n % regions}", "own" if n % 2 else "rent", "1", "1")
        for n in range(regions * 6)
    ]
    columns = {
        "region": DimensionColumn(column="land"),
        "housing": DimensionColumn(column="living"),
    }
    return contract(k=2, dimensions=(many, of.cohort.dimensions[1])), people, columns


def test_a_cell_that_the_filter_empties_is_no_cohort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Noise may answer it; there is nobody in it to be singled out, whatever the data."""
    with open_data(tmp_path, people_of(north_own=100, south_own=100)) as data:
        monkeypatch.setattr(noisy, "discrete_gaussian", lambda *_: 50)
        ask(data, contract(k=10), where=NORTH, group_by=("region",))
    store = Store(tmp_path / "state" / "answers.db")
    with store.transaction() as transaction:
        kept = transaction.cohorts(Place(GROUP, DATASET, "2026-10"))
    store.close()
    assert [len(one.people) for one in kept] == [100]


def test_a_cohort_of_nearly_everybody_with_several_rows_each_is_refused(tmp_path: Path) -> None:
    people = people_of(north_own=100, south_own=9)
    with open_data(tmp_path, people, rows_a_person="many") as data:
        refused(data, contract(k=10), where=NORTH)
    people = people_of(north_own=100, south_own=10)
    with open_data(tmp_path / "enough", people, rows_a_person="many") as data:
        ask(data, contract(k=10), where=NORTH)


def test_65_cohorts_are_too_many(tmp_path: Path) -> None:
    of, people, columns = wide(65)
    with open_data(tmp_path, people, dimensions=columns) as data:
        refused(data, of, group_by=("region",))
        ask(data, of, group_by=("housing",))


def test_a_refusal_is_charged_counted_and_given_again_for_nothing(tmp_path: Path) -> None:
    of = contract(k=10, refusals=1)
    with open_data(tmp_path, people_of(north_own=100, north_rent=9, south_own=100)) as data:
        ask(data, of, where=NORTH)
        refused(data, of, where=NORTH_OWN)
        refused(data, of, where=NORTH_OWN)
        with pytest.raises(Declined, match="budget"):
            ask(data, of)
    store = Store(tmp_path / "state" / "answers.db")
    with store.transaction() as transaction:
        found = transaction.standing(GROUP, DATASET)
    store.close()
    assert found is not None
    assert (found.spent, found.spent_ever, found.refusals) == (2000, 2000, 1)


def test_a_content_has_one_roster_for_good(tmp_path: Path) -> None:
    people = people_of(north_own=50)
    with open_data(tmp_path, people) as data:
        content = ask(data, contract())
        data.settle(content, ALL)
    with open_data(tmp_path, people) as data:
        data.settle(content, tuple(reversed(ALL)))
        with pytest.raises(Declined, match="roster"):
            data.settle(content, ALL[:2])


def test_a_content_of_suppressed_cells_has_one_roster_too(tmp_path: Path) -> None:
    with open_data(tmp_path, people_of(north_own=50)) as data:
        content = ask(data, contract(k=100), group_by=("region",))
        data.settle(content, ALL)
        with pytest.raises(Declined, match="roster"):
            data.settle(content, ALL[:2])


def test_a_dropped_contributor_and_a_second_question_about_the_cohort_are_declined(
    tmp_path: Path,
) -> None:
    """Else the difference of the two would be the dropped one's contribution."""
    of = contract(k=10)
    with open_data(tmp_path, people_of(north_own=50, south_own=50, west_own=50)) as data:
        data.settle(ask(data, of, group_by=("region",)), ALL)
        second = ask(data, of, where=NORTH, sums=("amount",))
        with pytest.raises(Declined, match="roster"):
            data.settle(second, ALL[:2])
        data.settle(second, ALL)
        spelled = where(region=("north",), housing=("rent", "own"))
        with pytest.raises(Declined, match="roster"):
            data.settle(ask(data, of, where=spelled), ALL[:2])
        other = ask(data, of, "group-b", where=NORTH)
        data.settle(other, ALL[:2])


def test_nothing_that_was_not_answered_is_settled(tmp_path: Path) -> None:
    with open_data(tmp_path, people_of(north_own=100, north_rent=9, south_own=100)) as data:
        ask(data, contract(k=10), where=NORTH)
        refused(data, contract(k=10), where=NORTH_OWN)
        made, _ = question(contract(k=10), 1000, where=NORTH_OWN)
        for content in (bytes(32), content_of(GROUP, made)):
            with pytest.raises(Declined, match="unknown"):
                data.settle(content, ALL)


@pytest.mark.parametrize(("draw", "renters", "answered"), [(1, 9, True), (0, 9, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_distance_is_compared_with_noise(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sign: int,
    draw: int,
    renters: int,
    answered: bool,
) -> None:
    """A refusal is no exact statement of who is between two cohorts."""
    if sign < 0:
        renters, answered = renters + 1, not answered
    people = people_of(north_own=100, north_rent=renters, south_own=100)
    with open_data(tmp_path, people) as data:
        ask(data, contract(k=10), where=NORTH)
        monkeypatch.setattr(frozen, "discrete_gaussian", lambda *_: sign * draw)
        if answered:
            ask(data, contract(k=10), where=NORTH_OWN)
        else:
            refused(data, contract(k=10), where=NORTH_OWN)
