"""Whose open intents are whose, where several committers share a PostgreSQL store.

Owns the number of a committer's session, held by a session advisory lock: the server frees it when
the session ends, however it ends. Intents of a free number are a dead committer's and are closed as
ABANDONED; those of the living are left alone.
"""

import secrets
from typing import Final

import msgspec

from gateway.adapters.committer.messages import Append, Not
from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.store.postgres_session import StoreLost
from gateway.adapters.store.postgres_store import Connection, require_safe

_BATCH: Final = 256
_OWNERS: Final = "SELECT DISTINCT owner FROM open_intent WHERE owner<>%s"
_INTENTS: Final = "SELECT event_id FROM open_intent WHERE owner=%s ORDER BY log_index LIMIT %s"


def take_number(connection: Connection) -> int:
    """Return a number of this session's own, locked until the session ends."""
    # 0 is the owner on an engine with one committer.
    number = 1 + secrets.randbits(62)
    connection.execute("SELECT pg_advisory_lock(%s)", (number,))
    return number


def close_abandoned(connection: Connection, committer: PostgresCommitter, own: int) -> int:
    """Close the intents that dead committers left open; return how many.

    Raises ``StoreLost`` where one cannot be closed, ``UnsafeStore`` where the server's settings
    have changed, and what psycopg raises.
    """
    require_safe(connection)
    closed = 0
    for (owner,) in connection.execute(_OWNERS, (own,)).fetchall():
        (is_free,) = connection.execute("SELECT pg_try_advisory_lock(%s)", (owner,)).fetchone() or (
            False,
        )
        if is_free:
            closed += _close_all(connection, committer, owner)
            connection.execute("SELECT pg_advisory_unlock(%s)", (owner,))
    return closed


def _close_all(connection: Connection, committer: PostgresCommitter, owner: int) -> int:
    closed = 0
    while rows := connection.execute(_INTENTS, (owner, _BATCH)).fetchall():
        results = committer.commit([Append(_abandoned(row[0]), b"", row[0]) for row in rows])
        if any(isinstance(one, Not) for one in results):
            raise StoreLost("the intents of a dead committer could not be closed")
        closed += len(rows)
    return closed


def _abandoned(intent: str) -> bytes:
    return msgspec.json.encode({"v": 1, "kind": "ABANDONED", "intent": intent})
