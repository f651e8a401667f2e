"""What every engine promises of the ledger and of the consents that are read back from it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import msgspec
import pytest

from gateway.domain.consent import TRANSITIONS, ConsentEvent, ConsentState
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Finding, Refused
from gateway.domain.vocabulary import InstitutionStatus
from support.agreements import agreement_of
from support.store_engines import Store, Worker
from support.store_world import (
    LENDER_A,
    LENDER_B,
    asked,
    decided,
    fresh_person,
    granted,
    new_consent,
    released,
    safe,
    terms,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATHS: dict[ConsentState, tuple[ConsentEvent, ...]] = {
    ConsentState.ACTIVE: (),
    ConsentState.PAUSED: (ConsentEvent.PAUSE,),
    ConsentState.REVOKED: (ConsentEvent.REVOKE,),
    ConsentState.EXPIRED: (ConsentEvent.EXPIRE,),
}


@pytest.fixture
def worker(store: Store) -> Worker:
    return store.workers[0]


@contextmanager
def refused(reason: ErrorReason) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.reason is reason


async def _event(store: Store, index: int) -> dict[str, object]:
    ((at, event),) = await store.log.events(index, 1)
    assert at == index
    found: dict[str, object] = json.loads(event)
    return found


async def _uses(worker: Worker, consent_id: str) -> int:
    stored = await worker.consents.consent(consent_id)
    assert stored is not None
    return stored.consent.standing.uses


async def test_a_consent_comes_back_as_it_was_granted(store: Store, worker: Worker) -> None:
    person, agreed = fresh_person(), terms(uses=3)
    recorded = await worker.ledger.grant(LENDER_A, new_consent(person, agreed, b"\x00signed\xff"))
    for reader in store.workers:
        stored = await reader.consents.consent(agreed.consent_id)
        assert stored is not None
        assert stored.consent.terms == agreed
        assert stored.consent.standing.state is ConsentState.ACTIVE
        assert stored.signed.artefact == b"\x00signed\xff"
        assert (await reader.consents.resolve(asked(person))).consents == (stored.consent,)
    event = await _event(store, recorded.log_index)
    assert (event["kind"], event["id"]) == ("CONSENT_GRANTED", recorded.event_id)


async def test_the_same_artefact_again_changes_nothing(store: Store, worker: Worker) -> None:
    person, agreed = fresh_person(), terms()
    first = await worker.ledger.grant(LENDER_A, new_consent(person, agreed))
    size = (await store.log.head()).size
    again = await worker.ledger.grant(LENDER_A, new_consent(person, agreed))
    assert (again.log_index, again.repeat) == (first.log_index, True)
    assert (await store.log.head()).size == size
    with refused(ErrorReason.CONSENT_ALREADY_EXISTS):
        await worker.ledger.grant(LENDER_A, new_consent(person, agreed, b"another"))


async def test_only_the_callers_consents_of_the_person_are_found(worker: Worker) -> None:
    person, other = fresh_person(), fresh_person()
    agreed = await granted(worker, person)
    await granted(worker, person, controller="lender-b")
    found = (await worker.consents.resolve(asked(person))).consents
    assert [one.terms.consent_id for one in found] == [agreed.consent_id]
    assert not (await worker.consents.resolve(asked(other))).consents
    named = asked(person, principal=LENDER_B, consent_id=agreed.consent_id)
    resolved = await worker.consents.resolve(named)
    assert (resolved.subject, resolved.consents) == (None, ())


async def test_an_unknown_consent_is_none(worker: Worker) -> None:
    assert await worker.consents.consent(str(uuid4())) is None
    with refused(ErrorReason.CONSENT_NOT_FOUND):
        await worker.ledger.change(LENDER_A, str(uuid4()), ConsentEvent.REVOKE)


async def test_a_release_counts_one_use_and_closes_its_intent(store: Store, worker: Worker) -> None:
    person = fresh_person()
    agreed = await granted(worker, person)
    intended = await worker.ledger.intend(await decided(worker, asked(person)))
    assert (await _event(store, intended.log_index))["kind"] == "INTENT"
    assert await _uses(worker, agreed.consent_id) == 0
    done = await worker.ledger.release(safe(intended))
    event = await _event(store, done.log_index)
    assert (event["kind"], event["id"]) == ("RELEASE", done.event_id)
    assert event["intent"] == intended.event_id
    assert event["released"] == ["name:mask", "credit_amount:keep"]
    assert await _uses(worker, agreed.consent_id) == 1


async def test_a_request_id_belongs_to_its_bytes(worker: Worker) -> None:
    person, request_id = fresh_person(), str(uuid4())
    agreed = await granted(worker, person, uses=1)
    first = asked(person, request_id)
    assert not (await released(worker, first)).repeat
    assert (await released(worker, first)).repeat
    other = await decided(worker, first)
    received = msgspec.structs.replace(first.received, body_digest=b"other".ljust(32))
    changed = msgspec.structs.replace(
        other,
        resolved=msgspec.structs.replace(
            other.resolved, authenticated=msgspec.structs.replace(first, received=received)
        ),
    )
    with refused(ErrorReason.REQUEST_ID_REUSED):
        await worker.ledger.intend(changed)
    assert await _uses(worker, agreed.consent_id) == 1


async def test_a_request_id_belongs_to_its_institution(worker: Worker) -> None:
    person, request_id = fresh_person(), str(uuid4())
    await granted(worker, person)
    await granted(worker, person, controller="lender-b")
    assert not (await released(worker, asked(person, request_id))).repeat
    other = asked(person, request_id, b"other".ljust(32), LENDER_B)
    assert not (await released(worker, other)).repeat


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (ConsentEvent.REVOKE, ErrorReason.CONSENT_REVOKED),
        (ConsentEvent.PAUSE, ErrorReason.CONSENT_PAUSED),
        (ConsentEvent.EXPIRE, ErrorReason.CONSENT_EXPIRED),
    ],
)
async def test_a_consent_that_changed_since_the_decision_releases_nothing(
    store: Store, worker: Worker, change: ConsentEvent, reason: ErrorReason
) -> None:
    person = fresh_person()
    agreed = await granted(worker, person)
    intended = await worker.ledger.intend(await decided(worker, asked(person)))
    await store.workers[1].ledger.change(LENDER_A, agreed.consent_id, change)
    with refused(reason):
        await worker.ledger.release(safe(intended))
    assert await _uses(worker, agreed.consent_id) == 0
    failed = await worker.ledger.fail(intended, reason)
    event = await _event(store, failed.log_index)
    assert (event["kind"], event["outcome"]) == ("FAILURE", "NOT_RELEASED")
    assert (event["intent"], event["reasons"]) == (intended.event_id, [reason.value])


async def test_an_institution_suspended_meanwhile_gets_nothing(
    store: Store, worker: Worker
) -> None:
    person = fresh_person()
    agreed = await granted(worker, person)
    one = await decided(worker, asked(person))
    intended = await worker.ledger.intend(one)
    store.set_status("lender-a", InstitutionStatus.SUSPENDED)
    try:
        with refused(ErrorReason.INSTITUTION_SUSPENDED):
            await worker.ledger.release(safe(intended))
        with refused(ErrorReason.INSTITUTION_SUSPENDED):
            await worker.ledger.intend(await decided(worker, asked(person)))
    finally:
        store.set_status("lender-a", InstitutionStatus.ACTIVE)
    assert await _uses(worker, agreed.consent_id) == 0
    assert not (await worker.ledger.release(safe(intended))).repeat


async def test_a_release_under_anothers_consent_is_refused(worker: Worker) -> None:
    """Even if a decision were wrong, the release transaction knows whose the consent is."""
    person = fresh_person()
    agreed = await granted(worker, person)
    one = await decided(worker, asked(person))
    foreign = msgspec.structs.replace(
        one,
        decision=msgspec.structs.replace(one.decision, agreement=agreement_of("lender-b").id),
        resolved=msgspec.structs.replace(
            one.resolved, authenticated=asked(person, principal=LENDER_B)
        ),
    )
    with refused(ErrorReason.CONSENT_ABSENT):
        await worker.ledger.release(safe(await worker.ledger.intend(foreign)))
    assert await _uses(worker, agreed.consent_id) == 0


async def test_a_release_for_another_person_is_refused(worker: Worker) -> None:
    person, other = fresh_person(), fresh_person()
    agreed = await granted(worker, person)
    await granted(worker, other)
    one, two = await decided(worker, asked(person)), await decided(worker, asked(other))
    swapped = msgspec.structs.replace(two, consent=one.consent)
    with refused(ErrorReason.CONSENT_ABSENT):
        await worker.ledger.release(safe(await worker.ledger.intend(swapped)))
    assert await _uses(worker, agreed.consent_id) == 0


async def test_denials_and_explanations_are_recorded(store: Store, worker: Worker) -> None:
    resolved = await worker.consents.resolve(asked(fresh_person()))
    denial = Decision("some-rule", (Finding(ErrorReason.CONSENT_ABSENT),))
    for record, kind in (
        (worker.ledger.deny, "DENIAL"),
        (worker.ledger.explain, "EXPLANATION"),
    ):
        recorded = await record(resolved, denial)
        event = await _event(store, recorded.log_index)
        assert (event["kind"], event["id"]) == (kind, recorded.event_id)
        assert (event["outcome"], event["reasons"]) == ("DENIED", ["CONSENT_ABSENT"])


async def test_an_abandoned_intent_is_recorded_and_nothing_is_counted(
    store: Store, worker: Worker
) -> None:
    person = fresh_person()
    agreed = await granted(worker, person)
    intended = await worker.ledger.intend(await decided(worker, asked(person)))
    worker.ledger.abandon(intended)
    # The channel keeps order: when this is durable, what was sent before it is too.
    after = await granted(worker, fresh_person())
    assert after.consent_id
    events = [json.loads(event) for _, event in await store.log.events(intended.log_index, 500)]
    (abandoned,) = (event for event in events if event["kind"] == "ABANDONED")
    assert abandoned["intent"] == intended.event_id
    assert await _uses(worker, agreed.consent_id) == 0


async def test_an_intent_has_one_outcome(store: Store, worker: Worker) -> None:
    """A caller that goes away while its release is committed: the release stands, alone."""
    person = fresh_person()
    agreed = await granted(worker, person)
    intended = await worker.ledger.intend(await decided(worker, asked(person)))
    release = asyncio.ensure_future(worker.ledger.release(safe(intended)))
    await asyncio.sleep(0)
    release.cancel()
    worker.ledger.abandon(intended)
    assert (await granted(worker, fresh_person())).consent_id
    events = [json.loads(event) for _, event in await store.log.events(intended.log_index, 500)]
    outcomes = [event["kind"] for event in events if event.get("intent") == intended.event_id]
    assert outcomes == ["RELEASE"]
    assert await _uses(worker, agreed.consent_id) == 1


@pytest.mark.parametrize("state", ConsentState)
@pytest.mark.parametrize("change", ConsentEvent)
async def test_the_lifecycle_is_the_table(
    worker: Worker, state: ConsentState, change: ConsentEvent
) -> None:
    agreed = await granted(worker, fresh_person())
    for step in PATHS[state]:
        await worker.ledger.change(LENDER_A, agreed.consent_id, step)
    if (state, change) in TRANSITIONS:
        await worker.ledger.change(LENDER_A, agreed.consent_id, change)
    else:
        with refused(ErrorReason.CONSENT_TRANSITION_REFUSED):
            await worker.ledger.change(LENDER_A, agreed.consent_id, change)
    stored = await worker.consents.consent(agreed.consent_id)
    assert stored is not None
    assert stored.consent.standing.state is TRANSITIONS.get((state, change), state)
