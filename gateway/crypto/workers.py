"""Spreading long work over processes, piece by piece.

Owns a pool of spawned processes (never forked: a copied random state or a copied lock is a hazard)
and keeping the order of the pieces. Below two processes the work is done by the caller itself.
Refuses to hand out work without bound: at most a few pieces a process wait at a time.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

Piece = TypeVar("Piece")
Done = TypeVar("Done")
WORTH = 20_000
"""Items of some 50 us from which on starting processes, a second or so, pays."""
_WAITING = 3
"""Pieces a process that wait or run at a time."""


def worth(items: int, processes: int | None) -> int | None:
    """How many processes so many items of some 50 us are worth: all that there are, or one."""
    return processes if items >= WORTH else 1


class Workers:
    """Some processes, as a context manager; `processes` of 1 or less: none but this one."""

    def __init__(
        self,
        processes: int | None = None,
        initializer: Callable[..., None] | None = None,
        arguments: tuple[Any, ...] = (),
    ) -> None:
        self.processes = (os.cpu_count() or 1) if processes is None else max(processes, 1)
        self._initializer, self._arguments = initializer, arguments
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        """Start; processes come with the first piece."""
        if self.processes > 1:
            self._pool = ProcessPoolExecutor(
                self.processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=self._initializer,
                initargs=self._arguments,
            )
        elif self._initializer is not None:
            self._initializer(*self._arguments)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; pieces that wait are dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def map(self, work: Callable[[Piece], Done], pieces: Iterable[Piece]) -> Iterator[Done]:
        """What `work` (a function of a module) makes of each piece, in order.

        Raises what `work` raises, and BrokenProcessPool where a process died.
        """
        if self._pool is None:
            yield from map(work, pieces)
            return
        running: deque[Future[Done]] = deque()
        for piece in pieces:
            running.append(self._pool.submit(work, piece))
            if len(running) >= _WAITING * self.processes:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
