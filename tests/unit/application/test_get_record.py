"""The record path over ports in memory: every way out closes its intent once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.application.denied import AccessDenied
from gateway.application.explain_access import ExplainAccess
from gateway.application.ports.detection import DetectionFailed, DetectionFailure
from gateway.application.ports.provider import Inquiry
from gateway.domain.policy.decision import FieldWithheld
from gateway.domain.reasons import ErrorReason, Finding, Refused, refuse
from gateway.domain.stages import Authenticated, Forwarded, Value
from gateway.domain.subject import SubjectIdentifier, SubjectReference
from support.live_gateway import DATASET, UNDERWRITING
from support.record_world import CONTRACT, POLICY, RECORD, SECRET_FIELDS, World
from support.store_world import LENDER_A, asked, fresh_person


@pytest.fixture
def world() -> World:
    return World()


def wanting(fields: frozenset[str]) -> Authenticated:
    request = asked(fresh_person())
    ask = msgspec.structs.replace(request.received.ask, fields=fields)
    received = msgspec.structs.replace(request.received, ask=ask)
    return msgspec.structs.replace(request, received=received)


async def test_a_release_closes_its_intent(world: World) -> None:
    request = asked(fresh_person())
    released = await world.get(request)
    world.assert_closed("RELEASE")
    values = {name: value for name, _, value in released.safe.fields}
    assert values["remark"] == "<PERSON> paid late; call <PHONE_NUMBER>."
    assert "Ann Lee" not in str(released.safe.fields)
    assert released.safe.intended.policy_digest
    (inquiry,) = world.provider.asked
    assert inquiry == Inquiry(
        DATASET,
        request.received.subject,
        released.safe.intended.decided.plan.fetch,
        UNDERWRITING,
        "lender-a",
        world.agreed.consent_id,
        released.safe.intended.event_id,
        request.received.request_id,
    )
    ((_, known),) = world.detector.seen
    subject = request.received.subject
    assert isinstance(subject, SubjectIdentifier)
    assert (subject.type.value, subject.value) in {(one.type, one.value) for one in known}


async def test_the_providers_own_event_goes_with_the_release(world: World) -> None:
    world.provider.event = "event of the provider"
    assert (await world.get()).safe.provider_event == "event of the provider"


async def test_a_forwarded_request_takes_its_way_along(world: World) -> None:
    request = asked(fresh_person())
    way = Forwarded("gateway-b", ("first.example/log", "second.example/log"), "event-b")
    received = msgspec.structs.replace(request.received, forwarded=way)
    await world.get(msgspec.structs.replace(request, received=received))
    (inquiry,) = world.provider.asked
    assert inquiry.path == ("first.example/log", "second.example/log")


async def test_a_reference_is_passed_on_and_is_no_known_value(world: World) -> None:
    request = asked(fresh_person())
    reference = SubjectReference("1", b"r" * 64)
    received = msgspec.structs.replace(request.received, subject=reference)
    await world.get(msgspec.structs.replace(request, received=received))
    (inquiry,) = world.provider.asked
    assert inquiry.subject is reference
    ((_, known),) = world.detector.seen
    marked = {one.entity for one in CONTRACT.fields if one.entity and one.name not in SECRET_FIELDS}
    assert {one.type for one in known} == marked


async def test_a_denial_is_recorded_and_opens_nothing(world: World) -> None:
    world.consents.stored.clear()
    with pytest.raises(AccessDenied) as caught:
        await world.get()
    assert caught.value.reason is ErrorReason.CONSENT_ABSENT
    assert caught.value.event_id == "event-1"
    assert caught.value.policy_digest == POLICY.digest
    assert world.ledger.events == [("DENIAL", "CONSENT_ABSENT")]
    assert world.provider.asked == []


async def test_a_denial_that_cannot_be_recorded_is_not_told(world: World) -> None:
    world.consents.stored.clear()
    world.ledger.failing["deny"] = refuse(ErrorReason.STORE_UNAVAILABLE)
    assert await world.reason() is ErrorReason.STORE_UNAVAILABLE


async def test_a_store_that_cannot_be_read_decides_nothing(world: World) -> None:
    world.consents.failing = refuse(ErrorReason.STORE_UNAVAILABLE)
    assert await world.reason() is ErrorReason.STORE_UNAVAILABLE
    assert world.ledger.events == []


@pytest.mark.parametrize(
    "reason", [ErrorReason.STORE_UNAVAILABLE, ErrorReason.INSTITUTION_SUSPENDED]
)
async def test_without_an_intent_nobody_is_asked(world: World, reason: ErrorReason) -> None:
    world.ledger.failing["intend"] = refuse(reason)
    assert await world.reason() is reason
    assert world.provider.asked == []
    assert world.ledger.events == []


async def test_a_request_id_with_other_bytes_asks_nobody(world: World) -> None:
    person = fresh_person()
    await world.get(asked(person, "r"))
    assert await world.reason(asked(person, "r", b"other")) is ErrorReason.REQUEST_ID_REUSED
    assert len(world.provider.asked) == 1
    world.assert_closed("RELEASE")


def _without(name: str) -> dict[str, Value]:
    return {key: value for key, value in RECORD.items() if key != name}


def _fetched(**changes: Any) -> Callable[[World], None]:
    """Answer exactly what is asked for, but for these values."""

    def prepare(world: World) -> None:
        world.provider.record.update(changes)

    return prepare


def _answers(answer: Any) -> Callable[[World], None]:
    return lambda world: world.provider.answers(answer)


INVALID, UNAVAILABLE = ErrorReason.PROVIDER_ANSWER_INVALID, ErrorReason.PROVIDER_UNAVAILABLE
FAILURES: dict[str, tuple[Callable[[World], None], ErrorReason]] = {
    "provider unavailable": (_answers(refuse(UNAVAILABLE)), UNAVAILABLE),
    "provider too slow": (
        _answers(refuse(ErrorReason.PROVIDER_TIMEOUT)),
        ErrorReason.PROVIDER_TIMEOUT,
    ),
    "no such provider": (lambda world: world.providers.clear(), UNAVAILABLE),
    "no record": (_answers(None), ErrorReason.RECORD_NOT_FOUND),
    "no fields": (_answers({}), INVALID),
    "a field more": (_answers(RECORD | {"another": 1}), INVALID),
    "a field less": (_answers(_without("name")), INVALID),
    "another field": (_answers(_without("name") | {"another": 1}), INVALID),
    "a number for a date": (_fetched(date_of_birth=7), INVALID),
    "a fraction": (_fetched(age_in_years=1.5), INVALID),
    "a truth value": (_fetched(age_in_years=True), INVALID),
    "bytes": (_fetched(name=b"Ann"), INVALID),
    "half a character": (_fetched(market="\ud800"), INVALID),
    "a number for a free text": (_fetched(remark=7), INVALID),
    "a name without letters": (_fetched(name=" -- "), INVALID),
    "limit of the subject": (
        lambda world: world.ledger.failing.update(
            release=refuse(ErrorReason.SUBJECT_LIMIT_REACHED)
        ),
        ErrorReason.SUBJECT_LIMIT_REACHED,
    ),
    "suspended meanwhile": (
        lambda world: world.ledger.failing.update(
            release=refuse(ErrorReason.INSTITUTION_SUSPENDED)
        ),
        ErrorReason.INSTITUTION_SUSPENDED,
    ),
}


@pytest.mark.parametrize("case", FAILURES)
async def test_a_failure_closes_its_intent_and_says_why(world: World, case: str) -> None:
    prepare, reason = FAILURES[case]
    prepare(world)
    with pytest.raises(Refused) as caught:
        await world.get()
    assert caught.value.reason is reason
    assert not isinstance(caught.value, AccessDenied)
    world.assert_closed("FAILURE")
    assert world.ledger.events[-1] == ("FAILURE", reason)
    assert "Ann" not in f"{caught.value!r} {caught.value.findings}"


@pytest.mark.parametrize(
    "reason",
    [
        ErrorReason.CONSENT_REVOKED,
        ErrorReason.CONSENT_PAUSED,
        ErrorReason.CONSENT_EXPIRED,
        ErrorReason.CONSENT_USES_SPENT,
        ErrorReason.CONSENT_ABSENT,
    ],
)
async def test_a_consent_that_fell_meanwhile_is_a_denial(world: World, reason: ErrorReason) -> None:
    world.ledger.failing["release"] = refuse(reason)
    with pytest.raises(AccessDenied) as caught:
        await world.get()
    assert caught.value.reason is reason
    assert not caught.value.decision.allow
    assert caught.value.event_id == "event-2"
    assert caught.value.decision.rule == "underwriting-applicant"
    world.assert_closed("FAILURE")
    assert world.ledger.events == [("INTENT", ""), ("FAILURE", reason)]


async def test_an_agreement_that_ended_meanwhile_is_a_denial(world: World) -> None:
    world.ledger.failing["release"] = refuse(ErrorReason.AGREEMENT_MISSING)
    with pytest.raises(AccessDenied) as caught:
        await world.get()
    finding = Finding(ErrorReason.AGREEMENT_MISSING, UNDERWRITING, "PIPL 23")
    assert caught.value.findings == caught.value.decision.findings == (finding,)
    assert caught.value.event_id == "event-2"
    world.assert_closed("FAILURE")


async def test_without_an_agreement_nobody_is_asked(world: World) -> None:
    nobody = msgspec.structs.replace(LENDER_A, agreements=())
    with pytest.raises(AccessDenied) as caught:
        await world.get(asked(fresh_person(), principal=nobody))
    assert caught.value.reason is ErrorReason.AGREEMENT_MISSING
    assert caught.value.decision.agreement == ""
    assert world.ledger.events == [("DENIAL", "AGREEMENT_MISSING")]
    assert world.provider.asked == []


async def test_the_release_carries_the_agreement_that_counted(world: World) -> None:
    decision = (await world.get()).safe.intended.decided.decision
    assert decision.agreement == LENDER_A.agreements[0].id


@pytest.mark.parametrize("failure", DetectionFailure)
async def test_a_text_that_cannot_be_looked_at_is_withheld(
    world: World, failure: DetectionFailure
) -> None:
    world.detector.failing = DetectionFailed(failure)
    released = await world.get()
    assert "remark" not in {name for name, _, _ in released.safe.fields}
    assert FieldWithheld("remark", "DETECTION_FAILED") in released.safe.withheld
    assert released.safe.fields
    world.assert_closed("RELEASE")


async def test_a_value_that_cannot_be_read_is_withheld(world: World) -> None:
    world.provider.record["date_of_birth"] = "the sixth of May"
    released = await world.get()
    assert "date_of_birth" not in {name for name, _, _ in released.safe.fields}
    assert FieldWithheld("date_of_birth", "DETECTION_FAILED") in released.safe.withheld
    world.assert_closed("RELEASE")


async def test_an_empty_record_is_released_empty(world: World) -> None:
    world.provider.record = dict.fromkeys(RECORD)
    released = await world.get()
    assert {value for _, _, value in released.safe.fields} == {None}
    assert world.detector.seen == []
    world.assert_closed("RELEASE")


async def test_a_failure_that_cannot_be_recorded_ends_the_call(world: World) -> None:
    world.provider.answers(None)
    world.ledger.failing["fail"] = refuse(ErrorReason.STORE_UNAVAILABLE)
    assert await world.reason() is ErrorReason.STORE_UNAVAILABLE


def _stall(world: World, where: str) -> None:
    match where:
        case "fetch":
            world.provider.stalled = True
        case "detect":
            world.detector.stalled = True
        case _:
            world.ledger.stalled.add(where)


@pytest.mark.parametrize("where", ["fetch", "detect", "release"])
async def test_a_caller_that_goes_away_abandons_its_intent(world: World, where: str) -> None:
    _stall(world, where)
    call = asyncio.ensure_future(world.get())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not call.done()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    world.assert_closed("ABANDONED")


@pytest.mark.parametrize("error", [RuntimeError("a bug"), MemoryError(), KeyboardInterrupt()])
@pytest.mark.parametrize("where", ["fetch", "release"])
async def test_an_error_of_our_own_abandons_its_intent(
    world: World, where: str, error: BaseException
) -> None:
    if where == "fetch":
        world.provider.answers(error)
    else:
        world.ledger.failing["release"] = error
    with pytest.raises(type(error)):
        await world.get()
    world.assert_closed("ABANDONED")


async def test_a_pseudonym_that_cannot_be_made_releases_nothing(world: World) -> None:
    world.pseudonyms.failing = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        await world.get()
    world.assert_closed("ABANDONED")


@settings(max_examples=60, deadline=None)
@given(st.frozensets(st.sampled_from(sorted(RECORD))))
def test_the_provider_is_asked_for_the_plan_and_never_for_c3(fields: frozenset[str]) -> None:
    world, request = World(), wanting(fields)
    assert SECRET_FIELDS
    decision = asyncio.run(world.decide(request))[1]
    if not decision.allow:
        assert asyncio.run(world.reason(request)) is decision.findings[0].reason
        assert world.provider.asked == []
        return
    released = asyncio.run(world.get(request))
    fetched = world.provider.asked[0].fields
    assert len(world.provider.asked) == 1
    assert decision.plan is not None
    assert fetched == decision.plan.fetch
    assert SECRET_FIELDS.isdisjoint(fetched)
    shown = [name for name, _, _ in released.safe.fields]
    withheld = [one.field for one in released.safe.withheld]
    assert sorted(shown + withheld) == sorted(fields or RECORD)
    assert SECRET_FIELDS.isdisjoint(shown)
    planned = [one.field for one in decision.plan.released]
    assert fetched == tuple(planned) or "remark" in planned


async def test_an_explanation_asks_no_provider_and_opens_nothing(world: World) -> None:
    explain = ExplainAccess(world.decide, world.ledger)
    allowed = await explain(asked(fresh_person()))
    assert allowed.decision.allow
    world.consents.stored.clear()
    denied = await explain(asked(fresh_person()))
    assert denied.decision.findings[0].reason is ErrorReason.CONSENT_ABSENT
    assert denied.policy_digest == POLICY.digest
    assert world.ledger.events == [("EXPLANATION", ""), ("EXPLANATION", "CONSENT_ABSENT")]
    assert world.provider.asked == []
    world.ledger.failing["explain"] = refuse(ErrorReason.STORE_UNAVAILABLE)
    with pytest.raises(Refused):
        await explain(asked(fresh_person()))
