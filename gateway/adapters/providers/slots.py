"""So many calls at once, so many that wait for one of them to end, and no more.

Owns the two numbers. Refuses the call beyond both at once, with PROVIDER_BUSY.
"""

import asyncio
from types import TracebackType

from gateway.domain.reasons import ErrorReason, refuse


class Slots:
    """An asynchronous context manager that many calls enter; first come, first served."""

    def __init__(self, concurrent: int, waiting: int) -> None:
        """Take the numbers: at least one at once, and none or more that wait."""
        self._free = asyncio.Semaphore(concurrent)
        self._may_wait = waiting

    async def __aenter__(self) -> None:
        """Take a slot, when there is one."""
        if not self._free.locked():
            await self._free.acquire()
            return
        if self._may_wait == 0:
            raise refuse(ErrorReason.PROVIDER_BUSY)
        self._may_wait -= 1
        try:
            await self._free.acquire()
        finally:
            self._may_wait += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Give it to the next."""
        self._free.release()
