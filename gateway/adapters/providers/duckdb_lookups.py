"""Look-ups in a CSV or Parquet file, which is followed when it changes.

Owns when the file is looked at and which loaded state answers. A changed file is loaded beside the
present state and takes its place whole. Refuses to go on with an old state when the new one cannot
be loaded: then nothing is answered until a load succeeds.
"""

import logging
import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from gateway.adapters.providers.csv_header import BadFile
from gateway.adapters.providers.duckdb_table import DuckdbTable, FileIdentity, identity_of
from gateway.adapters.providers.grouped_lookups import grouped_answers
from gateway.adapters.providers.messages import Answer, Lookup, Unavailable
from gateway.adapters.providers.readability import Readability
from gateway.adapters.providers.sources import DuckdbSource
from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
LOOK_EVERY_S: Final = 1.0
TRY_AGAIN_S: Final = 10.0
"""After a load that failed, though the file is the same: memory may have been short."""
FIRST_LOAD_S: Final = 20.0
"""How long a start waits for the first load; look-ups are unavailable until it is done."""


class DuckdbLookups:
    """Implements ``Lookups``."""

    def __init__(self, source: DuckdbSource) -> None:
        """Begin to load the file, and wait for that a while."""
        self._source = source
        self._readability = Readability(source.dataset)
        self._table: DuckdbTable | None = None
        self._loaded: SimpleQueue[DuckdbTable | BadFile] = SimpleQueue()
        self._loading = False
        self._identity: FileIdentity | None = None
        self._look_at = self._try_at = time.monotonic()
        self._look()
        if self._loading:
            self._take(FIRST_LOAD_S)

    def answers(self, batch: Sequence[Lookup]) -> list[Answer]:
        """Return the answer to each look-up; never raises for a bad file."""
        if self._loading:
            self._take(0.0)
        elif time.monotonic() >= self._look_at:
            self._look()
        if self._table is None:
            return [Unavailable()] * len(batch)
        return grouped_answers(batch, self._table.rows)

    def _look(self) -> None:
        now = time.monotonic()
        self._look_at = now + LOOK_EVERY_S
        identity = identity_of(self._source.path)
        if identity is None:
            self._drop("there is no such file")
        elif identity != self._identity or (self._table is None and now >= self._try_at):
            self._loading = True
            Thread(target=self._load, args=(identity,), daemon=True).start()
        self._identity = identity

    def _load(self, identity: FileIdentity) -> None:
        """Load beside the look-ups, in a thread of its own; touches nothing but the queue."""
        try:
            self._loaded.put(DuckdbTable.load(self._source, identity))
        except BadFile as bad:
            self._loaded.put(bad)
        except Exception as error:  # noqa: BLE001 - a thread's traceback would quote values
            log_unexpected(_LOG, "loading a file", error)
            self._loaded.put(BadFile(type(error).__name__))

    def _take(self, timeout_s: float) -> None:
        try:
            loaded = self._loaded.get(timeout=timeout_s) if timeout_s else self._loaded.get_nowait()
        except Empty:
            return
        self._loading = False
        self._look_at = time.monotonic()
        if isinstance(loaded, BadFile):
            self._try_at = self._look_at + TRY_AGAIN_S
            self._drop(str(loaded))
            return
        previous, self._table = self._table, loaded
        if previous is not None:
            previous.close()
        self._readability.regained()

    def _drop(self, problem: str) -> None:
        self._readability.lost(problem)
        if self._table is not None:
            self._table.close()
            self._table = None
