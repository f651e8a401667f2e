"""The evaluation's parts: steps are rounded exactly at any bounds, cohorts rise in any order."""

import random

import duckdb
import pytest

from clients.agent.data.evaluation import _cohorts, _squares, _steps
from clients.agent.data.freezing import UNITS
from gateway.domain.aggregate.contract import Measure
from gateway.domain.aggregate.plan import STEPS
from support.agent_data import TITLE


@pytest.mark.parametrize("cells", [1, 3, 300, 70_000])
def test_the_people_of_every_cell_rise(cells: int) -> None:
    drawn = random.Random(cells)
    rows = [(person, drawn.randrange(cells)) for person in range(2_000)]
    expected: list[list[int]] = [[] for _ in range(cells)]
    for person, cell in rows:
        expected[cell].append(person)
    for shuffled in (False, True):
        if shuffled:
            drawn.shuffle(rows)
        with duckdb.connect() as connection:
            connection.execute("CREATE TABLE touched (person BIGINT, cell INTEGER)")
            listed = ", ".join(map(str, rows))
            connection.execute(f"INSERT INTO touched VALUES {listed}")
            found = _cohorts(connection, cells)
        assert [one.tolist() for one in found] == expected


@pytest.mark.parametrize("high", [1, 7, 180, 20_000, 99_991, 10**6, 10**9, 10**11])
def test_steps_and_squares_are_rounded_exactly_in_as_many_bits_as_it_takes(high: int) -> None:
    measure = Measure("x", TITLE, -high, high, "", ())
    clip = high * UNITS
    drawn = random.Random(high)
    values = [-clip, -1, 0, 1, clip // STEPS // 2, clip // 3, clip - 1, clip]
    values += [drawn.randint(-clip, clip) for _ in range(50)]
    with duckdb.connect() as connection:
        listed = ", ".join(f"({one}::BIGINT)" for one in values)
        found = connection.execute(
            f"SELECT {_steps(measure)}, {_squares(measure)} FROM (VALUES {listed}) AS t(m_x)"
        ).fetchall()
    assert found == [
        (
            (2 * one * STEPS + clip) // (2 * clip),
            (2 * one * one * STEPS + clip * clip) // (2 * clip * clip),
        )
        for one in values
    ]
