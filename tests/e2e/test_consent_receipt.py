"""Receipts of a live gateway: what they say, that they verify, and that the log bears them out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import grpc
import pytest

from clients.sdk.consents.draft import Frequency
from clients.sdk.consents.receipt import Receipt, ReceiptError, verify_receipt
from clients.sdk.models.common import Revocation
from clients.sdk.models.consents import ConsentChange
from clients.sdk.vocabulary import LawfulBasis, Period
from gateway.crypto.ed25519 import SigningKey
from support.live_gateway import UNDERWRITING, LiveGateway, running_gateway, serve_home
from support.malformed import BAD_UUIDS, assert_names_the_field
from support.members import Member, fresh_applicant
from support.references import consent_by_reference, reference_of
from support.refusals import refusal_of, refused
from veilgate.v1 import consent_pb2

RECEIPT = "/veilgate.v1.ConsentService/GetConsentReceipt"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("receipts") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def lender_b(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-b") as member:
        yield member


def _key(member: Member) -> str:
    assert member.profile.receipt_key is not None
    return member.profile.receipt_key


def _log_key(member: Member) -> str:
    assert member.profile.log_verifier_key is not None
    return member.profile.log_verifier_key


def _receipt(member: Member, consent_id: str) -> Receipt:
    return verify_receipt(member.client.get_consent_receipt(consent_id), _key(member))


def test_a_receipt_says_what_was_agreed_in_the_names_of_ts_27560(lender_a: Member) -> None:
    raw = fresh_applicant()
    start = datetime.now(UTC).replace(microsecond=0)
    granted = lender_a.grant(
        raw, uses=4, frequency=Frequency(2, Period.DAY), data_life_days=45, valid_from=start,
        valid_until=start + timedelta(days=30), categories=("account",), fields=("name", "other"),
        purposes=(UNDERWRITING, "own.purpose"),
    )  # fmt: skip
    found = _receipt(lender_a, granted.consent_id).document
    assert found["record_id"] == granted.consent_id
    processing = found["pii_processing"]
    assert processing["language"] == ["en", "zh"]
    assert [one["purpose_type"] for one in processing["purposes"]] == [UNDERWRITING, "own.purpose"]
    assert processing["purposes"][0] == {
        "purpose": {"en": "Deciding on an application for credit", "zh": "贷款审批"},
        "purpose_type": UNDERWRITING, "lawful_basis": "consent", "x_dpv": "dpv:CreditChecking",
    }  # fmt: skip
    assert processing["retention_period"] == "P45D"
    assert processing["jurisdiction"] == processing["storage_locations"] == ["CN"]
    assert processing["recipient_third_parties"] == processing["pii_controllers"] == ["lender-a"]
    assert (
        processing["privacy_notice"]["x_evidence_sha256"] == sha256(b"the signed form").hexdigest()
    )
    assert "PIPL 15" in [one["x_article"] for one in processing["privacy_rights"]]
    assert "lender-a" in processing["withdrawal_method"]["zh"]
    _check_pii(processing["pii_information"])
    own = found["x_veilgate"]
    assert (own["uses_limit"], own["frequency"]) == (4, {"count": 2, "per": "day"})
    assert [one["kind"] for one in own["separate_consents"]] == ["sensitive", "third_party"]
    roles = {one["party_id"]: one["party_role"] for one in found["party_identification"]}
    assert roles == {"lender-a": ["pii_controller", "collector"], "demo-bureau": ["provider"]}


def _check_pii(told: list[dict[str, Any]]) -> None:
    by_field = {one.get("pii_attribute_id"): one for one in told}
    assert by_field["name"]["pii_type"] == "identity"
    assert by_field[None] == {"pii_type": "other"}
    assert {one["pii_type"] for one in told} == {"identity", "account", "other"}
    assert all(one["x_meaning"]["zh"] for one in told if "pii_attribute_id" in one)


def test_no_receipt_holds_anything_that_the_subject_is_known_by(
    gateway: LiveGateway, lender_a: Member
) -> None:
    raw = fresh_applicant()
    reference = reference_of(gateway.home, raw)
    signed = consent_by_reference(lender_a.profile, raw, reference)
    for granted in (lender_a.grant(raw), lender_a.client.grant_consent(signed)):
        envelope = lender_a.client.get_consent_receipt(granted.consent_id)
        assert raw.identity_number.encode() not in envelope.receipt
        assert reference.value.hex().encode() not in envelope.receipt


def test_two_receipts_of_one_person_share_nothing_that_links_them(lender_a: Member) -> None:
    raw = fresh_applicant()
    first, second = (_receipt(lender_a, lender_a.grant(raw).consent_id) for _ in range(2))
    tags = {first.document["pii_principal_id"], second.document["pii_principal_id"]}
    assert len(tags) == 2
    assert first.events[0].salt != second.events[0].salt


def test_each_event_is_in_the_log_and_is_this_consents(lender_a: Member) -> None:
    raw = fresh_applicant()
    granted, other = lender_a.grant(raw), lender_a.grant(raw)
    client = lender_a.client
    changes: list[ConsentChange | Revocation] = [
        client.pause_consent(granted.consent_id),
        client.resume_consent(granted.consent_id),
        client.revoke_consent(granted.consent_id),
    ]
    receipt = _receipt(lender_a, granted.consent_id)
    assert [one.state for one in receipt.events] == ["given", "paused", "given", "withdrawn"]
    assert receipt.state == "revoked"
    assert [one.log_index for one in receipt.events] == [
        granted.log_index, *(one.log_index for one in changes),
    ]  # fmt: skip
    assert [one.event_id for one in receipt.events[1:]] == [one.event_id for one in changes]
    for event in receipt.events:
        proof = client.inclusion_proof(event.log_index)
        checkpoint = receipt.verify_event(event, proof, _log_key(lender_a))
        assert checkpoint.size > event.log_index
    proof = client.inclusion_proof(other.log_index)
    moved = replace(receipt.events[0], log_index=other.log_index)
    for event in (receipt.events[0], moved):
        with pytest.raises(ReceiptError):
            receipt.verify_event(event, proof, _log_key(lender_a))
    forged = replace(_receipt(lender_a, other.consent_id), consent_id=granted.consent_id)
    with pytest.raises(ReceiptError, match="another consent"):
        forged.verify_event(forged.events[0], proof, _log_key(lender_a))


def test_an_expiry_that_was_noticed_is_told(lender_a: Member) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    granted = lender_a.grant(
        fresh_applicant(), valid_from=now - timedelta(days=2), valid_until=now - timedelta(days=1)
    )
    receipt = _receipt(lender_a, granted.consent_id)
    assert (receipt.state, [one.state for one in receipt.events]) == ("expired", ["given"])
    for _ in range(2):
        with refused("CONSENT_TRANSITION_REFUSED", grpc.StatusCode.FAILED_PRECONDITION):
            lender_a.client.pause_consent(granted.consent_id)
    receipt = _receipt(lender_a, granted.consent_id)
    assert [one.state for one in receipt.events] == ["given", "expired"]


def test_a_long_history_is_told_from_its_grant_to_its_latest_changes(lender_a: Member) -> None:
    granted = lender_a.grant(fresh_applicant())
    for _ in range(101):
        lender_a.client.pause_consent(granted.consent_id)
        last = lender_a.client.resume_consent(granted.consent_id)
    events = _receipt(lender_a, granted.consent_id).events
    assert len(events) == 201
    assert (events[0].log_index, events[-1].log_index) == (granted.log_index, last.log_index)


def test_collector_and_controller_get_it_and_nobody_else(
    gateway: LiveGateway, lender_a: Member, lender_b: Member
) -> None:
    granted = lender_a.grant(fresh_applicant(), controller="lender-b", collector="lender-a")
    assert _receipt(lender_a, granted.consent_id).controller == "lender-b"
    assert _receipt(lender_b, granted.consent_id).collector == "lender-a"
    with Member(gateway, "demo-bureau") as bureau:
        for consent_id in (granted.consent_id, "0" * 8 + "-0000-0000-0000-" + "0" * 12):
            with refused("CONSENT_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
                bureau.client.get_consent_receipt(consent_id)


def test_a_receipt_is_bound_to_its_bytes_and_to_the_gateways_key(lender_a: Member) -> None:
    envelope = lender_a.client.get_consent_receipt(lender_a.grant(fresh_applicant()).consent_id)
    changed = envelope.receipt.replace(b'"active"', b'"paused"')
    assert changed != envelope.receipt
    with pytest.raises(ReceiptError):
        verify_receipt(replace(envelope, receipt=changed), _key(lender_a))
    with pytest.raises(ReceiptError):
        verify_receipt(envelope, SigningKey.generate().public_key.raw.hex())
    assert verify_receipt(envelope.to_json(), _key(lender_a)).state == "active"


def test_the_log_says_which_key_receipts_are_signed_with(
    gateway: LiveGateway, lender_a: Member
) -> None:
    envelope = lender_a.client.get_consent_receipt(lender_a.grant(fresh_applicant()).consent_id)
    with gateway.client("auditor") as auditor:
        events = [json.loads(one.event) for one in auditor.list_events(0, 100).entries]
    (started,) = [one for one in events if one["kind"] == "GATEWAY_STARTED"]
    assert started["receipt_key"] == f"{envelope.key_id} {_key(lender_a)}"


def test_receipts_of_before_a_restart_still_verify(tmp_path: Any) -> None:
    with running_gateway(tmp_path / "home") as first, Member(first, "lender-a") as member:
        consent_id = member.grant(fresh_applicant()).consent_id
        old = member.client.get_consent_receipt(consent_id)
    second = serve_home(first.home)
    try:
        with Member(second, "lender-a") as member:
            new = _receipt(member, consent_id)
            assert verify_receipt(old, _key(member)).events == new.events
    finally:
        second.stop()


@pytest.mark.parametrize("method", ["PauseConsent", "ResumeConsent", "GetConsentReceipt"])
@pytest.mark.parametrize("consent_id", BAD_UUIDS, ids=range(len(BAD_UUIDS)))
def test_consent_ids(lender_a: Member, method: str, consent_id: str) -> None:
    body = consent_pb2.GetConsentRequest(consent_id=consent_id).SerializeToString()
    path = f"/veilgate.v1.ConsentService/{method}"
    assert_names_the_field(refusal_of(lender_a.channel, path, body), "consent_id")


def test_a_basis_other_than_consent_is_told_as_what_it_is(lender_a: Member) -> None:
    granted = lender_a.grant(fresh_applicant(), lawful_basis=LawfulBasis.CONTRACT)
    (purpose,) = _receipt(lender_a, granted.consent_id).document["pii_processing"]["purposes"]
    assert purpose["lawful_basis"] == "contract"
