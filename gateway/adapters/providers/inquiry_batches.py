"""Look-ups of one moment, carried together.

Owns what waits and what is under way: a call takes what has come so far, and the next one what
comes while all calls are under way. Nobody waits for a batch to fill. A call whose askers are all
gone is cancelled. Refuses to know what a batch is sent over.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from gateway.adapters.providers.remote_answers import Outcome, Question
from gateway.adapters.providers.remote_channel import MAX_REQUEST_BYTES
from gateway.domain.reasons import ErrorReason, refuse
from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
MAX_BATCH: Final = 256
_WORD_BYTES: Final = 64
"""At least what a name takes on the wire."""
Ask = Callable[[Sequence[Question], float], Awaitable[list[Outcome]]]
"""Return the outcome of each question, in order, before a moment of the loop's clock."""


class _Waiting(NamedTuple):
    question: Question
    until: float
    future: "asyncio.Future[Outcome]"


class InquiryBatches:
    """All methods are called on the event loop's thread."""

    def __init__(self, ask: Ask, at_once: int) -> None:
        """Take how a batch is asked, and how many may be under way."""
        self._ask = ask
        self._at_once = at_once
        self._waiting: deque[_Waiting] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._scheduled = False

    async def outcome(self, question: Question, timeout_s: float) -> Outcome:
        """Return the outcome of one question."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Outcome] = loop.create_future()
        self._waiting.append(_Waiting(question, loop.time() + timeout_s, future))
        self._schedule()
        return await future

    def close(self) -> None:
        """Cancel what is under way; those who wait get PROVIDER_UNAVAILABLE."""
        waiting, self._waiting = self._waiting, deque()
        _settle(waiting, [refuse(ErrorReason.PROVIDER_UNAVAILABLE) for _ in waiting])
        for call in self._calls:
            call.cancel()

    def _schedule(self) -> None:
        if not self._scheduled and self._waiting and len(self._calls) < self._at_once:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._scheduled = False
        batch = self._next()
        if not batch:
            return
        call = asyncio.ensure_future(self._carry(batch))
        self._calls.add(call)
        call.add_done_callback(self._ended)
        for one in batch:
            one.future.add_done_callback(lambda _: _cancel_if_unwanted(call, batch))
        self._schedule()

    def _next(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < MAX_BATCH and size < MAX_REQUEST_BYTES:
            one = self._waiting.popleft()
            if not one.future.done():
                batch.append(one)
                size += _WORD_BYTES * (len(one.question.fields) + 4)
        return batch

    async def _carry(self, batch: list[_Waiting]) -> None:
        try:
            until = max(one.until for one in batch)
            found = await self._ask([one.question for one in batch], until)
        except Exception as error:  # noqa: BLE001 - those who wait must hear of it
            log_unexpected(_LOG, "asking a provider", error)
            found = [refuse(ErrorReason.PROVIDER_UNAVAILABLE) for _ in batch]
        except asyncio.CancelledError:
            found = [refuse(ErrorReason.PROVIDER_UNAVAILABLE) for _ in batch]
        _settle(batch, found)

    def _ended(self, call: "asyncio.Task[None]") -> None:
        self._calls.discard(call)
        self._schedule()


def _settle(batch: Sequence[_Waiting] | deque[_Waiting], found: Sequence[Outcome]) -> None:
    for one, outcome in zip(batch, found, strict=True):
        if not one.future.done():
            one.future.set_result(outcome)


def _cancel_if_unwanted(call: "asyncio.Task[None]", batch: Sequence[_Waiting]) -> None:
    if all(one.future.cancelled() for one in batch):
        call.cancel()
