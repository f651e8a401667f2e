"""Many callers at once, over several workers: counts are exact, and what won is what counts."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from itertools import cycle
from uuid import uuid4

import pytest

from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.domain.consent import ConsentEvent, Frequency
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Released
from gateway.domain.vocabulary import Period
from support.store_engines import Store
from support.store_world import (
    LENDER_A,
    asked,
    decided,
    ends,
    fresh_person,
    granted,
    limits,
    new_consent,
    released,
    released_as,
    safe,
    terms,
    under_rule,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLERS = 64


@pytest.mark.parametrize("round_", range(3))
@pytest.mark.parametrize("uses", [1, 2, 7])
async def test_the_last_uses_have_so_many_winners(store: Store, uses: int, round_: int) -> None:
    person, workers = fresh_person(), cycle(store.workers)
    agreed = await granted(store.workers[0], person, uses=uses)
    calls = [released(next(workers), asked(person)) for _ in range(CALLERS)]
    assert Counter(await ends(calls)) == {"released": uses, "CONSENT_USES_SPENT": CALLERS - uses}
    stored = await store.workers[1].consents.consent(agreed.consent_id)
    assert stored is not None
    assert stored.consent.standing.uses == uses


async def test_a_frequency_has_so_many_winners(store: Store) -> None:
    person, workers = fresh_person(), cycle(store.workers)
    await granted(store.workers[0], person, frequency=Frequency(3, Period.MONTH))
    calls = [released(next(workers), asked(person)) for _ in range(CALLERS)]
    assert Counter(await ends(calls)) == {"released": 3, "CONSENT_FREQUENCY_SPENT": CALLERS - 3}


async def test_a_limit_per_subject_has_so_many_winners(store: Store) -> None:
    person, rule, workers = fresh_person(), str(uuid4()), cycle(store.workers)
    agreed = await granted(store.workers[0], person)
    one = [await decided(next(workers), asked(person)) for _ in range(CALLERS)]
    calls = [
        released_as(next(workers), under_rule(each, rule, limits(5, 1_000_000))) for each in one
    ]
    assert Counter(await ends(calls)) == {"released": 5, "SUBJECT_LIMIT_REACHED": CALLERS - 5}
    stored = await store.workers[0].consents.consent(agreed.consent_id)
    assert stored is not None
    assert stored.consent.standing.uses == 5


async def test_a_limit_per_recipient_has_so_many_winners(store: Store) -> None:
    rule, workers = str(uuid4()), cycle(store.workers)
    people = [fresh_person() for _ in range(16)]
    for person in people:
        await granted(next(workers), person)
    one = [await decided(next(workers), asked(person)) for person in people for _ in range(4)]
    calls = [released_as(next(workers), under_rule(each, rule, limits(9, 10))) for each in one]
    assert Counter(await ends(calls)) == {"released": 10, "RECIPIENT_LIMIT_REACHED": CALLERS - 10}


async def test_one_request_many_times_at_once_is_one_use(store: Store) -> None:
    person, request_id, workers = fresh_person(), str(uuid4()), cycle(store.workers)
    agreed = await granted(store.workers[0], person, uses=1)
    request = asked(person, request_id)
    one = [await decided(next(workers), request) for _ in range(CALLERS)]
    calls = [released_as(next(workers), each) for each in one]
    assert Counter(await ends(calls)) == {"released": 1, "repeat": CALLERS - 1}
    stored = await store.workers[0].consents.consent(agreed.consent_id)
    assert stored is not None
    assert stored.consent.standing.uses == 1


async def test_first_consents_of_one_person_at_once_share_one_subject(store: Store) -> None:
    person, workers = fresh_person(), cycle(store.workers)
    agreed = [terms() for _ in range(16)]
    await asyncio.gather(
        *(next(workers).ledger.grant(LENDER_A, new_consent(person, one)) for one in agreed)
    )
    resolved = await store.workers[2].consents.resolve(asked(person))
    assert {one.terms.consent_id for one in resolved.consents} == {one.consent_id for one in agreed}
    for one in agreed:
        stored = await store.workers[3].consents.consent(one.consent_id)
        assert stored is not None
        assert stored.signed.artefact == b"as it was signed"


@pytest.mark.parametrize("round_", range(5))
async def test_no_release_comes_after_a_revocation(store: Store, round_: int) -> None:
    person, workers = fresh_person(), cycle(store.workers)
    agreed = await granted(store.workers[0], person)
    intents = [
        await next(workers).ledger.intend(await decided(store.workers[0], asked(person)))
        for _ in range(16)
    ]

    async def release(at: int) -> Released | None:
        try:
            return await store.workers[at % 3].ledger.release(safe(intents[at]))
        except Refused as refused:
            if refused.reason is not ErrorReason.CONSENT_REVOKED:
                raise
            return None

    early = [asyncio.ensure_future(release(at)) for at in range(8)]
    await asyncio.sleep(0.001 * round_)
    revoked = await store.workers[3].ledger.change(LENDER_A, agreed.consent_id, ConsentEvent.REVOKE)
    late = await asyncio.gather(*(release(at) for at in range(8, 16)))
    assert late == [None] * 8
    won = [one for one in await asyncio.gather(*early) if one is not None]
    assert all(one.log_index < revoked.log_index for one in won)
    stored = await store.workers[0].consents.consent(agreed.consent_id)
    assert stored is not None
    assert stored.consent.standing.uses == len(won)


async def test_every_acknowledged_event_is_in_the_log_once(store: Store) -> None:
    workers = cycle(store.workers)
    people = [fresh_person() for _ in range(8)]
    for person in people:
        await granted(next(workers), person)
    done = await asyncio.gather(
        *(released(next(workers), asked(person)) for person in people for _ in range(8))
    )
    assert len({one.log_index for one in done}) == len({one.event_id for one in done}) == CALLERS
    head = await store.log.head()
    for one in done:
        proof = await store.log.inclusion(one.log_index, head.size)
        assert json.loads(proof.event)["id"] == one.event_id
        leaf = leaf_hash(proof.event)
        verify_inclusion(one.log_index, head.size, leaf, proof.hashes, head.root)
