"""Publishing checkpoints: at most one new a second, the same for whoever asks.

Owns when a new one is made. Refuses to give out a checkpoint that is not published: a larger one
that nobody else can see would make the next published one look like a log that lost entries.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.application.ports.checkpoints import CheckpointLedger, CheckpointReader, Published
from gateway.application.ports.log import LogReader
from gateway.domain.reasons import ErrorReason, refuse

_ATTEMPTS: Final = 5
"""Of which each takes a second at most."""
_LEAST_S: Final = 0.002
"""A timer may wake a little early: what is then left of the second would round to nothing, and the
attempts would be used up before it is over."""


class PublishCheckpoint:
    """Returns published checkpoints. ``clock`` gives Unix seconds, ``sleep`` waits for seconds."""

    def __init__(
        self,
        log: LogReader,
        checkpoints: CheckpointReader,
        ledger: CheckpointLedger,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the log, what was published of it, and who publishes."""
        self._log = log
        self._checkpoints = checkpoints
        self._ledger = ledger
        self._clock = clock
        self._sleep = sleep
        self._publishing = asyncio.Lock()

    async def __call__(self) -> Published:
        """Return the latest checkpoint; a new one where the log grew and the second is over."""
        # One at a time: who waited finds what the one before published.
        async with self._publishing:
            return await self._current()

    async def holding(self, index: int) -> Published:
        """Return a checkpoint of a tree that holds entry ``index``; waits out the second for it.

        Raises ``Refused``: LOG_ENTRY_NOT_FOUND, STORE_UNAVAILABLE.
        """
        for _ in range(_ATTEMPTS):
            published = await self()
            if index < published.size:
                return published
            if index >= (await self._log.head()).size:
                raise refuse(ErrorReason.LOG_ENTRY_NOT_FOUND)
            await self._sleep(max(_LEAST_S, 1 - self._clock() % 1))
        raise refuse(ErrorReason.STORE_UNAVAILABLE)

    async def _current(self) -> Published:
        published = await self._checkpoints.latest()
        head = await self._log.head()
        if published is not None and (
            published.size >= head.size or published.published_at == int(self._clock())
        ):
            return published
        await self._ledger.publish(head.size, head.root, self._log.sign(head.size, head.root))
        # Another gateway may have published meanwhile: what is published counts, not what was sent.
        published = await self._checkpoints.latest()
        if published is None:
            raise refuse(ErrorReason.STORE_UNAVAILABLE)
        return published
