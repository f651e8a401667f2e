"""Imports at a live gateway: many consents granted once, however often the import runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.cli.consent_lines import Importer
from clients.cli.main import app
from clients.sdk.codecs.common import encode_artefact
from clients.sdk.consents.signing import PAYLOAD_TYPE, load_signing_key
from clients.sdk.vocabulary import ConsentState
from gateway.crypto.dsse import pae
from support.live_gateway import (
    CATEGORIES,
    DATASET,
    UNDERWRITING,
    LiveGateway,
    running_gateway,
)
from support.members import Member, fresh_applicant
from veilgate.v1 import consent_pb2

LINES = 200


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("imports") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def profile(gateway: LiveGateway) -> Path:
    """The profile of lender-a with the port that the gateway got."""
    written = gateway.home.profile("lender-a")
    lines = [one for one in written.read_text().splitlines() if not one.startswith("gateway ")]
    here = written.with_name("here.toml")
    here.write_text("\n".join([f'gateway = "{gateway.address}"', *lines]))
    return here


def line(**changes: Any) -> dict[str, Any]:
    """A grant of one more applicant."""
    raw = fresh_applicant()
    return {
        "providers": ["demo-bureau"], "datasets": [DATASET], "purposes": [UNDERWRITING],
        "categories": list(CATEGORIES), "separate_consents": ["third_party", "sensitive"],
        "evidence_sha256": "ab" * 32, "valid_from": "2026-01-01T00:00:00Z",
        "valid_until": "2035-01-01T00:00:00Z",
        "subject": {"type": raw.identity_type, "value": raw.identity_number},
    } | changes  # fmt: skip


def run(file: Path, profile: Path) -> tuple[Result, dict[str, Any]]:
    words = ["consent", "import", str(file), "--profile", str(profile), "--json"]
    result = CliRunner().invoke(app, words)
    return result, json.loads(result.stdout)


def write(file: Path, lines: list[dict[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(one) + "\n" for one in lines))
    return file


def test_a_second_run_grants_only_what_is_missing(
    lender_a: Member, profile: Path, tmp_path: Path
) -> None:
    lines = [line() for _ in range(LINES)]
    file = write(tmp_path / "lines", lines[: LINES // 2])
    result, counts = run(file, profile)
    assert (result.exit_code, counts["granted"]) == (0, LINES // 2), result.output
    file = write(tmp_path / "more", [*reversed(lines), lines[0]])
    result, counts = run(file, profile)
    assert result.exit_code == 0, result.output
    assert (counts["granted"], counts["already"]) == (LINES // 2, LINES // 2 + 1)
    assert len(list(lender_a.client.list_consents())) == LINES


def test_a_consent_revoked_meanwhile_stays_revoked(
    lender_a: Member, profile: Path, tmp_path: Path
) -> None:
    granted = line()
    file = write(tmp_path / "lines", [granted])
    run(file, profile)
    importer = Importer("lender-a", *load_signing_key(lender_a.profile))
    consent_id = importer.draft(json.dumps(granted).encode()).consent_id
    lender_a.client.revoke_consent(consent_id)
    assert run(file, profile)[1]["already"] == 1
    assert lender_a.client.get_consent(consent_id).state is ConsentState.REVOKED


def test_the_same_terms_in_other_bytes_are_there_already_and_other_terms_are_refused(
    lender_a: Member, profile: Path, tmp_path: Path
) -> None:
    """As after a change of the signing key: the signature is another, the terms are the same."""
    key, key_id = load_signing_key(lender_a.profile)
    same, other = line(consent_id="3f0e6a52-9c1d-4b7e-8a55-d2c4e6f80a1b"), line()
    importer = Importer("lender-a", key, key_id)
    for number, one in enumerate((same, other)):
        draft = importer.draft(json.dumps(one).encode())
        raw = encode_artefact(draft).SerializeToString() + b"\x10\x01"
        if number:
            raw = encode_artefact(draft).SerializeToString() + b"\x78\x05"
        signed = consent_pb2.SignedConsent(
            artefact=raw, key_id=key_id, signature=key.sign(pae(PAYLOAD_TYPE, raw))
        )
        lender_a.client.grant_consent(signed)
    file = write(tmp_path / "lines", [same, other])
    result, counts = run(file, profile)
    assert result.exit_code == 1
    assert (counts["already"], counts["refused"]) == (1, 1)
    (refused,) = [json.loads(one) for one in Path(counts["report"]).read_text().splitlines()]
    assert (refused["line"], refused["reason"]) == (2, "CONSENT_ALREADY_EXISTS")


def test_refusals_are_reported_and_the_others_granted(profile: Path, tmp_path: Path) -> None:
    wrong = {"type": "CN_RESIDENT_ID", "value": "110101199003070010"}
    file = write(tmp_path / "lines", [line(), line(subject=wrong), line()])
    result, counts = run(file, profile)
    assert result.exit_code == 1
    assert (counts["granted"], counts["refused"]) == (2, 1)
    raw = Path(counts["report"]).read_text()
    assert json.loads(raw)["line"] == 2
    assert "consent.artefact.subject.value" in raw
    assert wrong["value"] not in raw + result.output
