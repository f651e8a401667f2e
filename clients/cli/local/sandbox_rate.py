"""How many calls a sandbox's gateway records, as they come.

Owns reading its store beside it, read-only. Refuses to count what nobody called for: an intent is
half of a release, and the gateway's own events are no calls.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path


class RecordedCalls:
    """Counts the calls that are recorded from now on."""

    def __init__(self, store: Path) -> None:
        self._store = f"{store.as_uri()}?mode=ro"
        last = self._rows("SELECT log_index, event FROM log_entry ORDER BY log_index DESC LIMIT 1")
        self._next = last[0][0] + 1 if last else 0
        self.total = 0

    def count_new(self) -> int:
        """Return how many came since the last time; ``total`` has them then."""
        query = "SELECT log_index, event FROM log_entry WHERE log_index >= ? ORDER BY log_index"
        rows = self._rows(query, self._next)
        if rows:
            self._next = rows[-1][0] + 1
        new = sum(_is_call(event) for _, event in rows)
        self.total += new
        return new

    def _rows(self, query: str, *values: int) -> list[tuple[int, bytes]]:
        with closing(sqlite3.connect(self._store, uri=True)) as connection:
            return connection.execute(query, values).fetchall()


def _is_call(event: bytes) -> bool:
    said = json.loads(event)
    return bool(said.get("institution")) and said.get("kind") != "INTENT"
