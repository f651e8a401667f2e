"""What is counted and what is not: request ids, uses, frequencies, limits, explanations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import grpc
import pytest

from clients.cli.local.demo_data.dataset import Applicant
from clients.sdk.consents.draft import Frequency
from clients.sdk.vocabulary import ConsentState, Period
from support.live_gateway import LiveGateway, running_gateway, underwriting_consent
from support.members import Member, fresh_applicant, record_request
from support.refusals import denied, raw_method, refusal_of, refused

GET_RECORD = "/veilgate.v1.ExchangeService/GetRecord"
EXPLAINS = 40
_CODE = grpc.StatusCode


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("counting") / "home"
    with running_gateway(folder, explains_per_minute=EXPLAINS) as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def lender_b(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-b") as member:
        yield member


def _uses(member: Member, consent_id: str) -> int:
    return member.client.get_consent(consent_id).uses


def test_a_repeat_is_answered_again_and_costs_no_second_use(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    consent = lender_a.grant(raw, uses=1)
    first = lender_a.get(raw, request_id=request_id)
    second = lender_a.get(raw, request_id=request_id)
    assert (first.repeat, second.repeat) == (False, True)
    assert first.fields == second.fields
    assert first.event_id != second.event_id
    assert _uses(lender_a, consent.consent_id) == 1
    with denied("CONSENT_USES_SPENT"):
        lender_a.get(raw)
    assert lender_a.get(raw, request_id=request_id).repeat
    assert _uses(lender_a, consent.consent_id) == 1


def test_a_repeat_counts_in_no_limit(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    lender_a.grant(raw, purposes=("marketing",))
    for repeat in (False, True, True):
        assert lender_a.get(raw, "marketing", request_id=request_id).repeat is repeat


def test_a_repeat_costs_no_use_of_a_consent_that_came_later(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    first = lender_a.grant(raw, uses=1)
    assert not lender_a.get(raw, request_id=request_id).repeat
    later = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    others = [lender_a.grant(raw, uses=1, valid_from=later) for _ in range(4)]
    others += [lender_a.grant(raw, uses=1) for _ in range(4)]
    assert lender_a.get(raw, request_id=request_id).repeat
    assert _uses(lender_a, first.consent_id) == 1
    assert [_uses(lender_a, one.consent_id) for one in others] == [0] * 8
    # Revoked, it pays for nothing any more: the same request is a use of one of the others.
    lender_a.client.revoke_consent(first.consent_id)
    assert not lender_a.get(raw, request_id=request_id).repeat
    assert sum(_uses(lender_a, one.consent_id) for one in others) == 1
    assert lender_a.get(raw, request_id=request_id).repeat


def test_a_request_id_with_another_body_is_refused(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    consent = lender_a.grant(raw)
    lender_a.get(raw, request_id=request_id)
    for other in ({"fields": ("phone",)}, {"consent_id": consent.consent_id}):
        with refused("REQUEST_ID_REUSED", _CODE.ALREADY_EXISTS):
            lender_a.get(raw, request_id=request_id, **other)
    assert _uses(lender_a, consent.consent_id) == 1
    assert lender_a.get(raw, request_id=request_id).repeat


def test_the_same_message_in_other_bytes_is_another_body(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    lender_a.grant(raw)
    message = record_request(raw, request_id)
    body = message.SerializeToString()
    # The purpose a second time, which overwrites the first with itself (protobuf: last one wins).
    other = body + type(message)(purpose=message.purpose).SerializeToString()
    assert type(message).FromString(other) == message
    assert raw_method(lender_a.channel, GET_RECORD)(body, timeout=10)
    assert refusal_of(lender_a.channel, GET_RECORD, other).reason == "REQUEST_ID_REUSED"


def test_request_ids_of_two_institutions_do_not_collide(lender_a: Member, lender_b: Member) -> None:
    raw, other, request_id = fresh_applicant(), fresh_applicant(), str(uuid4())
    lender_a.grant(raw)
    lender_b.grant(other)
    assert not lender_a.get(raw, request_id=request_id).repeat
    assert not lender_b.get(other, request_id=request_id).repeat


def test_a_denied_request_id_is_not_spent(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    with denied("CONSENT_ABSENT"):
        lender_a.get(raw, request_id=request_id)
    lender_a.grant(raw)
    assert not lender_a.get(raw, request_id=request_id).repeat


def test_a_frequency_is_kept(lender_a: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    consent = lender_a.grant(raw, frequency=Frequency(2, Period.MONTH))
    lender_a.get(raw, request_id=request_id)
    lender_a.get(raw)
    with denied("CONSENT_FREQUENCY_SPENT"):
        lender_a.get(raw)
    assert lender_a.get(raw, request_id=request_id).repeat
    assert _uses(lender_a, consent.consent_id) == 2


def test_a_consent_counts_from_its_beginning_to_its_end(lender_a: Member) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    hour = timedelta(hours=1)
    for start, end, reason in (
        (now + hour, now + 2 * hour, "CONSENT_NOT_YET_VALID"),
        (now - 2 * hour, now - hour, "CONSENT_EXPIRED"),
        (now - timedelta(days=91), now + hour, "CONSENT_TOO_OLD"),
    ):
        raw = fresh_applicant()
        lender_a.grant(raw, valid_from=start, valid_until=end)
        with denied(reason):
            lender_a.get(raw)


def test_the_rules_limit_per_subject_holds_across_consents(
    lender_a: Member, lender_b: Member
) -> None:
    raw, other = fresh_applicant(), fresh_applicant()
    for _ in range(2):
        lender_a.grant(raw, purposes=("marketing",))
    lender_a.grant(other, purposes=("marketing",))
    lender_b.grant(raw, purposes=("marketing",))
    lender_a.get(raw, "marketing")
    with refused("SUBJECT_LIMIT_REACHED", _CODE.RESOURCE_EXHAUSTED):
        lender_a.get(raw, "marketing")
    lender_a.get(other, "marketing")
    lender_b.get(raw, "marketing")


def test_a_release_refused_by_a_limit_uses_no_consent_up(lender_a: Member) -> None:
    raw = fresh_applicant()
    consent = lender_a.grant(raw, purposes=("marketing",), uses=5)
    lender_a.get(raw, "marketing")
    with refused("SUBJECT_LIMIT_REACHED", _CODE.RESOURCE_EXHAUSTED):
        lender_a.get(raw, "marketing")
    assert _uses(lender_a, consent.consent_id) == 1


def test_an_explanation_is_recorded_and_uses_nothing_up(
    gateway: LiveGateway, lender_a: Member
) -> None:
    raw = fresh_applicant()
    consent = lender_a.grant(raw, uses=1)
    explained = [lender_a.explain(raw) for _ in range(3)]
    assert all(one.decision.allow for one in explained)
    assert _uses(lender_a, consent.consent_id) == 0
    record = lender_a.get(raw)
    assert explained[0].released == record.operators
    assert explained[0].withheld == record.withheld
    assert explained[0].obligations == record.obligations
    after = lender_a.explain(raw)
    assert [one.reason for one in after.decision.findings] == ["CONSENT_USES_SPENT"]
    kinds = _kinds(gateway)
    assert [kinds[one.event_id] for one in (*explained, after)] == ["EXPLANATION"] * 4


def _kinds(gateway: LiveGateway) -> dict[str, str]:
    with gateway.client("auditor") as auditor:
        page = auditor.list_events(0, 500)
    assert page.next == page.size
    events = [json.loads(entry.event) for entry in page.entries]
    return {event["id"]: event["kind"] for event in events if "id" in event}


def test_explanations_are_limited_for_each_institution_alone(
    lender_a: Member, lender_b: Member
) -> None:
    raw = fresh_applicant()

    def explain_until_limited() -> None:
        # Tokens come back at a slower pace than calls are made, on any machine that runs tests.
        for _ in range(20 * EXPLAINS):
            lender_b.explain(raw)

    with refused("RATE_LIMITED", _CODE.RESOURCE_EXHAUSTED) as caught:
        explain_until_limited()
    assert caught.value.retry_after is not None
    assert caught.value.retry_after > 0
    assert not lender_a.explain(raw).decision.allow
    lender_b.grant(raw)
    assert not lender_b.get(raw).repeat


def test_a_consent_is_granted_once(lender_a: Member, lender_b: Member) -> None:
    raw, consent_id = fresh_applicant(), str(uuid4())
    start = datetime.now(UTC).replace(microsecond=0)
    window = {"valid_from": start, "valid_until": start + timedelta(days=30)}
    first = lender_a.grant(raw, consent_id=consent_id, **window)
    again = lender_a.grant(raw, consent_id=consent_id, **window)
    assert again.log_index == first.log_index
    with refused("CONSENT_ALREADY_EXISTS", _CODE.ALREADY_EXISTS):
        lender_a.grant(raw, consent_id=consent_id, uses=3, **window)
    with refused("CONSENT_NOT_FOUND", _CODE.NOT_FOUND):
        lender_b.client.get_consent(consent_id)
    with refused("CONSENT_NOT_FOUND", _CODE.NOT_FOUND):
        lender_b.client.revoke_consent(consent_id)
    assert lender_a.client.revoke_consent(consent_id).state is ConsentState.REVOKED
    with refused("CONSENT_TRANSITION_REFUSED", _CODE.FAILED_PRECONDITION):
        lender_a.client.revoke_consent(consent_id)
    # The same artefact again does not bring a revoked consent back.
    lender_a.grant(raw, consent_id=consent_id, **window)
    assert lender_a.client.get_consent(consent_id).state is ConsentState.REVOKED


def test_a_consent_comes_back_as_it_was_signed(lender_a: Member) -> None:
    raw: Applicant = fresh_applicant()
    consent = lender_a.grant(raw, uses=4, frequency=Frequency(3, Period.DAY))
    status = lender_a.client.get_consent(consent.consent_id)
    assert status.draft.subject.value == raw.identity_number
    assert (status.draft.uses, status.draft.frequency) == (4, Frequency(3, Period.DAY))
    assert status.state is ConsentState.ACTIVE


def test_only_the_collector_grants_and_only_with_its_own_key(
    lender_a: Member, lender_b: Member
) -> None:
    raw = fresh_applicant()
    with denied("ROLE_MISSING"):
        lender_b.grant(raw, collector="lender-a")
    signed = underwriting_consent(lender_a.profile, raw)
    signed.signature = bytes(64)
    with refused("CONSENT_SIGNATURE_INVALID", _CODE.INVALID_ARGUMENT):
        lender_a.client.grant_consent(signed)
    foreign = underwriting_consent(lender_a.profile, raw)
    foreign.key_id = "lender-b-1"
    with refused("CONSENT_SIGNATURE_INVALID", _CODE.INVALID_ARGUMENT):
        lender_a.client.grant_consent(foreign)
    altered = underwriting_consent(lender_a.profile, raw)
    altered.artefact = underwriting_consent(lender_a.profile, raw, uses=9).artefact
    with refused("CONSENT_SIGNATURE_INVALID", _CODE.INVALID_ARGUMENT):
        lender_a.client.grant_consent(altered)
