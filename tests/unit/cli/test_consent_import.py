"""Imports of many consents: which lines are taken, how each ends, and that a second run is none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner, Result

from clients.cli.consent_lines import MAX_LINE_SIZE, Importer, LineRefused, open_lines
from clients.cli.main import app
from gateway.crypto.ed25519 import SigningKey
from support.canned_gateway import KEY_ID, SIGNING_KEY, CannedGateway, refusal
from veilgate.v1 import consent_pb2

NUMBERS = ("11010119900307001X", "123-45-6789")
IMPORTER = Importer("lender-a", SIGNING_KEY, KEY_ID)


def line(number: int = 0, **changes: Any) -> dict[str, Any]:
    """One grant, as its JSON object."""
    return {
        "providers": ["bureau-b"], "datasets": ["credit.applicant"],
        "purposes": [f"credit.{'abcdefghijklmnopqrstuvwxyz'[number % 26] * (1 + number // 26)}"],
        "categories": ["identity"], "evidence_sha256": "ab" * 32,
        "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2027-01-01T00:00:00Z",
        "subject": {"type": "CN_RESIDENT_ID", "value": NUMBERS[0]},
    } | changes  # fmt: skip


def written(path: Path, lines: Sequence[object]) -> Path:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def run(file: Path, *words: str) -> tuple[Result, dict[str, Any]]:
    result = CliRunner().invoke(app, ["consent", "import", str(file), "--json", *words])
    return result, json.loads(result.stdout) if result.stdout else {}


def report(file: Path) -> list[dict[str, Any]]:
    raw = file.with_name(f"{file.name}.refused.jsonl").read_text(encoding="utf-8")
    return [json.loads(one) for one in raw.splitlines()]


@pytest.mark.usefixtures("profile")
def test_every_line_is_signed_and_granted(gateway: CannedGateway, tmp_path: Path) -> None:
    file = written(tmp_path / "lines", [line(at) for at in range(150)])
    result, counts = run(file)
    assert result.exit_code == 0, result.output
    assert (counts["lines"], counts["granted"], counts["refused"]) == (150, 150, 0)
    assert counts["per_second"] > 0
    assert len(gateway.consents) == 150
    artefacts = [
        consent_pb2.ConsentArtefact.FromString(one.artefact) for one in gateway.consents.values()
    ]
    assert {one.purposes[0] for one in artefacts} == {line(at)["purposes"][0] for at in range(150)}
    assert {(one.controller, one.collector) for one in artefacts} == {("lender-a", "lender-a")}
    assert report(file) == []


@pytest.mark.usefixtures("profile")
def test_a_malformed_line_keeps_all_from_being_sent(gateway: CannedGateway, tmp_path: Path) -> None:
    bad = line(subject={"type": "US_SSN", "value": NUMBERS[1] * 9})
    file = written(tmp_path / "lines", [line(0), "", "{", bad, line(1)])
    result, counts = run(file)
    assert result.exit_code == 1
    assert (counts["lines"], counts["refused"], counts["not_sent"]) == (4, 2, 2)
    assert gateway.asked == []
    assert [one["line"] for one in report(file)] == [3, 4]
    result, counts = run(file, "--skip-malformed")
    assert result.exit_code == 1
    assert (counts["granted"], counts["refused"], counts["not_sent"]) == (2, 2, 0)
    assert len(gateway.consents) == 2
    written_out = json.dumps(report(file)) + result.output
    assert not any(number in written_out for number in NUMBERS)


@pytest.mark.usefixtures("profile")
def test_what_the_gateway_refuses_is_reported_without_its_subject(
    gateway: CannedGateway, tmp_path: Path
) -> None:
    gateway.refusal = refusal("ROLE_MISSING")
    file = written(tmp_path / "lines", [line(at) for at in range(5)])
    result, counts = run(file, "--report", str(tmp_path / "own.jsonl"))
    assert result.exit_code == 1
    assert counts["refused"] == 5
    raw = (tmp_path / "own.jsonl").read_text()
    reported = [json.loads(one) for one in raw.splitlines()]
    assert [(one["line"], one["reason"]) for one in reported] == [
        (at, "ROLE_MISSING") for at in range(1, 6)
    ]
    assert NUMBERS[0] not in raw
    assert (tmp_path / "own.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("profile")
def test_the_rest_is_not_sent_once_the_gateway_is_gone(
    gateway: CannedGateway, tmp_path: Path
) -> None:
    gateway.refusal = refusal("STORE_UNAVAILABLE", grpc.StatusCode.UNAVAILABLE)
    file = written(tmp_path / "lines", [line(at) for at in range(500)])
    result, counts = run(file)
    assert result.exit_code == 1
    assert (counts["not_sent"], counts["granted"]) == (500, 0)
    assert len(gateway.asked) < 200
    gateway.refusal = None
    assert run(file)[1]["granted"] == 500


def test_a_line_gives_the_same_bytes_at_every_run() -> None:
    raw = json.dumps(line()).encode()
    first, second = (IMPORTER.sign(IMPORTER.draft(raw)) for _ in range(2))
    assert first.SerializeToString() == second.SerializeToString()
    assert IMPORTER.draft(raw).consent_id != IMPORTER.draft(json.dumps(line(1)).encode()).consent_id


def test_an_id_that_a_line_names_is_kept() -> None:
    named = "3f0e6a52-9c1d-4b7e-8a55-d2c4e6f80a1b"
    assert IMPORTER.draft(json.dumps(line(consent_id=named)).encode()).consent_id == named


def test_nobody_without_the_key_can_find_a_subject_by_the_id() -> None:
    raw = json.dumps(line()).encode()
    stranger = Importer("lender-a", SigningKey.from_seed(b"\x0a" * 32), KEY_ID)
    assert stranger.draft(raw).consent_id != IMPORTER.draft(raw).consent_id


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'"x"', "object"),
        (b"\xff", "JSON"),
        (b"[" * 60_000, "JSON"),
        (b" " * MAX_LINE_SIZE + b"{}", "longer"),
        (json.dumps({k: v for k, v in line().items() if k != "valid_until"}), "valid_until"),
        (json.dumps(line(collector="lender-b")), "collector"),
        (json.dumps(line(**{NUMBERS[0]: 1})), "not one of the terms"),
        (json.dumps(line(lawful_basis=NUMBERS[0])), "lawful_basis"),
        (json.dumps(line(subject={"type": NUMBERS[0], "value": "1"})), "type"),
        (json.dumps(line(uses=0)), "uses"),
        (json.dumps(line(fields=[f"{at:0200}" for at in range(100)])), "16384"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_without_its_values(raw: bytes | str, said: str) -> None:
    with pytest.raises(LineRefused) as caught:
        IMPORTER.draft(raw.encode() if isinstance(raw, str) else raw)
    assert said in str(caught.value)
    assert NUMBERS[0] not in str(caught.value)


def test_lines_have_the_numbers_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    long = b"x" * (3 * MAX_LINE_SIZE)
    file.write_bytes(b"\n  \none\n" + long + b"\r\ntwo\n\nlast")
    with open_lines(file) as lines:
        found = [(number, len(raw)) for number, raw in lines]
    assert found == [(3, 4), (4, MAX_LINE_SIZE + 1), (5, 4), (7, 4)]


@pytest.mark.usefixtures("profile")
@pytest.mark.parametrize("name", ["absent", "folder"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    result, _ = run(tmp_path / name)
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
