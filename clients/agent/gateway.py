"""The gateway as an agent has it: the newest connection, and patience.

Owns renewing connections and sending again what did not get through. Refuses to give up a
contribution before its question runs out: the others' masks need it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Final, Generic, Protocol, TypeVar

from clients.agent.orders import Reply, SendContribution
from clients.agent.outcome.combination import Combination
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.errors import VeilgateError

_PATIENCE: Final = RetryPolicy(attempts=6, first_wait=0.2, longest_wait=5.0)
T = TypeVar("T")


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None:
        """Close it; what is under way fails."""
        ...


L = TypeVar("L", bound=Closing)


class JobLinks(Generic[L]):
    """A connection of its own for each lender's job: it lives longer than those of the rounds."""

    def __init__(self, connect: Callable[[], L]) -> None:
        """Take what connects."""
        self._connect = connect
        self._newest: L | None = None

    def fresh(self) -> L:
        """Return a new connection; the one before is closed, for jobs come one at a time."""
        self.close()
        self._newest = self._connect()
        return self._newest

    def close(self) -> None:
        """Close the connection; a job that is under way fails."""
        if self._newest is not None:
            self._newest.close()


class Calling(Protocol):
    """What of a connection is needed here."""

    def contract(self, dataset: str) -> bytes:
        """Return a dataset's contract."""
        ...

    def send(self, reply: Reply) -> None:
        """Send what a round's step made."""
        ...

    def contributions(self, round_id: str, most: int) -> Combination:
        """Return every member's contribution and what was released, ``most`` bytes together."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Gateway:
    """Calls over the newest connection; may be shared by threads."""

    def __init__(self, stopping: Event, patience: RetryPolicy = _PATIENCE) -> None:
        """Take what ends every wait."""
        self._stopping = stopping
        self._patience = patience
        self._links: list[Calling] = []
        self._sending: set[str] = set()
        self._lock = Lock()

    def take(self, link: Calling) -> None:
        """Use a new connection. The one before stays for the calls that it has under way."""
        with self._lock:
            self._links.append(link)
            left, self._links = self._links[:-2], self._links[-2:]
        for one in left:
            one.close()

    def contract(self, dataset: str) -> bytes:
        """Return a dataset's contract; raises ``VeilgateError``."""
        return self._patiently(lambda link: link.contract(dataset), None)

    def contributions(self, round_id: str, most: int) -> Combination:
        """Return every member's contribution and what was released.

        Raises ``VeilgateError``, and ``Refused`` for more than ``most`` bytes.
        """
        return self._patiently(lambda link: link.contributions(round_id, most), None)

    def send(self, reply: Reply) -> None:
        """Send until it is taken, refused, or too late; raises ``VeilgateError``.

        A contribution that is being sent already, over whichever connection, is not sent beside.
        """
        if not isinstance(reply, SendContribution):
            self._patiently(lambda link: link.send(reply), None)
            return
        with self._lock:
            if reply.round in self._sending:
                return
            self._sending.add(reply.round)
        try:
            self._patiently(lambda link: link.send(reply), reply.expires_at)
        finally:
            with self._lock:
                self._sending.discard(reply.round)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            left, self._links = self._links, []
        for one in left:
            one.close()

    def _patiently(self, call: Callable[[Calling], T], until: float | None) -> T:
        failures = 0
        while True:
            try:
                return call(self._newest())
            except VeilgateError as error:
                failures += 1
                enough = (
                    failures >= self._patience.attempts if until is None else (time.time() >= until)
                )
                if enough or not error.retryable:
                    raise
                wait = (error.retry_after or 0.0) + self._patience.backoff(min(failures, 10))
                if self._stopping.wait(wait):
                    raise

    def _newest(self) -> Calling:
        with self._lock:
            if not self._links:
                raise ConnectionError("there is no connection")
            return self._links[-1]
