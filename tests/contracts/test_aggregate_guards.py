"""Who and what stops a round on every engine: status, agreement, contract, time, another caller."""

from __future__ import annotations

import time
from hashlib import sha256

import msgspec
import pytest

from gateway.adapters.committer.aggregates.messages import (
    FailRound,
    FixRoster,
    RefuseRound,
    ReleaseRound,
)
from gateway.adapters.committer.messages import Not
from gateway.application.decide_access import PolicyInForce
from gateway.domain.institution import Agreement, Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import InstitutionStatus
from support.aggregate_rounds import (
    DIGEST,
    KEY,
    LOANS,
    READIES,
    ROOT,
    cohort,
    fresh_group,
    policy,
    release,
    replaced,
    roster,
    rostered,
    rounds_of,
)
from support.agreements import record_agreement
from support.store_engines import Store
from support.store_world import LENDER_A, LENDER_B

pytestmark = pytest.mark.asyncio(loop_scope="module")
REFUSED = ErrorReason.ROUND_MESSAGE_REFUSED
KEY_ID = b"\x07" * 32


async def refused(call: object) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await call  # type: ignore[misc]
    return caught.value.reason


async def test_what_the_round_says_is_what_the_question_says(store: Store) -> None:
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    fresh_group(store, "lender-a")
    invalid = ErrorReason.AGGREGATE_QUESTION_INVALID
    for changed in (
        replaced(new, id="ab" * 16),
        replaced(new, kind="binning"),
        replaced(new, purpose="credit.monitoring"),
        replaced(new, dataset="credit.applicant"),
        replaced(new, expires_at=new.expires_at + 1),
        replaced(new, digest=b"\x01" * 32),
        replaced(new, cost=-1),
        replaced(new, period_s=0),
    ):
        assert await refused(rounds.ledger.open(LENDER_A, changed)) is invalid
    unknown = replaced(new, dataset="credit.unknown")
    assert (
        await refused(rounds.ledger.open(LENDER_A, unknown)) is ErrorReason.AGGREGATE_NOT_PERMITTED
    )
    assert await rounds.reader.round(new.id) is None


async def test_another_institution_knows_nothing_of_a_round(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    await rostered(rounds, new)
    ledger = rounds.ledger
    for call in (
        ledger.fix_roster(LENDER_B, new.id, roster(new), READIES),
        release(rounds, new, principal=LENDER_B),
        ledger.refuse(LENDER_B, new.id),
        ledger.fail(LENDER_B, new.id, "CONTRIBUTOR_LOST"),
        ledger.refuse(LENDER_A, "ab" * 16),
        ledger.keep_result("ab" * 16, b"x"),
    ):
        assert await refused(call) is ErrorReason.ROUND_NOT_FOUND


async def test_the_committer_itself_looks_whose_round_it_is(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    await rostered(rounds, new)
    whose = (b"{}", b"", "lender-b", new.id)
    for operation in (
        FixRoster(*whose, sha256(roster(new).payload).digest(), b"roster", b"readies"),
        ReleaseRound(*whose, DIGEST, ROOT, b"{}"),
        RefuseRound(*whose),
        FailRound(*whose),
    ):
        result = await store.workers[0].committer.call(operation)
        assert result == Not(ErrorReason.ROUND_NOT_FOUND)
    assert not (await release(rounds, new)).repeat


async def test_a_suspended_asker_gets_nothing_but_its_refusals_count(store: Store) -> None:
    group = fresh_group(store, "lender-a")
    rounds, new = rounds_of(store, store.workers[0]), cohort()
    await rostered(rounds, new)
    store.set_status("lender-a", InstitutionStatus.SUSPENDED)
    try:
        for call in (
            rounds.ledger.open(LENDER_A, cohort()),
            rounds.ledger.open(LENDER_A, new),
            rounds.ledger.fix_roster(LENDER_A, new.id, roster(new), READIES),
            release(rounds, new),
            rounds.ledger.register_key(LENDER_A, KEY_ID, KEY),
        ):
            assert await refused(call) is ErrorReason.INSTITUTION_SUSPENDED
        assert not (await rounds.ledger.refuse(LENDER_A, new.id)).repeat
    finally:
        store.set_status("lender-a", InstitutionStatus.ACTIVE)
    view = await rounds.reader.account(group, LOANS, new.period_s, new.limit, 3)
    assert view.account.refusals == 1


async def test_an_agreement_that_ends_meanwhile_stops_the_release(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds = rounds_of(store, store.workers[0])
    held = Agreement(
        f"{time.time_ns()}", frozenset({LOANS}), frozenset({"research"}), 0, 4_000_000_000
    )
    asker: Principal = msgspec.structs.replace(LENDER_A, agreements=(held,))
    missing = ErrorReason.AGREEMENT_MISSING
    # Named by the caller alone it is none.
    assert await refused(rounds.ledger.open(asker, cohort())) is missing
    record_agreement(store.execute, "lender-a", held)
    new = await rostered(rounds, cohort(), asker)
    store.execute("UPDATE agreement SET ended_at=? WHERE id=?", (int(time.time()), held.id))
    assert await refused(release(rounds, new, principal=asker)) is missing
    assert await refused(rounds.ledger.open(asker, cohort())) is missing


async def test_a_round_that_has_run_out_goes_no_further(store: Store) -> None:
    fresh_group(store, "lender-a")
    rounds, late, running = rounds_of(store, store.workers[0]), cohort(), cohort()
    await rounds.ledger.open(LENDER_A, late)
    await rostered(rounds, running)
    for one in (late, running):
        store.execute(
            "UPDATE aggregate_round SET expires_at=? WHERE id=?", (int(time.time()), one.id)
        )
    assert await refused(rounds.ledger.fix_roster(LENDER_A, late.id, roster(late), ())) is REFUSED
    assert await refused(release(rounds, running)) is REFUSED


async def test_a_contract_that_changes_meanwhile_stops_the_release(store: Store) -> None:
    fresh_group(store, "lender-a")
    in_force = PolicyInForce(policy())
    rounds = rounds_of(store, store.workers[0], in_force)
    new = await rostered(rounds, cohort())
    loans = msgspec.structs.replace(policy().aggregates[LOANS], snapshot="another")
    for contracts, opening in (
        ({LOANS: loans}, ErrorReason.AGGREGATE_QUESTION_INVALID),
        ({}, ErrorReason.AGGREGATE_NOT_PERMITTED),
    ):
        in_force.current = msgspec.structs.replace(policy(), aggregates=contracts)
        assert await refused(release(rounds, new)) is ErrorReason.AGGREGATE_NOT_PERMITTED
        assert await refused(rounds.ledger.open(LENDER_A, cohort())) is opening
    in_force.current = policy()
    assert not (await release(rounds, new)).repeat
