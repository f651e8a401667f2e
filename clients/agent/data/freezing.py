"""From texts to codes: which rows can be read, and what the operator is told of the others.

Owns strict reading: a text of a dimension is a contract's value or stands in its mapping, a number
is a decimal below 10^14, a person is not empty. Each row that is otherwise is counted by the column
that it fails in. Refuses the source, or leaves those rows out, as the settings say; never guesses,
never takes an empty field for zero. Identifiers of people are not kept: the ordinal is all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from clients.agent.data.config import DatasetConfig, DimensionColumn
from clients.agent.data.engine import Connection
from clients.agent.data.errors import DataError
from clients.agent.data.raw_rows import load_raw, wanted
from gateway.domain.aggregate.contract import Dimension

UNITS: Final = 10_000
"""Of a measure in one: four decimal places are kept, a fifth is rounded."""
MAX_PEOPLE: Final = 1 << 31
_NUMBER: Final = r"[+-]?[0-9]{1,14}(\.[0-9]{0,18})?([eE][+-]?[0-9]{1,2})?"
_LARGEST: Final = 10**14 * UNITS


class Report(msgspec.Struct, frozen=True):
    """What a source held, for its operator only.

    ``unreadable`` counts rows by the column that could not be read; a row may count in several.
    """

    rows: int
    kept: int
    people: int
    unreadable: dict[str, int]


def freeze(
    connection: Connection, config: DatasetConfig, dimensions: Sequence[Dimension]
) -> Report:
    """Create ``rows`` from the source; the dimensions are those that the settings map.

    Raises:
        DataError: the source or its settings are not good for it.
    """
    columns = wanted(config, [one.name for one in dimensions])
    load_raw(connection, config, columns)
    for one in dimensions:
        _create_codes(connection, one, config.dimensions[one.name])
    _create_coded(connection, config, dimensions)
    report = _report(connection, columns)
    _require_readable(config, report)
    kept = [inner for inner, _ in columns if inner != "person"]
    connection.execute(
        "CREATE TEMP TABLE ordinals AS SELECT person, row_number() OVER (ORDER BY person) - 1"
        " AS ordinal FROM (SELECT DISTINCT person FROM coded WHERE readable)"
    )
    connection.execute(
        f"CREATE TABLE rows AS SELECT CAST(ordinal AS UINTEGER) AS {', '.join(('person', *kept))}"
        " FROM coded JOIN ordinals USING (person) WHERE readable ORDER BY ordinal"
    )
    for table in ("raw", "coded", "ordinals"):
        connection.execute(f"DROP TABLE {table}")
    return report


def _create_codes(connection: Connection, dimension: Dimension, column: DimensionColumn) -> None:
    """Create ``codes_<dimension>(raw, code)``: the contract's own values, then the mapping."""
    place = {value: code for code, value in enumerate(dimension.values)}
    named = [*column.values.values(), column.otherwise, column.empty]
    if not all(one is None or one in place for one in named):
        raise DataError(f"the mapping of {dimension.name} names values that the contract lacks")
    codes = {**place, **{raw: place[value] for raw, value in column.values.items()}}
    table = f"codes_{dimension.name}"
    connection.execute(f"CREATE TEMP TABLE {table} (raw VARCHAR, code USMALLINT)")
    connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", list(codes.items()))


def _create_coded(
    connection: Connection, config: DatasetConfig, dimensions: Sequence[Dimension]
) -> None:
    chosen, joins, all_there = ["person"], [], ["person IS NOT NULL"]
    for one in dimensions:
        column, table = config.dimensions[one.name], f"codes_{one.name}"
        joins.append(f"LEFT JOIN {table} ON raw.d_{one.name} = {table}.raw")
        chosen.append(
            f"CASE WHEN d_{one.name} IS NULL THEN {_code(one, column.empty)}"
            f" ELSE coalesce({table}.code, {_code(one, column.otherwise)}) END AS d_{one.name}"
        )
        all_there.append(f"d_{one.name} IS NOT NULL")
    for name in config.measures:
        chosen.append(f"{_number(f'm_{name}')} AS m_{name}")
        all_there.append(f"m_{name} IS NOT NULL")
    connection.execute(
        f"CREATE TEMP TABLE coded AS SELECT *, {' AND '.join(all_there)} AS readable"
        f" FROM (SELECT {', '.join(chosen)} FROM raw {' '.join(joins)})"
    )


def _code(dimension: Dimension, value: str | None) -> str:
    code = "NULL" if value is None else str(dimension.values.index(value))
    return f"CAST({code} AS USMALLINT)"


def _number(column: str) -> str:
    """Read a decimal exactly: in no step is there a binary fraction."""
    units = f"TRY_CAST(TRY_CAST({column} AS DECIMAL(24, 4)) * {UNITS} AS BIGINT)"
    return (
        f"CASE WHEN regexp_full_match({column}, '{_NUMBER}')"
        f" AND {units} BETWEEN -{_LARGEST} AND {_LARGEST} THEN {units} END"
    )


def _report(connection: Connection, columns: Sequence[tuple[str, str]]) -> Report:
    counts = ", ".join(f"count(*) FILTER (WHERE {inner} IS NULL)" for inner, _ in columns)
    row = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE readable),"
        f" count(DISTINCT person) FILTER (WHERE readable), {counts} FROM coded"
    ).fetchone()
    rows, kept, people, *unreadable = row or (0, 0, 0)
    failed: dict[str, int] = {}
    for (inner, _), count in zip(columns, unreadable, strict=True):
        if count:
            failed[inner.removeprefix("d_").removeprefix("m_")] = int(count)
    return Report(rows=int(rows), kept=int(kept), people=int(people), unreadable=failed)


def _require_readable(config: DatasetConfig, report: Report) -> None:
    if report.unreadable and config.unreadable == "refuse":
        raise DataError(f"rows cannot be read, in {', '.join(sorted(report.unreadable))}")
    if config.rows_a_person == "one" and report.kept != report.people:
        raise DataError('a person has several rows: set rows_a_person = "many"')
    if not 0 < report.people < MAX_PEOPLE:
        raise DataError("the source has no people, or too many")
