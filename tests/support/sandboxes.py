"""Real sandboxes for tests: started as a person does, and looked at from outside.

Owns the process, what it says of itself, and typing the commands that it prints. Its processes are
known by the folder for temporary files that all of them are given. Refuses to leave one running.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.faults_serving import wait_until
from support.process import LoggedProcess, kill_group, run_veilgate

_START_S = 90
_STEP_S = 90


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that is up: what it printed with ``--json``, and its process."""

    said: dict[str, Any]
    process: LoggedProcess

    @property
    def folder(self) -> Path:
        return Path(self.said["folder"])

    def run(self, command: str) -> str:
        """Type a command into a new shell, after the line that comes first; it must succeed."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("VEILGATE_")}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{self.said['setup']}\n{command}"],
            capture_output=True, text=True, timeout=_STEP_S, env=environment | {"PYTHONPATH": ""},
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def stop(self) -> int:
        """End it as Ctrl-C does; return its exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_STEP_S)


@contextmanager
def sandbox(temporary: Path, *words: str) -> Iterator[Sandbox]:
    """Run ``veilgate sandbox WORDS --json``, with ``temporary`` for its temporary files."""
    process = start(temporary, *words, "--json")
    try:
        wait_until(lambda: bool(_said(process)) or process.poll() is not None, "up", _START_S)
        assert _said(process), process.output()
        yield Sandbox(_said(process), process)
    finally:
        kill_group(process)
        _end_what_is_left(temporary)


def start(temporary: Path, *words: str) -> LoggedProcess:
    """Start one, and do not wait."""
    return run_veilgate(["sandbox", *words], {"TMPDIR": str(temporary)}, cwd=temporary)


def _said(process: LoggedProcess) -> dict[str, Any]:
    text = process.output()
    try:
        document: dict[str, Any] = json.loads(text[text.index("{") :])
    except ValueError:
        return {}
    return document


def processes_of(temporary: Path) -> list[int]:
    """Live processes whose environment or arguments name the folder."""
    listing = subprocess.run(
        ["ps", "axeww", "-o", "pid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 2) for line in listing.stdout.splitlines())
    return [int(row[0]) for row in rows if str(temporary) in row[-1] and row[1][0] != "Z"]


def assert_nothing_runs(temporary: Path) -> None:
    """Wait until nothing of it runs any more."""
    wait_until(lambda: not processes_of(temporary), "the end of every process", 20)


def _end_what_is_left(temporary: Path) -> None:
    for one in processes_of(temporary):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
