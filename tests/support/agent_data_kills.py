"""A process that is killed in the middle of an answer, again and again, one statement later.

Run with a folder. Each child answers the same question on its own copy of the state and is killed
with SIGKILL before its n-th SQL statement; what it left is printed as JSON, one line a child. The
last line is of a child that was not killed.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from clients.agent.data.frozen import FrozenData
from support.agent_data import NOW, Silent, config, contract, csv_source, people_of, question

TABLES = ("answers", "cohorts", "parts", "accounts")


def answer(source: Path, state: Path, kill_before: int) -> None:
    """Answer, and be killed before a statement; does not return then."""
    connect, left = sqlite3.connect, [kill_before]

    def traced(statement: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **options)
        connection.set_trace_callback(traced)
        return connection

    sqlite3.connect = connected  # type: ignore[assignment]
    people = csv_source(source, people_of(north_own=40, south_own=30, west_rent=20))
    data = FrozenData(config(people), state, clock=lambda: NOW, chance=Silent())
    made, plan = question(contract(), 1000, group_by=("region",))
    data.prepare(made, contract(), plan, "group-a")


def left_in(state: Path) -> dict[str, int]:
    """Count the rows of each table, as the next start would find them."""
    if not (state / "answers.db").exists():
        return dict.fromkeys(TABLES, 0)
    with sqlite3.connect(state / "answers.db") as connection:
        there = {one for (one,) in connection.execute("SELECT name FROM sqlite_master")}
        return {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            if table in there
            else 0
            for table in TABLES
        }


def main(folder: Path) -> None:
    """Kill children until one gets through."""
    kill_before, killed = 1, True
    while killed:
        state = folder / f"state{kill_before}"
        child = os.fork()
        if not child:
            answer(folder, state, kill_before)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        print(json.dumps({"killed": killed, "status": status, **left_in(state)}))  # noqa: T201
        shutil.rmtree(state)
        kill_before += 1


if __name__ == "__main__":
    main(Path(sys.argv[1]))
