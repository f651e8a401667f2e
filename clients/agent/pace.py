"""When answers go out: at fixed times after their order, whatever the work took.

Owns the schedule. How long an evaluation or a look-up takes depends on the data; what is answered
at the next multiple of a step tells no more than the step that it fell into, and of what takes less
than one step nothing. Refuses to answer at once, willing or not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

DEFAULT_STEP_MS = 250


@dataclass(frozen=True, slots=True)
class Pace:
    """A step in seconds; 0 answers at once. ``clock`` is monotonic, in seconds."""

    step_s: float = 0.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def due(self, ordered_at: float, done_at: float) -> float:
        """Return when an answer goes out whose order came then and whose work was done then."""
        if not self.step_s:
            return done_at
        steps = max(1, math.ceil((done_at - ordered_at) / self.step_s))
        return ordered_at + steps * self.step_s

    def wait(self, ordered_at: float) -> None:
        """Wait until the answer to an order may go out."""
        now = self.clock()
        left = self.due(ordered_at, now) - now
        if left > 0:
            self.sleep(left)
