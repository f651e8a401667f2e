"""The bureau's memory of row sets: differences and combinations that single people out."""

import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from clients.agent.binning.account import Price
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.history import Place, RowSets
from gateway.domain.aggregate.contract import Budget
from support.binning_pair import pair

PEOPLE = 1000
BUDGET = Budget(limit=1000, a_question=1000, period_days=30, refusals=2)
NOW = 30 * 86_400 * 600


def _price(cost: int = 0, now: int = NOW, **terms: int) -> Price:
    return Price(budget=msgspec.structs.replace(BUDGET, **terms), cost=cost, now=now)


def _admit(sets: RowSets, people: range | list[int], job: str = "", **changes: Any) -> None:
    given: dict[str, Any] = {
        "job": job or str(np.random.default_rng().integers(2**62)),
        "lender": "group-a",
        "dataset": "credit.applicant",
        "snapshot": "2026-10",
        "k": 10,
        "price": _price(refusals=1000),
    }
    matched = np.array(list(people), dtype=np.int64)
    sets.admit(Place(**(given | changes)), matched, PEOPLE)


def _require_declined(word: BinWord, sets: RowSets, people: range | list[int], **rest: Any) -> None:
    with pytest.raises(BinDeclined) as declined:
        _admit(sets, people, **rest)
    assert declined.value.word is word


@pytest.fixture
def sets(tmp_path: Path) -> RowSets:
    return RowSets.open(tmp_path / "rows.db")


@pytest.mark.parametrize("difference", [1, 5, 9])
def test_a_row_set_and_a_few_more_is_refused(sets: RowSets, difference: int) -> None:
    _admit(sets, range(300))
    _require_declined(BinWord.HISTORY, sets, range(300 + difference))
    _require_declined(BinWord.HISTORY, sets, range(difference, 300))
    swapped = [*range(difference, 300), 900]
    if difference < 9:
        _require_declined(BinWord.HISTORY, sets, swapped)


def test_the_same_set_and_one_farther_away_are_let_through(sets: RowSets) -> None:
    _admit(sets, range(300))
    _admit(sets, range(300))
    _admit(sets, range(310))


def test_another_lender_or_snapshot_does_not_count(sets: RowSets) -> None:
    _admit(sets, range(300))
    _admit(sets, range(301), lender="group-b")
    _admit(sets, range(301), snapshot="2026-11")


def test_three_sets_that_together_single_out_one_person(sets: RowSets) -> None:
    """A with x, B apart, and A and B together without x: pairwise far apart, together not."""
    _admit(sets, range(301))
    _admit(sets, range(400, 700))
    both_without = [*range(300), *range(400, 700)]
    _require_declined(BinWord.HISTORY, sets, both_without)


def test_all_but_a_few_of_the_whole_population_is_refused(sets: RowSets) -> None:
    _require_declined(BinWord.HISTORY, sets, range(PEOPLE - 5))
    _admit(sets, range(PEOPLE))


def test_what_was_refused_is_not_kept_but_its_job_is_spent(sets: RowSets) -> None:
    _admit(sets, range(300))
    _require_declined(BinWord.HISTORY, sets, range(301), job="one")
    _require_declined(BinWord.REPEATED, sets, range(320), job="one")
    _admit(sets, range(311), job="two")


def test_a_job_is_run_once(sets: RowSets) -> None:
    _admit(sets, range(300), job="one")
    _require_declined(BinWord.REPEATED, sets, range(300), job="one")


def test_it_is_remembered_after_a_restart(tmp_path: Path) -> None:
    first = RowSets.open(tmp_path / "rows.db")
    _admit(first, range(300), job="one")
    first.close()
    again = RowSets.open(tmp_path / "rows.db")
    _require_declined(BinWord.HISTORY, again, range(301))
    _require_declined(BinWord.REPEATED, again, range(300), job="one")


def test_beyond_64_sets_nothing_more_is_answered(sets: RowSets) -> None:
    for number in range(64):
        _admit(sets, range(10 * number, 10 * number + 300))
    _require_declined(BinWord.HISTORY, sets, range(650, 1000))


def _dp(draws: list[int], row_set: str = "") -> dict[str, Any]:
    return {"draw": lambda: draws.pop(0), "row_set": row_set}


def test_in_dp_one_draw_on_the_smallest_difference_decides(sets: RowSets) -> None:
    """The smallest of any number of differences changes by one with a person, as each does."""
    draws = [9, -11, -10, 0]
    _admit(sets, range(300), **_dp([], "a"))
    _admit(sets, range(301), **_dp(draws, "b"))
    _require_declined(BinWord.HISTORY, sets, range(321), **_dp(draws, "c"))
    _admit(sets, range(321), **_dp(draws, "d"))
    assert draws == [0]


def test_in_dp_the_same_rows_are_told_by_their_consents_and_not_by_who_matched(
    sets: RowSets,
) -> None:
    """Else a set with one more row passed exactly if that one is nobody of the bureau's."""
    _admit(sets, range(300), **_dp([], "rows"))
    _admit(sets, range(301), **_dp([], "rows"))
    _require_declined(BinWord.HISTORY, sets, range(300), **_dp([9], "one row more"))
    _admit(sets, range(300), **_dp([10], "another row more"))


def test_in_dp_combinations_are_left_to_the_noise(sets: RowSets) -> None:
    combined = [list(range(301)), list(range(400, 700)), [*range(300), *range(400, 700)]]
    for number, people in enumerate(combined):
        _admit(sets, people, **_dp([0], str(number)))


def test_exact_jobs_are_not_held_against_noisy_ones(sets: RowSets) -> None:
    """A bare refusal would say who was among the rows of an answer that has noise on it."""
    _admit(sets, range(300), **_dp([], "a"))
    _admit(sets, range(301))
    _require_declined(BinWord.HISTORY, sets, range(302))
    _require_declined(BinWord.HISTORY, sets, range(302), **_dp([8], "b"))


def test_in_dp_too_nothing_is_answered_beyond_64_sets(sets: RowSets) -> None:
    for number in range(64):
        _admit(sets, range(300), **_dp([1000], str(number)))
    _require_declined(BinWord.HISTORY, sets, range(300), **_dp([1000], "64"))


def test_of_two_sets_at_the_same_time_one_is_let_through(tmp_path: Path) -> None:
    outcomes: list[str] = []

    def run(people: range) -> None:
        sets = RowSets.open(tmp_path / "rows.db")
        try:
            _admit(sets, people)
            outcomes.append("admitted")
        except BinDeclined as declined:
            outcomes.append(declined.word.value)

    RowSets.open(tmp_path / "rows.db").close()
    threads = [threading.Thread(target=run, args=(range(300 + extra),)) for extra in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == ["admitted"] + ["history"] * 7


def test_a_bureau_declines_the_second_of_two_jobs_that_differ_by_one_row(sets: RowSets) -> None:
    pair(range(300), features=["housing"], history=sets).figures()
    second = pair(range(301), features=["housing"], history=sets)
    with pytest.raises(BinDeclined) as declined:
        second.figures()
    assert declined.value.word is BinWord.HISTORY


def _quiet() -> int:
    return 0


def test_the_same_rows_again_and_again_spend_the_bureaus_own_account(tmp_path: Path) -> None:
    """Gateway and lender together: nobody else counts what the noise would be averaged over."""
    asked: dict[str, Any] = {"row_set": "the same", "draw": _quiet}
    for _ in range(2):
        sets = RowSets.open(tmp_path / "rows.db")
        _admit(sets, range(100), price=_price(500), **asked)
        sets.close()
    sets = RowSets.open(tmp_path / "rows.db")
    _require_declined(BinWord.BUDGET, sets, range(100), price=_price(500), **asked)
    # Each legal group has its own; exact jobs of the same rows cost nothing.
    _admit(sets, range(100), price=_price(500), lender="group-b", **asked)
    _admit(sets, range(100), price=_price(0))
    # A shorter period of an unsigned contract does not begin it anew; the end of its own does.
    tomorrow, later = NOW + 86_400, NOW + 30 * 86_400
    for price in (_price(500, tomorrow, period_days=1), _price(1, later - 1)):
        _require_declined(BinWord.BUDGET, sets, range(100), price=price, **asked)
    _admit(sets, range(100), price=_price(500, later), **asked)


@pytest.mark.parametrize("cost", [0, 100], ids=["exact", "dp"])
def test_refusals_are_counted_and_cost_what_an_answer_costs(cost: int, sets: RowSets) -> None:
    asked: dict[str, Any] = {"price": _price(cost), "draw": _quiet if cost else None}
    _admit(sets, range(100), row_set="first", **asked)
    for number in range(2):
        _require_declined(BinWord.HISTORY, sets, range(101 + number), row_set=f"{number}", **asked)
    _require_declined(BinWord.BUDGET, sets, range(200, 300), row_set="far", **asked)
    spent = sets._database.execute("SELECT spent, spent_ever, refusals FROM account").fetchall()
    assert spent == [(3 * cost, 3 * cost, 2)]
