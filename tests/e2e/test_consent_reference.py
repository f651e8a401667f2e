"""Consents by reference at a live gateway: granted, shown, listed, proven, used."""

from __future__ import annotations

import json
from collections.abc import Iterator

import grpc
import pytest
from typer.testing import CliRunner

from clients.cli.main import app
from clients.sdk.consents.receipt import verify_receipt
from clients.sdk.subject import SubjectReference
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.members import Member, fresh_applicant
from support.references import consent_by_reference, reference_of
from support.refusals import denied, refused
from veilgate.v1 import subject_pb2


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("references") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


def test_a_consent_by_reference_lives_as_any_other(gateway: LiveGateway, lender_a: Member) -> None:
    raw, client = fresh_applicant(), lender_a.client
    wire = reference_of(gateway.home, raw)
    signed = consent_by_reference(lender_a.profile, raw, wire)
    granted = client.grant_consent(signed)
    assert client.grant_consent(signed).log_index == granted.log_index
    status = client.get_consent(granted.consent_id)
    assert status.draft.subject == SubjectReference(wire.key_version, wire.value)
    assert granted.consent_id in [one.consent_id for one in client.list_consents()]
    key = lender_a.profile.receipt_key
    assert key is not None
    receipt = verify_receipt(client.get_consent_receipt(granted.consent_id), key)
    assert wire.value.hex() not in json.dumps(receipt.document)
    assert lender_a.get(raw, consent_id=granted.consent_id).consent_id == granted.consent_id
    client.pause_consent(granted.consent_id)
    with denied("CONSENT_PAUSED"):
        lender_a.get(raw, consent_id=granted.consent_id)


def test_a_person_is_one_subject_however_the_consents_came(
    gateway: LiveGateway, lender_a: Member
) -> None:
    raw = fresh_applicant()
    wire = reference_of(gateway.home, raw)
    reference = SubjectReference(wire.key_version, wire.value)
    by_reference = lender_a.client.grant_consent(consent_by_reference(lender_a.profile, raw, wire))
    by_number = lender_a.grant(raw)
    explained = lender_a.client.explain_access_by_reference(reference, UNDERWRITING, DATASET)
    assert explained.decision.allow
    for consent in (by_reference, by_number):
        assert lender_a.get(raw, consent_id=consent.consent_id).consent_id == consent.consent_id


def test_a_reference_that_nobody_could_have_is_refused(
    gateway: LiveGateway, lender_a: Member
) -> None:
    raw = fresh_applicant()
    wire = reference_of(gateway.home, raw)
    other = subject_pb2.SubjectReference(key_version="99", value=wire.value)
    with refused("REFERENCE_KEY_UNKNOWN", grpc.StatusCode.FAILED_PRECONDITION):
        lender_a.client.grant_consent(consent_by_reference(lender_a.profile, raw, other))
    short = subject_pb2.SubjectReference(key_version="1", value=wire.value[:-1])
    with refused("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        lender_a.client.grant_consent(consent_by_reference(lender_a.profile, raw, short))
    assert caught.value.fields == ("consent.artefact.subject_reference.value",)


def test_an_artefact_names_its_subject_once(gateway: LiveGateway, lender_a: Member) -> None:
    raw = fresh_applicant()
    both = consent_by_reference(lender_a.profile, raw, reference_of(gateway.home, raw))
    named = subject_pb2.SubjectIdentifier(type=subject_pb2.IDENTIFIER_TYPE_US_SSN, value="1")
    inner = named.SerializeToString()
    both.artefact += bytes([0x1A, len(inner)]) + inner
    with refused("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT) as caught:
        lender_a.client.grant_consent(both)
    assert caught.value.fields == ("consent.artefact.subject",)


def test_the_command_line_shows_a_reference_only_when_it_is_asked_to(
    gateway: LiveGateway, lender_a: Member, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = fresh_applicant()
    wire = reference_of(gateway.home, raw)
    consent = lender_a.client.grant_consent(consent_by_reference(lender_a.profile, raw, wire))
    profile = gateway.home.profile("lender-a")
    here = profile.with_name("here.toml")
    old = f'gateway = "{gateway.profile("lender-a").gateway}"'
    lines = profile.read_text().splitlines()
    here.write_text("\n".join([old, *(one for one in lines if not one.startswith("gateway"))]))
    words = ["consent", "show", consent.consent_id, "--profile", str(here)]
    plain = CliRunner().invoke(app, words)
    assert plain.exit_code == 0, plain.output
    assert "reference under key 1" in plain.stdout
    assert wire.value.hex() not in plain.output
    shown = CliRunner().invoke(app, [*words, "--show-subject", "--json"])
    assert json.loads(shown.stdout)["subject"] == {"key_version": "1", "value": wire.value.hex()}
