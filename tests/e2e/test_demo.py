"""``veilgate demo`` as a real process: what it shows, what it leaves, and that it can fail."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clients.cli.local import demo
from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.demo_data.loans import key_of
from clients.cli.local.demo_scenes import log_verified, strangers_refused, theatre
from clients.cli.local.demo_scenes.stage import Person, Stage
from clients.cli.local.dev_agents import OPEN_LOANS
from clients.cli.local.home import Home, make_home
from clients.cli.main import app
from support.process import LoggedProcess, kill_group, run_veilgate, wait_for_line

NAMES = [
    "masked-record",
    "purpose-denied",
    "consent-revoked",
    "strangers-refused",
    "cohort-statistic",
    "differencing-refused",
    "exposure",
    "withdrawal",
    "binned-features",
    "log-verified",
]
LIMIT_S = 100
GRANT = Stage.grant_first
KEY_LINES = (
    "veilgate get --profile clients/lender-a/profile.toml",
    "贾**",
    "4****************6",
    "✓ card_cvn is withheld: it authenticates (C3)",
    "✓ no raw value that names the person occurs in the answer's bytes on the wire",
    "✓ the answer is a denial: CONSENT_PURPOSE_MISSING",
    "Obtain a consent that names the purpose marketing.",
    "请取得载明该目的（marketing）的同意。",
    "✓ with the smallest change the same call is allowed",
    "✓ it names the article: PIPL 15",
    "✓ the very next call releases nothing",
    "✓ without a certificate, TLS ends before any call is read",
    "✓ lender B is denied: for it there is no consent",
    "✓ every figure is near the clear text",
    "✓ the refusal names no institution and no number of people",
    "✓ the total is that of the clear text, each rounded",
    "✓ those who hold the person and those who do not said the same",
    "✓ the round is void: ROUND_VOID",
    "✓ the log has question, revocation, roster, void in this order, and no release",
    "✓ all 11 information values are those of the clear text, to 1e-09",
    "✓ it is refused: for that person there is no consent",
    "✓ the verifier names the entry:",
    "10 of 10 scenes hold.",
    "The gateway is stopped. To go on with its home:",
)


def processes_of(folder: Path) -> list[str]:
    """Live processes whose environment or arguments name this folder, the demo itself included."""
    listing = subprocess.run(
        ["ps", "axeww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [pid for pid, stat, text in rows if str(folder) in text and stat[0] != "Z"]


def assert_nothing_runs(folder: Path) -> None:
    deadline = time.monotonic() + 10
    while left := processes_of(folder):
        assert time.monotonic() < deadline, f"left running: {left}"
        time.sleep(0.05)


def start(folder: Path, *words: str) -> LoggedProcess:
    """A demo that has ``folder`` for its temporary files, and so have all its processes."""
    return run_veilgate(["demo", *words], {"TMPDIR": str(folder)}, cwd=folder.parent)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "temporary"
    made.mkdir()
    yield made
    assert_nothing_runs(made)


def finish(process: LoggedProcess) -> str:
    try:
        process.wait(LIMIT_S)
    finally:
        kill_group(process)
    return process.output()


def test_every_scene_holds_and_nothing_is_left(folder: Path) -> None:
    process = start(folder, "--json")
    document = json.loads(finish(process))
    assert process.returncode == 0
    assert [one["name"] for one in document["scenes"]] == NAMES
    assert document["ok"] is True
    for scene in document["scenes"]:
        assert set(scene) == {"name", "ok", "shown"}
        assert scene["ok"] is True
        assert scene["shown"]["calls"]
        assert len(scene["shown"]["checked"]) >= 4
    masked, denied = (one["shown"] for one in document["scenes"][:2])
    assert len(masked["chinese"]) == 32
    by_field = {row["field"]: row for row in masked["chinese"]}
    assert by_field["name"]["the provider holds"] != by_field["name"]["the lender gets"]
    assert by_field["card_cvn"]["operator"] == "withheld: c3"
    assert denied["CONSENT_PURPOSE_MISSING"]["missing"] == "marketing"
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "line"),
    [(signal.SIGTERM, "1  A credit record"), (signal.SIGINT, "Veilgate")],
    ids=["terminated in a scene", "interrupted while starting"],
)
def test_a_signal_ends_the_demo_and_all_that_it_started(
    folder: Path, number: signal.Signals, line: str
) -> None:
    process = start(folder)
    try:
        wait_for_line(process, line, LIMIT_S)
        process.send_signal(number)
        text = finish(process)
    finally:
        kill_group(process)
    assert process.returncode == 128 + number
    assert f"interrupted by {number.name}" in text
    assert_nothing_runs(folder)
    assert list(folder.iterdir()) == []


def test_not_even_a_kill_leaves_a_gateway_behind(folder: Path) -> None:
    process = start(folder)
    wait_for_line(process, "1  A credit record", LIMIT_S)
    assert len(processes_of(folder)) > 3
    os.kill(process.pid, signal.SIGKILL)
    process.wait(LIMIT_S)
    assert_nothing_runs(folder)


def test_people_see_the_calls_the_values_and_the_checks_and_a_kept_home_goes_on(
    folder: Path,
) -> None:
    kept = folder / "kept"
    process = start(folder, "--keep", str(kept))
    text = finish(process)
    assert process.returncode == 0
    for line in KEY_LINES:
        assert line in text
    assert "✗" not in text
    assert list(folder.iterdir()) == [kept]
    serve, get = (
        shlex.split(found)[1:]
        for found in map(str.strip, text.splitlines())
        if found.startswith(("veilgate serve", "veilgate get")) and str(kept) in found
    )
    gateway = run_veilgate(serve, cwd=folder)
    try:
        wait_for_line(gateway, "serving on port", LIMIT_S)
        record = json.loads(finish(run_veilgate([*get, "--json"], cwd=folder)))
    finally:
        gateway.terminate()
        finish(gateway)
    assert record["fields"]["name"] == "贾**"
    again = start(folder, "--keep", str(kept), "--json")
    assert "is not empty" in finish(again)
    assert again.returncode == 2


def _sabotage(home: Home) -> None:
    """Wider masks than underwriting has, and marketing taken for a kind of underwriting.

    And a lender whose books say something else than what its agent looks up.
    """
    policies = home.folder / "policies"
    credit = policies / "rules" / "credit.yaml"
    text = credit.read_text("utf-8")
    credit.write_text(text.replace("tight.v2", "display.v1", 1), encoding="utf-8")
    (policies / "rules" / "marketing.yaml").unlink()
    purposes = policies / "purposes.yaml"
    text = purposes.read_text("utf-8")
    marked = "  - id: marketing\n"
    assert marked in text
    wrong = f"{marked}    parent: credit.underwriting\n"
    purposes.write_text(text.replace(marked, wrong), encoding="utf-8")
    books = home.agent("lender-a").parent / OPEN_LOANS
    text, row = books.read_text("utf-8"), f"{key_of(synthetic_subject(2))},1,4760,"
    assert row in text
    books.write_text(text.replace(row, row.replace("4760", "9760")), encoding="utf-8")


def _stop_it_from_starting(home: Home) -> None:
    home.config.write_text("listen = 7\n", encoding="utf-8")


def _play_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, sabotage: Any, *scenes: str
) -> tuple[int, dict[str, Any], str]:
    """Play the scenes that are named: exit status, document, what else was said."""

    def sabotaged(where: Path, listen: str, development: bool) -> Home:
        home = make_home(where, listen, development)
        sabotage(home)
        return home

    monkeypatch.setattr(theatre, "make_home", sabotaged)
    monkeypatch.setattr(demo, "SCENES", [one for one in demo.SCENES if one.name in scenes])
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    result = CliRunner().invoke(app, ["demo", "--json"])
    assert list(folder.iterdir()) == []
    return result.exit_code, json.loads(result.stdout), result.stderr


def test_a_gateway_with_other_policies_fails_just_the_scenes_concerned(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    concerned, others = ("masked-record", "purpose-denied", "exposure"), ("cohort-statistic",)
    status, document, _ = _play_in(folder, monkeypatch, _sabotage, *concerned, *others)
    assert status == 1
    assert document["ok"] is False
    ok = {one["name"]: one["ok"] for one in document["scenes"]}
    assert ok == dict.fromkeys(concerned, False) | dict.fromkeys(others, True)
    failed = [one["failed"] for one in document["scenes"] if not one["ok"]]
    assert failed == [
        "this does not hold: identity_number shows 1 characters at the start and 1 at the end, "
        "no more",
        "this does not hold: nothing is released",
        "this does not hold: the total is that of the clear text, each rounded",
    ]


def _wrong_consents(stage: Stage, people: Sequence[Person], institution: str) -> None:
    GRANT(stage, people, institution)
    first, second = (person.label for person in people)
    stage.consents[first], stage.consents[second] = stage.consents[second], stage.consents[first]


def _let_in(profile: Path, lender: Path) -> None:
    shutil.copytree(lender.parent, profile.parent)


def test_a_revocation_without_effect_a_stranger_let_in_and_a_hidden_change_are_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Stage, "grant_first", _wrong_consents)
    monkeypatch.setattr(strangers_refused, "make_stranger", _let_in)
    monkeypatch.setattr(log_verified, "change_one_byte", lambda bundle, entry: None)
    concerned, others = ("consent-revoked", "strangers-refused", "log-verified"), NAMES[:2]
    scenes = (*others, *concerned)
    status, document, _ = _play_in(folder, monkeypatch, lambda home: None, *scenes)
    assert status == 1
    failed = {one["name"]: one["failed"] for one in document["scenes"] if not one["ok"]}
    assert tuple(failed) == concerned
    assert failed["consent-revoked"].endswith("the very next call releases nothing")
    assert failed["strangers-refused"].endswith("TLS ends before any call is read")
    assert "the verifier names the entry" in failed["log-verified"]


def test_a_gateway_that_does_not_start_is_told_and_cleaned_up(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, document, told = _play_in(folder, monkeypatch, _stop_it_from_starting, *NAMES)
    assert status == 1
    assert (document["ok"], document["scenes"]) == (False, [])
    assert "the gateway ended with 2" in document["failed"]["what"]
    assert "cannot start" in told
    assert "next: " in told
