"""The engines themselves: SQLite, DuckDB over CSV and Parquet, SQLAlchemy over two databases."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import psycopg

from gateway.adapters.providers.sources import DuckdbSource, Source, SqliteSource, SqlSource
from support.live_gateway import DATASET
from support.provider_engines import (
    COLUMNS,
    HEADER,
    IDENTIFIER_COLUMN,
    TYPE_COLUMN,
    ProviderEngine,
    Row,
)
from support.provider_postgres import database

KEYS: Final = (DATASET, TYPE_COLUMN, IDENTIFIER_COLUMN)
LONG: Final[dict[str, object]] = {"remark": "x" * 16_385}
_UNTYPED: Final[tuple[dict[str, object], ...]] = (
    {"name": 7},
    {"credit_amount": "1169"},
    {"credit_amount": 11.5},
    {"credit_amount": 2.0},
    {"name": b"Ann"},
    {"remark": b"\xff\x00"},
    {"phone": 3.14},
    {"credit_amount": 7, "name": 1},
    LONG,
)
_TYPED: Final[tuple[dict[str, object], ...]] = (
    {"name": 7},
    {"credit_amount": "1169"},
    {"credit_amount": 11.5},
    {"credit_amount": 2.0},
    {"credit_amount": Decimal("11.50")},
    {"credit_amount": Decimal(2**63)},
    {"name": b"Ann"},
    {"phone": True},
    LONG,
)
_TEXTS: Final[tuple[dict[str, object], ...]] = (
    {"credit_amount": "plenty"},
    {"credit_amount": "11.5"},
    {"credit_amount": "2.0"},
    {"credit_amount": "0x10"},
    {"credit_amount": "1_000"},
    {"credit_amount": " 7"},
    {"credit_amount": "007"},
    {"credit_amount": "-0"},
    {"credit_amount": "٣"},
    {"credit_amount": "9" * 19},
    LONG,
)
_TYPE_NAMES: Final[dict[type, str]] = {
    str: "TEXT",
    int: "BIGINT",
    float: "DOUBLE PRECISION",
    bool: "BOOLEAN",
    bytes: "BYTEA",
    Decimal: "NUMERIC(30,2)",
    type(None): "TEXT",
}


class SqliteEngine:
    """A SQLite file without declared types or unique indexes, read by the standard library."""

    wrong = _UNTYPED

    def fill(self, folder: Path, rows: list[Row]) -> None:
        """Write the table anew."""
        with closing(sqlite3.connect(self.file(folder))) as connection, connection:
            connection.execute("DROP TABLE IF EXISTS person")
            connection.execute(f"CREATE TABLE person ({', '.join(HEADER)})")
            connection.executemany("INSERT INTO person VALUES (?,?,?,?,?,?)", rows)

    def drop_column(self, folder: Path, column: str) -> None:
        """Alter the table."""
        with closing(sqlite3.connect(self.file(folder))) as connection, connection:
            connection.execute(f"ALTER TABLE person DROP COLUMN {column}")

    def drop_all(self, folder: Path) -> None:
        """Drop the table."""
        with closing(sqlite3.connect(self.file(folder))) as connection, connection:
            connection.execute("DROP TABLE person")

    def source(self, folder: Path) -> Source:
        """Name file and table."""
        return SqliteSource(*KEYS, path=str(self.file(folder)), table="person")

    def file(self, folder: Path) -> Path:
        """The file."""
        return folder / "provider.db"


class SqlSqliteEngine(SqliteEngine):
    """The same file, read through SQLAlchemy."""

    def source(self, folder: Path) -> Source:
        """Name the file with the URL."""
        url = write_url(folder, f"sqlite:///{self.file(folder)}")
        return SqlSource(*KEYS, table="person", url_file=url)


class CsvEngine:
    """A CSV file, replaced whole by renaming."""

    wrong = _TEXTS

    def fill(self, folder: Path, rows: Sequence[Row]) -> None:
        """Write the file anew."""
        self.write(folder, HEADER, rows)

    def drop_column(self, folder: Path, column: str) -> None:
        """Write it again without the column."""
        with self.file(folder).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        kept = [number for number, name in enumerate(header) if name != column]
        self.write(folder, [header[n] for n in kept], [[row[n] for n in kept] for row in rows])

    def drop_all(self, folder: Path) -> None:
        """Remove the file."""
        self.file(folder).unlink()

    def source(self, folder: Path) -> Source:
        """Name the file."""
        return DuckdbSource(*KEYS, path=str(self.file(folder)))

    def file(self, folder: Path) -> Path:
        """The file."""
        return folder / "provider.csv"

    def write(self, folder: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Write any columns."""
        part = folder / "part"
        with part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        os.replace(part, self.file(folder))


class ParquetEngine:
    """A Parquet file whose columns have the types of the values, replaced by renaming."""

    wrong = _TYPED

    def fill(self, folder: Path, rows: Sequence[Row]) -> None:
        """Write the file anew."""
        types = [_TYPE_NAMES[type(value)] for value in rows[0]]
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(HEADER, types, strict=True))
        with closing(duckdb.connect(":memory:")) as connection:
            connection.execute(f"CREATE TABLE t ({columns})")
            connection.executemany("INSERT INTO t VALUES (?,?,?,?,?,?)", rows)
            self._copy(folder, connection, "t")

    def drop_column(self, folder: Path, column: str) -> None:
        """Write it again without the column."""
        with closing(duckdb.connect(":memory:")) as connection:
            question = f"(SELECT * EXCLUDE {column} FROM '{self.file(folder)}')"
            self._copy(folder, connection, question)

    def drop_all(self, folder: Path) -> None:
        """Remove the file."""
        self.file(folder).unlink()

    def source(self, folder: Path) -> Source:
        """Name the file."""
        return DuckdbSource(*KEYS, path=str(self.file(folder)))

    def file(self, folder: Path) -> Path:
        """The file."""
        return folder / "provider.parquet"

    def _copy(self, folder: Path, connection: duckdb.DuckDBPyConnection, question: str) -> None:
        part = folder / "part"
        connection.execute(f"COPY {question} TO '{part}' (FORMAT parquet)")
        os.replace(part, self.file(folder))


class SqlPostgresEngine:
    """A table of a real PostgreSQL server, with an index that is not unique."""

    wrong = _TYPED

    def fill(self, folder: Path, rows: Sequence[Row]) -> None:
        """Write the table anew."""
        types = [_TYPE_NAMES[type(value)] for value in rows[0]] if rows else ["TEXT"] * len(HEADER)
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(HEADER, types, strict=True))
        with psycopg.connect(database(folder)) as connection:
            connection.execute("DROP TABLE IF EXISTS person")
            connection.execute(f"CREATE TABLE person ({columns})")
            connection.execute("CREATE INDEX ON person (kind, number)")
            with connection.cursor() as cursor:
                cursor.executemany("INSERT INTO person VALUES (%s,%s,%s,%s,%s,%s)", rows)

    def drop_column(self, folder: Path, column: str) -> None:
        """Alter the table."""
        with psycopg.connect(database(folder)) as connection:
            connection.execute(f"ALTER TABLE person DROP COLUMN {column}")

    def drop_all(self, folder: Path) -> None:
        """Drop the table."""
        with psycopg.connect(database(folder)) as connection:
            connection.execute("DROP TABLE person")

    def source(self, folder: Path) -> Source:
        """Name the file with the URL."""
        url = write_url(folder, database(folder))
        return SqlSource(*KEYS, table="person", url_file=url)


def write_url(folder: Path, url: str) -> str:
    """Write a URL where only its owner reads it, and return the file's path."""
    path = folder / "provider.url"
    path.touch(mode=0o600)
    path.write_text(url + "\n", "utf-8")
    return str(path)


PROVIDERS: Final[dict[str, ProviderEngine]] = {
    "sqlite": SqliteEngine(),
    "duckdb-csv": CsvEngine(),
    "duckdb-parquet": ParquetEngine(),
    "sql-sqlite": SqlSqliteEngine(),
    "sql-postgres": SqlPostgresEngine(),
}
WRONG: Final = [
    (name, change, number)
    for name, engine in PROVIDERS.items()
    for number, change in enumerate(engine.wrong)
]
assert all(set(change) <= set(COLUMNS) for _, change, _ in WRONG)
