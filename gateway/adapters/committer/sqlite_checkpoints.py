"""Checkpoints of the SQLite write-ahead log beside the commits, not within them.

Owns copying committed pages back into the database file, from a connection and a thread of its own:
within a commit it would hold up every call that waits for that commit. Refuses nothing and
acknowledges nothing: durability rests on the commits alone. (A checkpoint of the audit log is
another thing: see ``log_store``.)
"""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Final

_LOG: Final = logging.getLogger(__name__)
_EVERY_S: Final = 0.5
_WORTH_COPYING: Final = 4 * 1024 * 1024
_WORTH_RESTARTING: Final = 32 * 1024 * 1024


class Checkpointer:
    """Keeps the write-ahead log short; the log's own automatic checkpoints stay as a backstop."""

    def __init__(self, path: Path) -> None:
        """Take the store's path; nothing happens before ``start``."""
        self._path = path
        self._wal = path.with_name(path.name + "-wal")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)

    def start(self) -> None:
        """Start copying in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the copy in progress and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, timeout=0.05, isolation_level=None)
        while not self._stop.wait(_EVERY_S):
            try:
                self._copy(connection)
            except sqlite3.OperationalError as error:
                # The next commit meets the same trouble and answers for it; here it is noted.
                _LOG.debug("no checkpoint: %s", error.sqlite_errorname)
        connection.close()

    def _copy(self, connection: sqlite3.Connection) -> None:
        size = self._size()
        if size < _WORTH_COPYING:
            return
        # Passive copies without holding anybody up; what is left for a restart is then little.
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if size >= _WORTH_RESTARTING:
            connection.execute("PRAGMA wal_checkpoint(RESTART)")

    def _size(self) -> int:
        try:
            return self._wal.stat().st_size
        except FileNotFoundError:
            return 0
