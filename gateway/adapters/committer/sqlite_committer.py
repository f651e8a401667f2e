"""The committer's transaction on SQLite: a batch of operations in, a result for each.

Owns every write of the running gateway. In one transaction it reads consents, statuses and limits
again, counts uses, appends events and moves the log's head; only after COMMIT does a result exist.
Operations of a batch fail singly. Refuses to go on from a state it is not sure of: after any
failure the log's edge is read from the store again.
"""

import logging
import sqlite3
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.adapters.committer.log import CorruptLog, LogState, load_log
from gateway.adapters.committer.messages import AnyOperation, Append, Not, Result
from gateway.adapters.committer.sql import SqliteSql
from gateway.adapters.committer.transaction import apply
from gateway.domain.reasons import ErrorReason
from gateway.safe_logging import log_unexpected

OWNER: Final = 0
"""A SQLite store has one committer; its open intents are nobody else's."""
_LOG = logging.getLogger(__name__)
_UNAVAILABLE = Not(ErrorReason.STORE_UNAVAILABLE)
_INTERNAL = Not(ErrorReason.INTERNAL)


class SqliteCommitter:
    """Commits batches over the one write connection. ``clock`` gives Unix seconds."""

    def __init__(self, connection: sqlite3.Connection, clock: Callable[[], float]) -> None:
        """Take over a connection made by ``open_writer``."""
        self._connection = connection
        self._sql = SqliteSql(connection)
        self._clock = clock
        self._log: LogState | None = None

    def abandon_open_intents(self) -> int:
        """Close the intents that a dead process left without an outcome; return how many."""
        rows = self._connection.execute(
            "SELECT event_id FROM open_intent ORDER BY log_index"
        ).fetchall()
        for (event_id,) in rows:
            event = msgspec.json.encode({"v": 1, "kind": "ABANDONED", "intent": event_id})
            (result,) = self.commit([Append(event, b"", event_id)])
            if isinstance(result, Not):
                raise CorruptLog(f"an open intent could not be closed: {result.reason.value}")
        return len(rows)

    def commit(self, operations: list[AnyOperation]) -> list[Result]:
        """Return a result for each operation, after all of them are durable, or say why not."""
        try:
            return self._transaction(operations)
        except sqlite3.OperationalError:
            # The engine: full, locked, read-only, an I/O error. Nobody got anything.
            return [_UNAVAILABLE] * len(operations)
        except CorruptLog:
            raise
        except Exception as error:  # noqa: BLE001 - one bad operation must not fail the others
            if len(operations) == 1:
                log_unexpected(_LOG, "commit", error)
                return [_INTERNAL]
            return [result for one in operations for result in self.commit([one])]

    def _transaction(self, operations: list[AnyOperation]) -> list[Result]:
        known, self._log = self._log, None
        # Open only where the last ROLLBACK failed, on a disk that failed before.
        self._roll_back()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            results, log = apply(
                *(self._sql, lambda: known or load_log(self._sql), operations, self._now_ms, OWNER)
            )
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        self._log = log
        return results

    def _now_ms(self) -> int:
        return int(self._clock() * 1000)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
