"""The agent's service: orders come in over one stream, and each is followed beside the others.

Owns the stream's life (renewed every few minutes, with growing waits where the gateway is away),
the bound on what is under way, the times at which answers go out, and the log. Refuses to let an
order's failure end the service, and to log anything of it but its kind and a fixed word.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore, Event
from typing import Final, Protocol, TypeVar

import grpc

from clients.agent.errors import Refused, Word, shown_reason
from clients.agent.gateway import Calling, Gateway
from clients.agent.messages import read_order
from clients.agent.orders import Reply, ResultOrder
from clients.agent.pace import Pace
from clients.agent.rounds import Rounds
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.errors import VeilgateError
from clients.sdk.failure import SdkError
from gateway.crypto.statement import SignedStatement
from veilgate.v1 import aggregate_pb2 as pb

_LOG: Final = logging.getLogger("veilgate.agent")
LIFE_S: Final = 600.0
_HEALTHY_S: Final = 30.0
_WORKERS: Final = 4
_UNDER_WAY: Final = 64
_JOBS: Final = 4
T = TypeVar("T")
_Later = Callable[[], None]
_WAITS: Final = RetryPolicy(attempts=10, first_wait=0.5, longest_wait=30.0)
_AT_ONCE: Final = Pace()
BinAnswerer = Callable[[pb.BinOrder], None]
"""Answers a lender's job (``binning``); runs as long as the job does."""


class Ordering(Calling, Protocol):
    """A connection that gives orders."""

    def orders(
        self, life_s: float, box_key: SignedStatement | None = None
    ) -> tuple[Iterator[pb.Order], Callable[[], object]]:
        """Return the stream, and what ends it."""
        ...


class Service:
    """Runs until it is stopped. One thread reads orders, some follow them."""

    def __init__(
        self,
        connect: Callable[[], Ordering],
        gateway: Gateway,
        rounds: Rounds,
        stopping: Event,
        *,
        waits: RetryPolicy = _WAITS,
        box_key: Callable[[], SignedStatement] | None = None,
        answer_bin: BinAnswerer | None = None,
        close_jobs: Callable[[], None] = lambda: None,
        on_result: Callable[[ResultOrder], None] | None = None,
        pace: Pace = _AT_ONCE,
    ) -> None:
        """Take how to connect, and what follows orders; ``on_result`` sees each result first."""
        self._pace = pace
        self._connect = connect
        self._gateway = gateway
        self._rounds = rounds
        self._stopping = stopping
        self._waits = waits
        self._box_key = box_key
        self._answer_bin = answer_bin
        self._close_jobs = close_jobs
        self._on_result = on_result
        self._room = BoundedSemaphore(_UNDER_WAY)
        # Answers wait for their time beside the work; there are never more of them than orders.
        self._answers = ThreadPoolExecutor(_UNDER_WAY, "veilgate-agent-answer")
        self._room_for_jobs = BoundedSemaphore(_JOBS)
        self._cancel: Callable[[], object] = lambda: None

    def run(self) -> None:
        """Serve until ``stop``."""
        with ThreadPoolExecutor(1, "veilgate-agent-bin") as jobs:
            with ThreadPoolExecutor(_WORKERS, "veilgate-agent") as pool:
                self._serve(pool, jobs)
            # Rounds were followed to their end; a lender's job is not waited for.
            self._answers.shutdown()
            self._close()

    def _serve(self, pool: ThreadPoolExecutor, jobs: ThreadPoolExecutor) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._serve_once(pool, jobs)
            failures = 1 if time.monotonic() - began > _HEALTHY_S else failures + 1
            self._stopping.wait(self._waits.backoff(min(failures, 10)))

    def _close(self) -> None:
        self._gateway.close()
        self._close_jobs()

    def stop(self) -> None:
        """End: orders that are followed already are followed to their end."""
        self._stopping.set()
        self._cancel()

    def _serve_once(self, pool: ThreadPoolExecutor, jobs: ThreadPoolExecutor) -> None:
        try:
            link = self._connect()
            self._gateway.take(link)
            stream, self._cancel = link.orders(LIFE_S, self._box_key() if self._box_key else None)
            if self._stopping.is_set():
                return
            self._submit(pool, self._catch_up)
            for message in stream:
                if message.HasField("bin"):
                    self._submit_job(jobs, partial(self._answer_job, message.bin))
                else:
                    ordered_at = self._pace.clock()
                    self._submit(pool, partial(self._follow, message, ordered_at))
            _LOG.info("the stream of orders ended; it is opened again")
        except VeilgateError as error:
            renewed = error.code is grpc.StatusCode.DEADLINE_EXCEEDED or self._stopping.is_set()
            level = logging.INFO if renewed else logging.WARNING
            _LOG.log(level, "the stream of orders ended: %s", shown_reason(error))
        except (SdkError, OSError) as error:
            _LOG.error("no connection could be made: %s", type(error).__name__)

    def _submit(self, pool: ThreadPoolExecutor, job: Callable[[], _Later | None]) -> None:
        # A gateway that sends faster than this agent follows waits; it costs no memory here.
        self._room.acquire()
        pool.submit(self._in_room, job)

    def _in_room(self, job: Callable[[], _Later | None]) -> None:
        """Do a job; what is to follow it later keeps its place."""
        later = _guarded(job)
        if later is None:
            self._room.release()
        else:
            self._answers.submit(self._last, later)

    def _last(self, later: _Later) -> None:
        try:
            _guarded(later)
        finally:
            self._room.release()

    def _submit_job(self, jobs: ThreadPoolExecutor, job: Callable[[], None]) -> None:
        # A lender's job takes minutes, and must not keep rounds waiting; it may come again.
        if self._room_for_jobs.acquire(blocking=False):
            jobs.submit(self._in_job, job)
        else:
            _LOG.warning("a lender's job was not taken: there are enough")

    def _in_job(self, job: Callable[[], None]) -> None:
        try:
            _guarded(job)
        finally:
            self._room_for_jobs.release()

    def _answer_job(self, order: pb.BinOrder) -> None:
        if self._answer_bin is None:
            raise Refused(Word.KIND)
        self._answer_bin(order)

    def _catch_up(self) -> None:
        self._rounds.catch_up()

    def _follow(self, message: pb.Order, ordered_at: float) -> _Later | None:
        order = read_order(message)
        if isinstance(order, ResultOrder) and self._on_result is not None:
            self._on_result(order)
        reply = self._rounds.follow(order)
        return None if reply is None else partial(self._answer, reply, ordered_at)

    def _answer(self, reply: Reply, ordered_at: float) -> None:
        self._pace.wait(ordered_at)
        self._gateway.send(reply)


def _guarded(job: Callable[[], T]) -> T | None:
    try:
        return job()
    except Refused as refused:
        _LOG.warning("an order was not followed: %s", refused.word.value)
    except VeilgateError as error:
        _LOG.warning("a reply was not taken: %s", shown_reason(error))
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        _LOG.error("following an order raised %s", type(error).__name__)
    return None
