"""Reading a table or query of a database, through SQLAlchemy, into DuckDB.

Owns the connection's URL and the text of a value. Refuses a URL that others can read, and values
that are neither text, number, truth value nor date. DuckDB's own readers of databases are
extensions that would have to be downloaded; this way none is.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from clients.agent.data.config import DatabaseSource
from clients.agent.data.engine import Connection, name
from clients.agent.data.errors import DataError

if TYPE_CHECKING:
    import sqlalchemy

_OTHERS: Final = 0o077
_BATCH: Final = 50_000


def url_of(source: DatabaseSource) -> sqlalchemy.URL:
    """Read a source's URL; raises ``DataError`` where others can read it or it is none."""
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError

    try:
        path = Path(source.url_file)
        if path.stat().st_mode & _OTHERS:
            raise DataError("url_file is readable by others")
        return sqlalchemy.make_url(path.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError, ArgumentError):
        raise DataError("url_file holds no URL that can be read") from None


def load_database(
    connection: Connection, source: DatabaseSource, columns: Sequence[tuple[str, str]]
) -> None:
    """Create ``raw`` from one statement; see ``raw_rows.load_raw``."""
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    declared = ", ".join(f"{inner} VARCHAR" for inner, _ in columns)
    connection.execute(f"CREATE TEMP TABLE raw ({declared})")
    try:
        engine = sqlalchemy.create_engine(url_of(source))
        try:
            with engine.connect() as database:
                streamed = database.execution_options(yield_per=_BATCH)
                result = streamed.execute(_statement(source, columns))
                _require_columns(tuple(result.keys()), columns)
                for rows in result.columns(*(column for _, column in columns)).partitions():
                    _append(connection, rows, columns)
        finally:
            engine.dispose()
    except (SQLAlchemyError, ImportError):
        # The driver's text may repeat a value or the URL.
        raise DataError("the source's database cannot be read") from None


def _statement(source: DatabaseSource, columns: Sequence[tuple[str, str]]) -> sqlalchemy.Executable:
    import sqlalchemy

    if source.query is not None:
        # The provider's own configuration, about its own database. A colon in it is no parameter.
        return sqlalchemy.text(source.query.replace(":", "\\:"))
    schema, _, table = (source.table or "").rpartition(".")
    chosen: list[sqlalchemy.ColumnElement[object]] = [
        sqlalchemy.column(column) for column in dict.fromkeys(one for _, one in columns)
    ]
    return sqlalchemy.select(*chosen).select_from(sqlalchemy.table(table, schema=schema or None))


def _require_columns(there: Sequence[str], columns: Sequence[tuple[str, str]]) -> None:
    for _, column in columns:
        if there.count(column) != 1:
            raise DataError(f"the source has no column {column}, or has it twice")


def _append(
    connection: Connection,
    rows: Sequence[sqlalchemy.Row[tuple[object, ...]]],
    columns: Sequence[tuple[str, str]],
) -> None:
    batch = {
        inner: np.array([_text(value) for value in values], dtype=object)
        for (inner, _), values in zip(columns, zip(*rows, strict=True), strict=True)
    }
    chosen = ", ".join(f"CAST({name(inner)} AS VARCHAR)" for inner in batch)
    connection.register("batch", batch)
    connection.execute(f"INSERT INTO raw SELECT {chosen} FROM batch")
    connection.unregister("batch")


def _text(value: object) -> str | None:
    """Return a value's text as DuckDB would write it for the same value in a file."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | Decimal | datetime.date):
        return str(value)
    if isinstance(value, float):
        return repr(value)
    raise DataError("the source has values that are neither text, number nor date")
