"""The file that an index is written to: CSV or SQLite, whole at the end, resumable until then.

Owns the unfinished file beside it (``NAME.partial``), in which each batch is durable together with
the count of what is done. Refuses to go on with what another run began: from another file, for
another provider, under another key or with other columns.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol

from clients.provider.errors import ProviderError

DATABASE_ENDINGS: Final = (".db", ".sqlite", ".sqlite3")
TABLE: Final = "indexed"
_PROGRESS: Final = "veilgate_index_progress"


class Target(Protocol):
    """What an index is written to."""

    @property
    def done(self) -> int:
        """Return how many rows are there."""
        ...

    def append(self, rows: Sequence[Sequence[str]]) -> None:
        """Make more rows durable, all or none."""
        ...

    def finish(self) -> None:
        """Put the file in its place."""
        ...

    def close(self) -> None:
        """Leave it as it is, to be gone on with."""
        ...


def open_target(
    out: Path, names: Sequence[str], fingerprint: str, integers: frozenset[str]
) -> Target:
    """Begin ``out``, or go on with it; ``integers`` are stored as such in a database.

    Raises:
        ProviderError: it is there already, or was begun by a run of another fingerprint.
    """
    if out.exists():
        raise ProviderError(f"{out} is there already", "Name a new file, or remove it.")
    if out.suffix.lower() in DATABASE_ENDINGS:
        return DatabaseTarget(out, names, fingerprint, integers)
    if out.suffix.lower() != ".csv":
        raise ProviderError(
            f"{out} is no kind of file that an index is written to",
            f"Name one that ends in .csv, or in one of {', '.join(DATABASE_ENDINGS)}.",
        )
    return CsvTarget(out, names, fingerprint)


def _partial(out: Path) -> Path:
    return out.with_name(f"{out.name}.partial")


def _another(out: Path) -> ProviderError:
    return ProviderError(
        f"{_partial(out)} was begun by another run",
        "Repeat that run, or remove the unfinished file and its .progress to begin anew.",
    )


class CsvTarget:
    """A CSV file with a header; what is done stands in ``NAME.progress``."""

    def __init__(self, out: Path, names: Sequence[str], fingerprint: str) -> None:
        self._out, self._fingerprint = out, fingerprint
        self._progress = out.with_name(f"{out.name}.progress")
        self.done = 0
        begun = self._begun()
        self._file = os.fdopen(
            os.open(_partial(out), os.O_RDWR | os.O_CREAT, 0o600),
            "r+",
            encoding="utf-8",
            newline="",
        )
        self._file.truncate(begun)
        self._file.seek(0, os.SEEK_END)
        self._writer = csv.writer(self._file, lineterminator="\n")
        if begun == 0:
            self._writer.writerow(names)
            self._settle()

    def _begun(self) -> int:
        """Return how many bytes are there to go on from."""
        try:
            known = json.loads(self._progress.read_bytes())
        except FileNotFoundError:
            return 0
        if known["fingerprint"] != self._fingerprint or not _partial(self._out).exists():
            raise _another(self._out)
        self.done = known["rows"]
        size: int = known["bytes"]
        return size

    def append(self, rows: Sequence[Sequence[str]]) -> None:
        """Write the rows, then that they are there."""
        self._writer.writerows(rows)
        self.done += len(rows)
        self._settle()

    def _settle(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        state = {
            "fingerprint": self._fingerprint,
            "rows": self.done,
            "bytes": os.fstat(self._file.fileno()).st_size,
        }
        fresh = self._progress.with_name(f"{self._progress.name}.new")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self._progress)

    def finish(self) -> None:
        """Put the file in its place."""
        self.close()
        _partial(self._out).replace(self._out)
        self._progress.unlink()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class DatabaseTarget:
    """An SQLite database with one table, ``indexed``, and an index on its subjects."""

    def __init__(
        self, out: Path, names: Sequence[str], fingerprint: str, integers: frozenset[str]
    ) -> None:
        self._out = out
        os.close(os.open(_partial(out), os.O_RDWR | os.O_CREAT, 0o600))
        self._database = sqlite3.connect(_partial(out), isolation_level=None)
        self._insert = f"INSERT INTO {TABLE} VALUES ({','.join('?' * len(names))})"
        self._integers = [name in integers for name in names]
        try:
            self.done = self._begun(names, fingerprint)
        except BaseException:
            self._database.close()
            raise

    def _begun(self, names: Sequence[str], fingerprint: str) -> int:
        execute = self._database.execute
        execute("BEGIN IMMEDIATE")
        execute(f"CREATE TABLE IF NOT EXISTS {_PROGRESS} (fingerprint TEXT, rows INTEGER)")
        known = execute(f"SELECT fingerprint, rows FROM {_PROGRESS}").fetchone()
        if known is None:
            kinds = ("INTEGER" if integer else "TEXT" for integer in self._integers)
            columns = [f"{_quoted(name)} {kind}" for name, kind in zip(names, kinds, strict=True)]
            execute(f"CREATE TABLE {TABLE} ({', '.join(columns)})")
            execute(
                f"CREATE INDEX {TABLE}_subject ON {TABLE} ({', '.join(map(_quoted, names[:2]))})"
            )
            execute(f"INSERT INTO {_PROGRESS} VALUES (?, 0)", (fingerprint,))
        execute("COMMIT")
        if known is not None and known[0] != fingerprint:
            raise _another(self._out)
        return 0 if known is None else int(known[1])

    def append(self, rows: Sequence[Sequence[str]]) -> None:
        """Write the rows and that they are there, in one transaction."""
        done = self.done + len(rows)
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(self._insert, [self._typed(row) for row in rows])
        self._database.execute(f"UPDATE {_PROGRESS} SET rows = ?", (done,))
        self._database.execute("COMMIT")
        self.done = done

    def _typed(self, row: Sequence[str]) -> list[str | int]:
        try:
            return [
                int(cell) if integer else cell
                for cell, integer in zip(row, self._integers, strict=True)
            ]
        except ValueError:
            raise ProviderError(
                "a cell of an integer column is no integer", "Correct it, or the --integer option."
            ) from None

    def finish(self) -> None:
        """Put the database in its place."""
        self._database.execute(f"DROP TABLE {_PROGRESS}")
        self.close()
        _partial(self._out).replace(self._out)

    def close(self) -> None:
        """Close the database; a batch that is not whole is undone."""
        self._database.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
