"""Published checkpoints and the witnesses' cosignatures under them, read only."""

from typing import Final

from gateway.adapters.store.reader import StoreReader, Values
from gateway.application.ports.checkpoints import Published

_SELECT: Final = "SELECT size, root, note, published_at FROM checkpoint"
_MOST_LINES: Final = 64
"""Room for every witness of a policy with its former key; a note has at most 100 signatures."""


class CheckpointStore:
    """Implements ``CheckpointReader``."""

    def __init__(self, reader: StoreReader) -> None:
        """Take a reader of the store."""
        self._reader = reader

    async def latest(self) -> Published | None:
        """Return the largest, or None before the first."""
        return await self._one(f"{_SELECT} ORDER BY size DESC LIMIT 1", ())

    async def of_size(self, size: int) -> Published | None:
        """Return the one of this size, or None."""
        return await self._one(f"{_SELECT} WHERE size=?", (size,))

    async def lines(self, size: int) -> tuple[str, ...]:
        """Return the signature lines under the one of this size, the latest witnesses' first."""
        rows = await self._reader.rows(
            "SELECT line FROM cosignature WHERE size=? ORDER BY added_at DESC, witness LIMIT ?",
            (size, _MOST_LINES),
        )
        return tuple(line for (line,) in rows)

    async def witnessed(self, witnesses: tuple[str, ...], required: int) -> Published | None:
        """Return the largest that so many of these witnesses cosigned, or None."""
        places = ",".join("?" * len(witnesses))
        rows = await self._reader.rows(
            f"SELECT size FROM cosignature WHERE witness IN ({places})"
            " GROUP BY size HAVING count(*)>=? ORDER BY size DESC LIMIT 1",
            (*witnesses, required),
        )
        return await self.of_size(rows[0][0]) if rows else None

    async def _one(self, query: str, values: Values) -> Published | None:
        rows = await self._reader.rows(query, values)
        if not rows:
            return None
        size, root, note, published_at = rows[0]
        return Published(size, bytes(root), bytes(note), published_at)
