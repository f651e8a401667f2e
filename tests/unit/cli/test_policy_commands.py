import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.policy import default_folder
from clients.cli.main import app

UNDERWRITING = ("--dataset", "credit.applicant", "--purpose", "credit.underwriting")
LENDER = (*UNDERWRITING, "--role", "lender")


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["policy", *words])


def explain(*words: str) -> dict[str, Any]:
    result = invoke("explain", *words, "--json")
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(default_folder(), tmp_path / "policies"))


def test_check_counts(folder: Path) -> None:
    document = json.loads(invoke("check", "--policies", str(folder), "--json").stdout)
    assert document["ok"] is True
    assert len(document["digest"]) == 64
    assert all(document[name] > 0 for name in ("purposes", "datasets", "fields", "rules", "cells"))
    result = invoke("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("OK")
    assert document["digest"] in result.stdout


def test_check_names_file_line_and_column(folder: Path) -> None:
    file = folder / "rules/credit.yaml"
    lines = file.read_text().splitlines(keepends=True)
    number = next(at for at, line in enumerate(lines) if "effect: permit" in line)
    lines[number] = lines[number].replace("permit", "permitt")
    file.write_text("".join(lines))
    result = invoke("check", "--policies", str(folder))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"error: {file}:{number + 1}:" in result.stderr
    assert "next: " in result.stderr
    document = json.loads(invoke("check", "--policies", str(folder), "--json").stdout)
    assert document["ok"] is False
    assert (document["path"], document["line"]) == ("rules/credit.yaml", number + 1)


def test_check_names_a_contradiction(folder: Path) -> None:
    file = folder / "rules/credit.yaml"
    file.write_text(
        file.read_text().replace("card_cvn: { operator: withhold }", "card_cvn: { operator: keep }")
    )
    result = invoke("check", "--policies", str(folder))
    assert result.exit_code == 1
    assert "field card_cvn" in result.stderr
    assert "C3" in result.stderr


def test_explain_shows_the_rule() -> None:
    document = explain(*LENDER)
    assert document["decision"] is None
    rule = document["rule"]
    assert rule["id"] == "underwriting-applicant"
    fields = {one["field"]: one for one in rule["fields"]}
    assert fields["name"]["operator"] == "mask"
    assert fields["name"]["how"] == "using person_name"
    assert fields["card_cvn"]["operator"] == "withhold"
    assert rule["consent"]["separate"] == ["third_party", "sensitive"]
    assert rule["limits"]["per_subject"]["count"] > 0
    assert "delete_within" in {one["id"] for one in rule["obligations"]}
    shown = invoke("explain", *LENDER).stdout
    for word in ("underwriting-applicant", "person_name", "third_party", "PIPL 19", "per day"):
        assert word in shown


def test_only_wanted_sensitive_fields_need_the_separate_consent() -> None:
    document = explain(*LENDER, "--field", "name")
    assert [one["field"] for one in document["rule"]["fields"]] == ["name"]
    assert document["rule"]["consent"]["separate"] == ["third_party"]


def test_a_recipient_abroad_needs_cross_border_consent() -> None:
    document = explain(*LENDER, "--jurisdiction", "US")
    assert "cross_border" in document["rule"]["consent"]["separate"]


def test_a_hypothetical_consent_is_decided() -> None:
    supposed = ("--consent-purpose", "credit", "--category", "identity")
    denied = explain(*LENDER, *supposed)["decision"]
    assert denied["allow"] is False
    (finding,) = denied["findings"]
    assert (finding["reason"], finding["element"]) == ("CONSENT_SEPARATE_MISSING", "third_party")
    assert finding["en"]
    assert finding["zh"]
    assert denied["smallest_change_en"]
    assert denied["smallest_change_zh"]
    allowed = explain(*LENDER, *supposed, "--separate", "third_party")
    assert allowed["decision"]["allow"] is True
    assert "name" not in allowed["withheld"]
    assert allowed["withheld"]["phone"] == "CONSENT"
    assert "ALLOWED" in invoke("explain", *LENDER, *supposed, "--separate", "third_party").stdout


def test_a_draft_is_decided_and_its_subject_left_out(tmp_path: Path) -> None:
    provider = "bureau-b"
    dataset = (default_folder() / "datasets/credit.applicant.yaml").read_text()
    for line in dataset.splitlines():
        if line.startswith("provider:"):
            provider = line.partition(":")[2].strip()
    document = {
        "controller": "lender-a", "collector": "lender-a", "providers": [provider],
        "datasets": ["credit.applicant"], "purposes": ["credit"], "categories": ["identity"],
        "separate_consents": ["third_party"], "evidence_sha256": "ab" * 32,
        "subject": {"type": "US_SSN", "value": "123-45-6789"},
    }  # fmt: skip
    file = tmp_path / "draft.json"
    file.write_text(json.dumps(document))
    result = invoke("explain", *LENDER, "--consent", str(file), "--json")
    assert json.loads(result.stdout)["decision"]["allow"] is True
    assert "6789" not in result.output
    both = invoke("explain", *LENDER, "--consent", str(file), "--separate", "third_party")
    assert both.exit_code == 2


def test_a_denial_by_the_policy_alone_needs_no_consent() -> None:
    document = explain("--dataset", "credit.applicant", "--purpose", "nowhere", "--role", "lender")
    assert document["rule"] is None
    assert document["decision"]["findings"][0]["reason"] == "PURPOSE_UNKNOWN"


def test_an_unknown_role_is_a_wrong_call() -> None:
    result = invoke("explain", *UNDERWRITING, "--role", "friend")
    assert result.exit_code == 2
    assert "lender" in result.stderr
