"""One pool process: spawned, asked, killed, and spawned again.

Owns the executor of one process, so that killing what hangs disturbs no other. Refuses to wait for
a process without a limit.
"""

import asyncio
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

from gateway.detection import worker
from gateway.detection.questions import Answer, Question


class _RecordingSpawnContext(SpawnContext):
    """Remembers what the executor started: the executor itself has no public way to kill."""

    def __init__(self) -> None:
        self.started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        process = SpawnProcess(*args, **kwargs)
        self.started.append(process)
        return process


class PoolProcess:
    """A spawned process with one analyser in it, built by the factory `module:function`."""

    def __init__(self, factory: str, start_timeout_s: float) -> None:
        self._factory = factory
        self._start_timeout_s = start_timeout_s
        self._context = _RecordingSpawnContext()
        self._executor: ProcessPoolExecutor | None = None
        self.pid: int | None = None

    async def start(self) -> None:
        """Spawn the process and wait until it has answered once.

        Raises TimeoutError, BrokenProcessPool where the process died, DetectionFailed where the
        trial text failed; nothing is left running then. Must be called on the event loop's
        thread (see `parent_death`).
        """
        self._context = _RecordingSpawnContext()
        self._executor = ProcessPoolExecutor(
            max_workers=1,
            mp_context=self._context,
            initializer=worker.initialise,
            initargs=(self._factory, os.getpid()),
        )
        try:
            async with asyncio.timeout(self._start_timeout_s):
                self.pid = await asyncio.wrap_future(self._executor.submit(worker.warm_up))
        except BaseException:
            self.kill()
            raise

    async def ask(self, questions: list[Question], timeout_s: float) -> list[Answer]:
        """Return the answers in order. Raises TimeoutError or BrokenProcessPool: then kill it."""
        if self._executor is None:
            raise RuntimeError("the pool process is not started")
        async with asyncio.timeout(timeout_s):
            return await asyncio.wrap_future(self._executor.submit(worker.answer_batch, questions))

    def kill(self) -> None:
        """End the process with SIGKILL and wait for its end; it holds nothing worth keeping."""
        executor, self._executor, self.pid = self._executor, None, None
        if executor is None:
            return
        for process in self._context.started:
            process.kill()
        executor.shutdown(wait=True, cancel_futures=True)
