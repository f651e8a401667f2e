"""Which questions are let in: signed by who sends them, in date, of the contract, under its key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from gateway.application.ports.aggregates import Signed
from gateway.domain.aggregate.statements import QUESTION_TYPE, READY_TYPE
from gateway.domain.reasons import ErrorReason
from support.aggregate_parties import Asker, key_of, signed
from support.aggregate_world import World, principal, reason, scripted

R = ErrorReason

Change = Callable[[World], Signed]


def altered(world: World) -> Signed:
    made = world.asker.sign(world.asker.question(world.terms))
    return Signed(made.payload.replace(b'"housing"', b'"houses!"'), made.signature, made.chain)


def of_another(world: World) -> Signed:
    return Asker("lender-y").sign(world.asker.question(world.terms))


def by_another_workload(world: World) -> Signed:
    return world.asker.sign(world.asker.question(world.terms), "integrator")


def as_another_type(world: World) -> Signed:
    question = world.asker.question(world.terms)
    return signed(key_of(world.asker.institution, "keyholder"), READY_TYPE, question.encoded())


def expired(world: World) -> Signed:
    now = int(time.time())
    return world.asker.sign(
        world.asker.question(world.terms, issued_at=now - 600, expires_at=now - 1)
    )


def from_the_future(world: World) -> Signed:
    now = int(time.time()) + 3600
    return world.asker.sign(world.asker.question(world.terms, issued_at=now, expires_at=now + 60))


def not_json(world: World) -> Signed:
    return signed(key_of(world.asker.institution, "keyholder"), QUESTION_TYPE, b"{}")


def changed(**changes: Any) -> Change:
    return lambda world: world.asker.sign(world.asker.question(world.terms, **changes))


def with_another_s_proof(world: World) -> Signed:
    key = msgspec.structs.replace(world.asker.key, proof=Asker("lender-y").key.proof)
    return world.asker.sign(world.asker.question(world.terms, key=key))


def with_a_key_of_nobody(world: World) -> Signed:
    return world.asker.sign(
        world.asker.question(world.terms, key=Asker(world.asker.institution).key)
    )


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (altered, R.STATEMENT_REFUSED),
        (of_another, R.STATEMENT_REFUSED),
        (by_another_workload, R.STATEMENT_REFUSED),
        (as_another_type, R.STATEMENT_REFUSED),
        (expired, R.STATEMENT_REFUSED),
        (from_the_future, R.STATEMENT_REFUSED),
        (not_json, R.AGGREGATE_QUESTION_INVALID),
        (changed(asker="lender-y"), R.STATEMENT_REFUSED),
        (changed(dataset="credit.others"), R.DATASET_UNKNOWN),
        (changed(contract="0" * 64), R.AGGREGATE_QUESTION_INVALID),
        (changed(snapshot="2026-09-30"), R.AGGREGATE_QUESTION_INVALID),
        (changed(purpose="marketing.offers"), R.AGGREGATE_NOT_PERMITTED),
        (changed(share_variance=9), R.AGGREGATE_QUESTION_INVALID),
        (changed(cost=500_001), R.AGGREGATE_QUESTION_INVALID),
        (changed(cost=7), R.AGGREGATE_QUESTION_INVALID),
        (changed(group_by=("postcode",)), R.AGGREGATE_QUESTION_INVALID),
        (with_another_s_proof, R.AGGREGATE_KEY_REFUSED),
        (with_a_key_of_nobody, R.AGGREGATE_KEY_UNKNOWN),
    ],
    ids=lambda value: value.value if isinstance(value, ErrorReason) else "",
)
async def test_a_bad_question_is_recorded_and_neither_charged_nor_passed_on(
    make: Change, expected: ErrorReason
) -> None:
    world, (agent,) = World(), scripted("lender-a")
    world.serving(agent)
    assert await reason(world.ask(make(world))) is expected
    assert world.store.kinds() == ["DENIED"]
    assert world.store.denied == [(world.asker.institution, expected.value)]
    assert not agent.orders


async def test_who_sends_a_question_must_be_who_signed_it() -> None:
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    thief = principal("lender-y", "keyholder")
    assert await reason(world.ask(question, thief)) is R.STATEMENT_REFUSED


async def test_a_recipient_that_the_contract_does_not_name_may_not_ask() -> None:
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    bureau = msgspec.structs.replace(principal(world.asker.institution), roles=frozenset())
    assert await reason(world.ask(question, bureau)) is R.AGGREGATE_NOT_PERMITTED


async def test_another_question_under_a_known_id_is_refused() -> None:
    world = World()
    world.serving(*scripted())
    first = world.asker.question(world.terms)
    await world.ask(world.asker.sign(first))
    second = msgspec.structs.replace(first, expires_at=first.expires_at + 1)
    assert await reason(world.ask(world.asker.sign(second))) is R.REQUEST_ID_REUSED
