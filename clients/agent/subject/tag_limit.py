"""How often a day one subject may be asked about here, whoever asks.

Owns the count, durable before it is relied on. Refuses to keep tags: what is stored is a keyed hash
of tag and day, and days that are over are deleted.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Lock
from typing import Final

from clients.agent.errors import Unwilling, Word
from clients.agent.state_files import opened, state_key
from gateway.crypto.keyed import derive_key, tag

_DAY_S: Final = 24 * 3600
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS asked (
    day INTEGER NOT NULL, subject BLOB NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (day, subject)
) STRICT
"""


class TagLimit:
    """Counts in a file of the state folder. May be shared by threads."""

    def __init__(self, folder: Path) -> None:
        """Open the counts; raises ``OSError``, ``sqlite3.Error``."""
        self._secret = derive_key(state_key(folder / "state.key"), "agent/tag-limit")
        self._database: sqlite3.Connection = opened(folder / "tags.db")
        self._database.execute(_SCHEMA)
        self._lock = Lock()

    def count(self, subject: bytes, now: float, most: int) -> None:
        """Count one question about a subject's tag; raises ``Unwilling``: LIMIT above ``most``."""
        day = int(now) // _DAY_S
        hashed = tag(self._secret, day.to_bytes(8, "big"), subject)
        with self._lock:
            self._database.execute("DELETE FROM asked WHERE day < ?", (day,))
            (times,) = self._database.execute(
                "INSERT INTO asked VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET times = times + 1"
                " RETURNING times",
                (day, hashed),
            ).fetchone()
        if times > most:
            raise Unwilling(Word.LIMIT)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
