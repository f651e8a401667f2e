"""A ``StoreReader`` over PostgreSQL: the queries of a worker go to a process of its own.

Owns the time limit: an answer that takes longer is STORE_UNAVAILABLE, and the process is replaced.
The worker's event loop pays for a message, not for the waiting.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.adapters.processes.batch_channel import SiblingGone
from gateway.adapters.processes.restarting_sibling import RestartingSibling
from gateway.adapters.store.postgres_queries import Answer, Found, Query
from gateway.adapters.store.postgres_store import PostgresAddress
from gateway.adapters.store.reader import Row, Values
from gateway.domain.reasons import ErrorReason, refuse

MODULE: Final = "gateway.adapters.store.postgres_reader_process"


class PostgresReader:
    """Implements ``StoreReader``; start it before gRPC, ``open`` it on the event loop."""

    def __init__(self, address: PostgresAddress) -> None:
        """Start the process; raises ``SiblingFailed``."""
        self._sibling: RestartingSibling[Query, Answer] = RestartingSibling(
            MODULE,
            msgspec.json.encode(address).decode(),
            Answer,
            address.timeout_ms / 1000,
        )

    @property
    def pid(self) -> int | None:
        """Return the process id of the reader's process, if there is one."""
        return self._sibling.pid

    def open(
        self,
        on_change: Callable[[bool], None] = lambda _: None,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Connect; ``on_change`` hears of each loss and each return of the process."""
        self._sibling.open(on_change, busy)

    async def rows(self, query: str, values: Values = ()) -> list[Row]:
        """Return the rows of one SELECT, or raise ``Refused`` with STORE_UNAVAILABLE."""
        try:
            answer = await self._sibling.call(Query(query, values))
        except SiblingGone:
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from None
        if isinstance(answer, Found):
            return answer.rows
        raise refuse(ErrorReason.STORE_UNAVAILABLE)

    def close(self) -> None:
        """Stop the process; calls that wait fail."""
        self._sibling.close()
