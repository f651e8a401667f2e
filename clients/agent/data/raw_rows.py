"""A source's columns as texts in a DuckDB table: ``raw(person, d_..., m_...)``.

Owns reading CSV, Parquet and databases, each once and whole, with the same text for the same value.
Refuses a missing or doubled column, a file that is not UTF-8, and types it would have to guess.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clients.agent.data.config import CsvSource, DatabaseSource, DatasetConfig, ParquetSource
from clients.agent.data.database_rows import load_database
from clients.agent.data.engine import Connection, EngineError, name, text
from clients.agent.data.errors import DataError

_CSV: Final = (
    "read_csv(?, columns={columns}, auto_detect=false, header=true, delim={delim}, quote='\"',"
    " escape='\"', nullstr='', allow_quoted_nulls=true, strict_mode=true, null_padding=false,"
    " ignore_errors=false, comment='', hive_partitioning=false)"
)
_PARQUET: Final = "read_parquet(?, hive_partitioning=false, filename=false)"
_HEADER_BYTES: Final = 1 << 20


def wanted(config: DatasetConfig, dimensions: Sequence[str]) -> list[tuple[str, str]]:
    """Return (name in the table, column of the source): person, dimensions, all measures."""
    return [
        ("person", config.person),
        *((f"d_{one}", config.dimensions[one].column) for one in dimensions),
        *((f"m_{one}", column.column) for one, column in config.measures.items()),
    ]


def load_raw(connection: Connection, config: DatasetConfig, columns: list[tuple[str, str]]) -> None:
    """Create ``raw`` with these columns, all VARCHAR, NULL where there is nothing.

    Raises:
        DataError: the source cannot be read, or lacks a column.
    """
    source = config.source
    if isinstance(source, DatabaseSource):
        load_database(connection, source, columns)
        return
    reader = _csv(source) if isinstance(source, CsvSource) else _PARQUET
    chosen = ", ".join(
        f"nullif(CAST({name(column)} AS VARCHAR), '') AS {inner}" for inner, column in columns
    )
    try:
        if isinstance(source, ParquetSource):
            _require_columns(_parquet_columns(connection, source), columns)
        else:
            _require_columns(_csv_columns(source), columns)
        connection.execute(
            f"CREATE TEMP TABLE raw AS SELECT {chosen} FROM {reader}", [_path(source)]
        )
    except EngineError:
        # DuckDB's text may repeat a value.
        raise DataError("the source's file cannot be read as what it should be") from None


def _path(source: CsvSource | ParquetSource) -> str:
    return str(Path(source.path).resolve())


def _csv(source: CsvSource) -> str:
    columns = ", ".join(f"{text(one)}: 'VARCHAR'" for one in _csv_columns(source))
    return _CSV.format(columns="{" + columns + "}", delim=text(source.delimiter))


def _csv_columns(source: CsvSource) -> list[str]:
    try:
        with Path(source.path).open(encoding="utf-8-sig", newline="") as file:
            header = file.readline(_HEADER_BYTES)
    except (OSError, UnicodeDecodeError):
        raise DataError("the source's file cannot be read") from None
    return next(csv.reader([header], delimiter=source.delimiter), [])


def _parquet_columns(connection: Connection, source: ParquetSource) -> list[str]:
    described = connection.execute(f"DESCRIBE SELECT * FROM {_PARQUET}", [_path(source)])
    return [str(row[0]) for row in described.fetchall()]


def _require_columns(there: Sequence[str], columns: Sequence[tuple[str, str]]) -> None:
    for _, column in columns:
        if there.count(column) != 1:
            raise DataError(f"the source has no column {column}, or has it twice")
