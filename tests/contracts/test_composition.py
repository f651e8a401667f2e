"""What a recipient sees of a value over several releases, on every engine and at once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from itertools import cycle
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from gateway.adapters.committer.audit_events import RECORD_LABEL
from gateway.crypto.keyed import commitment
from gateway.domain.deid.composition import MAX_VALUES
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import FieldWithheld
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Released
from gateway.domain.subject import SubjectIdentifier
from support.showing import PHONE, Showing, showing
from support.store_engines import Store
from support.store_world import (
    LENDER_A,
    LENDER_B,
    asked,
    decided,
    fresh_person,
    granted,
    limits,
    new_consent,
    terms,
    under_rule,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
FRONT = Showing("phone", PHONE, 3, 4, 4)
BACK = Showing("phone", PHONE, 4, 3, 4)
OTHER_PHONE = "13900139000"


async def get(
    store: Store,
    person: SubjectIdentifier,
    *shown: Showing,
    at: int = 0,
    request_id: str = "",
    principal: Principal = LENDER_A,
    **options: Any,
) -> Released:
    worker = store.workers[at]
    one = await decided(worker, asked(person, request_id, principal=principal))
    return await worker.ledger.release(showing(await worker.ledger.intend(one), *shown, **options))


def values(released: Released) -> dict[str, object]:
    return {field: value for field, _, value in released.safe.fields}


async def event_of(store: Store, released: Released) -> dict[str, Any]:
    ((_, event),) = await store.log.events(released.log_index, 1)
    found: dict[str, Any] = json.loads(event)
    return found


@pytest_asyncio.fixture(loop_scope="module")
async def person(store: Store) -> SubjectIdentifier:
    one = fresh_person()
    await granted(store.workers[0], one)
    return one


async def test_what_together_would_show_too_much_is_tightened(
    store: Store, person: SubjectIdentifier
) -> None:
    first = await get(store, person, FRONT)
    assert values(first)["phone"] == "138****8000"
    assert "tightened" not in await event_of(store, first)
    second = await get(store, person, BACK, at=1)
    assert values(second) == {"phone": "*" * 11, "credit_amount": 7}
    event = await event_of(store, second)
    assert event["id"] == second.event_id
    assert event["tightened"] == ["phone"]
    assert event["released"] == ["phone:mask", "credit_amount:keep"]
    assert values(await get(store, person, FRONT, at=2))["phone"] == "138****8000"


async def test_the_events_commitment_is_to_what_was_chosen(
    store: Store, person: SubjectIdentifier
) -> None:
    await get(store, person, FRONT)
    second = await get(store, person, BACK)
    values_as_sent = json.dumps(
        [[field, operator, value] for field, operator, value in second.safe.fields],
        separators=(",", ":"),
    ).encode()
    opened = commitment(RECORD_LABEL, second.record_salt, values_as_sent).hex()
    assert opened == (await event_of(store, second))["record"]


async def test_a_promise_holds_against_masks_that_make_none(
    store: Store, person: SubjectIdentifier
) -> None:
    await get(store, person, FRONT)
    second = await get(store, person, Showing("phone", PHONE, 4, 4))
    assert values(second)["phone"] == "*" * 11


async def test_what_was_shown_without_a_promise_is_counted(
    store: Store, person: SubjectIdentifier
) -> None:
    await get(store, person, Showing("phone", PHONE, 0, 4))
    second = await get(store, person, Showing("phone", PHONE, 4, 0, 4))
    assert values(second)["phone"] == "*" * 11


async def test_equal_values_compose_over_fields_and_spellings(
    store: Store, person: SubjectIdentifier
) -> None:
    await get(store, person, FRONT)
    second = await get(store, person, Showing("contact", "138 0013-8000", 4, 3, 4))
    assert values(second)["contact"] == "*" * 11
    full_width = "１３８００１３８０００"
    third = await get(store, person, Showing("contact", full_width, 4, 3, 4))
    assert values(third)["contact"] == "*" * 11


async def test_two_fields_of_one_record_compose_too(
    store: Store, person: SubjectIdentifier
) -> None:
    one = await get(store, person, FRONT, Showing("contact", PHONE, 4, 3, 4))
    assert [values(one)["phone"], values(one)["contact"]] == ["138****8000", "*" * 11]


async def test_a_changed_value_starts_anew(store: Store, person: SubjectIdentifier) -> None:
    await get(store, person, FRONT)
    second = await get(store, person, Showing("phone", OTHER_PHONE, 4, 3, 4))
    assert values(second)["phone"] == "1390****000"


async def test_another_recipient_is_not_concerned(store: Store) -> None:
    person = fresh_person()
    for principal in (LENDER_A, LENDER_B):
        agreed = terms(controller=principal.institution, collector=principal.institution)
        await store.workers[0].ledger.grant(principal, new_consent(person, agreed))
    await get(store, person, FRONT)
    other = await get(store, person, BACK, principal=LENDER_B)
    assert values(other)["phone"] == "1380****000"


async def test_another_person_with_that_number_is_not_concerned(store: Store) -> None:
    people = [fresh_person(), fresh_person()]
    for one in people:
        await granted(store.workers[0], one)
    await get(store, people[0], FRONT)
    assert values(await get(store, people[1], BACK))["phone"] == "1380****000"


async def test_a_repeat_shows_what_it_showed_and_adds_nothing(
    store: Store, person: SubjectIdentifier
) -> None:
    ids = str(uuid4()), str(uuid4())
    shown = await get(store, person, FRONT, request_id=ids[0])
    tightened = await get(store, person, BACK, request_id=ids[1])
    before = await _rows(store)
    for request_id, one, was in ((ids[0], FRONT, shown), (ids[1], BACK, tightened)):
        again = await get(store, person, one, request_id=request_id, at=1)
        assert again.repeat
        assert values(again) == values(was)
    assert await _rows(store) == before


async def test_a_profile_that_refuses_withholds_the_field(
    store: Store, person: SubjectIdentifier
) -> None:
    await get(store, person, FRONT)
    contact = Showing("contact", OTHER_PHONE, 3, 4)
    second = await get(store, person, BACK, contact, on_exceed="refuse")
    assert values(second) == {"contact": "139****9000", "credit_amount": 7}
    assert second.safe.withheld == (FieldWithheld("phone", "RULE"),)
    event = await event_of(store, second)
    assert event["withheld"] == ["phone:RULE"]
    assert event["tightened"] == ["phone"]


async def test_a_short_value_that_breaks_the_bound_alone_is_tightened(
    store: Store, person: SubjectIdentifier
) -> None:
    one = await get(store, person, Showing("phone", "138001380", 3, 4, 4))
    assert values(one)["phone"] == "*" * 9


async def test_a_release_that_is_refused_shows_nothing(
    store: Store, person: SubjectIdentifier
) -> None:
    worker = store.workers[0]
    spent = under_rule(await decided(worker, asked(person)), str(uuid4()), limits(0, 9))
    with pytest.raises(Refused) as caught:
        await worker.ledger.release(showing(await worker.ledger.intend(spent), FRONT))
    assert caught.value.reason is ErrorReason.SUBJECT_LIMIT_REACHED
    assert values(await get(store, person, BACK))["phone"] == "1380****000"


async def test_more_values_than_are_remembered_are_not_shown(
    store: Store, person: SubjectIdentifier
) -> None:
    many = [Showing("remark", f"1380000{at:04}", 3, 4) for at in range(MAX_VALUES)]
    assert (await get(store, person, *many)).safe.tight_fields() == ()
    more = await get(store, person, many[0], FRONT)
    assert values(more)["remark"] == "138****0000"
    assert values(more)["phone"] == "*" * 11


async def test_what_was_shown_goes_with_the_subject(
    store: Store, person: SubjectIdentifier
) -> None:
    before = len(await _rows(store))
    await get(store, person, FRONT)
    assert len(await _rows(store)) == before + 1
    subject_id = store.keyring.subject_id(person)
    for statement in (
        "DELETE FROM consent_event WHERE consent_id IN (SELECT id FROM consent WHERE subject_id=?)",
        "DELETE FROM consent WHERE subject_id=?",
        "DELETE FROM subject WHERE id=?",
    ):
        store.execute(statement, (subject_id,))
    assert len(await _rows(store)) == before


async def test_the_store_holds_no_value_and_no_digit_of_one(
    store: Store, person: SubjectIdentifier
) -> None:
    await get(store, person, FRONT)
    for _, _, seen in await _rows(store):
        assert b"138" not in bytes(seen)
        assert b"8000" not in bytes(seen)


@pytest.mark.parametrize("round_", range(4))
async def test_of_two_masks_at_once_that_together_show_too_much_one_shows(
    store: Store, person: SubjectIdentifier, round_: int
) -> None:
    workers = cycle(store.workers)
    intents = []
    for at in range(16):
        worker = next(workers)
        one = await decided(worker, asked(person))
        intents.append((worker, await worker.ledger.intend(one), (FRONT, BACK)[(at + round_) % 2]))
    done = await asyncio.gather(
        *(worker.ledger.release(showing(intended, shown)) for worker, intended, shown in intents)
    )
    counted = Counter(str(values(one)["phone"]) for one in done)
    assert counted["*" * 11] == 8
    assert sorted(counted.values()) == [8, 8]
    assert set(counted) - {"*" * 11} <= {"138****8000", "1380****000"}


async def _rows(store: Store) -> list[tuple[Any, ...]]:
    rows = await store.reader.rows("SELECT subject_id, recipient, seen FROM seen ORDER BY 1, 2")
    return [tuple(row) for row in rows]
