"""What passes between lender and bureau while a job is under way: a relay with little room.

Owns the two queues, who is there, and what is kept back: sealed parts that the bureau sends after
its contribution are the counts, and go to the lender with the result only. Reads nothing of what it
passes on. Refuses a second bureau's stream, and more kept back than counts can be.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from gateway.application.aggregate.kept import Contributed
from gateway.application.ports.aggregates import Signed
from gateway.domain.reasons import ErrorReason, refuse

WAITING: Final = 32
"""Sealed parts in one direction that wait to be sent: 1.5 MiB."""
SETTLING_S: Final = 30.0
MOST_KEPT: Final = 400
MAX_SEALED: Final = 48 * 1024


class Session:
    """One job's talk."""

    def __init__(self, job: str, lender_channel: Signed, bindings: bytes) -> None:
        """Begin with the lender there; ``bindings`` are for the bureau alone."""
        self.job = job
        self._bindings = bindings
        self.lender_channel = lender_channel
        self.bureau_channel: Signed | None = None
        self.joined = asyncio.Event()
        self.contributed = asyncio.Event()
        """The contribution and everything kept back are there."""
        self.over = asyncio.Event()
        """Nothing more will come of it, or all has."""
        self.settled = asyncio.Event()
        """The lender's side has ended, and it is decided how."""
        self.contribution: Contributed | None = None
        self.kept: list[bytes] = []
        self.passed = 0
        """Parts so far, of both; a talk in which nothing passes has an end."""
        self.to_bureau: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self.to_lender: asyncio.Queue[bytes] = asyncio.Queue(WAITING)

    def join(self, channel: Signed) -> None:
        """Have the bureau there. Raises ``Refused``: ROUND_MESSAGE_REFUSED for a second time."""
        if self.bureau_channel is not None or self.over.is_set():
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self.bureau_channel = channel
        self.joined.set()

    def take_bindings(self) -> bytes:
        """Return what opens the rows, for the one bureau; it is not kept."""
        bindings, self._bindings = self._bindings, b""
        return bindings

    async def settle(self) -> None:
        """Wait until it is decided how the job ends; a slow lender is not waited for for ever."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLING_S):
                await self.settled.wait()

    async def from_lender(self, part: bytes) -> None:
        """Pass on a part of the lender's, when there is room."""
        _require_size(part)
        await self.to_bureau.put(part)
        self.passed += 1

    async def from_bureau(self, part: bytes) -> None:
        """Pass on a part of the bureau's, or keep it back after the contribution."""
        _require_size(part)
        self.passed += 1
        if self.contribution is None:
            await self.to_lender.put(part)
            return
        if len(self.kept) >= MOST_KEPT:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        self.kept.append(part)

    async def watch(self, idle_s: float) -> None:
        """End the talk once nothing has passed for so long, or for twice that."""
        seen = -1
        while seen != self.passed:
            seen = self.passed
            await asyncio.sleep(idle_s)
        if not self.contributed.is_set():
            self.over.set()


def _require_size(part: bytes) -> None:
    if not 0 < len(part) <= MAX_SEALED:
        raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)


async def taken(queue: asyncio.Queue[bytes], *ends: asyncio.Event) -> bytes | None:
    """Return the queue's next part, or None once one of the ends is set and the queue is empty."""
    while queue.empty():
        if any(one.is_set() for one in ends):
            return None
        waits = [asyncio.ensure_future(one.wait()) for one in ends]
        getting = asyncio.ensure_future(queue.get())
        try:
            await asyncio.wait([getting, *waits], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
            if not getting.done():
                getting.cancel()
        if getting.done() and not getting.cancelled():
            return getting.result()
    return queue.get_nowait()
