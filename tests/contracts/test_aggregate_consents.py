"""Consents of rounds on every engine: read at the start, and again where the result is released."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import NewRound, RoundState
from gateway.domain.consent import ConsentEvent
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.subject import SubjectKey
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent
from support.aggregate_rounds import (
    LOANS,
    Rounds,
    change,
    cohort,
    consented,
    contract,
    fresh_group,
    policy,
    reason,
    release,
    replaced,
    rostered,
    rounds_of,
    subject,
    uses,
)
from support.store_engines import Store
from support.store_world import LENDER_A, LENDER_B, fresh_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
VOID = ErrorReason.ROUND_VOID


@pytest.fixture
def rounds(store: Store) -> Rounds:
    fresh_group(store, "lender-a")
    return rounds_of(store, store.workers[0])


async def asked(store: Store, person: SubjectKey, **changes: Any) -> NewRound:
    return subject((await consented(store.workers[0], person, **changes)).consent_id)


async def state(rounds: Rounds, new: NewRound) -> RoundState:
    found = await rounds.reader.round(new.id)
    assert found is not None
    return found.state


async def test_a_release_counts_one_use_and_a_repeat_none(store: Store, rounds: Rounds) -> None:
    agreed = await consented(store.workers[0], fresh_person(), uses=1)
    new = await rostered(rounds, subject(agreed.consent_id))
    assert await uses(store, agreed) == 0
    await release(rounds, new)
    assert (await release(rounds, new)).repeat
    assert await uses(store, agreed) == 1
    found = await rounds.reader.round(new.id)
    assert found is not None
    assert found.consents == 1
    spent = ErrorReason.CONSENT_USES_SPENT
    assert await reason(rounds.ledger.open(LENDER_A, subject(agreed.consent_id))) is spent


async def test_a_consent_gives_one_answer_about_a_snapshot(store: Store, rounds: Rounds) -> None:
    agreed = await consented(store.workers[0], fresh_person())
    new = await rostered(rounds, subject(agreed.consent_id))
    spent = ErrorReason.CONSENT_USES_SPENT
    # Not while another question is under way, and not after it was answered.
    assert await reason(rounds.ledger.open(LENDER_A, subject(agreed.consent_id))) is spent
    await release(rounds, new)
    assert await reason(rounds.ledger.open(LENDER_A, subject(agreed.consent_id))) is spent
    assert (await rounds.ledger.open(LENDER_A, new)).repeat
    # A contract that was edited is about the same snapshot; the next snapshot is another.
    edited = msgspec.structs.replace(contract(LOANS), version=2)
    for of, end in ((edited, spent), (msgspec.structs.replace(edited, snapshot="2027-01"), None)):
        aggregates = {**policy().aggregates, LOANS: of}
        in_force = PolicyInForce(msgspec.structs.replace(policy(), aggregates=aggregates))
        ledger = rounds_of(store, store.workers[0], in_force).ledger
        opening = ledger.open(LENDER_A, subject(agreed.consent_id, of=of))
        if end is None:
            assert not (await opening).repeat
        else:
            assert await reason(opening) is end


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"controller": "lender-b"}, ErrorReason.CONSENT_ABSENT),
        ({"valid_until": int(time.time()) - 1}, ErrorReason.CONSENT_EXPIRED),
        ({"valid_from": int(time.time()) + 900}, ErrorReason.CONSENT_NOT_YET_VALID),
        ({"datasets": frozenset({"credit.applicant"})}, ErrorReason.CONSENT_DATASET_MISSING),
        ({"providers": frozenset({"demo-bureau", "lender-b"})}, "CONSENT_PROVIDER_MISSING"),
        ({"purposes": frozenset({"marketing"})}, ErrorReason.CONSENT_PURPOSE_MISSING),
        ({"lawful_basis": LawfulBasis.CONTRACT}, ErrorReason.CONSENT_BASIS_NOT_ACCEPTED),
        ({"separate": frozenset({SeparateConsent.SENSITIVE})}, "CONSENT_SEPARATE_MISSING"),
    ],
)
async def test_a_consent_that_does_not_cover_it_opens_nothing(
    store: Store, rounds: Rounds, changes: dict[str, Any], expected: str
) -> None:
    new = await asked(store, fresh_person(), **changes)
    assert await reason(rounds.ledger.open(LENDER_A, new)) == expected
    assert await rounds.reader.round(new.id) is None


async def test_a_consent_must_be_there_and_one(store: Store, rounds: Rounds) -> None:
    absent = ErrorReason.CONSENT_ABSENT
    assert await reason(rounds.ledger.open(LENDER_A, subject(str(uuid4())))) is absent
    new = await asked(store, fresh_person())
    for ids in ((), new.consents * 2):
        assert await reason(rounds.ledger.open(LENDER_A, replaced(new, consents=ids))) is absent
    # A cohort rests on none: with some it is not what it says.
    mixed = replaced(cohort(), consents=new.consents)
    assert await reason(rounds.ledger.open(LENDER_A, mixed)) is absent
    # Another's consent, although the question is that one's own.
    assert await reason(rounds.ledger.open(LENDER_B, subject(new.consents[0]))) is absent


@pytest.mark.parametrize("transition", [ConsentEvent.REVOKE, ConsentEvent.PAUSE])
async def test_a_consent_withdrawn_before_the_release_voids_the_round_for_good(
    store: Store, rounds: Rounds, transition: ConsentEvent
) -> None:
    agreed = await consented(store.workers[0], fresh_person())
    new = await rostered(rounds, subject(agreed.consent_id))
    await rounds.ledger.keep_result(new.id, b"combined")
    await change(store, agreed, transition)
    before = (await store.log.head()).size
    assert await reason(release(rounds, new)) is VOID
    assert await state(rounds, new) is RoundState.VOID
    head = await store.log.head()
    said = json.loads((await store.log.inclusion(before, head.size)).event)
    assert (said["kind"], said["reasons"]) == ("AGGREGATE_VOID", ["ROUND_VOID"])
    assert "result" not in said
    if transition is ConsentEvent.PAUSE:
        await change(store, agreed, ConsentEvent.RESUME)
    assert await reason(release(rounds, new)) is VOID
    # Nothing more is in the log for it, no use was counted, and the combination is gone.
    after = (await store.log.head()).size
    assert after == head.size + (transition is ConsentEvent.PAUSE)
    assert await uses(store, agreed) == 0
    found = await rounds.reader.round(new.id)
    assert found is not None
    assert (found.result, found.released_index) == (b"", -1)


async def test_an_erased_subject_voids_the_round_and_has_no_tag(
    store: Store, rounds: Rounds
) -> None:
    agreed = await consented(store.workers[0], fresh_person())
    new = await rostered(rounds, subject(agreed.consent_id))
    store.execute("DELETE FROM consent_event WHERE consent_id=?", (agreed.consent_id,))
    store.execute("DELETE FROM consent WHERE id=?", (agreed.consent_id,))
    at = (await store.log.head()).size
    assert await reason(release(rounds, new)) is VOID
    said = json.loads((await store.log.inclusion(at, at + 1)).event)
    assert (said["kind"], said["round"]) == ("AGGREGATE_VOID", new.id)
    assert "subject" not in said


async def test_a_use_spent_elsewhere_meanwhile_voids_the_round(
    store: Store, rounds: Rounds
) -> None:
    agreed = await consented(store.workers[0], fresh_person(), uses=1)
    new = await rostered(rounds, subject(agreed.consent_id))
    # As a record's release would.
    store.execute("UPDATE consent SET uses=1 WHERE id=?", (agreed.consent_id,))
    assert await reason(release(rounds, new)) is VOID
    assert await uses(store, agreed) == 1


@pytest.mark.parametrize("round_", range(10))
async def test_no_release_comes_after_a_revocation(
    store: Store, rounds: Rounds, round_: int
) -> None:
    agreed = await consented(store.workers[0], fresh_person())
    new = await rostered(rounds, subject(agreed.consent_id))
    other = rounds_of(store, store.workers[1])

    async def released() -> int | None:
        await asyncio.sleep(0.0005 * round_)
        try:
            return (await release(other, new)).log_index
        except Refused as refused:
            if refused.reason is not VOID:
                raise
            return None

    at, revoked = await asyncio.gather(released(), change(store, agreed, ConsentEvent.REVOKE))
    assert at is None or at < revoked
    assert await uses(store, agreed) == (0 if at is None else 1)
    assert await state(rounds, new) is (RoundState.VOID if at is None else RoundState.RELEASED)


async def test_a_subject_is_asked_about_so_often_a_day_by_one_legal_group(
    store: Store, rounds: Rounds
) -> None:
    person = fresh_person()
    for _ in range(3):
        new = await asked(store, person)
        await rounds.ledger.open(LENDER_A, new)
    assert (await rounds.ledger.open(LENDER_A, new)).repeat
    limit = ErrorReason.SUBJECT_LIMIT_REACHED
    assert await reason(rounds.ledger.open(LENDER_A, await asked(store, person))) is limit
    await rounds.ledger.open(LENDER_A, await asked(store, fresh_person()))


async def test_events_say_the_subject_by_a_tag_and_the_index_finds_them(
    store: Store, rounds: Rounds
) -> None:
    agreed = await consented(store.workers[0], fresh_person())
    whose = await store.workers[0].consents.subject_of(agreed.consent_id)  # type: ignore[attr-defined]
    new = await rostered(rounds, subject(agreed.consent_id))
    last = (await release(rounds, new)).log_index
    size = (await store.log.head()).size
    tags = []
    for at in range(last - 2, last + 1):
        entry = (await store.log.inclusion(at, size)).event
        assert agreed.consent_id.encode() not in entry
        assert whose.id.hex().encode() not in entry
        said = json.loads(entry)
        assert (said["round"], said["consents"]) == (new.id, 1)
        tags.append(said["subject"])
    assert len(set(tags)) == 3
    rows = await store.reader.rows(
        "SELECT log_index FROM subject_event WHERE subject_id=? AND log_index>=?",
        (whose.id, last - 2),
    )
    assert {row[0] for row in rows} == {last - 2, last - 1, last}


async def test_a_cohort_reads_no_consent(store: Store, rounds: Rounds) -> None:
    new = cohort()
    await rostered(rounds, new)
    await release(rounds, new)
    found = await rounds.reader.round(new.id)
    assert found is not None
    assert (found.dataset, found.consents) == (LOANS, 0)
