"""The rows of a binning on every engine: each rests on its consent, and one withdrawn voids all."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from uuid import uuid4

import pytest

from gateway.domain.consent import ConsentEvent, ConsentTerms
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import SeparateConsent
from support.aggregate_rounds import (
    Rounds,
    binning,
    change,
    consented_binning,
    consents_root,
    fresh_group,
    reason,
    release,
    replaced,
    rostered,
    rounds_of,
    uses,
)
from support.store_engines import Store
from support.store_world import LENDER_A, ends, fresh_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
VOID = ErrorReason.ROUND_VOID


@pytest.fixture
def rounds(store: Store) -> Rounds:
    fresh_group(store, "lender-a")
    return rounds_of(store, store.workers[0])


async def rows_of(store: Store, count: int, **changes: Any) -> list[ConsentTerms]:
    return [
        await consented_binning(store.workers[at % 4], fresh_person(), **changes)
        for at in range(count)
    ]


async def test_a_binning_counts_every_row_and_one_withdrawn_voids_all(
    store: Store, rounds: Rounds
) -> None:
    agreed = await rows_of(store, 30)
    ids = tuple(one.consent_id for one in agreed)
    first, second = binning(ids), binning(ids)
    for one in (first, second):
        await rostered(rounds, one)
    recorded = await release(rounds, first)
    assert {await uses(store, one) for one in agreed} == {1}
    entry = (await store.log.inclusion(recorded.log_index, (await store.log.head()).size)).event
    said = json.loads(entry)
    assert (said["consents"], said["consents_root"]) == (30, consents_root(ids).hex())
    assert "subject" not in said
    assert not any(one.encode() in entry for one in ids)
    await change(store, agreed[17], ConsentEvent.REVOKE)
    assert await reason(release(rounds, second)) is VOID
    assert {await uses(store, one) for one in agreed} == {1}
    rows = await store.reader.rows(
        "SELECT need, consent_ids FROM aggregate_round WHERE id IN (?,?)", (first.id, second.id)
    )
    assert [(bytes(one), bytes(two)) for one, two in rows] == [(b"", b"")] * 2


async def test_an_exact_binning_needs_the_features_in_every_consent(
    store: Store, rounds: Rounds
) -> None:
    agreed = await rows_of(store, 3) + await rows_of(store, 1, categories=frozenset({"loan"}))
    ids = tuple(one.consent_id for one in agreed)
    missing = ErrorReason.CONSENT_FIELDS_MISSING
    assert await reason(rounds.ledger.open(LENDER_A, binning(ids))) is missing
    await rounds.ledger.open(LENDER_A, binning(ids, ("credit_amount",)))
    # An account's field is sensitive: PIPL 29 wants its own consent.
    plain = await rows_of(store, 1, separate=frozenset({SeparateConsent.THIRD_PARTY}))
    one = (plain[0].consent_id,)
    separate = ErrorReason.CONSENT_SEPARATE_MISSING
    account = ("savings_account_and_bonds",)
    assert await reason(rounds.ledger.open(LENDER_A, binning(one, account))) is separate
    await rounds.ledger.open(LENDER_A, binning(one))


async def test_a_row_stands_once_and_a_job_has_so_many(store: Store, rounds: Rounds) -> None:
    (agreed,) = await rows_of(store, 1)
    invalid = ErrorReason.AGGREGATE_QUESTION_INVALID
    for ids in ((agreed.consent_id,) * 2, tuple(str(uuid4()) for _ in range(1_000_001))):
        assert await reason(rounds.ledger.open(LENDER_A, binning(ids))) is invalid
    ids = (agreed.consent_id, str(uuid4()))
    assert await reason(rounds.ledger.open(LENDER_A, binning(ids))) is ErrorReason.CONSENT_ABSENT
    # The same job over other rows is another job.
    new = binning((agreed.consent_id,))
    await rounds.ledger.open(LENDER_A, new)
    other = replaced(new, consents=((await rows_of(store, 1))[0].consent_id,))
    assert await reason(rounds.ledger.open(LENDER_A, other)) is ErrorReason.REQUEST_ID_REUSED


async def test_the_uses_of_ten_thousand_consents_are_counted(store: Store, rounds: Rounds) -> None:
    (agreed,) = await rows_of(store, 1)
    name = uuid4().hex[:12]
    store.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<10000) INSERT INTO"
        " consent(id, subject_id, controller, collector, terms, key_id, signature, artefact_digest,"
        " sealed_artefact, granted_at, grant_log_index, state, uses, use_window, window_uses)"
        " SELECT ? || '-' || CAST(i AS TEXT), subject_id, controller, collector, terms, key_id,"
        " signature, artefact_digest, sealed_artefact, granted_at, grant_log_index, state, uses,"
        " use_window, window_uses FROM consent, n WHERE id=?",
        (name, agreed.consent_id),
    )
    new = await rostered(rounds, binning(tuple(f"{name}-{at}" for at in range(1, 10_001))))
    await release(rounds, new)
    rows = await store.reader.rows(
        "SELECT count(*), sum(uses) FROM consent WHERE id LIKE ?", (f"{name}-%",)
    )
    assert rows[0] == (10_000, 10_000)


async def test_of_many_jobs_over_a_consent_with_one_use_one_is_released(
    store: Store, rounds: Rounds
) -> None:
    (agreed,) = await rows_of(store, 1, uses=1)
    jobs = [await rostered(rounds, binning((agreed.consent_id,))) for _ in range(16)]
    ledgers = [rounds_of(store, worker) for worker in store.workers]
    calls = [release(ledgers[at % 4], new) for at, new in enumerate(jobs)]
    assert Counter(await ends(calls)) == {"released": 1, VOID.value: 15}
    assert await uses(store, agreed) == 1
