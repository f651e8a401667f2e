"""The provider guide: its settings load, its program is the example, its commands run."""

from __future__ import annotations

import random
import re
import shlex
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from subprocess import run

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import PROVIDER
from clients.provider.conformance import CHECKS
from gateway.config import load_config
from support.blinded import bound_profile, by_reference, write_people
from support.faults_canaries import american_person, chinese_person
from support.live_gateway import running_gateway
from support.process import PROJECT, LoggedProcess, free_port, kill_group, wait_for_line
from support.remote_provider import identifier

GUIDE = (PROJECT / "docs" / "providers.md").read_text(encoding="utf-8")
KINDS = {"sqlite", "duckdb", "sql", "remote"}
_BASE = '[tls]\nkey = "a"\ncertificate = "b"\nclient_authorities = "c"\n'


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", _blocks("toml"))
def test_the_settings_are_read_as_they_stand(block: str, tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(_BASE + block, encoding="utf-8")
    (provider,) = load_config(path, {}).providers
    assert provider.id == PROVIDER


def test_every_kind_is_shown() -> None:
    shown = {
        found[1] for block in _blocks("toml") if (found := re.search(r'kind = "(\w+)"', block))
    }
    assert shown == KINDS


def test_the_program_is_the_example() -> None:
    (program,) = _blocks("python")
    example = PROJECT / "clients" / "examples" / "provider_csv.py"
    assert program == example.read_text(encoding="utf-8")


def test_the_table_has_every_check() -> None:
    section = GUIDE.split("\n## The conformance test\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `([\w.-]+)` \|", section, re.MULTILINE) == list(CHECKS)


def _commands(section: str) -> list[str]:
    found = GUIDE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"^```console\n(.*?)^```$", found, re.MULTILINE | re.DOTALL)
    return [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.M) if part]


def _typed(folder: Path, command: str) -> str:
    """Run a command as a reader would, with this environment's programs."""
    programs = Path(sys.executable).parent
    environment = {"PATH": f"{programs}:/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    done = run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def started() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_server_of_ones_own_passes_the_conformance_test(
    tmp_path: Path, started: ExitStack
) -> None:
    _write_applicants(tmp_path)
    (tmp_path / "provider_csv.py").write_text(_blocks("python")[0], encoding="utf-8")
    port = str(free_port())
    for command in _commands("A server of your own"):
        typed = command.replace("7543", port)
        if not typed.rstrip().endswith("&"):
            _typed(tmp_path, typed)
            continue
        words = shlex.split(typed.rstrip().removesuffix("&"))
        process = LoggedProcess([sys.executable, *words[1:]], cwd=tmp_path)
        started.callback(kill_group, process)
        wait_for_line(process, rf"on port {port}", 60)
    (check,) = _commands("The conformance test")
    assert f"All {len(CHECKS)} checks passed." in _typed(tmp_path, check.replace("7543", port))


def _write_applicants(folder: Path) -> None:
    rows = ["identity_type,identity_key,name,date_of_birth,credit_amount"]
    for number in (1, 3):
        one, who = synthetic_subject(number), identifier(synthetic_subject(number))
        rows.append(f"{who.type},{who.value},{one.name},{one.date_of_birth},{one.credit_amount}")
    (folder / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    known = "".join(f"{identifier(synthetic_subject(number)).value}\n" for number in (1, 3))
    (folder / "known.txt").write_text(known, encoding="utf-8")
    unknown = identifier(synthetic_subject(5)).value
    (folder / "unknown.txt").write_text(f"{unknown}\n", encoding="utf-8")


def test_the_index_is_made_as_it_stands(tmp_path: Path) -> None:
    rng = random.Random(3)
    (command,) = _commands("By identifier or by reference")
    with running_gateway(tmp_path / "home", prepare=by_reference) as gateway:
        folder = bound_profile(gateway, PROVIDER).parent
        (folder / "bound.toml").replace(folder / "profile.toml")
        write_people(folder / "people.csv", [chinese_person(rng), american_person(rng)])
        assert "2 rows are indexed" in _typed(folder, command)
    assert (folder / "indexed.csv").read_text(encoding="utf-8").count("REFERENCE,") == 2
