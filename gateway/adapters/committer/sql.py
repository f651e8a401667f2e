"""What the committer needs of an engine: statements within a transaction that is open.

Owns the form of statements: places are written ``?`` and every engine translates. What is asked
for may come back later, together with other answers: over a network each waiting costs more than
the question. Refuses to begin or end transactions; that is the engine's committer's own.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

Row = tuple[Any, ...]
Asked = Callable[[], list[Row]]
"""Waits for the rows of a SELECT that is on its way; called once."""


class Sql(Protocol):
    """One open transaction's statements, executed in order. Raises what the driver raises."""

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a SELECT."""
        ...

    def by_keys(self, select: str, column: str, keys: Collection[object]) -> list[Row]:
        """Return the rows whose ``column`` is among ``keys``; none for no keys."""
        ...

    def asked(self, statement: str, values: Sequence[object] = ()) -> Asked:
        """Execute a SELECT whose rows are taken later."""
        ...

    def asked_by_keys(self, select: str, column: str, keys: Collection[object]) -> Asked:
        """Execute ``by_keys``, its rows to be taken later."""
        ...

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Execute one statement; return how many rows it changed."""
        ...

    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Execute a statement for each of the rows; nothing for none.

        No two rows change the same stored row. A failure may show at the next statement only.
        """
        ...


class SqliteSql:
    """``Sql`` over the write connection of SQLite."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection made by ``open_writer``."""
        self._connection = connection

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a SELECT."""
        return self._connection.execute(statement, values).fetchall()

    def by_keys(self, select: str, column: str, keys: Collection[object]) -> list[Row]:
        """Return the rows whose ``column`` is among ``keys``."""
        if not keys:
            return []
        places = ",".join("?" * len(keys))
        where = f"{select} WHERE {column} IN ({places})"
        return self._connection.execute(where, list(keys)).fetchall()

    def asked(self, statement: str, values: Sequence[object] = ()) -> Asked:
        """Execute a SELECT whose rows are taken later."""
        return self._connection.execute(statement, values).fetchall

    def asked_by_keys(self, select: str, column: str, keys: Collection[object]) -> Asked:
        """Execute ``by_keys``, its rows to be taken later."""
        rows = self.by_keys(select, column, keys)
        return lambda: rows

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Execute one statement."""
        return self._connection.execute(statement, values).rowcount

    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Execute a statement for each of the rows."""
        if rows:
            self._connection.executemany(statement, rows)
