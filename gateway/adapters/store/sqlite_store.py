"""How the gateway opens its SQLite store.

Owns the settings without which the store is not safe, and checks that they hold: WAL, and
synchronous=FULL, below which a power loss undoes acknowledged commits.
"""

import sqlite3
from pathlib import Path
from typing import Final

from gateway.domain.reasons import ErrorReason, refuse

BUSY_TIMEOUT_MS: Final = 1_000
_FULL: Final = 2
_CHECKPOINT_PAGES: Final = 50_000
_MAPPED_BYTES: Final = 1 << 30


class UnsafeStore(Exception):
    """The store cannot be opened with the settings that its safety rests on."""


def open_writer(
    path: Path, factory: type[sqlite3.Connection] = sqlite3.Connection
) -> sqlite3.Connection:
    """Open the one write connection, in driver autocommit: transactions are begun by hand."""
    connection = sqlite3.connect(
        path,
        timeout=BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        factory=factory,
        cached_statements=1024,
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    # ``Checkpointer`` copies pages back beside the commits; this is for when it cannot keep up.
    connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _require(connection, "journal_mode", "wal")
    _require(connection, "synchronous", _FULL)
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a read-only connection; it sees what was committed when each statement began."""
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=0.05, isolation_level=None
        )
        connection.execute("PRAGMA query_only=ON")
        # Each commit of the committer empties this connection's page cache; a mapped file makes
        # reading the pages again cheap.
        connection.execute(f"PRAGMA mmap_size={_MAPPED_BYTES}")
    except sqlite3.Error as error:
        raise refuse(ErrorReason.STORE_UNAVAILABLE) from error
    return connection


def _require(connection: sqlite3.Connection, pragma: str, wanted: str | int) -> None:
    (value,) = connection.execute(f"PRAGMA {pragma}").fetchone()
    if value != wanted:
        raise UnsafeStore(f"PRAGMA {pragma} is {value}, not {wanted}: the store is not safe here")
