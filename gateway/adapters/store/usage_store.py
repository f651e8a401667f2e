"""What was used of the rules' limits, read from the committer's counters.

Refuses to count: a counter is written in the release transaction alone.
"""

from collections.abc import Callable

from gateway.adapters.committer.batch import recipient_scope
from gateway.adapters.store.reader import StoreReader


class UsageStore:
    """Implements ``UsageReader``. ``clock`` gives Unix seconds."""

    def __init__(self, reader: StoreReader, clock: Callable[[], float]) -> None:
        """Take a reader of the store."""
        self._reader = reader
        self._clock = clock

    async def recipient_uses(self, institution: str, rule: str, window_s: int) -> int:
        """Return the releases counted in the window that runs now."""
        rows = await self._reader.rows(
            "SELECT use_window, uses FROM usage WHERE scope=?",
            (recipient_scope(institution, rule),),
        )
        window = int(self._clock()) // window_s
        # The row of a window that is over counts for nothing; the next release replaces it.
        return sum(int(uses) for counted, uses in rows if counted == window)
