"""``Sql`` over PostgreSQL in pipeline mode: few round trips, whatever the batch's size.

Owns the statement over many rows: they go as one array a column, so that the server executes it
once. Refuses statements that it cannot put so: ``NotBulk``.
"""

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, Final

from gateway.adapters.committer.sql import Asked, Row
from gateway.adapters.store.postgres_pipeline import Pipeline, Reply

_VALUES: Final = re.compile(r"VALUES \(([^()]*)\)")
_TYPES: Final[dict[type, str]] = {str: "text", bytes: "bytea", int: "bigint"}
_NULL: Final = "null"


class NotBulk(Exception):
    """A statement that is not an INSERT with VALUES, an UPDATE or a DELETE with WHERE."""


class PostgresSql:
    """The statements of one transaction at a time. Raises what psycopg raises."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Take a pipeline that is begun before the first statement."""
        self._pipeline = pipeline

    def all(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Return the rows of a SELECT."""
        return self.send(statement, values).rows()

    def by_keys(self, select: str, column: str, keys: Collection[object]) -> list[Row]:
        """Return the rows whose ``column`` is among ``keys``."""
        return self.asked_by_keys(select, column, keys)()

    def asked(self, statement: str, values: Sequence[object] = ()) -> Asked:
        """Send a SELECT whose rows are taken later."""
        return self.send(statement, values).rows

    def asked_by_keys(self, select: str, column: str, keys: Collection[object]) -> Asked:
        """Send ``by_keys``, its rows to be taken later."""
        if not keys:
            return list
        return self.send(f"{select} WHERE {column} = ANY(?)", (list(keys),)).rows

    def run(self, statement: str, values: Sequence[object] = ()) -> int:
        """Execute one statement and wait for it."""
        return self.send(statement, values).changed()

    def many(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        """Send a statement for all of the rows at once."""
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            types = tuple([_type(column) for column in columns])
            known = [column for column, one in zip(columns, types, strict=True) if one != _NULL]
            self._pipeline.send(_bulk(statement, types), known)

    def send(self, statement: str, values: Sequence[object] = ()) -> Reply:
        """Send one statement."""
        return self._pipeline.send(statement, values)


def _type(column: list[Any]) -> str:
    """Return the type of a column's array; ``null`` where there is nothing in it."""
    first = next((value for value in column if value is not None), None)
    return _NULL if first is None else _TYPES[type(first)]


@lru_cache(1_024)
def _bulk(statement: str, types: tuple[str, ...]) -> str:
    """Return the statement over arrays: ``unnest`` makes them rows, in order."""
    known = [at for at, one in enumerate(types) if one != _NULL]
    if not known:
        raise NotBulk(statement)
    arrays = ",".join(f"?::{types[at]}[]" for at in known)
    names = ",".join(f"c{at}" for at in known)
    source = f"unnest({arrays}) AS v({names})"
    values = iter("NULL" if one == _NULL else f"v.c{at}" for at, one in enumerate(types))
    return _with_source(re.sub(r"\?", lambda _: next(values), statement), source)


def _with_source(filled: str, source: str) -> str:
    verb = filled.split(" ", 1)[0]
    if verb == "INSERT" and _VALUES.search(filled):
        return _VALUES.sub(lambda values: f"SELECT {values[1]} FROM {source}", filled, count=1)
    if verb in ("UPDATE", "DELETE") and filled.count(" WHERE ") == 1:
        joined = "FROM" if verb == "UPDATE" else "USING"
        return filled.replace(" WHERE ", f" {joined} {source} WHERE ", 1)
    raise NotBulk(filled)
