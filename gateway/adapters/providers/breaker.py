"""A circuit breaker: when a provider is asked, when it is left alone, when one call tries it again.

    closed --failures--> open --open_s--> half-open --probe succeeded--> closed
                          ^                   |
                          +---probe failed----+

Owns the counting; it is pure, the clock is given. Refuses to be moved by a call that was admitted
before its last change of state: what such a call found out is out of date.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

_BUCKETS: Final = 10


class BreakerSettings(msgspec.Struct, frozen=True):
    """When it opens: after so many failures in a row, or for their share in a sliding window.

    ``failure_share``, above 0 and at most 1, counts from ``minimum_calls`` in the window on.
    ``open_s`` is how long no call is let through.
    """

    failures_in_a_row: int
    failure_share: float
    minimum_calls: int
    window_s: float
    open_s: float


class Breaker:
    """One breaker. A call that is admitted ends with one of the three outcomes, once."""

    def __init__(
        self,
        settings: BreakerSettings,
        clock: Callable[[], float],
        on_change: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """Start closed; ``clock`` is in seconds and never goes back.

        ``on_change`` hears False when it opens and True when it closes again.
        """
        self._settings = settings
        self._clock = clock
        self._on_change = on_change
        self._epoch = 0
        self._row = 0
        self._window = _Window(settings.window_s)
        self._open_until: float | None = None
        self._probing: int | None = None

    def refuses(self) -> bool:
        """Return whether a call would not be admitted now."""
        if self._open_until is None:
            return False
        return self._probing is not None or self._clock() < self._open_until

    def admit(self) -> int | None:
        """Return the ticket of a call that may go ahead, or None."""
        if self.refuses():
            return None
        if self._open_until is not None:
            self._probing = self._epoch
        return self._epoch

    def succeeded(self, ticket: int) -> None:
        """Take note that the provider answered."""
        if ticket != self._epoch:
            return
        if self._probing == ticket:
            self._close()
        else:
            self._row = 0
            self._window.add(self._clock(), failed=False)

    def failed(self, ticket: int, alone: bool = False) -> None:
        """Take note of a failure; one that may be of this call ``alone`` makes no row."""
        if ticket != self._epoch:
            return
        if self._probing == ticket:
            self._open()
            return
        self._row += not alone
        calls, failures = self._window.add(self._clock(), failed=True)
        settings = self._settings
        enough = calls >= settings.minimum_calls and failures >= settings.failure_share * calls
        if enough or self._row >= settings.failures_in_a_row:
            self._open()
            self._on_change(False)

    def withdrawn(self, ticket: int) -> None:
        """Take note that the call came to no end that says anything; the next one may probe."""
        if self._probing == ticket:
            self._probing = None

    def _open(self) -> None:
        self._epoch += 1
        self._probing = None
        self._open_until = self._clock() + self._settings.open_s

    def _close(self) -> None:
        self._epoch += 1
        self._probing = None
        self._open_until = None
        self._row = 0
        self._window = _Window(self._settings.window_s)
        self._on_change(True)


class _Window:
    """Calls and failures of the last seconds, in steps of a tenth of the window."""

    def __init__(self, length_s: float) -> None:
        self._step = length_s / _BUCKETS
        self._buckets: deque[list[int]] = deque()

    def add(self, now: float, failed: bool) -> tuple[int, int]:
        """Count a call and return the calls and the failures of the window."""
        number = int(now / self._step)
        if not self._buckets or self._buckets[-1][0] != number:
            self._buckets.append([number, 0, 0])
        self._buckets[-1][1] += 1
        self._buckets[-1][2] += failed
        while self._buckets[0][0] <= number - _BUCKETS:
            self._buckets.popleft()
        calls = sum(bucket[1] for bucket in self._buckets)
        return calls, sum(bucket[2] for bucket in self._buckets)
