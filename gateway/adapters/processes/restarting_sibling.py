"""A sibling process that is replaced when it hangs or dies, and the channel to it.

Owns the replacing: the old process is killed before a new one is started, at most once a second,
until one says that it is ready. Meanwhile every call fails at once with ``SiblingGone``: the caller
knows what is safe to try again. Refuses to hide anything: the listener hears of each loss and each
return.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from gateway.adapters.processes import sibling_process
from gateway.adapters.processes.batch_channel import BatchChannel, SiblingGone
from gateway.adapters.processes.sibling_process import Sibling, SiblingFailed

_LOG: Final = logging.getLogger(__name__)
RESTART_PAUSE_S: Final = 1.0

Op = TypeVar("Op")
Res = TypeVar("Res")


class RestartingSibling(Generic[Op, Res]):
    """One sibling at a time. Start it before gRPC, ``open`` it on the event loop, close it."""

    def __init__(
        self,
        module: str,
        argument: str,
        result_type: type[Res] | object,
        timeout_s: float,
    ) -> None:
        """Start the sibling; raises ``SiblingFailed``. The rest is as in ``BatchChannel``."""
        self._module = module
        self._argument = argument
        self._result_type = result_type
        self._timeout_s = timeout_s
        self._busy: Callable[[], bool] = lambda: False
        self._sibling: Sibling | None = sibling_process.start(module, argument)
        self._ready = self._sibling.ready
        self._channel: BatchChannel[Op, Res] | None = None
        self._on_change: Callable[[bool], None] = lambda _: None
        self._restarting: asyncio.Task[None] | None = None
        self._not_before = 0.0

    @property
    def pid(self) -> int | None:
        """Return the process id of the present sibling, if there is one."""
        return None if self._sibling is None else self._sibling.process.pid

    @property
    def ready(self) -> dict[str, int]:
        """Return what the first sibling said when it was ready."""
        return self._ready

    def open(
        self,
        on_change: Callable[[bool], None] = lambda _: None,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Connect.

        ``on_change(False)`` tells of each loss and each vain attempt, ``(True)`` of each return.
        """
        self._on_change, self._busy = on_change, busy
        self._connect()

    def call(self, operation: Op) -> "asyncio.Future[Res]":
        """Queue an operation; the future ends with its result or with ``SiblingGone``."""
        if self._channel is not None:
            return self._channel.call(operation)
        future: asyncio.Future[Res] = asyncio.get_running_loop().create_future()
        future.set_exception(SiblingGone(timed_out=False))
        return future

    def close(self) -> None:
        """Stop: a sibling at work ends its batch; waiting calls fail."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._restarting is not None:
            self._restarting.cancel()
        if self._sibling is not None:
            self._sibling.stop()

    def _connect(self) -> None:
        if self._sibling is not None:
            self._channel = BatchChannel(
                *(self._sibling.sockets[0], self._result_type, self._timeout_s),
                *(self._lost, self._busy),
            )

    def _lost(self, timed_out: bool) -> None:
        _LOG.error("%s %s", self._module, "does not answer" if timed_out else "is gone")
        self._channel, lost, self._sibling = None, self._sibling, None
        self._restarting = asyncio.ensure_future(self._replace(lost))
        self._on_change(False)

    async def _replace(self, lost: Sibling | None) -> None:
        if lost is not None:
            await asyncio.to_thread(_kill, lost)
        while self._sibling is None:
            await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
            self._not_before = time.monotonic() + RESTART_PAUSE_S
            starting = asyncio.ensure_future(
                asyncio.to_thread(sibling_process.start, self._module, self._argument)
            )
            try:
                self._sibling = await asyncio.shield(starting)
            except SiblingFailed as error:
                _LOG.warning("%s", error)
                self._on_change(False)
            except asyncio.CancelledError:
                starting.add_done_callback(_stop_unwanted)
                raise
        self._connect()
        _LOG.info("%s is there again", self._module)
        self._on_change(True)


def _kill(lost: Sibling) -> None:
    lost.process.kill()
    lost.stop()


def _stop_unwanted(starting: "asyncio.Future[Sibling]") -> None:
    """End a sibling that became ready after everything was closed."""
    if not starting.cancelled() and starting.exception() is None:
        _kill(starting.result())
