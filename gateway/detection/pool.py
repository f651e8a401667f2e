"""The port `TextDetector` over pool processes, so that no text is read on the event loop.

Owns the queue in front of the processes, their time limit and their replacement. A hand-over to a
process costs the caller's side about 200 microseconds, twice a typical detection, so what arrived
while a batch was under way is the next batch. A batch that hangs or crashes is asked again text by
text: only the text at fault fails. Refuses to import recognisers here; a pool process does.
"""

import asyncio
from collections import deque
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass

from gateway.application.ports.detection import (
    Detected,
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    Wanted,
)
from gateway.detection.limits import DEFAULT_MAX_BYTES, require_bounded
from gateway.detection.pool_process import PoolProcess
from gateway.detection.questions import Answer, Question

DEFAULT_FACTORY = "gateway.detection.engine:TextEngine"
_LARGEST_BATCH = 16
_RESTART_PAUSE_S = 1.0


@dataclass(slots=True, eq=False)
class _Call:
    question: Question
    answer: asyncio.Future[Answer]
    suspect: bool = False

    def settle(self, answer: Answer) -> None:
        # The caller may be gone, and its future cancelled.
        if not self.answer.done():
            self.answer.set_result(answer)


class ProcessTextDetector:
    """Analyses texts in `processes` spawned processes, each text within `timeout_s` seconds.

    `factory` names the function ("module:function") that builds the analyser in each process.
    At most `max_waiting` texts wait; a text has at most `max_bytes` bytes of UTF-8.
    Everything is called on one event loop.
    """

    def __init__(
        self,
        processes: int = 1,
        timeout_s: float = 2.0,
        *,
        factory: str = DEFAULT_FACTORY,
        start_timeout_s: float = 60.0,
        max_waiting: int = 256,
        max_bytes: int = DEFAULT_MAX_BYTES,
    ) -> None:
        if processes < 1 or timeout_s <= 0 or start_timeout_s <= 0:
            raise ValueError("a pool has a process at least, and time limits above zero")
        self._processes = [PoolProcess(factory, start_timeout_s) for _ in range(processes)]
        self._timeout_s = timeout_s
        self._max_waiting = max_waiting
        self._max_bytes = max_bytes
        self._waiting: deque[_Call] = deque()
        self._arrived = asyncio.Event()
        self._drivers: list[asyncio.Task[None]] = []

    @property
    def pids(self) -> tuple[int, ...]:
        """The ids of the processes that are up, for the operator's status page."""
        return tuple(process.pid for process in self._processes if process.pid is not None)

    async def start(self) -> None:
        """Spawn and warm up every process, before gRPC starts.

        Raises DetectionFailed (CRASHED, TIMEOUT) where one does not come up; none is left then.
        """
        if self._drivers:
            raise RuntimeError("the text detector is running already")
        try:
            await asyncio.gather(*(process.start() for process in self._processes))
        except (BrokenProcessPool, TimeoutError) as error:
            self._kill()
            raise DetectionFailed(_reason(error), "start") from error
        except BaseException:
            self._kill()
            raise
        self._drivers = [asyncio.create_task(self._drive(process)) for process in self._processes]

    async def close(self) -> None:
        """Kill the processes; calls under way fail with NOT_RUNNING. Does nothing when closed."""
        drivers, self._drivers = self._drivers, []
        for driver in drivers:
            driver.cancel()
        await asyncio.gather(*drivers, return_exceptions=True)
        self._kill()
        self._fail_waiting(DetectionFailure.NOT_RUNNING)

    async def analyse(
        self, text: str, known: tuple[KnownValue, ...], wanted: Wanted
    ) -> tuple[Detected, ...]:
        """Return the spans of `text`; see the port. Raises DetectionFailed."""
        if not self._drivers:
            raise DetectionFailed(DetectionFailure.NOT_RUNNING)
        require_bounded(text, known, self._max_bytes)
        if len(self._waiting) >= self._max_waiting:
            raise DetectionFailed(DetectionFailure.OVERLOADED)
        call = _Call(Question(text, known, wanted), asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._arrived.set()
        answer = await call.answer
        if isinstance(answer, DetectionFailed):
            raise answer
        return answer

    async def _drive(self, process: PoolProcess) -> None:
        while True:
            batch = await self._next_batch()
            try:
                answers = await process.ask([call.question for call in batch], self._timeout_s)
            except asyncio.CancelledError:
                _settle_all(batch, DetectionFailed(DetectionFailure.NOT_RUNNING))
                raise
            except Exception as error:  # noqa: BLE001
                self._ask_again_singly(batch, DetectionFailed(_reason(error)))
                await self._replace(process)
            else:
                for call, answer in zip(batch, answers, strict=True):
                    call.settle(answer)

    async def _next_batch(self) -> list[_Call]:
        while True:
            batch: list[_Call] = []
            while self._waiting and len(batch) < _LARGEST_BATCH:
                if self._waiting[0].suspect and batch:
                    break
                call = self._waiting.popleft()
                if call.answer.done():
                    continue
                batch.append(call)
                if call.suspect:
                    break
            if batch:
                return batch
            self._arrived.clear()
            await self._arrived.wait()

    def _ask_again_singly(self, batch: list[_Call], failed: DetectionFailed) -> None:
        if len(batch) == 1:
            batch[0].settle(failed)
            return
        for call in reversed(batch):
            call.suspect = True
            self._waiting.appendleft(call)

    async def _replace(self, process: PoolProcess) -> None:
        process.kill()
        while True:
            try:
                return await process.start()
            except Exception as error:  # noqa: BLE001
                # Nobody is served meanwhile, so nobody is left waiting for it.
                self._fail_waiting(_reason(error))
                await asyncio.sleep(_RESTART_PAUSE_S)

    def _fail_waiting(self, reason: DetectionFailure) -> None:
        calls = list(self._waiting)
        self._waiting.clear()
        _settle_all(calls, DetectionFailed(reason))

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()


def _settle_all(calls: list[_Call], failed: DetectionFailed) -> None:
    for call in calls:
        call.settle(DetectionFailed(failed.reason, failed.component))


def _reason(error: Exception) -> DetectionFailure:
    return DetectionFailure.TIMEOUT if isinstance(error, TimeoutError) else DetectionFailure.CRASHED
