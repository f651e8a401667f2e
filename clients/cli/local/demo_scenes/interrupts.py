"""Signals that end the demo, raised as an exception where the demo can take it.

Owns the handlers of SIGINT, SIGTERM and SIGHUP while the demo runs. Refuses to interrupt anything
outside an open section: what is started is always noted down, and cleaning up is always finished.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Self

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked the demo to end. No ``Exception``, so that no scene takes it for its own."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.status = 128 + number
        """The exit status of a process that this signal ended, by the shells' convention."""


class Interrupts:
    """Turns the first signal into one ``Interrupted`` in an open section; main thread only."""

    def __init__(self) -> None:
        self._before: dict[signal.Signals, Any] = {}
        self._open = False
        self._received: int | None = None

    def __enter__(self) -> Self:
        """Take over the signals."""
        self._before = {one: signal.signal(one, self._handle) for one in SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for one, handler in self._before.items():
            signal.signal(one, handler)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let a signal end what is inside; one that came before ends it at once."""
        if self._received is not None:
            raise Interrupted(self._received)
        self._open = True
        try:
            yield
        finally:
            self._open = False

    def _handle(self, number: int, _: FrameType | None) -> None:
        self._received = number
        if self._open:
            # Once only: whoever unwinds because of it is not interrupted again.
            self._open = False
            raise Interrupted(number)
