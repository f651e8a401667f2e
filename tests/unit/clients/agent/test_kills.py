"""An agent that is killed at every step sends the same bytes when it is back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from support.agents_process import POINTS, AgentProcess, Line, save_world, statement_of
from support.agents_world import World


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_agent_sends_the_same_bytes_again(
    world: World, tmp_path: Path, point: str
) -> None:
    save_world(world, tmp_path)
    order = world.order(world.question())
    sent: list[Line] = []
    first = AgentProcess.start(tmp_path, point)
    ready = first.follow(order)
    if ready is not None:
        sent.append(ready)
        roster = world.roster(order, world.others(order, statement_of(ready)))
        contribution = first.follow(roster)
        sent += [] if contribution is None else [contribution]
    assert first.killed()

    second = AgentProcess.start(tmp_path, "-")
    again = second.follow(order)
    assert again is not None
    if ready is None:
        roster = world.roster(order, world.others(order, statement_of(again)))
    last = second.follow(roster)
    assert last is not None
    assert not second.killed()

    sent += [again, last]
    assert len({one.body for one in sent if one.kind == "ready"}) == 1
    bytes_sent = {(one.body, one.ciphertexts) for one in sent if one.kind == "contribution"}
    assert len(bytes_sent) == 1
    with closing(sqlite3.connect(tmp_path / "state" / "state.db")) as database:
        rows = database.execute("SELECT state, masking_key, figures FROM round").fetchall()
    assert rows == [("CONTRIBUTED", None, None)]
