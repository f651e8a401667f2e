"""``consent list``, ``pause``, ``resume``, ``receipt`` and ``verify`` as a person calls them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from gateway.crypto.ed25519 import SigningKey
from support.canned_gateway import CannedGateway
from support.canned_receipt import CONSENT_ID, PUBLIC_KEY, document, logged_event, signed
from veilgate.v1 import consent_pb2

NUMBER = "11010119900307001X"

pytestmark = pytest.mark.usefixtures("profile")


def invoke(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["consent", *words], input=stdin)


def _listed(gateway: CannedGateway, count: int) -> None:
    for number in range(count):
        summary = consent_pb2.ConsentSummary(
            consent_id=f"id-{number}", version=1, state=consent_pb2.CONSENT_STATE_PAUSED,
            controller="lender-a", collector="broker", providers=["bureau"],
            datasets=["credit.applicant"], purposes=["credit", "fraud"], uses=2, uses_limit=5,
        )  # fmt: skip
        summary.valid_until.FromDatetime(datetime(2026, 12, 31, tzinfo=UTC))
        gateway.listed.append(summary)


def test_a_list_is_a_table_or_a_document(gateway: CannedGateway) -> None:
    _listed(gateway, 3)
    table = invoke("list").stdout
    for word in ("id-0", "id-2", "paused", "broker", "credit, fraud", "2026-12-31", "2 of 5"):
        assert word in table
    found = json.loads(invoke("list", "--json").stdout)
    assert [one["consent_id"] for one in found["consents"]] == ["id-0", "id-1", "id-2"]
    assert (found["consents"][0]["uses_limit"], found["more"]) == (5, False)


def test_a_list_ends_at_its_limit_and_says_so(gateway: CannedGateway) -> None:
    _listed(gateway, 4)
    result = invoke("list", "--limit", "3")
    assert "id-2" in result.stdout
    assert "id-3" not in result.stdout
    assert "--limit" in result.stderr
    assert json.loads(invoke("list", "--limit", "3", "--json").stdout)["more"]
    assert not json.loads(invoke("list", "--limit", "4", "--json").stdout)["more"]


def test_an_empty_list_says_so(gateway: CannedGateway) -> None:
    assert "no such consent" in invoke("list").stdout
    assert json.loads(invoke("list", "--json").stdout) == {"consents": [], "more": False}


def test_filters_are_sent(gateway: CannedGateway) -> None:
    result = invoke(
        "list", "--state", "active", "--dataset", "d", "--purpose", "p", "--controller", "c",
        "--collector", "b", "--ends-before", "2026-03-01", "--subject-type", "CN_RESIDENT_ID",
        stdin=f"{NUMBER}\n",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (asked,) = gateway.asked
    assert (asked.state, asked.dataset, asked.purpose) == (
        consent_pb2.CONSENT_STATE_ACTIVE,
        "d",
        "p",
    )
    assert (asked.controller, asked.collector, asked.subject.value) == ("c", "b", NUMBER)
    assert asked.valid_until_before.ToDatetime(tzinfo=UTC) == datetime(2026, 3, 1, tzinfo=UTC)
    assert NUMBER not in result.output


@pytest.mark.parametrize(
    "words", [("--state", "gone"), ("--ends-before", "soon"), ("--limit", "0")]
)
def test_bad_filters_are_told_and_not_sent(gateway: CannedGateway, words: tuple[str, str]) -> None:
    result = invoke("list", *words)
    assert result.exit_code == 2
    assert gateway.asked == []


def test_pause_and_resume(gateway: CannedGateway) -> None:
    gateway.consents[CONSENT_ID] = consent_pb2.SignedConsent()
    assert "is paused" in invoke("pause", CONSENT_ID).stdout
    assert json.loads(invoke("pause", CONSENT_ID, "--json").stdout)["state"] == "paused"
    assert "is active" in invoke("resume", CONSENT_ID).stdout
    unknown = invoke("resume", "00000000-0000-0000-0000-000000000000")
    assert unknown.exit_code == 1
    assert "CONSENT_NOT_FOUND" in unknown.stderr


def test_a_receipt_is_shown_and_kept(gateway: CannedGateway, tmp_path: Path) -> None:
    gateway.consents[CONSENT_ID] = consent_pb2.SignedConsent()
    out = tmp_path / "receipt.json"
    result = invoke("receipt", CONSENT_ID, "--out", str(out))
    assert result.exit_code == 0, result.output
    for word in (CONSENT_ID, "active", "given", "credit.underwriting", str(out)):
        assert word in result.stdout
    again = invoke("receipt", CONSENT_ID, "--out", str(out))
    assert again.exit_code == 2
    assert "cannot be written" in again.stderr
    verified = invoke("verify", str(out))
    assert verified.exit_code == 0, verified.output
    assert "The receipt verifies." in verified.stdout
    assert json.loads(invoke("verify", str(out), "--json").stdout) == document()


def test_a_receipt_needs_no_profile_but_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(signed(document()).to_json())
    monkeypatch.delenv("VEILGATE_PROFILE")
    assert invoke("verify", str(file), "--key", PUBLIC_KEY).exit_code == 0
    assert invoke("verify", str(file)).exit_code == 2
    wrong = invoke("verify", str(file), "--key", SigningKey.generate().public_key.raw.hex())
    assert wrong.exit_code == 1
    assert "does not verify" in wrong.stderr
    assert wrong.stdout == ""


def test_a_receipt_of_another_gateway_is_not_shown(gateway: CannedGateway) -> None:
    gateway.consents[CONSENT_ID] = consent_pb2.SignedConsent()
    other = SigningKey.generate().public_key.raw.hex()
    result = invoke("receipt", CONSENT_ID, "--key", other)
    assert result.exit_code == 1
    assert result.stdout == ""


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_file_that_is_no_receipt_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(content)
    assert invoke("verify", str(file)).exit_code == 1
    assert invoke("verify", str(tmp_path / "absent")).exit_code == 2


def test_events_are_proven_in_the_log(gateway: CannedGateway, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_bytes(signed(document()).to_json())
    missing = invoke("verify", str(file), "--in-log")
    assert missing.exit_code == 1
    assert "verifies" not in missing.stdout
    gateway.events[7] = logged_event()
    proven = invoke("verify", str(file), "--in-log")
    assert proven.exit_code == 0, proven.output
    assert "each of its events is in the log" in proven.stdout
