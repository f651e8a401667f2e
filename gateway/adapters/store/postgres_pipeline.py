"""Statements to PostgreSQL, many on their way at once, by libpq's pipeline mode.

Owns preparing each statement once, the binary form of values, and the order of replies. It does
what psycopg's cursors do, for the few types that the store has and at a fifth of the time: the
committer and the reader send a dozen statements a batch. Refuses values of any other type.
"""

import re
import struct
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

from gateway.adapters.store.postgres_store import Connection

_BIGINT, _BYTEA, _TEXT, _UNKNOWN = 20, 17, 25, 0
_ARRAYS: Final = {_BIGINT: 1016, _BYTEA: 1001, _TEXT: 1009}
_ARRAY_HEAD: Final = struct.Struct("!iiIii")
_LENGTH: Final = struct.Struct("!i")
_INTEGER: Final = struct.Struct("!q")
_NULL: Final = _LENGTH.pack(-1)
_BINARY: Final = pq.Format.BINARY
_ENDED_WELL: Final = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
_NUMBERS: Final = count()
"""Of prepared statements: one series a process, as two pipelines may share a session."""
Row = tuple[Any, ...]


class Aborted(psycopg.OperationalError):
    """A statement was not executed, as one before it failed."""


class Reply:
    """What the server says to one statement, once it is here."""

    __slots__ = ("_pipeline", "result")

    def __init__(self, pipeline: "Pipeline") -> None:
        """Wait in this pipeline."""
        self._pipeline = pipeline
        self.result: pq.abc.PGresult | None = None

    def rows(self) -> list[Row]:
        """Return the rows; waits for them, and raises what psycopg raises for a failure."""
        return self._pipeline.rows(self.received())

    def changed(self) -> int:
        """Return how many rows the statement changed; waits."""
        return self.received().command_tuples or 0

    def said(self) -> bytes:
        """Return the command's tag, such as COMMIT; waits."""
        return self.received().command_status or b""

    def received(self) -> "pq.abc.PGresult":
        """Return the result; waits."""
        if self.result is None:
            self._pipeline.receive(self)
        if self.result is None:
            raise Aborted("no result")
        return self.result


class Pipeline:
    """Use it in a ``with``: at its end every reply is here, or the first failure is raised."""

    def __init__(self, connection: Connection) -> None:
        """Take a connection in driver autocommit; between two uses others may use it."""
        self._pgconn = connection.pgconn
        self._transformer = Transformer(connection)
        self._names: dict[tuple[bytes, tuple[int, ...]], bytes] = {}
        # In order of sending; a preparation waits under the key of what it prepares.
        self._waiting: deque[Reply | tuple[bytes, tuple[int, ...]]] = deque()
        self._unasked = False

    def __enter__(self) -> Self:
        """Begin."""
        self._pgconn.enter_pipeline_mode()
        self._pgconn.nonblocking = 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for every reply; raise the first failure unless one is on its way."""
        failures = []
        try:
            self._pgconn.pipeline_sync()
            while self._waiting:
                failures += [one for one in (self._next(),) if one is not None]
            self._pgconn.get_result()
            self._pgconn.nonblocking = 1
            self._pgconn.exit_pipeline_mode()
        finally:
            self._waiting.clear()
            self._unasked = False
        if failures and error is None:
            raise failures[0]

    def send(self, statement: str, values: Sequence[Any] = ()) -> Reply:
        """Send a statement with places written ``?``; lists go as arrays."""
        oids, parameters = _encoded(values)
        key = (places(statement), oids)
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = b"s%d" % next(_NUMBERS)
            self._pgconn.send_prepare(name, key[0], oids)
            self._waiting.append(key)
        self._pgconn.send_query_prepared(name, parameters, [_BINARY] * len(oids), _BINARY)
        reply = Reply(self)
        self._waiting.append(reply)
        self._unasked = True
        return reply

    def receive(self, wanted: Reply) -> None:
        """Wait until this reply is here; raises the failure of any up to it."""
        if self._unasked:
            self._pgconn.send_flush_request()
            self._unasked = False
        self._pgconn.flush()
        while wanted.result is None and self._waiting:
            failure = self._next()
            if failure is not None:
                raise failure

    def rows(self, result: "pq.abc.PGresult") -> list[Row]:
        """Return a result's rows as Python values."""
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def _next(self) -> psycopg.Error | None:
        """Take the next result off the line, and the mark behind it; return it if it failed."""
        waiting, result = self._waiting.popleft(), self._pgconn.get_result()
        if result is None:
            raise psycopg.OperationalError("the connection has ended")
        if self._pgconn.status == pq.ConnStatus.OK:
            self._pgconn.get_result()
        failed = result.status not in _ENDED_WELL
        if isinstance(waiting, Reply):
            waiting.result = None if failed else result
        elif failed:
            del self._names[waiting]
        if not failed:
            return None
        if result.status == pq.ExecStatus.PIPELINE_ABORTED:
            return Aborted("a statement before it failed")
        return errors.error_from_result(result)


@lru_cache(1_024)
def places(statement: str) -> bytes:
    """Return a statement with ``$1`` and so on instead of ``?``; no literal of ours has one."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", statement).encode()


def _encoded(values: Sequence[Any]) -> tuple[tuple[int, ...], list[bytes | None]]:
    pairs = [_array(one) if type(one) is list else _scalar(one) for one in values]
    return tuple([oid for oid, _ in pairs]), [encoded for _, encoded in pairs]


def _scalar(value: object) -> tuple[int, bytes | None]:
    if type(value) is bytes:
        return _BYTEA, value
    if isinstance(value, str):
        return _TEXT, value.encode()
    if type(value) is int:
        return _BIGINT, _INTEGER.pack(value)
    if value is None:
        return _UNKNOWN, None
    raise TypeError(f"no value of type {type(value).__name__} goes to the store")


def _array(values: list[Any]) -> tuple[int, bytes]:
    """Return an array of one dimension; its type is that of its first value that is not None."""
    pairs = [_scalar(one) for one in values]
    oid = next((one for one, _ in pairs if one != _UNKNOWN), _TEXT)
    head = _ARRAY_HEAD.pack(1, 1, oid, len(values), 1)
    parts = [_NULL if one is None else _LENGTH.pack(len(one)) + one for _, one in pairs]
    return _ARRAYS[oid], head + b"".join(parts)
