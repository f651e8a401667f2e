"""A CSV or Parquet file as a table in memory, by DuckDB, with an index on the identifier.

Owns loading a file whole, the bounds on memory, and the question. A loaded table can reach nothing
any more: no file, no network, no extension, no other setting. Refuses a file that changed while it
was read, a column of identifiers that is not text, and to guess a type: all of a CSV file is text.
"""

import glob
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import duckdb

from gateway.adapters.providers.csv_header import BadFile, Header, read_header
from gateway.adapters.providers.grouped_lookups import BadRows, Group, Row, Unreadable, padded
from gateway.adapters.providers.sources import DuckdbSource

FileIdentity = tuple[int, int, int]
"""Time of the last change in ns, bytes, inode."""
_BEFORE: Final = (
    "SET autoinstall_known_extensions=false",
    "SET autoload_known_extensions=false",
    # What does not fit fails: the rows of persons are not written to a file on the side.
    "SET temp_directory=''",
    "SET preserve_insertion_order=false",
)
_AFTER: Final = (
    "SET threads=1",
    "SET enable_external_access=false",
    "SET lock_configuration=true",
)
_CSV: Final = (
    "read_csv(?, columns={columns}, auto_detect=false, header=true, delim=',', quote='\"',"
    " escape='\"', nullstr='', allow_quoted_nulls=false, strict_mode=true, null_padding=false,"
    " ignore_errors=false, comment='', hive_partitioning=false)"
)
_STATEMENTS: Final = 256
_PARQUET: Final = "read_parquet(?, hive_partitioning=false, filename=false)"


def identity_of(path: str) -> FileIdentity | None:
    """Return what tells one state of a file from the next, or None if there is no file."""
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class DuckdbTable:
    """One loaded state of a file."""

    def __init__(self, source: DuckdbSource, connection: duckdb.DuckDBPyConnection) -> None:
        """Take a connection to a database of its own that holds the table; see ``load``."""
        self._source = source
        self._connection = connection
        described = connection.execute("DESCRIBE subject").fetchall()
        self._types = {str(name): str(kind) for name, kind, *_ in described}
        # A quarter of a call's time was reading the question.
        self._statement = lru_cache(maxsize=_STATEMENTS)(self._parsed)

    @classmethod
    def load(cls, source: DuckdbSource, expected: FileIdentity) -> "DuckdbTable":
        """Read the file whole; raises ``BadFile``."""
        connection = duckdb.connect(":memory:")
        try:
            table = cls._loaded(source, connection)
            if identity_of(source.path) != expected:
                raise BadFile("it changed while it was read")
        except BadFile:
            connection.close()
            raise
        except duckdb.OutOfMemoryException:
            connection.close()
            raise BadFile("it does not fit into memory_mb") from None
        except (duckdb.Error, OSError) as error:
            connection.close()
            # The engine's message quotes the line that it could not read.
            raise BadFile(type(error).__name__) from None
        return table

    @classmethod
    def _loaded(cls, source: DuckdbSource, connection: duckdb.DuckDBPyConnection) -> "DuckdbTable":
        for setting in (*_BEFORE, f"SET memory_limit='{source.memory_mb}MiB'"):
            connection.execute(setting)
        header = read_header(Path(source.path)) if source.as_text else None
        reader = _PARQUET if header is None else _csv_reader(header)
        # Its own patterns taken out of the path, or another file might be read in its place.
        connection.execute(
            f"CREATE TABLE subject AS SELECT * FROM {reader}", [glob.escape(source.path)]
        )
        table = cls(source, connection)
        table._check(header)
        connection.execute(
            f"CREATE INDEX by_number ON subject ({_quoted(source.identifier_column)})"
        )
        for setting in _AFTER:
            connection.execute(setting)
        return table

    def rows(self, group: Group, identifiers: Sequence[str], most: int) -> Sequence[Row]:
        """Return at most so many rows; raises ``Unreadable`` or ``BadRows``."""
        asked = padded(identifiers)
        statement = self._statement(group.fields, len(asked))
        try:
            found = self._connection.execute(statement, [*asked, group.type, most])
            return found.fetchall()
        except (UnicodeError, ValueError, OverflowError):
            raise BadRows from None
        except duckdb.Error:
            raise Unreadable from None

    def _parsed(self, fields: tuple[str, ...], count: int) -> duckdb.Statement:
        columns = [self._source.column(field) for field in fields]
        if any(column not in self._types for column in columns):
            raise Unreadable
        identifier = _quoted(self._source.identifier_column)
        (statement,) = self._connection.extract_statements(
            f"SELECT {','.join([identifier, *map(_quoted, columns)])} FROM subject"
            f" WHERE {identifier} IN ({','.join('?' * count)})"
            f" AND {_quoted(self._source.type_column)}=? LIMIT ?"
        )
        return statement

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def _check(self, header: Header | None) -> None:
        for column in (self._source.type_column, self._source.identifier_column):
            if column not in self._types:
                raise BadFile("a column that names the subject is missing")
            if self._types[column] != "VARCHAR":
                raise BadFile("a column that names the subject is not text")
        # An engine that mistakes the end of a line for none reads a file as empty, without error.
        if header is not None and header.rows_follow and not self._any():
            raise BadFile("no line of it could be read")

    def _any(self) -> bool:
        return bool(self._connection.execute("SELECT 1 FROM subject LIMIT 1").fetchall())


def _csv_reader(header: Header) -> str:
    columns = ",".join(f"{_literal(name)}:'VARCHAR'" for name in header.names)
    return _CSV.format(columns="{" + columns + "}")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
