"""``veilgate init`` and ``serve``: what they make and refuse, and the gateway that results."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, make_home
from clients.cli.main import app
from support.command_line import ASK, TERMS, assert_refused, line
from support.process import LoggedProcess, free_port, kill_group, run_veilgate, wait_for_line

START_S = 60.0


def veilgate(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "clients.cli.main", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_init_makes_a_home_that_serve_accepts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    words = ["init", str(home), "--development", "--listen", "localhost:1"]
    made = CliRunner().invoke(app, words)
    assert made.exit_code == 0, made.stderr
    assert str(home / "clients" / "lender-a" / "profile.toml") in made.stdout
    assert f"next: veilgate serve {home}" in made.stdout
    checked = CliRunner().invoke(app, ["serve", "--check", str(home), "--json"])
    assert json.loads(checked.stdout) == {"ok": True, "listen": "localhost:1"}
    assert CliRunner().invoke(app, ["serve", "--check", str(home)]).stdout == "ok\n"


def test_init_without_development_says_what_is_still_to_be_put_there(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = CliRunner().invoke(app, ["init", str(home)])
    for word in ("tls/gateway.key", "tls/client-authorities.pem", "partners.toml", "gateway.toml"):
        assert word in made.stdout
    document = json.loads(CliRunner().invoke(app, ["init", str(tmp_path / "b"), "--json"]).stdout)
    assert (document["ok"], document["profiles"]) == (True, {})
    served = veilgate("serve", str(home), cwd=tmp_path)
    assert served.returncode == 2
    assert "cannot start: a TLS file cannot be read" in served.stderr
    assert "Traceback" not in served.stderr


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("taken",), "is not empty"),
        (("file",), "Not a directory"),
        (("file/below",), "Not a directory"),
        (("new", "--listen", "7443"), "--listen is not an address"),
        (("new", "--listen", 'localhost:1"\nkeys = "'), "--listen is not an address"),
    ],
    ids=str,
)
def test_init_refuses_what_cannot_be_a_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    (tmp_path / "file").touch()
    assert_refused(CliRunner().invoke(app, ["init", *words]), 2, what, "run `veilgate init` again")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("content", "what", "next_step"),
    [
        (None, "has no gateway.toml", "veilgate init FOLDER"),
        ("listen = ", "is not TOML", "Correct it in"),
        ("lissen = 'x'", "gateway.toml", "Correct it in"),
    ],
    ids=["absent", "broken", "unknown setting"],
)
def test_serve_refuses_a_folder_that_is_no_home(
    tmp_path: Path, content: str | None, what: str, next_step: str
) -> None:
    if content is not None:
        (tmp_path / "gateway.toml").write_text(content, encoding="utf-8")
    result = CliRunner().invoke(app, ["serve", str(tmp_path)])
    assert_refused(result, 2, what, next_step)
    as_json = CliRunner().invoke(app, ["serve", str(tmp_path), "--json"])
    assert as_json.exit_code == 2


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        make_home(tmp_path / "home", address, development=True)
        served = veilgate("serve", str(tmp_path / "home"), cwd=tmp_path)
    assert served.returncode == 2
    assert f"cannot start: {address} cannot be bound" in served.stderr
    assert "Traceback" not in served.stderr


def _served(folder: Path) -> LoggedProcess:
    process = run_veilgate(["serve", str(folder)], cwd=folder)
    try:
        wait_for_line(process, r"serving on port \d+", START_S)
    except BaseException:
        kill_group(process)
        raise
    return process


def test_the_commands_work_as_programs_on_a_new_home(tmp_path: Path) -> None:
    """As a newcomer types them: init, serve, grant, get, and Ctrl-C."""
    address = f"localhost:{free_port()}"
    made = veilgate("init", "home", "--development", "--listen", address, "--json", cwd=tmp_path)
    profile = ("--profile", json.loads(made.stdout)["profiles"][LENDER_A])
    (tmp_path / "form.txt").touch()
    (tmp_path / "person.txt").write_text(line(synthetic_subject(4)), encoding="utf-8")
    person = ("--subject-type", "US_SSN", "--subject-file", "person.txt")
    process = _served(tmp_path / "home")
    try:
        grant = ("consent", "grant", *TERMS, "--evidence", "form.txt")
        granted = veilgate(*grant, *person, *profile, cwd=tmp_path)
        got = veilgate("get", *ASK, *person, *profile, cwd=tmp_path)
        process.send_signal(signal.SIGINT)
        status = process.wait(START_S)
    finally:
        kill_group(process)
    assert (granted.returncode, granted.stderr) == (0, "")
    assert (got.returncode, got.stderr) == (0, "")
    assert "D**" in got.stdout
    assert status == 0
    assert "alembic" not in process.output()
