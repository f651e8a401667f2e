"""Consents listed at a live gateway: whose, in which order, by which filters, in which pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from clients.sdk.models.consents import ConsentSummary
from clients.sdk.subject import Subject, SubjectReference
from clients.sdk.vocabulary import ConsentState, IdentifierType
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.malformed import BAD_NAMES, LONG, assert_names_the_field
from support.members import Member, fresh_applicant
from support.references import consent_by_reference, reference_of
from support.refusals import raw_method, refusal_of, refused
from veilgate.v1 import consent_pb2

LIST = "/veilgate.v1.ConsentService/ListConsents"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("lists") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def lender_b(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-b") as member:
        yield member


@pytest.fixture(scope="module")
def bureau(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "demo-bureau") as member:
        yield member


def _ids(member: Member, **filters: Any) -> list[str]:
    return [one.consent_id for one in member.client.list_consents(**filters)]


def _granted(member: Member, **changes: Any) -> str:
    return member.grant(fresh_applicant(), **changes).consent_id


def test_the_latest_comes_first_and_every_page_goes_on_where_the_last_one_ended(
    lender_a: Member,
) -> None:
    word = "only.this-test"
    granted = [_granted(lender_a, purposes=(word,)) for _ in range(7)]
    whole = list(lender_a.client.list_consents(purpose=word))
    assert {one.consent_id for one in whole} == set(granted)
    order = [(one.granted_at, one.consent_id) for one in whole]
    assert order == sorted(order, reverse=True)
    for size in (1, 2, 3, 6, 7, 8):
        assert _ids(lender_a, purpose=word, page_size=size) == [one.consent_id for one in whole]


def test_a_page_token_ends_with_the_list(lender_a: Member) -> None:
    word = "only.ends"
    for _ in range(3):
        _granted(lender_a, purposes=(word,))
    assert len(_page(lender_a, purpose=word, page_size=3).consents) == 3
    first = _page(lender_a, purpose=word, page_size=2)
    assert len(first.consents) == 2
    last = _page(lender_a, purpose=word, page_size=2, page_token=first.next_page_token)
    assert len(last.consents) == 1
    assert last.next_page_token == ""


def _page(member: Member, **fields: Any) -> consent_pb2.ListConsentsResponse:
    body = consent_pb2.ListConsentsRequest(**fields).SerializeToString()
    raw = raw_method(member.channel, LIST)(body, timeout=10)
    return consent_pb2.ListConsentsResponse.FromString(raw)


def test_a_summary_says_what_was_agreed_and_nothing_of_the_subject(lender_a: Member) -> None:
    raw = fresh_applicant()
    start = datetime.now(UTC).replace(microsecond=0)
    end = start + timedelta(days=9)
    consent_id = lender_a.grant(raw, uses=3, valid_from=start, valid_until=end).consent_id
    lender_a.get(raw, consent_id=consent_id)
    (found,) = (one for one in lender_a.client.list_consents() if one.consent_id == consent_id)
    assert found == ConsentSummary(
        consent_id=consent_id, version=1, state=ConsentState.ACTIVE, controller="lender-a",
        collector="lender-a", providers=("demo-bureau",), datasets=(DATASET,),
        purposes=(UNDERWRITING,), valid_from=start, valid_until=end,
        granted_at=lender_a.client.get_consent(consent_id).granted_at, uses=1, uses_limit=3,
    )  # fmt: skip
    page = _page(lender_a).SerializeToString()
    assert raw.identity_number.encode() not in page


def test_only_its_collector_and_its_controller_see_a_consent(
    lender_a: Member, lender_b: Member, bureau: Member
) -> None:
    own = _granted(lender_a)
    given = _granted(lender_a, controller="lender-b")
    assert {own, given} <= set(_ids(lender_a))
    assert given in _ids(lender_b)
    assert own not in _ids(lender_b)
    assert {own, given}.isdisjoint(_ids(bureau))
    assert _ids(lender_a, controller="lender-b") == [given]
    assert given not in _ids(lender_a, controller="lender-a")
    assert _ids(lender_b, collector="lender-a") == [given]
    assert _ids(lender_b, collector="demo-bureau") == []


def test_the_filters_take_what_the_consents_say(lender_a: Member) -> None:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(days=2)
    word = "only.filters"
    active = _granted(lender_a, purposes=(word, "credit"))
    other = _granted(lender_a, purposes=(word,), datasets=("credit.other",))
    brief = _granted(lender_a, purposes=(word,), valid_until=soon)
    revoked = _granted(lender_a, purposes=(word,))
    paused = _granted(lender_a, purposes=(word,))
    lender_a.client.revoke_consent(revoked)
    lender_a.client.pause_consent(paused)
    everything = {active, other, brief, revoked, paused}
    assert set(_ids(lender_a, purpose=word)) == everything
    assert set(_ids(lender_a, purpose=word, state="active")) == {active, other, brief}
    assert _ids(lender_a, purpose=word, state="revoked") == [revoked]
    assert _ids(lender_a, purpose=word, state="paused") == [paused]
    assert _ids(lender_a, purpose=word, dataset="credit.other") == [other]
    assert set(_ids(lender_a, purpose=word, dataset=DATASET)) == everything - {other}
    moment = soon + timedelta(seconds=1)
    assert _ids(lender_a, purpose=word, valid_until_before=moment) == [brief]
    assert _ids(lender_a, purpose=word, valid_until_before=soon) == []
    assert _ids(lender_a, purpose="only.filters-not") == []


def test_what_has_ended_is_expired_though_nothing_stored_it_yet(lender_a: Member) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    past = {"valid_from": now - timedelta(days=2), "valid_until": now - timedelta(days=1)}
    word = "only.expired"
    ended = _granted(lender_a, purposes=(word,), **past)
    assert lender_a.client.get_consent(ended).state is ConsentState.EXPIRED
    assert _ids(lender_a, purpose=word, state="expired") == [ended]
    assert _ids(lender_a, purpose=word, state="active") == []
    for change in ("pause_consent", "resume_consent", "revoke_consent"):
        with refused("CONSENT_TRANSITION_REFUSED", grpc.StatusCode.FAILED_PRECONDITION):
            getattr(lender_a.client, change)(ended)


def test_a_subject_is_found_by_identifier_and_by_reference(
    gateway: LiveGateway, lender_a: Member, lender_b: Member
) -> None:
    raw = fresh_applicant()
    wire = reference_of(gateway.home, raw)
    reference = SubjectReference(wire.key_version, wire.value)
    named = Subject(IdentifierType(raw.identity_type), raw.identity_number)
    assert _ids(lender_a, subject=named) == _ids(lender_a, subject=reference) == []
    first = lender_a.client.grant_consent(consent_by_reference(lender_a.profile, raw, wire))
    assert _ids(lender_a, subject=named) == _ids(lender_a, subject=reference) == [first.consent_id]
    second = lender_a.grant(raw)
    both = {first.consent_id, second.consent_id}
    assert set(_ids(lender_a, subject=named)) == set(_ids(lender_a, subject=reference)) == both
    assert _ids(lender_a, subject=named, page_size=1) == _ids(lender_a, subject=named)
    assert _ids(lender_b, subject=named) == []
    stale = SubjectReference("0", wire.value)
    with refused("REFERENCE_KEY_UNKNOWN", grpc.StatusCode.FAILED_PRECONDITION):
        _ids(lender_a, subject=stale)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("state", {"state": 77}),
        *(("dataset", {"dataset": name}) for name in BAD_NAMES if name),
        *(("purpose", {"purpose": name}) for name in BAD_NAMES if name),
        ("controller", {"controller": "A B"}),
        ("collector", {"collector": "-"}),
        ("subject.type", {"subject": {"value": "1"}}),
        ("subject.value", {"subject": {"type": 1, "value": "1"}}),
        ("subject_reference.value", {"subject_reference": {"key_version": "1", "value": b"1"}}),
        (
            "subject",
            {"subject": {}, "subject_reference": {"key_version": "1", "value": bytes(64)}},
        ),
        ("valid_until_before", {"valid_until_before": {"seconds": 1, "nanos": 1}}),
        ("valid_until_before", {"valid_until_before": {"seconds": -1}}),
        ("page_size", {"page_size": 501}),
        ("page_token", {"page_token": "abc"}),
        ("page_token", {"page_token": LONG}),
    ],
)
def test_bad_filters_are_named(lender_a: Member, path: str, fields: dict[str, Any]) -> None:
    body = consent_pb2.ListConsentsRequest(**fields).SerializeToString()
    assert_names_the_field(refusal_of(lender_a.channel, LIST, body), path)


def test_a_token_is_of_its_filters_and_of_its_caller(lender_a: Member, lender_b: Member) -> None:
    for _ in range(2):
        _granted(lender_a, controller="lender-b")
    token = _page(lender_a, page_size=1).next_page_token
    assert token
    for member, fields in (
        (lender_a, {"state": consent_pb2.CONSENT_STATE_ACTIVE}),
        (lender_a, {"controller": "lender-b"}),
        (lender_b, {}),
    ):
        request = consent_pb2.ListConsentsRequest(page_size=1, page_token=token, **fields)
        refusal = refusal_of(member.channel, LIST, request.SerializeToString())
        assert_names_the_field(refusal, "page_token")


def test_a_consent_granted_meanwhile_moves_no_other(lender_a: Member) -> None:
    word = "only.meanwhile"
    granted = {_granted(lender_a, purposes=(word,)) for _ in range(4)}
    listing = iter(lender_a.client.list_consents(purpose=word, page_size=2))
    seen = [next(listing).consent_id, next(listing).consent_id]
    late = _granted(lender_a, purposes=(word,))
    seen += [one.consent_id for one in listing]
    assert len(seen) == len(set(seen))
    assert set(seen) - {late} == granted
