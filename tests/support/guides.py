"""Guides run as their reader would: every command and snippet, in order, in one folder.

Owns the reading of console and Python blocks, a free port in place of the usual one, and serving
what a guide starts with an ampersand.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import run as run_process

from support.process import LoggedProcess, free_port, kill_group, wait_for_line

_BLOCKS = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(r"export (?P<name>[A-Z_]+)=(?P<value>.*)", re.DOTALL)
_STEP_S = 90


def steps(page: str) -> list[tuple[str, str]]:
    """Each command and each snippet of a page, with its kind."""
    found = []
    for kind, block in _BLOCKS.findall(page):
        parts = re.split(r"^\$ ", block, flags=re.MULTILINE) if kind == "console" else [block]
        found += [(kind, part) for part in parts if part.strip()]
    return found


class Reader:
    """Somebody who types what a guide says; ``printed`` is what came of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": "",
        }
        self.printed: list[str] = []
        self._started: list[LoggedProcess] = []

    def follow(self, page: str) -> None:
        """Do everything that a page says; what it serves is stopped at the end."""
        todo = steps(page)
        served = next(at for at, (_, step) in enumerate(todo) if step.startswith("veilgate serve"))
        for step in todo[:served]:
            self._do(*step)
        with self._serving():
            for step in todo[served + 1 :]:
                self._do(*step)

    def _do(self, kind: str, step: str) -> None:
        if kind == "python":
            (self._folder / "snippet.py").write_text(step, encoding="utf-8")
            self.printed.append(self._run("python snippet.py"))
        elif exported := _EXPORT.fullmatch(step.strip()):
            value = self._run(f"printf %s {exported['value']}")
            self._environment[exported["name"]] = value
        elif step.startswith("veilgate agent serve"):
            self._serve_agent(step)
        elif step.startswith("veilgate init"):
            self._run(f"{step.strip()} --listen localhost:{self._port}")
        else:
            self.printed.append(self._run(step))

    def _run(self, command: str) -> str:
        done = run_process(
            ["bash", "-euo", "pipefail", "-c", command], cwd=self._folder, env=self._environment,
            capture_output=True, text=True, timeout=_STEP_S,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def _serving(self) -> Iterator[None]:
        config = self._folder / "home" / "gateway.toml"
        process = LoggedProcess([sys.executable, "-m", "gateway", str(config)])
        try:
            wait_for_line(process, r"serving on port \d+", 60)
            yield
        finally:
            for one in (*self._started, process):
                kill_group(one)

    def _serve_agent(self, step: str) -> None:
        profile = self._folder / step.split()[-2]
        words = ["agent", "serve", "--profile", str(profile)]
        self._started.append(LoggedProcess([sys.executable, "-m", "clients.cli.main", *words]))
        wait_for_line(self._started[-1], "the agent serves", 60)
