"""The sandbox: every command that it prints works, it goes on where it was, and it ends whole."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.cli.local.sandbox_rate import RecordedCalls
from support import sandboxes
from support.faults_serving import wait_until
from support.guides import steps
from support.process import PROJECT, free_port, kill_group
from support.sandboxes import Sandbox, assert_nothing_runs, processes_of, sandbox

GUIDE = (PROJECT / "docs" / "README.md").read_text(encoding="utf-8")
STORE = "data/veilgate.db"
LIMIT_S = 90


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """A folder for temporary files; whatever was started with it has ended in the end."""
    made = tmp_path / "temporary"
    made.mkdir()
    yield made
    assert_nothing_runs(made)


def _port() -> tuple[str, str]:
    return "--port", str(free_port())


def _try_everything(up: Sandbox) -> str:
    return "\n".join(up.run(one["command"]) for one in up.said["try"])


@pytest.mark.timeout(300)
def test_every_command_works_again_and_on_another_day(temporary: Path) -> None:
    """Twice over, the documentation's examples, a new start on another port, and all once more."""
    folder = temporary.parent / "mine"
    with sandbox(temporary, str(folder), *_port()) as up:
        calls = RecordedCalls(folder / STORE)
        text = _try_everything(up)
        # Four explanations and denials, a consent, three releases; no list, proof or export.
        assert calls.count_new() == calls.total == 8
        _look_at(text, folder)
        _try_everything(up)
        for kind, step in steps(GUIDE):
            (folder / "step.py").write_text(step, encoding="utf-8")
            printed = up.run("python step.py" if kind == "python" else step)
        assert printed.count("credit_amount") == printed.count("monthly_income") == 1
        assert up.stop() == 0
    assert_nothing_runs(temporary)
    with sandbox(temporary, str(folder), *_port()) as again:
        assert again.said["gateway"] != up.said["gateway"]
        get = next(one["command"] for one in again.said["try"] if "get" in one["command"].split())
        # No consent is granted this time: the store is the same.
        assert "4****************6" in again.run(get)
        _look_at(_try_everything(again), folder)
        assert again.stop() == 0
    assert (folder / STORE).is_file()


def _look_at(text: str, folder: Path) -> None:
    for word in (
        "income.employment",
        "CONSENT_ABSENT",
        "CONSENT_PURPOSE_MISSING",
        "4****************6",
        "underwriting-income",
        ">=20000",
        "demo-payroll",
        "active at",
    ):
        assert word in text, word
    assert re.search(r"OK: all \d+ entries", text)
    person = (folder / "samples" / "applicant.txt").read_text(encoding="utf-8").strip()
    assert person not in text


def test_without_a_folder_nothing_is_left(temporary: Path) -> None:
    with sandbox(temporary, *_port()) as up:
        assert up.folder.parent == temporary
        assert len(processes_of(temporary)) >= 5
        assert set(up.said["profiles"]) == {"lender-a", "lender-b", "auditor", "operator"}
        assert all(Path(one).is_file() for one in (*up.said["profiles"].values(), *up.said["logs"]))
        up.process.send_signal(signal.SIGTERM)
        assert up.process.wait(LIMIT_S) == 0
        assert_nothing_runs(temporary)
    assert list(temporary.iterdir()) == []


def test_not_even_a_kill_leaves_anything_running(temporary: Path) -> None:
    with sandbox(temporary, *_port()) as up:
        os.kill(up.process.pid, signal.SIGKILL)
        up.process.wait(LIMIT_S)
        assert_nothing_runs(temporary)


@pytest.mark.parametrize("module", ["gateway", "clients.cli.local.sandbox_provider"])
def test_it_does_not_stay_up_in_part(temporary: Path, module: str) -> None:
    with sandbox(temporary, *_port()) as up:
        (victim,) = _running(module, up.folder)
        os.kill(victim, signal.SIGKILL)
        assert up.process.wait(LIMIT_S) == 1
        told = up.process.output()
    assert re.search(r"the (gateway|data provider) ended with -9", told)
    assert "next: " in told
    assert "Traceback" not in told


def _running(module: str, folder: Path) -> list[int]:
    listing = subprocess.run(
        ["ps", "axww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 1) for line in listing.stdout.splitlines())
    wanted = f"-m {module} {folder}"
    return [int(pid) for pid, words in rows if wanted in words]


def test_a_port_that_is_taken_is_told_before_anything_is_made(temporary: Path) -> None:
    folder = temporary.parent / "mine"
    with socket.create_server(("localhost", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = _refused(temporary, str(folder), "--port", port)
    assert f"port {port} of this machine is taken" in told
    assert "--port" in told.partition("next: ")[2]
    assert not folder.exists()
    assert list(temporary.iterdir()) == []


def test_a_folder_of_somebody_elses_is_left_alone(temporary: Path) -> None:
    folder = temporary.parent / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear", encoding="utf-8")
    assert "is not empty" in _refused(temporary, str(folder), *_port())
    (folder / "sandbox.json").write_text('{"port": "x"}', encoding="utf-8")
    assert "sandbox.json cannot be used" in _refused(temporary, str(folder), *_port())
    assert (folder / "letter.txt").read_text(encoding="utf-8") == "dear"


def _refused(temporary: Path, *words: str) -> str:
    process = sandboxes.start(temporary, *words)
    try:
        assert process.wait(LIMIT_S) == 2
    finally:
        kill_group(process)
    assert "Traceback" not in process.output()
    return process.output()


def test_on_a_terminal_it_shows_the_commands_and_the_calls(temporary: Path) -> None:
    folder = temporary.parent / "mine"
    terminal, other = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "clients.cli.main", "sandbox", str(folder), *_port()],
        stdin=subprocess.DEVNULL, stdout=other, stderr=other, cwd=PROJECT, start_new_session=True,
        env={**os.environ, "TMPDIR": str(temporary), "TERM": "xterm", "COLUMNS": "100"},
    ) as process:  # fmt: skip
        os.close(other)
        shown = bytearray()
        try:
            wait_until(lambda: _read(terminal, shown, b"0 recorded"), "the line", LIMIT_S)
            explain = re.search(rb"veilgate explain [^\r\n]*applicant\.txt", shown)
            assert explain is not None
            setup = re.search(rb"cd [^\r\n]*profile\.toml", shown)
            assert setup is not None
            lines = b"\n".join((setup[0], explain[0])).decode()
            subprocess.run(["bash", "-ec", lines], check=True, capture_output=True, timeout=LIMIT_S)
            wait_until(lambda: _read(terminal, shown, b"1 recorded"), "a call", LIMIT_S)
            process.send_signal(signal.SIGINT)
            wait_until(lambda: _read(terminal, shown, b"The sandbox is stopped"), "end", LIMIT_S)
            assert process.wait(LIMIT_S) == 0
        finally:
            process.kill()
            os.close(terminal)


def _read(terminal: int, shown: bytearray, wanted: bytes) -> bool:
    if wanted not in shown:
        try:
            shown += os.read(terminal, 65_536)
        except OSError:
            return wanted in shown
    return wanted in shown
