"""`veilgate agent` as an operator runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from typer import Typer
from typer.testing import CliRunner

from clients.cli import agent as commands
from gateway.domain.aggregate.statements import Contribution
from support.agents_gateway import WAIT_S, message_of, scripted_gateway, serving
from support.agents_profile import write_profile
from support.agents_world import World


def run(*words: str) -> tuple[int, str]:
    app = Typer()
    commands.register(app)
    ended = CliRunner().invoke(app, ["agent", *words])
    return ended.exit_code, ended.output


def test_check_says_what_works_and_what_does_not(world: World, tmp_path: Path) -> None:
    with serving(scripted_gateway(world), tmp_path) as connection:
        path = write_profile(world, tmp_path, gateway=connection.gateway)
        status, output = run("check", "--profile", str(path), "--json")
        assert status == 0
        assert all(one["passed"] for one in json.loads(output))
        (tmp_path / "people.csv").write_text("person,housing,amount\np1,castle,10\n")
        status, output = run("check", "--profile", str(path))
    assert status == 1
    assert "castle" not in output


def test_a_profile_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "agent.toml").write_text("gateway = 1")
    status, output = run("check", "--profile", str(tmp_path / "agent.toml"))
    assert status == 1
    assert "refused" in output


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_and_ends_at_a_signal(
    world: World, tmp_path: Path, end: signal.Signals
) -> None:
    scripted = scripted_gateway(world)
    with serving(scripted, tmp_path) as connection:
        path = write_profile(world, tmp_path, gateway=connection.gateway)
        command = [sys.executable, "-m", "clients.cli.main", "agent", "serve"]
        process = subprocess.Popen(
            [*command, "--profile", str(path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            stderr=subprocess.PIPE,
        )
        try:
            order = world.order(world.question())
            stream = scripted.stream()
            stream.put(message_of(order))
            readies = world.others(order, scripted.readies.get(timeout=WAIT_S))
            stream.put(message_of(world.roster(order, readies)))
            statement, ciphertexts = scripted.contributions.get(timeout=WAIT_S)
        finally:
            process.send_signal(end)
            _, log = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0
    count = msgspec.json.decode(statement.payload, type=Contribution).ciphertexts
    assert len(ciphertexts) == 66 * count
    assert b"contribution stored" in log
    assert b"Traceback" not in log
