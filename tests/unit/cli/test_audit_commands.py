import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from support.canned_gateway import CannedGateway, event
from support.crypto_log import ATTACKER, VKEY
from support.crypto_log import export_log as honest_export


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def write_log(folder: Path, size: int) -> Path:
    log = honest_export([event(at) for at in range(size)])
    for path, content in log.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "checkpoint").write_bytes(log.checkpoint)
    return folder


@pytest.mark.usefixtures("profile")
def test_tail_shows_the_last_events() -> None:
    result = invoke("audit", "tail", "--limit", "3")
    assert result.exit_code == 0, result.output
    for word in (
        "index",
        "299",
        "297",
        "outcome-299 CONSENT_ABSENT",
        "DENIAL",
        "lender-a",
        "credit.applicant",
    ):
        assert word in result.stdout
    assert "outcome-296" not in result.stdout


@pytest.mark.usefixtures("profile")
def test_tail_in_json_is_one_array(gateway: CannedGateway) -> None:
    gateway.events = [event(at) for at in range(1100)]
    rows = json.loads(invoke("audit", "tail", "--start", "50", "--json").stdout)
    assert [row["index"] for row in rows] == list(range(50, 1100))
    assert rows[0]["event"]["outcome"] == "outcome-50"


@pytest.mark.usefixtures("profile")
@pytest.mark.parametrize("as_json", [True, False])
def test_follow_goes_on_until_it_is_interrupted(
    gateway: CannedGateway, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            raise KeyboardInterrupt
        if len(naps) == 2:
            gateway.events.append(event(300))

    monkeypatch.setattr("time.sleep", nap)
    words = ("audit", "tail", "--limit", "2", "--follow", "--interval", "1")
    result = invoke(*words, *(["--json"] if as_json else []))
    assert result.exit_code == 0, result.output
    assert naps == [1.0, 1.0, 1.0]
    if as_json:
        indices = [json.loads(line)["index"] for line in result.stdout.splitlines()]
        assert indices == [298, 299, 300]
    else:
        assert "outcome-300" in result.stdout


@pytest.mark.usefixtures("profile")
def test_tail_refuses_an_entry_that_is_not_an_event(gateway: CannedGateway) -> None:
    gateway.events[299] = b"not JSON"
    result = invoke("audit", "tail")
    assert result.exit_code == 1
    assert "entry 299" in result.stderr


def test_export_then_verify(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "export"
    result = invoke("audit", "export", "--out", str(out), "--json")
    assert json.loads(result.stdout)["size"] == 300
    assert "300 entries" in invoke("audit", "export", "--out", str(out)).stdout
    verified = invoke("audit", "verify", str(out), "--profile", str(profile), "--json")
    document = json.loads(verified.stdout)
    assert (document["ok"], document["size"], document["first_bad_entry"]) == (True, 300, None)
    assert len(document["root"]) == 64


def test_verify_asks_no_gateway_and_says_ok(tmp_path: Path) -> None:
    result = invoke("audit", "verify", str(write_log(tmp_path / "log", 300)), "--key", VKEY)
    assert result.exit_code == 0, result.output
    assert "OK: all 300 entries" in result.stdout


def test_verify_names_the_entry_that_was_changed(tmp_path: Path) -> None:
    folder = write_log(tmp_path / "log", 300)
    bundle = folder / "tile/entries/001.p/44"
    bundle.write_bytes(bundle.read_bytes().replace(b"outcome-270", b"outcome-666"))
    result = invoke("audit", "verify", str(folder), "--key", VKEY)
    assert result.exit_code == 1
    assert "entry 270" in result.stderr
    assert "next: " in result.stderr
    assert result.stdout == ""
    document = json.loads(invoke("audit", "verify", str(folder), "--key", VKEY, "--json").stdout)
    assert (document["ok"], document["first_bad_entry"]) == (False, 270)
    assert document["among_entries"] == [270, 270]


def test_verify_refuses_another_key(tmp_path: Path) -> None:
    folder = write_log(tmp_path / "log", 3)
    key = ATTACKER.verifier_key.encode()
    result = invoke("audit", "verify", str(folder), "--key", key, "--save-checkpoint")
    assert result.exit_code == 1
    assert "checkpoint" in result.stderr
    assert not (tmp_path / "log.checkpoint").exists()


def test_a_kept_checkpoint_catches_a_shorter_log(tmp_path: Path) -> None:
    folder, kept = write_log(tmp_path / "log", 300), tmp_path / "log.checkpoint"
    result = invoke("audit", "verify", str(folder), "--key", VKEY, "--save-checkpoint", "--json")
    assert json.loads(result.stdout)["saved_checkpoint"] == str(kept)
    assert kept.read_bytes() == (folder / "checkpoint").read_bytes()
    longer = write_log(tmp_path / "longer", 400)
    since = ("--key", VKEY, "--since", str(kept), "--save-checkpoint")
    grown = invoke("audit", "verify", str(longer), *since, "--json")
    assert json.loads(grown.stdout)["consistent_from"] == 300
    assert kept.read_bytes() == (longer / "checkpoint").read_bytes()
    shrunk = invoke("audit", "verify", str(folder), *since)
    assert shrunk.exit_code == 1
    assert kept.read_bytes() == (longer / "checkpoint").read_bytes()


def test_a_pipe_or_folder_in_a_file_s_place_is_a_missing_file(tmp_path: Path) -> None:
    for number, make in enumerate((os.mkfifo, os.mkdir)):
        folder = write_log(tmp_path / f"log{number}", 3)
        (folder / "tile/entries/000.p/3").unlink()
        make(folder / "tile/entries/000.p/3")
        result = invoke("audit", "verify", str(folder), "--key", VKEY)
        assert result.exit_code == 1
        assert "the file is missing" in result.stderr


@pytest.mark.parametrize(
    ("words", "status"),
    [(("--key", "nonsense"), 1), (("--key", VKEY, "--since", "absent"), 1), ((), 2)],
)
def test_what_is_missing_is_said(tmp_path: Path, words: tuple[str, ...], status: int) -> None:
    folder = write_log(tmp_path / "log", 3)
    result = CliRunner().invoke(
        app, ["audit", "verify", str(folder), *words], env={"VEILGATE_PROFILE": None}
    )
    assert result.exit_code == status
    assert result.stderr.startswith("error: ")
    assert "next: " in result.stderr
