"""Races over one consent between two workers, on every engine."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import cycle

import pytest

from gateway.domain.consent import ConsentEvent, Frequency
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Authenticated, Released
from gateway.domain.vocabulary import Period
from support.store_engines import Store, Worker
from support.store_world import (
    LENDER_A,
    asked,
    decided,
    ends,
    fresh_person,
    granted,
    limits,
    released_as,
    safe,
    under_rule,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLERS = 6
ROUNDS = 50
LONG_ROUNDS = 1_000
WIDE = 1_000_000


async def _use(worker: Worker, request: Authenticated) -> Released:
    """Decide and release, by a rule whose own limits are out of the way."""
    one = await decided(worker, request)
    return await released_as(worker, under_rule(one, "unlimited", limits(WIDE, WIDE)))


async def _one_wins(store: Store, rounds: int) -> None:
    person, workers = fresh_person(), cycle(store.workers[:2])
    for at in range(rounds):
        # By uses and by frequency in turn; named, since a person's consents pile up here.
        limit: dict[str, object] = {"uses": 1}
        if at % 2 == 0:
            limit = {"frequency": Frequency(1, Period.MONTH)}
        agreed = await granted(store.workers[0], person, **limit)
        calls = [
            _use(next(workers), asked(person, consent_id=agreed.consent_id)) for _ in range(CALLERS)
        ]
        spent = "CONSENT_USES_SPENT" if at % 2 else "CONSENT_FREQUENCY_SPENT"
        assert Counter(await ends(calls)) == {"released": 1, spent: CALLERS - 1}


async def test_of_two_workers_callers_one_gets_the_last_use(store: Store) -> None:
    await _one_wins(store, ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_of_two_workers_callers_one_gets_the_last_use_in_many_rounds(store: Store) -> None:
    await _one_wins(store, LONG_ROUNDS)


@pytest.mark.parametrize("round_", range(10))
async def test_nothing_is_released_between_a_pause_and_its_resumption(
    store: Store, round_: int
) -> None:
    person = fresh_person()
    first, second = store.workers[:2]
    agreed = await granted(first, person)
    intents = [
        await first.ledger.intend(await decided(first, asked(person))) for _ in range(3 * CALLERS)
    ]

    async def release(at: int) -> Released | None:
        try:
            return await store.workers[at % 2].ledger.release(safe(intents[at]))
        except Refused as refused:
            if refused.reason is not ErrorReason.CONSENT_PAUSED:
                raise
            return None

    early = [asyncio.ensure_future(release(at)) for at in range(CALLERS)]
    await asyncio.sleep(0.0005 * round_)
    paused = await second.ledger.change(LENDER_A, agreed.consent_id, ConsentEvent.PAUSE)
    within = await asyncio.gather(*(release(at) for at in range(CALLERS, 2 * CALLERS)))
    assert within == [None] * CALLERS
    resumed = await second.ledger.change(LENDER_A, agreed.consent_id, ConsentEvent.RESUME)
    late = await asyncio.gather(*(release(at) for at in range(2 * CALLERS, 3 * CALLERS)))
    won = [one for one in (*await asyncio.gather(*early), *late) if one is not None]
    assert len([one for one in won if one in late]) == CALLERS
    assert not any(paused.log_index < one.log_index < resumed.log_index for one in won)
    stored = await first.consents.consent(agreed.consent_id)
    assert stored is not None
    assert stored.consent.standing.uses == len(won)


async def test_of_pauses_at_once_one_is_made(store: Store) -> None:
    agreed = await granted(store.workers[0], fresh_person())
    workers = cycle(store.workers)
    for event in (ConsentEvent.PAUSE, ConsentEvent.RESUME, ConsentEvent.REVOKE):
        calls = [next(workers).ledger.change(LENDER_A, agreed.consent_id, event) for _ in range(8)]
        endings = Counter(await ends(calls))
        assert endings == {"released": 1, "CONSENT_TRANSITION_REFUSED": 7}
