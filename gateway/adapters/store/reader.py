"""Reading rows from the store, whatever its engine: the one thing that the readers need of it.

Owns the form of a query (places are written ``?``) and the translation of an engine's failure into
STORE_UNAVAILABLE. Refuses to write.
"""

import sqlite3
from typing import Any, Protocol

from gateway.domain.reasons import ErrorReason, refuse

Row = tuple[Any, ...]
Values = tuple[str | int | bytes | None, ...]


class StoreReader(Protocol):
    """Reads what is committed."""

    async def rows(self, query: str, values: Values = ()) -> list[Row]:
        """Return the rows of one SELECT, or raise ``Refused`` with STORE_UNAVAILABLE."""
        ...

    def close(self) -> None:
        """End; calls that wait fail."""
        ...


class SqliteReader:
    """A ``StoreReader`` on the event loop's own thread: point look-ups take microseconds."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take a connection made by ``open_reader``."""
        self._connection = connection

    async def rows(self, query: str, values: Values = ()) -> list[Row]:
        """Return the rows."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from error

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
