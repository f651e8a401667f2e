"""The committer's transaction on PostgreSQL: a batch of operations in, a result for each.

Owns the order between committers: the first statement of every transaction locks the log's head,
so what is read afterwards (READ COMMITTED) is all that was committed before, by whomever. Two round
trips a batch: head and rows, then changes and COMMIT. Refuses to guess: where the connection ends
before COMMIT is answered, nobody gets anything, and this committer is ``lost``.
"""

import logging
from collections.abc import Callable
from typing import Final

import psycopg
from psycopg.pq import TransactionStatus

from gateway.adapters.committer.log import CorruptLog, LogState, catch_up, load_log
from gateway.adapters.committer.messages import AnyOperation, Not, Result
from gateway.adapters.committer.postgres_sql import PostgresSql
from gateway.adapters.committer.sql import Asked
from gateway.adapters.committer.transaction import apply
from gateway.adapters.store.postgres_pipeline import Pipeline
from gateway.adapters.store.postgres_store import Connection
from gateway.domain.reasons import ErrorReason
from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
_HEAD: Final = "SELECT size, root, last_time_ms FROM log_head WHERE id=1 FOR UPDATE"
_UNAVAILABLE: Final = Not(ErrorReason.STORE_UNAVAILABLE)
_INTERNAL: Final = Not(ErrorReason.INTERNAL)


class NotCommitted(Exception):
    """The server ended a transaction otherwise than by committing it."""


class PostgresCommitter:
    """Commits batches over its own connection; ``clock`` gives Unix seconds.

    ``owner`` is the number under which its intents are open.
    """

    def __init__(self, connection: Connection, clock: Callable[[], float], owner: int) -> None:
        """Take over a connection made by ``open_writer``."""
        self._connection = connection
        self._pipeline = Pipeline(connection)
        self._sql = PostgresSql(self._pipeline)
        self._clock = clock
        self._owner = owner
        self._log: LogState | None = None

    @property
    def lost(self) -> bool:
        """Return whether the connection has ended; then this committer has, too."""
        return self._connection.closed

    def commit(self, operations: list[AnyOperation]) -> list[Result]:
        """Return a result for each operation, after all of them are durable, or say why not."""
        try:
            return self._transaction(operations)
        except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError):
            # The server or the way to it: gone, locked, full, read-only. Nobody got anything.
            return [_UNAVAILABLE] * len(operations)
        except CorruptLog:
            raise
        except Exception as error:  # noqa: BLE001 - one bad operation must not fail the others
            if self.lost:
                return [_UNAVAILABLE] * len(operations)
            if len(operations) == 1:
                log_unexpected(_LOG, "commit", error)
                return [_INTERNAL]
            return [result for one in operations for result in self.commit([one])]

    def _transaction(self, operations: list[AnyOperation]) -> list[Result]:
        known, self._log = self._log, None
        try:
            with self._pipeline:
                self._sql.send("BEGIN")
                head = self._sql.asked(_HEAD)
                results, log = apply(
                    *(self._sql, lambda: self._at_head(known, head), operations),
                    *(self._now_ms, self._owner),
                )
                commit = self._sql.send("COMMIT")
            if commit.said() != b"COMMIT":
                raise NotCommitted
        finally:
            self._roll_back()
        self._log = log
        return results

    def _at_head(self, known: LogState | None, head: Asked) -> LogState:
        """Return the log's state at its head, which the transaction has locked."""
        rows = head()
        if known is None or not rows:
            return load_log(self._sql)
        size, root, last_time_ms = rows[0]
        if size == known.edge.size and root == known.edge.root():
            return known
        return catch_up(self._sql, known, size, root, last_time_ms)

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    def _roll_back(self) -> None:
        idle = TransactionStatus.IDLE
        if not self.lost and self._connection.info.transaction_status != idle:
            self._connection.rollback()
