"""When a failed call is made again, and after how long.

Owns the policy: exponential waits with full jitter, the gateway's own RetryInfo before ours, and
nothing past the call's deadline. Refuses to repeat a call that is not safe to repeat, and any
failure but an unreachable gateway or one that says when to come back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from clients.sdk.errors import VeilgateError

Jitter = Callable[[float, float], float]
"""A random number between two bounds."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently; waits are in seconds.

    The n-th wait lies between 0 and ``first_wait * 2**(n-1)``, at most ``longest_wait``, on top of
    what the gateway's RetryInfo asks for.

    Raises:
        ValueError: fewer than 1 attempt or more than 10, or a wait below 0.
    """

    attempts: int = 4
    first_wait: float = 0.1
    longest_wait: float = 2.0

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not 1 <= self.attempts <= 10:
            raise ValueError("attempts are 1 to 10")
        if not 0 <= self.first_wait <= self.longest_wait:
            raise ValueError("waits are not negative, and the first is not above the longest")

    @classmethod
    def none(cls) -> Self:
        """One attempt: every failure is told at once."""
        return cls(attempts=1)

    def backoff(self, failures: int, jitter: Jitter = random.uniform) -> float:
        """A wait after so many failures (1 or more), in seconds."""
        return jitter(0.0, min(self.longest_wait, self.first_wait * 2 ** (failures - 1)))


class Attempts:
    """The attempts of one call until its deadline; makes no call and does not wait itself."""

    def __init__(
        self,
        policy: RetryPolicy,
        deadline: float,
        clock: Callable[[], float],
        jitter: Jitter = random.uniform,
    ) -> None:
        """Take the deadline and a clock that shows the same kind of seconds."""
        self._policy = policy
        self._deadline = deadline
        self._clock = clock
        self._jitter = jitter
        self._failures = 0

    @property
    def left(self) -> float:
        """Seconds to the deadline, 0 or more."""
        return max(0.0, self._deadline - self._clock())

    def wait_after(self, error: VeilgateError, safe: bool) -> float | None:
        """Seconds to wait before the call is made again; None where the error is final."""
        self._failures += 1
        if not safe or not error.retryable or self._failures >= self._policy.attempts:
            return None
        wait = (error.retry_after or 0.0) + self._policy.backoff(self._failures, self._jitter)
        return wait if wait < self.left else None
