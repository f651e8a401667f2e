"""A token bucket for each institution, so that one cannot wear the gateway out for the others."""

from collections.abc import Callable

from gateway.domain.reasons import ErrorReason, refuse

_REMEMBERED = 10_000


class RateLimit:
    """At most ``rate`` calls a second a key on average, ``burst`` at once. Monotonic clock."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        """Start with every bucket full."""
        if rate <= 0 or burst < 1:
            raise ValueError("a rate limit has a positive rate and burst")
        self._rate = rate
        self._burst = float(burst)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> None:
        """Take a token, or raise ``Refused`` with RATE_LIMITED."""
        now = self._clock()
        tokens, last = self._buckets.get(key, (self._burst, now))
        tokens = min(self._burst, tokens + (now - last) * self._rate)
        if tokens < 1.0:
            self._buckets[key] = (tokens, now)
            raise refuse(ErrorReason.RATE_LIMITED)
        if len(self._buckets) >= _REMEMBERED and key not in self._buckets:
            # Keys are institution ids from the Directory; this bound is never met by honest use.
            self._buckets.clear()
        self._buckets[key] = (tokens - 1.0, now)
