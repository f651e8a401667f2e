"""The life of a process that holds a session with PostgreSQL.

Owns that it does not outlive its session: whoever watches the process starts it anew. What hangs at
the start, or on a look round, is cut off by the clock: the alarm's signal ends the process.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from gateway.adapters.processes.batch_server import Besides
from gateway.adapters.store.postgres_store import Connection

LOOK_ROUND_S: Final = 3.0
"""How often a process that has nothing to do looks whether its session is there."""
_START_S: Final = 5
_LOOK_S: Final = 2


class StoreLost(Exception):
    """The session with the store has ended, or a write that must succeed did not."""


@contextmanager
def starting() -> Iterator[None]:
    """Bound the start of a process, and leave its end to its parent."""
    # The parent decides when to stop, by closing its ends: a Ctrl-C must not cut a batch off.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with _at_most(_START_S):
        yield


def watched(connection: Connection, look_round: Callable[[], object]) -> Besides:
    """Return what has to be looked after: the session, and ``look_round``, bounded in time."""

    def bounded() -> None:
        with _at_most(_LOOK_S):
            # A plan made while a table was empty is a bad one when it is full.
            connection.execute("DISCARD PLANS")
            look_round()

    def check() -> None:
        if connection.closed:
            raise StoreLost("the connection has ended")

    return Besides(connection.fileno(), LOOK_ROUND_S, bounded, check)


@contextmanager
def _at_most(seconds: int) -> Iterator[None]:
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
