import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from support.canned_gateway import CannedGateway
from veilgate.v1 import consent_pb2

NUMBER = "11010119900307001X"

pytestmark = pytest.mark.usefixtures("profile")


def invoke(*words: str, stdin: str = f"{NUMBER}\n") -> Result:
    return CliRunner().invoke(app, list(words), input=stdin)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "form.pdf"
    path.write_bytes(b"the signed form")
    return path


def terms(evidence: Path) -> tuple[str, ...]:
    return (
        "--provider", "bureau-b", "--dataset", "credit.applicant", "--purpose", "credit",
        "--purpose", "fraud", "--category", "identity", "--separate", "third_party",
        "--valid-days", "30", "--uses", "5", "--frequency", "2/day", "--evidence", str(evidence),
        "--subject-type", "CN_RESIDENT_ID",
    )  # fmt: skip


def granted(gateway: CannedGateway) -> consent_pb2.ConsentArtefact:
    (signed,) = gateway.consents.values()
    return consent_pb2.ConsentArtefact.FromString(signed.artefact)


def test_a_consent_is_granted_from_options(gateway: CannedGateway, evidence: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    result = invoke("consent", "grant", *terms(evidence), "--json")
    assert result.exit_code == 0, result.output
    artefact = granted(gateway)
    assert json.loads(result.stdout) == {
        "consent_id": artefact.consent_id, "event_id": "event-7", "log_index": 7,
    }  # fmt: skip
    assert artefact.subject.value == NUMBER
    assert (artefact.controller, artefact.collector) == ("lender-a", "lender-a")
    assert list(artefact.purposes) == ["credit", "fraud"]
    assert list(artefact.separate_consents) == [consent_pb2.SEPARATE_CONSENT_THIRD_PARTY]
    assert (artefact.uses, artefact.frequency.count) == (5, 2)
    assert artefact.frequency.per == consent_pb2.PERIOD_DAY
    assert artefact.evidence_sha256 == hashlib.sha256(b"the signed form").digest()
    start = artefact.valid_from.ToDatetime(tzinfo=UTC)
    assert start >= before
    assert artefact.valid_until.ToDatetime(tzinfo=UTC) - start == timedelta(days=30)
    assert NUMBER not in result.output


def test_a_draft_s_terms_give_way_to_options(gateway: CannedGateway, tmp_path: Path) -> None:
    document = {
        "providers": ["bureau-b"], "datasets": ["credit.applicant"], "purposes": ["credit"],
        "fields": ["name"], "evidence_sha256": "ab" * 32, "uses": 1,
        "subject": {"type": "CN_RESIDENT_ID", "value": NUMBER},
    }  # fmt: skip
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(document))
    result = invoke("consent", "grant", "--from", str(file), "--uses", "9", stdin="")
    assert result.exit_code == 0, result.output
    artefact = granted(gateway)
    assert (artefact.uses, list(artefact.fields)) == (9, ["name"])
    assert artefact.subject.value == NUMBER
    assert artefact.consent_id in result.stdout


@pytest.mark.parametrize(
    ("extra", "status", "what"),
    [
        (("--frequency", "often"), 2, "--frequency"),
        (("--basis", NUMBER), 1, "lawful_basis"),
        (("--separate", "unknown"), 1, "separate_consents"),
        (("--from", "absent.json"), 2, "absent.json"),
        (("--frequency", "0/day"), 1, "frequency"),
    ],
)
def test_bad_terms_are_not_sent(
    gateway: CannedGateway, evidence: Path, extra: tuple[str, ...], status: int, what: str
) -> None:
    result = invoke("consent", "grant", *terms(evidence), *extra)
    assert result.exit_code == status
    assert what in result.stderr
    assert "next: " in result.stderr
    assert NUMBER not in result.output
    assert gateway.asked == []


def test_show_keeps_the_subject_to_itself_unless_asked(
    gateway: CannedGateway, evidence: Path
) -> None:
    invoke("consent", "grant", *terms(evidence))
    consent_id = granted(gateway).consent_id
    result = invoke("consent", "show", consent_id)
    assert result.exit_code == 0, result.output
    for word in ("active", "bureau-b", "credit, fraud", "CN_RESIDENT_ID", "third_party", "2 day"):
        assert word in result.stdout
    assert NUMBER not in result.stdout
    document = json.loads(invoke("consent", "show", consent_id, "--json").stdout)
    assert (document["state"], document["uses_made"]) == ("active", 2)
    assert document["subject"] == "CN_RESIDENT_ID"
    shown = json.loads(invoke("consent", "show", consent_id, "--json", "--show-subject").stdout)
    assert shown["subject"] == {"type": "CN_RESIDENT_ID", "value": NUMBER}


def test_revoke(gateway: CannedGateway, evidence: Path) -> None:
    invoke("consent", "grant", *terms(evidence))
    consent_id = granted(gateway).consent_id
    assert "revoked" in invoke("consent", "revoke", consent_id).stdout
    document = json.loads(invoke("consent", "revoke", consent_id, "--json").stdout)
    assert document == {"state": "revoked", "event_id": "event-8", "log_index": 8}


def test_an_unknown_consent() -> None:
    result = invoke("consent", "revoke", "00000000-0000-0000-0000-000000000000")
    assert result.exit_code == 1
    assert "error: CONSENT_NOT_FOUND" in result.stderr
    assert result.stdout == ""
