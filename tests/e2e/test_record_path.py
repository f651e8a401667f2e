"""What a lender gets, and what it does not, over real gRPC with real certificates.

The provider of this gateway has no column ``card_cvn`` at all: were it ever asked for, every
release here would fail (``tests/contracts`` shows that a missing column does).
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from uuid import uuid4

import grpc
import msgspec
import pytest

from clients.cli.local.home import Home
from clients.sdk.vocabulary import Operator, SeparateConsent, WithheldBecause
from support.expected_record import KEPT, assert_no_raw_value, expected_fields
from support.live_gateway import LiveGateway, running_gateway
from support.members import Member, fresh_applicant, record_request
from support.refusals import denied, read_refusal
from veilgate.v1 import exchange_pb2, exchange_pb2_grpc, policy_pb2

_THIRD_PARTY = (SeparateConsent.THIRD_PARTY,)


def _drop_cvn(home: Home) -> None:
    with closing(sqlite3.connect(home.folder / "data" / "applicants.db")) as provider:
        provider.execute("ALTER TABLE applicant DROP COLUMN card_cvn")
        provider.commit()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("record-path") / "home"
    with running_gateway(folder, prepare=_drop_cvn) as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def lender_b(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-b") as member:
        yield member


@pytest.mark.parametrize("_", range(12))
def test_a_record_is_masked_as_the_policy_says(lender_a: Member, _: int) -> None:
    raw = fresh_applicant()
    consent = lender_a.grant(raw)
    record = lender_a.get(raw)
    shown = dict(record.fields)
    remark, pseudonym = shown.pop("remark"), shown.pop("applicant_no")
    assert shown == expected_fields(raw)
    assert re.fullmatch(r"applicantno_[0-9a-z]{20,}", str(pseudonym))
    assert remark != raw.remark or raw.name not in raw.remark
    assert_no_raw_value(record, raw)
    assert record.withheld == {
        "card_cvn": WithheldBecause.C3,
        "personal_status_and_sex": WithheldBecause.RULE,
        "foreign_worker": WithheldBecause.RULE,
        "creditability": WithheldBecause.RULE,
    }
    assert set(record.operators) == set(record.fields)
    assert (record.rule, record.consent_id) == ("underwriting-applicant", consent.consent_id)
    assert not record.repeat


def test_operators_are_named_truly(lender_a: Member) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw)
    operators = lender_a.get(raw).operators
    kept = {field for field, operator in operators.items() if operator is Operator.KEEP}
    assert kept == set(KEPT)
    assert operators["remark"] is Operator.DETECT
    assert operators["bank_card"] is Operator.MASK
    assert operators["address"] is Operator.GENERALISE
    assert operators["applicant_no"] is Operator.PSEUDONYMISE


def test_only_the_wanted_fields_come_and_a_c3_field_never(lender_a: Member) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw)
    record = lender_a.get(raw, fields=("phone", "card_cvn"))
    assert set(record.fields) == {"phone"}
    assert record.withheld == {"card_cvn": WithheldBecause.C3}
    with denied("NOTHING_TO_RELEASE"):
        lender_a.get(raw, fields=("card_cvn",))


def test_fields_outside_the_consent_are_withheld(lender_a: Member) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw, categories=("loan",), fields=("name",), separate_consents=_THIRD_PARTY)
    record = lender_a.get(raw)
    assert {"name", "credit_amount", "purpose"} <= set(record.fields)
    assert "phone" not in record.fields
    assert record.withheld["phone"] is WithheldBecause.CONSENT
    assert record.withheld["card_cvn"] is WithheldBecause.C3


def test_the_data_life_of_the_consent_shortens_the_obligation(lender_a: Member) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw, data_life_days=7)
    days = {one.id: one.days for one in lender_a.get(raw).obligations}
    assert days["delete_within"] == 7
    assert days["no_onward_provision"] is None


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [
        ("marketing", "CONSENT_PURPOSE_MISSING"),
        ("credit.monitoring", "CONSENT_PURPOSE_MISSING"),
        ("marketing.advertising", "RULE_FORBIDS"),
        ("research.model", "RULE_FORBIDS"),
        ("fraud.money-laundering", "NO_RULE_PERMITS"),
        ("reporting.regulatory", "RECIPIENT_NOT_PERMITTED"),
        ("world.domination", "PURPOSE_UNKNOWN"),
    ],
)
def test_other_purposes_are_denied(lender_a: Member, purpose: str, reason: str) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw)
    with denied(reason) as caught:
        lender_a.get(raw, purpose)
    decision = caught.value.decision
    assert decision is not None
    assert not decision.allow
    assert caught.value.event_id
    if purpose != "world.domination":
        assert decision.allowed_purposes == ("credit.underwriting",)
        assert decision.smallest_change_en
        assert decision.smallest_change_zh


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"separate_consents": ()}, "CONSENT_SEPARATE_MISSING"),
        ({"separate_consents": _THIRD_PARTY}, "CONSENT_SEPARATE_MISSING"),
        ({"providers": ("other-bureau",)}, "CONSENT_PROVIDER_MISSING"),
        ({"datasets": ("credit.other",)}, "CONSENT_DATASET_MISSING"),
        ({"categories": ("outcome",)}, "CONSENT_FIELDS_MISSING"),
    ],
)
def test_a_consent_that_lacks_something_denies(
    lender_a: Member, change: dict[str, object], reason: str
) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw, **change)
    with denied(reason):
        lender_a.get(raw)


def test_the_call_after_a_revocation_is_denied(lender_a: Member) -> None:
    raw = fresh_applicant()
    consent = lender_a.grant(raw)
    request_id = str(uuid4())
    released = lender_a.get(raw, request_id=request_id)
    revoked = lender_a.client.revoke_consent(consent.consent_id)
    assert revoked.log_index is not None
    assert revoked.log_index > released.log_index
    for again in (str(uuid4()), request_id):
        with denied("CONSENT_REVOKED") as caught:
            lender_a.get(raw, request_id=again)
        assert caught.value.findings[0].article == "PIPL 15"


def test_another_institutions_consent_looks_like_an_unknown_person(
    lender_a: Member, lender_b: Member
) -> None:
    known, unknown = fresh_applicant(), fresh_applicant()
    while unknown.identity_type != known.identity_type:
        unknown = fresh_applicant()
    consent = lender_a.grant(known)
    stub = exchange_pb2_grpc.ExchangeServiceStub(lender_b.channel)
    answers = []
    for person, consent_id in ((known, ""), (known, consent.consent_id), (unknown, str(uuid4()))):
        with pytest.raises(grpc.RpcError) as caught:
            stub.GetRecord(record_request(person, str(uuid4()), consent_id=consent_id), timeout=10)
        refusal = read_refusal(caught.value)
        assert refusal.event_id
        answers.append(replace(refusal, event_id=""))
    assert answers[0].reason == "CONSENT_ABSENT"
    assert answers[0] == answers[1] == answers[2]


def test_no_field_of_a_request_can_name_an_institution() -> None:
    asked = exchange_pb2.GetRecordRequest.DESCRIPTOR, exchange_pb2.ExplainAccessRequest.DESCRIPTOR
    for message in asked:
        allowed = {"request_id", "subject", "dataset", "purpose", "fields", "consent_id"}
        # `forwarding` names a recipient, and is refused of everybody but a gateway.
        allowed |= {"subject_reference", "forwarding"}
        assert {field.name for field in message.fields} <= allowed


def test_metadata_that_claims_an_institution_changes_nothing(
    lender_a: Member, lender_b: Member
) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw)
    stub = exchange_pb2_grpc.ExchangeServiceStub(lender_b.channel)
    claims = (("institution", "lender-a"), ("x-institution", "lender-a"), ("sub", "lender-a"))
    with pytest.raises(grpc.RpcError) as caught:
        stub.GetRecord(record_request(raw, str(uuid4())), metadata=claims, timeout=10)
    assert read_refusal(caught.value).reason == "CONSENT_ABSENT"


def test_the_event_commits_to_what_was_released(gateway: LiveGateway, lender_a: Member) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw)
    stub = exchange_pb2_grpc.ExchangeServiceStub(lender_a.channel)
    answer = stub.GetRecord(record_request(raw, str(uuid4())), timeout=10)
    values = [
        [one.field, _operator(one), one.number if one.HasField("number") else one.text]
        for one in answer.fields
    ]
    with gateway.client("auditor") as auditor:
        (entry,) = auditor.list_events(answer.log_index, 1).entries
    event = msgspec.json.decode(entry.event)
    parts = (b"veilgate record v1", answer.record_salt, msgspec.json.encode(values))
    opened = sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    assert (event["kind"], event["id"]) == ("RELEASE", answer.event_id)
    assert event["record"] == opened.hexdigest()
    values[0][2] = "another"
    parts = (*parts[:2], msgspec.json.encode(values))
    other = sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts))
    assert event["record"] != other.hexdigest()


def _operator(one: exchange_pb2.ReleasedField) -> str:
    return policy_pb2.Operator.Name(one.operator).removeprefix("OPERATOR_").lower()


def test_pseudonyms_differ_by_recipient_and_by_purpose(lender_a: Member, lender_b: Member) -> None:
    raw = fresh_applicant()
    purposes = ("credit.underwriting", "fraud.prevention")
    for lender in (lender_a, lender_b):
        lender.grant(raw, purposes=purposes)
    pseudonyms = [
        lender.get(raw, purpose).fields["applicant_no"]
        for lender in (lender_a, lender_b)
        for purpose in purposes
    ]
    assert len(set(pseudonyms)) == 4
    assert lender_a.get(raw).fields["applicant_no"] == pseudonyms[0]
