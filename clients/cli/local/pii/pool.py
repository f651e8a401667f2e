"""Chunks through one process or several, in order, a bounded number at a time.

Owns the processes. Refuses to hang: one that dies ends the run with an error, and all end with the
run, however it ends, and with their parent. A short input is worked on in this process, since a
process takes a second to be ready.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from clients.cli.local.pii.items import Chunk, Done
from clients.cli.local.pii.order import Order

if TYPE_CHECKING:
    from clients.cli.local.pii.worker import Worker

_AHEAD: Final = 2
"""Chunks in flight for each process."""
_SMALL: Final = 6
"""An input of so many chunks is done before processes would be ready."""

_worker: Worker | None = None


class WorkerDied(Exception):
    """A process ended before its work was done."""


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worked(order: Order, chunks: Iterable[Chunk], jobs: int) -> Iterator[Done]:
    """Yield what came of each chunk, in order.

    Raises:
        WorkerDied: a process was killed or crashed.
    """
    waiting = iter(chunks)
    first = list(islice(waiting, _SMALL + 1))
    if jobs == 1 or len(first) <= _SMALL:
        worker = _made(order)
        for chunk in chain(first, waiting):
            yield worker.run(chunk)
        return
    with _processes(order, jobs) as pool:
        try:
            yield from _in_order(pool, chain(first, waiting), jobs * _AHEAD)
        except BrokenProcessPool as error:
            raise WorkerDied("a process ended before its work was done") from error


def _in_order(pool: ProcessPoolExecutor, chunks: Iterator[Chunk], ahead: int) -> Iterator[Done]:
    flight: deque[Future[Done]] = deque()
    for chunk in chunks:
        # A process is spawned here, and must not be interrupted before it says that it ignores it.
        with _interrupts_held():
            flight.append(pool.submit(_run, chunk))
        if len(flight) >= ahead:
            yield flight.popleft().result()
    while flight:
        yield flight.popleft().result()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Put off Ctrl-C, for this thread and for what it spawns."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _processes(order: Order, jobs: int) -> Iterator[ProcessPoolExecutor]:
    before = {child.pid for child in multiprocessing.active_children()}
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, context, _start, (order, os.getpid()))
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        # Also for Ctrl-C: nobody waits for what is under way.
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            if child.pid not in before:
                child.kill()
        raise


def _start(order: Order, parent: int) -> None:
    global _worker
    # Ctrl-C reaches the whole group of processes; the parent decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent)
    _worker = _made(order)


def _made(order: Order) -> Worker:
    from clients.cli.local.pii.worker import Worker

    return Worker(order)


def _die_with(parent: int) -> None:
    from gateway.detection.parent_death import die_with_parent

    die_with_parent(parent)


def _run(chunk: Chunk) -> Done:
    if _worker is None:
        raise RuntimeError("the process was not started for this work")
    return _worker.run(chunk)
