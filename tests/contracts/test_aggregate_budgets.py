"""Budgets of privacy on every engine: exact under any number of callers, and never given back."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from itertools import cycle

import pytest

from gateway.application.ports.aggregates import AccountView
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_rounds import (
    COST,
    LIMIT,
    LOANS,
    PERIOD_S,
    Rounds,
    cohort,
    fresh_group,
    reason,
    replaced,
    rounds_of,
)
from support.store_engines import Store
from support.store_world import LENDER_A, LENDER_B, ends

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLERS = 64
SPENT = ErrorReason.PRIVACY_BUDGET_SPENT


async def account(rounds: Rounds, group: str, limit: int = LIMIT) -> AccountView:
    return await rounds.reader.account(group, LOANS, PERIOD_S, limit, 3)


async def race_for_the_last_unit(store: Store) -> None:
    """Of 64 callers, of two institutions of one group, one gets what is left."""
    group = fresh_group(store, "lender-a", "lender-b")
    ledgers = cycle(rounds_of(store, worker).ledger for worker in store.workers)
    await next(ledgers).open(LENDER_A, cohort(cost=LIMIT - 1))
    calls = [
        next(ledgers).open(*asked)
        for at in range(CALLERS // 2)
        for asked in ((LENDER_A, cohort(cost=1)), (LENDER_B, cohort("lender-b", cost=1)))
    ]
    assert Counter(await ends(calls)) == {"released": 1, SPENT.value: CALLERS - 1}
    view = await account(rounds_of(store, store.workers[1]), group)
    assert (view.account.spent, view.account.left) == (LIMIT, 0)


@pytest.mark.parametrize("round_", range(20))
async def test_of_64_callers_one_gets_the_last_unit(store: Store, round_: int) -> None:
    await race_for_the_last_unit(store)


@pytest.mark.long
async def test_of_64_callers_one_gets_the_last_unit_a_thousand_times(store: Store) -> None:
    for _ in range(1_000):
        await race_for_the_last_unit(store)


async def test_one_question_many_times_at_once_is_charged_once(store: Store) -> None:
    group, new = fresh_group(store, "lender-a"), cohort()
    ledgers = cycle(rounds_of(store, worker).ledger for worker in store.workers)
    calls = [next(ledgers).open(LENDER_A, new) for _ in range(CALLERS)]
    assert Counter(await ends(calls)) == {"released": 1, "repeat": CALLERS - 1}
    assert (await account(rounds_of(store, store.workers[0]), group)).account.spent == COST


async def test_many_identities_of_one_legal_group_have_one_budget(store: Store) -> None:
    fresh_group(store, "lender-a", "lender-b")
    rounds = rounds_of(store, store.workers[0])
    await rounds.ledger.open(LENDER_A, cohort())
    await rounds.ledger.open(LENDER_B, cohort("lender-b"))
    assert await reason(rounds.ledger.open(LENDER_A, cohort())) is SPENT
    assert await reason(rounds.ledger.open(LENDER_B, cohort("lender-b"))) is SPENT
    # What is left covers less than that.
    await rounds.ledger.open(LENDER_B, cohort("lender-b", cost=LIMIT - 2 * COST))


async def test_another_legal_group_and_another_dataset_have_their_own(store: Store) -> None:
    fresh_group(store, "lender-a")
    other = fresh_group(store, "lender-b")
    rounds = rounds_of(store, store.workers[0])
    await rounds.ledger.open(LENDER_A, cohort(cost=LIMIT))
    await rounds.ledger.open(LENDER_B, cohort("lender-b", cost=LIMIT))
    view = await rounds.reader.account(other, "credit.applicant", PERIOD_S, LIMIT, 3)
    assert (view.account.spent, view.account.left) == (0, LIMIT)


async def test_a_new_period_begins_anew_and_what_was_ever_spent_stays(store: Store) -> None:
    group, rounds = fresh_group(store, "lender-a"), rounds_of(store, store.workers[0])
    await rounds.ledger.open(LENDER_A, cohort(cost=LIMIT))
    now = int(time.time())
    store.execute("UPDATE privacy_account SET period_end=? WHERE legal_group=?", (now, group))
    assert (await account(rounds, group)).account.left == LIMIT
    await rounds.ledger.open(LENDER_A, cohort())
    view = await account(rounds, group)
    assert (view.account.spent, view.account.spent_ever) == (COST, LIMIT + COST)
    assert view.period_start == now - now % PERIOD_S
    assert view.period_end == view.period_start + PERIOD_S


async def test_a_shorter_period_in_the_contract_gives_nobody_a_second_budget(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds = rounds_of(store, store.workers[0])
    await rounds.ledger.open(LENDER_A, cohort(cost=LIMIT))
    for period_s in (1, 60, 86_400, 2 * PERIOD_S):
        assert await reason(rounds.ledger.open(LENDER_A, cohort(period_s=period_s))) is SPENT


async def test_a_limit_that_is_lowered_below_what_is_spent_lets_nothing_through(
    store: Store,
) -> None:
    group, rounds = fresh_group(store, "lender-a"), rounds_of(store, store.workers[0])
    await rounds.ledger.open(LENDER_A, cohort(cost=LIMIT - 1))
    assert await reason(rounds.ledger.open(LENDER_A, cohort(cost=1, limit=COST))) is SPENT
    assert (await account(rounds, group, COST)).account.left == 0
    await rounds.ledger.open(LENDER_A, cohort(cost=1))


async def test_a_refusal_is_charged_counted_once_and_bounded(store: Store) -> None:
    group, rounds = fresh_group(store, "lender-a"), rounds_of(store, store.workers[0])
    for count in (1, 2, 3):
        new = cohort(cost=1)
        await rounds.ledger.open(LENDER_A, new)
        first = await rounds.ledger.refuse(LENDER_A, new.id)
        again = await rounds.ledger.refuse(LENDER_A, new.id)
        assert (again.repeat, again.log_index) == (True, first.log_index)
        view = (await account(rounds, group)).account
        assert (view.spent, view.refusals) == (count, count)
    assert await reason(rounds.ledger.open(LENDER_A, cohort(cost=1))) is SPENT
    assert await reason(rounds.ledger.open(LENDER_A, cohort(cost=0))) is SPENT
    # The refused question itself is still a repeat: it gets its refusal again, and no charge.
    assert (await rounds.ledger.open(LENDER_A, new)).repeat


async def test_a_question_without_a_cost_is_bounded_by_refusals_alone(store: Store) -> None:
    group, rounds = fresh_group(store, "lender-a"), rounds_of(store, store.workers[0])
    await rounds.ledger.open(LENDER_A, cohort(cost=LIMIT))
    free = cohort(cost=0)
    await rounds.ledger.open(LENDER_A, free)
    await rounds.ledger.refuse(LENDER_A, free.id)
    view = (await account(rounds, group)).account
    assert (view.spent, view.refusals) == (LIMIT, 1)


async def test_what_was_refused_leaves_no_trace_in_the_account(store: Store) -> None:
    group, rounds = fresh_group(store, "lender-a"), rounds_of(store, store.workers[0])
    calls = (
        rounds.ledger.open(LENDER_A, cohort(cost=LIMIT + 1)),
        rounds.ledger.open(LENDER_A, replaced(cohort(), expires_at=1)),
    )
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(one, Refused) for one in outcomes)
    view = (await account(rounds, group)).account
    assert (view.spent, view.spent_ever, view.refusals) == (0, 0, 0)
