"""A command of the demo that runs beside it, in a process of its own.

Owns its start and its end. Refuses to let it outlive the scene: whatever ends the scene ends it.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from clients.cli.local import child
from clients.cli.local.demo_scenes.commands import Ran

_LONGEST_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A command under way."""

    line: str
    _process: subprocess.Popen[bytes]

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def result(self) -> Ran:
        """Wait for its end; return what it printed."""
        out, _ = self._process.communicate(timeout=_LONGEST_S)
        return Ran(self.line, self._process.returncode, json.loads(out or b"{}"))


@contextmanager
def running_command(*words: str) -> Iterator[Running]:
    """Run ``veilgate WORDS --json`` until it ends, or until the scene does."""
    called = [*words, "--json"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VEILGATE_")}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
        [sys.executable, "-m", child.__name__, str(os.getpid()), "clients.cli.main", *called],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        yield Running(shlex.join(["veilgate", *called]), process)
    finally:
        process.kill()
        process.communicate()
