"""What an operator with every key can do to a log: write another history into the store.

Owns rebuilding the log's tables with the gateway's own code, so that what results is sound in
itself: the gateway starts on it, and its export verifies.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from clients.cli.local.home import Home
from gateway.adapters.committer.log import append_events, load_log
from gateway.adapters.committer.sql import SqliteSql
from gateway.adapters.store.sqlite_store import open_writer
from gateway.crypto.merkle import EMPTY_ROOT

_TABLES = ("cosignature", "checkpoint", "log_entry", "log_tile")


def rewrite(home: Home, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Replace the events of a home whose gateway is stopped."""
    with closing(open_writer(store_of(home))) as connection:
        sql = SqliteSql(connection)
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute("SELECT event FROM log_entry ORDER BY log_index").fetchall()
        for table in _TABLES:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE log_head SET size=0, root=?", (EMPTY_ROOT,))
        events = change([event for (event,) in rows])
        connection.execute("DELETE FROM subject_event WHERE log_index>=?", (len(events),))
        append_events(sql, load_log(sql), events, int(time.time() * 1000))
        connection.execute("COMMIT")


def copied(home: Home, folder: Path) -> Home:
    """A copy of a home whose gateway is stopped: a backup, or the beginning of a second history."""
    shutil.copytree(home.folder, folder)
    return Home(folder, home.log_verifier_key, home.receipt_key, home.reference_key)


def store_of(home: Home) -> Path:
    """The SQLite file of a home."""
    return home.folder / "data" / "veilgate.db"
