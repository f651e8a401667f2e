"""The conformance test: a server of the base class passes, and each fault fails its own check."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.main import app
from clients.provider.conformance import CHECKS, run_checks
from clients.provider.conformance_calls import Target
from clients.provider.errors import ProviderError
from clients.provider.tls_floor import VARIABLE
from support.bad_providers import BAD, KNOWN, TIMEOUT_S
from support.faults_serving import python_path
from support.process import LoggedProcess, free_port, kill_group, wait_for_line
from support.remote_provider import DATASET, Ends, identifier

FLOOR = {VARIABLE: "ECDHE-PSK-CHACHA20-POLY1305"}
NO_FLOOR = {VARIABLE: "ECDHE-ECDSA-AES128-GCM-SHA256"}
_START_S = 60
_PATIENCE_S = 30.0  # Only one fault is about time; on a busy machine the others take their own.
_FIRST, _SECOND, _NOBODY = (identifier(synthetic_subject(n)) for n in (1, 3, KNOWN + 1))


@dataclass(frozen=True, slots=True)
class Bad:
    """Servers with a fault each: their ports, and the files of the connections."""

    ends: Ends
    ports: dict[str, int]

    def target(self, name: str) -> Target:
        patience = TIMEOUT_S if name == "deadline" else _PATIENCE_S
        return target(self.ends, self.ports[name], patience)


def target(ends: Ends, port: int, timeout_s: float = _PATIENCE_S) -> Target:
    return Target(
        address=f"localhost:{port}",
        ca=ends.path("authority.pem"),
        certificate=ends.path("gateway.pem"),
        key=ends.path("gateway.key"),
        dataset=DATASET,
        known=(_FIRST, _SECOND),
        unknown=_NOBODY,
        timeout_s=timeout_s,
    )


@contextmanager
def _process(command: list[str], floor: dict[str, str]) -> Iterator[LoggedProcess]:
    process = LoggedProcess([sys.executable, *command], {"PYTHONPATH": python_path(), **floor})
    try:
        yield process
    finally:
        kill_group(process)


def _ports(process: LoggedProcess) -> dict[str, int]:
    wait_for_line(process, "^ready$", _START_S)
    found = re.findall(r"^(\S+) on port (\d+)$", process.output(), re.MULTILINE)
    return {name: int(port) for name, port in found}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bad]:
    ends = Ends.make(tmp_path_factory.mktemp("ends"))
    command = ["-m", "support.bad_providers", str(ends.folder)]
    with _process(command, FLOOR) as strict, _process(command, NO_FLOOR) as lax:
        ports = _ports(strict)
        ports["tls-1.2"] = _ports(lax)["tls-1.2"]
        yield Bad(ends, ports)


@pytest.mark.parametrize("name", CHECKS)
def test_a_fault_fails_the_check_that_is_for_it_and_no_other(name: str, bad: Bad) -> None:
    checked = list(run_checks(bad.target(name)))
    failed = {one.name: one for one in checked if not one.passed}
    assert failed.keys() == {name}, failed
    assert failed[name].seen
    assert failed[name].advice.endswith(".")


def test_there_is_a_fault_for_each_check() -> None:
    assert BAD.keys() == CHECKS.keys()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ends, int]]:
    """The example provider of the guide, over a file of three people."""
    folder = tmp_path_factory.mktemp("example")
    ends = Ends.make(folder)
    rows = ["identity_type,identity_key,name,date_of_birth,credit_amount"]
    for number in range(1, 4):
        one, who = synthetic_subject(number), identifier(synthetic_subject(number))
        rows.append(f"{who.type},{who.value},{one.name},{one.date_of_birth},{one.credit_amount}")
    (folder / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "provider.toml").write_text(
        'listen = "localhost:0"\ncertificate = "server.pem"\nkey = "server.key"\n'
        'ca = "authority.pem"\ngateways = ["gateway-one"]\n',
        encoding="utf-8",
    )
    command = ["clients/examples/provider_csv.py"]
    files = [str(folder / "provider.toml"), str(folder / "people.csv")]
    with _process([*command, *files], {}) as process:
        yield ends, int(wait_for_line(process, r"on port (\d+)", _START_S)[1])


def _check(ends: Ends, port: int, folder: Path, *words: str) -> Result:
    (folder / "known").write_text(f"{_FIRST.value}\n{_SECOND.value}\n", encoding="utf-8")
    (folder / "unknown").write_text(f"{_NOBODY.value}\n", encoding="utf-8")
    command = ["provider", "check", f"localhost:{port}", "--dataset", DATASET]
    command += ["--timeout", str(_PATIENCE_S)]
    for option, name in (("ca", "authority.pem"), ("certificate", "gateway.pem")):
        command += [f"--{option}", str(ends.path(name))]
    command += ["--known-subject-file", str(folder / "known")]
    command += ["--unknown-subject-file", str(folder / "unknown")]
    return CliRunner().invoke(app, [*command, "--key", str(ends.path("gateway.key")), *words])


def _subject_type() -> tuple[str, str]:
    return "--subject-type", _FIRST.type.value


def test_the_example_passes_every_check(example: tuple[Ends, int], tmp_path: Path) -> None:
    result = _check(*example, tmp_path, *_subject_type())
    assert result.exit_code == 0, result.output
    assert f"All {len(CHECKS)} checks passed." in result.output
    assert _FIRST.value not in result.output


def test_a_failure_says_what_to_do_and_ends_with_status_1(bad: Bad, tmp_path: Path) -> None:
    result = _check(bad.ends, bad.ports["strangers"], tmp_path, *_subject_type(), "--json")
    assert result.exit_code == 1
    checked = json.loads(result.stdout)
    (failed,) = [one for one in checked if not one["passed"]]
    assert failed["name"] == "strangers"
    assert "client certificate" in failed["advice"]
    shown = _check(bad.ends, bad.ports["strangers"], tmp_path, *_subject_type())
    assert f"1 of {len(CHECKS)} checks failed." in shown.output


def test_a_caller_who_is_not_the_gateway_fails_what_it_asks(example: tuple[Ends, int]) -> None:
    ends, port = example
    right = target(ends, port)
    other = Target(
        address=right.address,
        ca=right.ca,
        certificate=ends.path("other.pem"),
        key=ends.path("other.key"),
        dataset=DATASET,
        known=right.known,
        unknown=right.unknown,
    )
    checked = list(run_checks(other))
    assert not any(one.passed for one in checked)
    assert any("UNAUTHENTICATED" in one.seen for one in checked)


def test_where_nobody_listens_nothing_passes(bad: Bad) -> None:
    checked = list(run_checks(target(bad.ends, free_port())))
    assert not any(one.passed for one in checked)


def test_two_subjects_are_needed_and_one_who_is_unknown(bad: Bad) -> None:
    right = bad.target("strangers")
    for known, unknown in (((_FIRST,), _NOBODY), ((_FIRST, _SECOND), _FIRST)):
        with pytest.raises(ProviderError, match="two known subjects"):
            Target(
                address=right.address,
                ca=right.ca,
                certificate=right.certificate,
                key=right.key,
                dataset=DATASET,
                known=known,
                unknown=unknown,
            )
