"""An asker that spells one question in many ways, to see one cohort under many draws of noise.

Every other spelling is paid for as another question, or is the same answer; no spelling is another
cohort, another account or another history of what was answered.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.data.api import Declined, Prepared
from clients.agent.data.cohorts import CohortKey, person_patterns
from clients.agent.data.frozen import FrozenData
from clients.agent.data.store import Place, Store
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.privacy.errors import OverlapRefused
from support.agent_data import DATASET, contract, open_data, people_of, question, where

GROUP = "group-a"
COST = 1000
BOTH = where(region=("north", "south"), housing=("own",))


def prepared(
    data: FrozenData, of: AggregateContract, asker: str = "lender-a", **asked: Any
) -> Prepared:
    """Ask; what no content holds is changed beside it."""
    others = {name: asked.pop(name) for name in ("id", "purpose", "key") if name in asked}
    made, plan = question(of, COST, asker, **asked)
    return data.prepare(msgspec.structs.replace(made, **others), of, plan, GROUP)


def spent(folder: Path) -> int:
    """What the group's account is charged with."""
    store = Store(folder / "state" / "answers.db")
    with store.transaction() as transaction:
        found = transaction.standing(GROUP, DATASET)
    store.close()
    return 0 if found is None else found.spent


def cohorts(folder: Path) -> int:
    """How many cohorts the group's history has."""
    store = Store(folder / "state" / "answers.db")
    with store.transaction() as transaction:
        found = transaction.cohorts(Place(GROUP, DATASET, "2026-10"))
    store.close()
    return len(found)


PEOPLE = people_of(north_own=100, north_rent=50, south_own=100, south_rent=50, west_own=100)


def test_another_id_or_purpose_is_the_same_answer(tmp_path: Path) -> None:
    of = contract(k=10)
    with open_data(tmp_path, PEOPLE) as data:
        first = prepared(data, of, where=BOTH)
        for others in ({"id": "ab" * 16}, {"purpose": "credit.marketing"}):
            assert prepared(data, of, where=BOTH, **others) == first
    assert spent(tmp_path) == COST


SPELLINGS: list[dict[str, Any]] = [
    {"where": where(housing=("own",), region=("north", "south"))},
    {"where": where(region=("south", "north"), housing=("own",))},
    {"where": BOTH, "sums": ("amount",)},
    {"where": BOTH, "sums": ("amount", "days")},
    {"where": BOTH, "sums": ("days", "amount")},
    {"where": BOTH, "histograms": ("days",)},
]


def test_every_spelling_is_paid_and_none_is_another_cohort(tmp_path: Path) -> None:
    of = contract(k=10)
    with open_data(tmp_path, PEOPLE) as data:
        contents = {prepared(data, of, where=BOTH).content}
        contents |= {prepared(data, of, **one).content for one in SPELLINGS}
    assert len(contents) == 1 + len(SPELLINGS)
    assert spent(tmp_path) == COST * len(contents)
    assert cohorts(tmp_path) == 1


def test_no_spelling_gets_more_than_the_budget(tmp_path: Path) -> None:
    of = contract(k=10, limit=3 * COST + COST - 1)
    with open_data(tmp_path, PEOPLE) as data:
        prepared(data, of, where=BOTH)
        prepared(data, of, **SPELLINGS[0])
        prepared(data, of, **SPELLINGS[1])
        for one in SPELLINGS[2:]:
            with pytest.raises(Declined, match="budget"):
                prepared(data, of, **one)
    assert spent(tmp_path) == 3 * COST


def test_all_spellings_of_a_cohort_have_one_roster(tmp_path: Path) -> None:
    of = contract(k=10)
    with open_data(tmp_path, PEOPLE) as data:
        data.settle(prepared(data, of, where=BOTH).content, ("bank-a", "bank-b", "bank-c"))
        for one in SPELLINGS:
            content = prepared(data, of, **one).content
            with pytest.raises(Declined, match="roster"):
                data.settle(content, ("bank-a", "bank-b"))
        with pytest.raises(Declined, match="roster"):
            data.settle(prepared(data, of, "lender-a2", where=BOTH).content, ("bank-a", "bank-b"))


def test_two_institutions_of_one_group_have_one_account_and_one_history(tmp_path: Path) -> None:
    """Split over two members of a group, the pair of cohorts would single out nine people."""
    few = people_of(north_own=100, north_rent=9, south_own=100)
    of = contract(k=10, limit=2 * COST)
    with open_data(tmp_path, few) as data:
        prepared(data, of, "lender-a", where=where(region=("north",)))
        with pytest.raises(Declined, match="overlap"):
            prepared(data, of, "lender-a2", where=where(region=("north",), housing=("own",)))
        assert spent(tmp_path) == 2 * COST
        with pytest.raises(Declined, match="budget"):
            prepared(data, of, "lender-a3", group_by=("region",))


def test_a_history_outlives_the_budget_s_period(tmp_path: Path) -> None:
    """What is paid anew is noise; the cohorts of a snapshot are compared for good."""
    few = people_of(north_own=100, north_rent=9, south_own=100)
    of = contract(k=10)
    moment = [1_800_000_000]
    with open_data(tmp_path, few) as data:
        data._clock = lambda: moment[0]
        prepared(data, of, where=where(region=("north",)))
        moment[0] += 40 * 86_400
        with pytest.raises(Declined, match="overlap"):
            prepared(data, of, where=where(region=("north",), housing=("own",)))


@pytest.mark.parametrize("left_out", [0, 1, 9])
def test_what_cohorts_leave_out_together_is_refused_also_where_it_is_nobody(
    tmp_path: Path, left_out: int
) -> None:
    """Everybody less the north and less the south: an answer would say that the west is empty."""
    people = people_of(north_own=100, south_own=100, west_own=left_out)
    with open_data(tmp_path, people) as data:
        prepared(data, contract(k=10), where=where(region=("north",)))
        with pytest.raises(Declined, match="overlap"):
            prepared(data, contract(k=10), where=where(region=("south",)))


@pytest.mark.parametrize(("dimensions", "many"), [(20, False), (8, True)])
def test_filters_that_cross_each_other_cost_no_more_than_a_bound(
    dimensions: int, many: bool
) -> None:
    """Each answered filter on a dimension of its own doubles the patterns that are looked at."""
    keys = [CohortKey(((f"d{at}", (0,)),)) for at in range(dimensions)]
    sizes = {f"d{at}": 2 for at in range(dimensions)}
    with pytest.raises(OverlapRefused, match="patterns"):
        person_patterns(keys, sizes, many)
    few = person_patterns(keys[:4], sizes, many)
    assert len(few) == 16
