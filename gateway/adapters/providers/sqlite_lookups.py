"""Look-ups in a local SQLite database: one statement each, within the process.

Owns the query and its bounds. Refuses column names that could be more than a name, and writing.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from gateway.adapters.providers.messages import Answer, Invalid, Lookup, Unavailable
from gateway.adapters.providers.readability import Readability
from gateway.adapters.providers.source_values import answer_of
from gateway.adapters.providers.sources import SqliteSource

_LOCK_WAIT_S: Final = 0.2


class SqliteLookups:
    """Implements ``Lookups``; opens the file when first asked, and again after an error."""

    def __init__(self, source: SqliteSource) -> None:
        """Take the source; nothing is opened yet."""
        self._source = source
        self._readability = Readability(source.dataset)
        self._open: sqlite3.Connection | None = None

    def answers(self, batch: Sequence[Lookup]) -> list[Answer]:
        """Return the answer to each look-up; never raises for a bad source."""
        return [self._answer(one) for one in batch]

    def _answer(self, lookup: Lookup) -> Answer:
        try:
            rows = self._rows(lookup)
        except (sqlite3.DataError, OverflowError, UnicodeError):
            return Invalid()
        except sqlite3.Error as error:
            self._close()
            self._readability.lost(type(error).__name__)
            return Unavailable()
        self._readability.regained()
        return answer_of(rows)

    def _rows(self, lookup: Lookup) -> list[tuple[Any, ...]]:
        source = self._source
        columns = ",".join([_quoted(source.column(field)) for field in lookup.fields])
        return (
            self._connection()
            .execute(
                f"SELECT {columns} FROM {_quoted(source.table)}"
                f" WHERE {_quoted(source.type_column)}=?"
                f" AND {_quoted(source.identifier_column)}=? LIMIT 2",
                (lookup.type, lookup.identifier),
            )
            .fetchall()
        )

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            uri = f"{Path(self._source.path).absolute().as_uri()}?mode=ro"
            self._open = sqlite3.connect(uri, uri=True, timeout=_LOCK_WAIT_S)
            # The driver's own decoding reports bad UTF-8 as a failing engine, which it is not.
            self._open.text_factory = _text
        return self._open

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _text(raw: bytes) -> str:
    return raw.decode("utf-8")


def _quoted(name: str) -> str:
    # Brackets, not double quotes: SQLite takes an unknown "name" for a string, a [name] never.
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise sqlite3.DataError("not a column name")
    return f"[{name}]"
