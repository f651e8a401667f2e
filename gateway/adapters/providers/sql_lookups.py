"""Look-ups in any SQL database that SQLAlchemy speaks to: one statement for a group.

Owns the connection, the statement, and which of the database's errors concern one look-up and which
all of them. Values come as the driver gives them: SQLAlchemy's own conversions are left out, for
they depend on declared types. Refuses key columns that are not text: 007 and 7 would be one.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    TableClause,
    bindparam,
    column,
    inspect,
    select,
    table,
)
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.types import NullType

from gateway.adapters.providers.grouped_lookups import (
    BadRows,
    Group,
    Row,
    Unreadable,
    grouped_answers,
    padded,
)
from gateway.adapters.providers.messages import Answer, Lookup
from gateway.adapters.providers.readability import Readability
from gateway.adapters.providers.sources import SqlSource
from gateway.adapters.providers.sql_connection import open_engine


class SqlLookups:
    """Implements ``Lookups``; connects when first asked, and again after an error."""

    def __init__(self, source: SqlSource) -> None:
        """Take the source; raises ``SourceError`` for a URL that can never work."""
        self._source = source
        self._readability = Readability(source.dataset)
        self._engine = open_engine(source)
        self._open: Connection | None = None
        self._known: TableClause | None = None
        self._statement = lru_cache(maxsize=256)(self._new_statement)

    def answers(self, batch: Sequence[Lookup]) -> list[Answer]:
        """Return the answer to each look-up; never raises for a bad source."""
        return grouped_answers(batch, self._rows)

    def _rows(self, group: Group, identifiers: Sequence[str], most: int) -> Sequence[Row]:
        fresh = self._open is None
        try:
            return self._asked(group, identifiers, most)
        except DBAPIError as error:
            # A connection that was cut while it lay idle says nothing about the database.
            if fresh or not error.connection_invalidated:
                raise self._lost(error) from None
        except SQLAlchemyError as error:
            raise self._lost(error) from None
        self._close()
        try:
            return self._asked(group, identifiers, most)
        except SQLAlchemyError as error:
            raise self._lost(error) from None

    def _asked(self, group: Group, identifiers: Sequence[str], most: int) -> Sequence[Row]:
        connection = self._connection()
        values = {"type": group.type, "identifiers": padded(identifiers), "most": most}
        try:
            rows = connection.execute(self._statement(group.fields), values).all()
        except (DataError, ValueError, OverflowError):
            raise BadRows from None
        self._readability.regained()
        return rows

    def _new_statement(self, fields: tuple[str, ...]) -> Select[Any]:
        source, subject = self._source, self._table()
        identifier = subject.c[source.identifier_column]
        names = [source.column(field) for field in fields]
        if any(name not in subject.c for name in names):
            # It may have been added since.
            self._known = None
            raise Unreadable
        return (
            select(identifier, *(subject.c[name].label(None) for name in names))
            .where(subject.c[source.type_column] == bindparam("type"))
            .where(identifier.in_(bindparam("identifiers", expanding=True)))
            .limit(bindparam("most"))
        )

    def _connection(self) -> Connection:
        if self._open is None:
            self._open = self._engine.connect()
        return self._open

    def _table(self) -> TableClause:
        if self._known is None:
            self._known = self._reflected(self._connection())
        return self._known

    def _reflected(self, connection: Connection) -> TableClause:
        source = self._source
        found = inspect(connection).get_columns(source.table, source.schema)
        types = {str(one["name"]): one["type"] for one in found}
        for name in (source.type_column, source.identifier_column):
            if not isinstance(types.get(name), String | NullType):
                self._readability.lost("a column that names the subject is missing or not text")
                raise Unreadable
        return table(source.table, *map(column, types), schema=source.schema)

    def _lost(self, error: SQLAlchemyError) -> Unreadable:
        self._close()
        # The text of the error quotes the statement, and may quote the data.
        self._readability.lost(type(error).__name__)
        return Unreadable()

    def _close(self) -> None:
        self._statement.cache_clear()
        connection, self._open, self._known = self._open, None, None
        if connection is not None:
            connection.invalidate()
            connection.close()
