"""CSV and Parquet files as rows, read a batch at a time, and written back in their form.

Owns which columns hold text. Refuses a Parquet column of lists or structures that nobody named:
text within it would pass unseen.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from clients.cli.local.pii.items import Item
from clients.cli.output import UsageError
from clients.sdk.failure import SdkError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_CELL: Final = 4 * 1024 * 1024
_FETCHED: Final = 1024
_ROW: Final = 256
"""What a row counts for the size of a chunk, and for the progress."""
_MEMORY: Final = "256MB"
_MAX_ROW: Final = 16 * 1024 * 1024
# What holds no text: numbers, times, truth values.
_PLAIN: Final = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\([0-9, ]*\)|DOUBLE|FLOAT|BOOLEAN|DATE"
    r"|TIME[A-Z_ ]*|INTERVAL|UUID)(\[[0-9]*\])*"
)
_TEXT: Final = re.compile(r"VARCHAR|JSON|ENUM\(.*\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV stream whose first row was read: its names, its line end, its rows."""

    names: tuple[str, ...]
    line_end: str
    mark: bytes
    """The byte-order mark, if there is one."""
    rows: Iterator[Item]


def open_csv(stream: BinaryIO, encoding: str, delimiter: str, header: bool) -> CsvFile:
    """Read the first row; with ``header`` it names the columns. It is a row in either case.

    Raises:
        UsageError: it is not CSV.
    """
    csv.field_size_limit(MAX_CELL)
    text = io.TextIOWrapper(stream, encoding, "surrogateescape", newline="")
    counted = _Counted(text)
    reader = csv.reader(counted, delimiter=delimiter, strict=True)
    first = next(_rows(reader, counted), None)
    if first is None:
        return CsvFile((), "\n", b"", iter(()))
    cells = tuple(str(cell) for cell in first.payload or ())
    mark = cells[0].startswith("\ufeff") if cells else False
    if mark:
        cells = (cells[0].removeprefix("\ufeff"), *cells[1:])
    line_end = "\r\n" if counted.carriage_returns else "\n"
    names = cells if header else tuple(str(at + 1) for at in range(len(cells)))
    rows = _rows(reader, counted, Item(1, cells, first.size))
    return CsvFile(names, line_end, "\ufeff".encode(encoding) if mark else b"", rows)


class _Counted:
    """Lines of a text stream, with their number, their size, and whether they end in CR LF."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self.line = self.size = 0
        self.carriage_returns = False

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(MAX_CELL):
            self.line += 1
            self.size += len(line)
            self.carriage_returns = self.carriage_returns or line.endswith("\r\n")
            if len(line) == MAX_CELL and not line.endswith("\n"):
                raise csv.Error("a line is too long")
            yield line


def _rows(
    reader: Iterator[list[str]], counted: _Counted, first: Item | None = None
) -> Iterator[Item]:
    if first is not None:
        yield first
    while True:
        line, size = counted.line + 1, counted.size
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UsageError(
                f"line {line} is not CSV: {error}", "Name the separator with --delimiter."
            ) from None
        if row is None:
            return
        yield Item(line, tuple(row), counted.size - size)


def chosen(names: Sequence[str], wanted: Sequence[str]) -> frozenset[int] | None:
    """The numbers of the wanted columns, from 0; None for all.

    Raises:
        UsageError: there is no such column.
    """
    if not wanted:
        return None
    if missing := [name for name in wanted if name not in names]:
        raise UsageError(
            f"there is no column {missing[0]}", f"Name one of: {', '.join(names[:50])}."
        )
    return frozenset(at for at, name in enumerate(names) if name in wanted)


class ParquetFile:
    """The text columns of a Parquet file."""

    def __init__(self, path: Path, wanted: Sequence[str]) -> None:
        self.path = path
        self._database = _database()
        kinds = self._described()
        self.names = tuple(wanted) or tuple(_text_columns(kinds))
        chosen(tuple(kinds), self.names)
        for name in self.names:
            if not _TEXT.fullmatch(kinds[name]):
                raise UsageError(f"the column {name} holds no text", "Name columns of text.")
        if not self.names:
            raise UsageError(f"{path} has no column of text", "There is nothing to look through.")

    def _described(self) -> dict[str, str]:
        import duckdb

        try:
            rows = self._database.execute(
                "describe select * from read_parquet(?)", [str(self.path)]
            ).fetchall()
        except duckdb.Error as error:
            raise UsageError(f"{self.path} is no Parquet file", "Name another.") from error
        return {str(row[0]): str(row[1]) for row in rows}

    @property
    def total(self) -> int:
        """What all rows together count."""
        query = "select count(*) from read_parquet(?)"
        row = self._database.execute(query, [str(self.path)]).fetchone()
        return int(row[0]) * _ROW if row else 0

    def rows(self) -> Iterator[Item]:
        """Yield the text columns of every row; all count alike for the progress."""
        columns = ", ".join(f"{_quoted(name)}::varchar" for name in self.names)
        query = f"select {columns} from read_parquet(?)"
        rows = self._database.execute(query, [str(self.path)])
        number = 0
        while batch := rows.fetchmany(_FETCHED):
            for row in batch:
                number += 1
                yield Item(number, tuple(row), _ROW)

    def write(self, masked: Path, out: Path) -> None:
        """Write the file anew, its text columns from JSON lines in the same order of rows."""
        swapped = ", ".join(f"m.c{at} as {_quoted(name)}" for at, name in enumerate(self.names))
        kinds = ", ".join(f"'c{at}': 'VARCHAR'" for at in range(len(self.names)))
        query = (
            f"copy (select p.* replace ({swapped}) from read_parquet({_literal(self.path)}) p "
            f"positional join read_json({_literal(masked)}, format='newline_delimited', "
            f"columns={{{kinds}}}, maximum_object_size={_MAX_ROW}) m) "
            f"to {_literal(out)} (format parquet)"
        )
        import duckdb

        try:
            self._database.execute(query)
        except duckdb.Error as error:
            # DuckDB's own words may quote a cell.
            raise SdkError(
                f"{out.name} cannot be written ({type(error).__name__})",
                "Leave room on the disk, or mask fewer columns at a time.",
            ) from None


def _text_columns(kinds: dict[str, str]) -> Iterator[str]:
    for name, kind in kinds.items():
        if _TEXT.fullmatch(kind) and not kind.endswith("]"):
            yield name
        elif not _PLAIN.fullmatch(kind):
            raise UsageError(
                f"the column {name} is of type {kind[:40]}, which is not looked through",
                "Leave the column out of the file, or name the columns to mask with --columns.",
            )


def _database() -> DuckDBPyConnection:
    import duckdb

    # One thread: the cores are the workers'.
    spill = tempfile.gettempdir()
    return duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY, "temp_directory": spill})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    return "'" + os.fspath(path).replace("'", "''") + "'"
