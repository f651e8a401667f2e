"""Runs the command line's own commands, in this process, with ``--json``.

Owns the line that a person would type, which is exactly what was run. Refuses to interpret: what
came back is what the command printed.
"""

from __future__ import annotations

import json
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from typing import Any


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ran: its line, its exit status, and the JSON document that it printed."""

    line: str
    status: int
    answer: Any

    @property
    def error(self) -> dict[str, Any]:
        """What it printed of a refusal; empty if it was none."""
        found: dict[str, Any] = self.answer.get("error", {}) if self.status else {}
        return found


def run_command(*words: str) -> Ran:
    """Run ``veilgate WORDS --json``."""
    from clients.cli.main import app

    called = [*words, "--json"]
    out, told = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(told):
        status = app(called, prog_name="veilgate", standalone_mode=False)
    answer = json.loads(out.getvalue() or "{}")
    return Ran(shlex.join(["veilgate", *called]), int(status or 0), answer)
