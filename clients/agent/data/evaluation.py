"""Evaluating a cohort question on a snapshot, before any noise: exact integers, person by person.

Owns the order of the steps: filter, group, add up a person's rows within a cell, keep at most G
cells of a person, clip to [low, high], round to steps, only then add over people. So one person
changes what a plan says and no more. Sums are of integers in DuckDB's 64 and 128 bits; nothing is a
binary fraction anywhere. Refuses a shape whose domains are not those that were frozen.

Which G cells of a person are kept: those with most of that person's rows, of equal ones the first.
That depends on nobody else's rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import gcd
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from clients.agent.data.engine import Connection, EngineError
from clients.agent.data.errors import DataError
from clients.agent.data.freezing import UNITS
from clients.agent.data.snapshot import Snapshot
from gateway.domain.aggregate.contract import Measure
from gateway.domain.aggregate.plan import STEPS, Shape

Ordinals = npt.NDArray[np.uint32]
_BIGINT_HOLDS: Final = 1 << 62


class Evaluated(msgspec.Struct, frozen=True):
    """The true figures of a shape's cells; they never leave this folder without noise.

    ``figures`` has a row for each cell: people, sums with squares, bins, all in steps; ``people``
    are the same as plain numbers, ``cohorts`` their ordinals, rising.
    """

    people: tuple[int, ...]
    figures: tuple[tuple[int, ...], ...]
    cohorts: tuple[Ordinals, ...]


class UnknownDomain(Exception):
    """The shape has a dimension or measure that the snapshot does not have like this."""


def evaluate(snapshot: Snapshot, shape: Shape) -> Evaluated:
    """Evaluate; all cells of the shape, in its order, zeros for those without people.

    Raises:
        UnknownDomain: see there.
        DataError: the snapshot cannot be read, or does not fit into memory.
    """
    dimensions = (*shape.grouped, *(one for one, _ in shape.filtered))
    measures = (*shape.sums, *shape.histograms)
    if not all(snapshot.holds(one) for one in dimensions):
        raise UnknownDomain
    if not all(snapshot.has_measure(one.name) for one in measures):
        raise UnknownDomain
    try:
        with snapshot.connected() as connection:
            connection.execute(f"CREATE TEMP TABLE touched AS {touched(snapshot, shape)}")
            return _read(connection, shape)
    except EngineError:
        raise DataError("the question cannot be evaluated: is there memory enough?") from None


def touched(snapshot: Snapshot, shape: Shape) -> str:
    """Return the SQL of ``(person, cell, q_..., s_..., b_...)``: a row a person and cell.

    ``q_`` is the value in steps, ``s_`` its square in steps, ``b_`` the bin.
    """
    columns = ["person", "cell"]
    for one in shape.sums:
        columns.append(f"{_steps(one)} AS q_{one.name}")
        if one.name in shape.squares:
            columns.append(f"{_squares(one)} AS s_{one.name}")
    columns += [f"{_bin(one, 0, len(one.edges))} AS b_{one.name}" for one in shape.histograms]
    return f"SELECT {', '.join(columns)} FROM ({_clipped(snapshot, shape)})"


def _clipped(snapshot: Snapshot, shape: Shape) -> str:
    """Person, cell, and each measure's total within [low, high]."""
    measures = {one.name: one for one in (*shape.sums, *shape.histograms)}
    columns = ["person", "cell"]
    for one in measures.values():
        low, high = one.low * UNITS, one.high * UNITS
        bounded = f"greatest({_big(low)}, least({_big(high)}, m_{one.name}))"
        columns.append(f"CAST({bounded} AS BIGINT) AS m_{one.name}")
    inner = _persons(shape, list(measures)) if snapshot.many else _rows(shape, list(measures))
    return f"SELECT {', '.join(columns)} FROM ({inner})"


def _rows(shape: Shape, measures: Sequence[str]) -> str:
    """Each row that the filter lets through, with its cell: codes as in the frozen table."""
    cell = "CAST(0 AS INTEGER)"
    for one in shape.grouped:
        cell = f"({cell} * {len(one.values)} + d_{one.name})"
    conditions = ["TRUE"]
    for dimension, among in shape.filtered:
        codes = [str(code) for code, value in enumerate(dimension.values) if value in among]
        conditions.append(f"d_{dimension.name} IN ({', '.join(codes)})")
    columns = ["person", f"{cell} AS cell", *(f"m_{one}" for one in measures)]
    return f"SELECT {', '.join(columns)} FROM rows WHERE {' AND '.join(conditions)}"


def _persons(shape: Shape, measures: Sequence[str]) -> str:
    """The same added up over the rows of a person in a cell; at most G cells of a person."""
    sums = [f"sum(m_{one}) AS m_{one}" for one in measures]
    return (
        f"SELECT {', '.join(('person', 'cell', *sums))} FROM ({_rows(shape, measures)})"
        " GROUP BY person, cell QUALIFY row_number() OVER (PARTITION BY person"
        f" ORDER BY count(*) DESC, cell) <= {shape.terms.cells_a_person}"
    )


def _steps(measure: Measure) -> str:
    """Round value / clip to steps, half a step up."""
    clip = measure.clip * UNITS
    kind = _kind((4 * STEPS + 3) * clip)
    # The division truncates: shifted by STEPS + 1, what is divided is positive.
    shift = (2 * (STEPS + 1) + 1) * clip
    return (
        f"CAST((m_{measure.name}::{kind} * {2 * STEPS}::{kind} + {shift}::{kind})"
        f" // {2 * clip}::{kind} - {STEPS + 1} AS BIGINT)"
    )


def _squares(measure: Measure) -> str:
    """Round the square of value / clip to steps, half a step up."""
    clip = (measure.clip * UNITS) ** 2
    # What numerator and denominator share often lets 64 bits do, which are twice as fast.
    shared = gcd(2 * STEPS, clip)
    factor, half = 2 * STEPS // shared, clip // shared
    kind, column = _kind(factor * clip + half), f"m_{measure.name}"
    return (
        f"CAST(({column}::{kind} * {column}::{kind} * {factor}::{kind} + {half}::{kind})"
        f" // {2 * half}::{kind} AS BIGINT)"
    )


def _kind(largest: int) -> str:
    return "BIGINT" if largest < _BIGINT_HOLDS else "HUGEINT"


def _bin(measure: Measure, first: int, last: int) -> str:
    """Return the number of edges in [first, last) at or below the value, plus ``first``."""
    if first == last:
        return str(first)
    middle = (first + last) // 2
    edge = _big(measure.edges[middle] * UNITS)
    below, above = _bin(measure, first, middle), _bin(measure, middle + 1, last)
    return f"CASE WHEN m_{measure.name} < {edge} THEN {below} ELSE {above} END"


def _big(number: int) -> str:
    return f"CAST({number} AS BIGINT)"


def _read(connection: Connection, shape: Shape) -> Evaluated:
    cells = len(shape.cells)
    cohorts = _cohorts(connection, cells)
    people = tuple(len(one) for one in cohorts)
    figures = [[count * STEPS] for count in people]
    for cell, *sums in _sums(connection, shape):
        figures[cell] += [int(one) for one in sums]
    added = len(shape.sums) + len(shape.squares)
    for row in figures:
        row += [0] * (1 + added - len(row))
    for one in shape.histograms:
        bins = [[0] * (len(one.edges) + 1) for _ in range(cells)]
        counted = connection.execute(
            f"SELECT cell, b_{one.name}, count(*) FROM touched GROUP BY ALL"
        )
        for cell, at, count in counted.fetchall():
            bins[cell][at] = count * STEPS
        for row, more in zip(figures, bins, strict=True):
            row += more
    return Evaluated(people, tuple(tuple(row) for row in figures), cohorts)


def _sums(connection: Connection, shape: Shape) -> Iterator[tuple[int, ...]]:
    """Yield (cell, sums with squares in the order of the figures) of cells with people."""
    chosen = [
        f"sum({prefix}_{one.name})"
        for one in shape.sums
        for prefix in ("q", "s")
        if prefix == "q" or one.name in shape.squares
    ]
    if chosen:
        yield from connection.execute(
            f"SELECT cell, {', '.join(chosen)} FROM touched GROUP BY cell"
        ).fetchall()


def _cohorts(connection: Connection, cells: int) -> tuple[Ordinals, ...]:
    found = connection.execute(
        "SELECT cell, CAST(person AS UINTEGER) AS person FROM touched"
    ).fetchnumpy()
    # Small cells in small integers: numpy then sorts in linear time, and keeps what was in order.
    codes = np.asarray(found["cell"]).astype(np.min_scalar_type(cells))
    persons = np.asarray(found["person"], dtype=np.uint32)
    if (persons[1:] < persons[:-1]).any():
        by_person = np.argsort(persons, kind="stable")
        codes, persons = codes[by_person], persons[by_person]
    by_cell = np.argsort(codes, kind="stable")
    bounds = np.searchsorted(codes[by_cell], np.arange(cells + 1))
    return tuple(persons[by_cell[first:end]] for first, end in pairwise(bounds))
