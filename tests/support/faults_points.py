"""Faults inside the real committer: named points around its statements and its answers.

Owns the sqlite3 connection and the socket that count, trace, kill or fail at a point. A point is
"before" or "after" a statement, such as "after INSERT log_entry", or "before", "in" or "after" the
answer. Refuses to change what a statement does: it runs as it is, or an error is raised around it.
"""

import os
import re
import signal
import socket
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

ENVIRONMENT: Final = "FAULTS_COMMITTER"
_STATEMENT: Final = re.compile(
    r"\s*(?:(BEGIN|COMMIT|ROLLBACK|PRAGMA)\b"
    r"|(SELECT)\b.*?\bFROM\s+(\w+)|(INSERT)\s+(?:OR\s+\w+\s+)?INTO\s+(\w+)"
    r"|(UPDATE)\s+(\w+)|(DELETE)\s+FROM\s+(\w+))",
    re.IGNORECASE | re.DOTALL,
)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a committer's process is to suffer; its JSON is in the environment.

    Killed by its own SIGKILL at the ``hit``-th passing of ``kill_at``, counted from when it serves
    or, ``while_starting``, from its start; every point written to ``trace``; before each
    transaction, the mode in the file ``control`` comes into force.
    """

    kill_at: str = ""
    hit: int = 1
    while_starting: bool = False
    trace: str = ""
    control: str = ""

    def environment(self) -> dict[str, str]:
        """The variable that carries the plan to the process."""
        return {ENVIRONMENT: msgspec.json.encode(self).decode()}


def plan_of_environment() -> Plan:
    """The plan that this process was started with; without one nothing goes wrong."""
    return msgspec.json.decode(os.environ.get(ENVIRONMENT, "{}"), type=Plan)


class Points:
    """Counts the points that this process passes, and does there what the plan says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._passed: Counter[str] = Counter()
        self._armed = plan.while_starting
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self._trace = os.open(plan.trace, flags, 0o600) if plan.trace else None
        self._control = Path(plan.control) if plan.control else None

    def serving(self) -> None:
        """The start is over: kills count from here, if they do not from the beginning."""
        self._armed = True

    def passed(self, point: str) -> None:
        self._passed[point] += self._armed
        if self._trace is not None:
            os.write(self._trace, point.encode() + b"\n")
        here = point == self._plan.kill_at and self._passed[point] == self._plan.hit
        if self._armed and here:
            os.kill(os.getpid(), signal.SIGKILL)

    def mode(self) -> str:
        """The store's fault that the test wants now; the empty text is none."""
        return self._control.read_text() if self._control is not None else ""


class _HasPoints(Protocol):
    points: Points


class FaultyConnection(sqlite3.Connection):
    """A connection of the real engine, with faults at its points. ``points`` is set at start.

    Modes: "full" and "read-only" are the engine's own errors; "commit fails" is an I/O error
    before anything was committed; "commit unsure" is one after the commit was durable; "release
    fails" and "release unsure" are the same for commits that count a use of a consent; "rollback
    fails" adds one at the ROLLBACK to "commit fails"; "quotes" is a bug whose exception quotes all
    that was to be written.
    """

    points: Points
    _mode = ""
    _counts_a_use = False

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        name = statement_name(sql)
        if name in ("", "PRAGMA"):
            return super().execute(sql, parameters)
        if name in ("BEGIN", "ROLLBACK"):
            self._take_mode(self.points.mode())
            self._counts_a_use = False
        self.points.passed(f"before {name}")
        self._fail_if(self._fails_at(name))
        cursor = super().execute(sql, parameters)
        self.points.passed(f"after {name}")
        self._fail_if(name == "COMMIT" and self._is("unsure"))
        return cursor

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        name = statement_name(sql)
        self._counts_a_use = self._counts_a_use or name == "UPDATE consent"
        self.points.passed(f"before {name}")
        if self._mode == "quotes":
            raise ValueError(f"{sql} of {list(parameters)}")
        cursor = super().executemany(sql, parameters)
        self.points.passed(f"after {name}")
        return cursor

    def _fails_at(self, name: str) -> bool:
        if self._mode == "rollback fails":
            return name in ("COMMIT", "ROLLBACK")
        return name == "COMMIT" and self._is("fails")

    def _is(self, how: str) -> bool:
        return self._mode == f"commit {how}" or (
            self._mode == f"release {how}" and self._counts_a_use
        )

    @staticmethod
    def _fail_if(fails: bool) -> None:
        if fails:
            raise sqlite3.OperationalError("disk I/O error")

    def _take_mode(self, mode: str) -> None:
        if mode == self._mode:
            return
        self._mode = mode
        (pages,) = super().execute("PRAGMA page_count").fetchone()
        # Zero sets nothing and reads the limit: what lifts it again is the largest there is.
        limit = pages if mode == "full" else 2**31
        super().execute(f"PRAGMA max_page_count={limit}")
        super().execute(f"PRAGMA query_only={'ON' if mode == 'read-only' else 'OFF'}")


class FaultySocket(socket.socket):
    """The committer's end of its socket pair, with points before, in and after an answer."""

    points: Points

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        self.points.passed("before answer")
        half = len(data) // 2
        super().sendall(data[:half], flags)
        self.points.passed("in answer")
        super().sendall(data[half:], flags)
        self.points.passed("after answer")


def faulty_socket(sock: socket.socket, points: Points) -> FaultySocket:
    """Take over a socket."""
    faulty = FaultySocket(fileno=sock.detach())
    faulty.points = points
    return faulty


def statement_name(sql: str) -> str:
    """Verb and table of a statement, such as "INSERT log_entry"; only the verb where no table."""
    found = _STATEMENT.match(sql)
    return " ".join(part for part in found.groups() if part).replace("  ", " ") if found else ""
