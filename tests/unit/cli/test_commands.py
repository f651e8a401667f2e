import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app

COMMANDS: tuple[list[str], ...] = (
    [],
    ["get"],
    ["explain"],
    ["consent"],
    ["consent", "grant"],
    ["consent", "show"],
    ["consent", "revoke"],
    ["audit"],
    ["audit", "tail"],
    ["audit", "export"],
    ["audit", "verify"],
    ["partner"],
    *(
        ["partner", name]
        for name in ("request", "enrol", "rotate", "suspend", "reactivate", "show", "list")
    ),
    ["partner", "expiring"],
    ["policy"],
    ["policy", "check"],
    ["policy", "explain"],
)


def invoke(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, list(words), input=stdin, env={"VEILGATE_PROFILE": None})


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]
    assert invoke("--version").stdout == f"veilgate {project['version']}\n"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help(words: list[str]) -> None:
    result = invoke(*words, "--help")
    assert result.exit_code == 0
    assert " ".join(["Usage:", *words]).split()[-1] in result.stdout
    if words:
        assert "veilgate" in result.stdout


@pytest.mark.parametrize(
    "words",
    [one for one in COMMANDS if len(one) == 2 or one in (["get"], ["explain"])],
    ids=" ".join,
)
def test_every_command_offers_json(words: list[str]) -> None:
    assert "--json" in invoke(*words, "--help").stdout


def test_the_help_says_what_a_subject_on_the_command_line_risks() -> None:
    words = " ".join(invoke("get", "--help").stdout.replace("│", " ").split())
    assert "history" in words


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("get",),
        ("get", "--nonsense"),
        ("consent", "show"),
        ("audit", "tail", "--limit", "0"),
        ("get", "--dataset", "d", "--purpose", "p"),
        ("get", "--dataset", "d", "--purpose", "p", "--subject", "PASSPORT:1"),
        ("audit", "tail"),
        ("policy", "explain", "--dataset", "d", "--purpose", "p"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_ends_with_2_and_an_empty_answer(words: tuple[str, ...]) -> None:
    result = invoke(*words, stdin="")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr != ""


def test_without_a_profile_the_way_to_name_one_is_told() -> None:
    result = invoke("audit", "tail")
    assert "error: no profile is named" in result.stderr
    assert "next: Give --profile PATH, or set VEILGATE_PROFILE" in result.stderr


def test_a_broken_profile_ends_with_1(tmp_path: Path) -> None:
    result = invoke("audit", "tail", "--profile", str(tmp_path / "absent.toml"), "--json")
    assert result.exit_code == 1
    assert "error: the profile" in result.stderr
    assert "next: " in result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    assert set(document["error"]) == {"what", "next"}


def test_the_start_brings_in_nothing_of_the_gateway() -> None:
    script = (
        "import sys, clients.cli.main, clients.cli.exchange, clients.cli.audit;"
        "import clients.cli.consent;"
        "print([m for m in sys.modules if m.startswith(('gateway.', 'presidio'))"
        " and not m.startswith('gateway.crypto')])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_help_brings_in_no_grpc() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from clients.cli.main import app;"
        "CliRunner().invoke(app, ['--help']); print('grpc' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


def test_the_module_runs_as_a_program() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "clients.cli.main", "audit", "verify", "absent", "--key", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
