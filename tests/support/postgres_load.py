"""Lenders that go on calling through outages of the store, and remember how each call ended.

Owns the load, when each call began and ended, and what must hold of it over an outage. Times are
monotonic seconds.
"""

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import grpc
import psycopg

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A
from clients.sdk import VeilgateError
from clients.sdk.models.common import Record
from support.faults_load import THREADS
from support.faults_serving import STRUCTURED, wait_until
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway

ANSWER_S = 2.0
"""In which a call has to be refused."""
MARGIN_S = 1.5
"""What a busy machine may add to it."""
_PAUSE_S = 0.02
_JOIN_S = 40


@dataclass(frozen=True, slots=True)
class Ended:
    """One call: when it began and ended, and its record or how it was refused."""

    began: float
    ended: float
    record: Record | None
    error: VeilgateError | None


@dataclass(slots=True)
class SteadyLoad:
    """Threads that get records of applicants 1 to ``THREADS``, whatever happens."""

    gateway: LiveGateway
    consents: list[str]
    calls: list[Ended] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    @property
    def records(self) -> list[Record]:
        """Every record that a lender was given."""
        return [one.record for one in list(self.calls) if one.record is not None]

    def __enter__(self) -> Self:
        self._threads = [
            threading.Thread(target=self._run, args=(n,), daemon=True) for n in range(THREADS)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(_JOIN_S)
            assert not thread.is_alive(), "a call hangs"

    def wait_for_records(self, count: int = 3 * THREADS) -> None:
        """Wait until so many more were given out."""
        already = len(self.records)
        wait_until(lambda: len(self.records) >= already + count, "records")

    def wait_for_refusals(self, since: float) -> None:
        """Wait until as many calls as there are threads began and were refused since."""
        wait_until(
            lambda: (
                sum(one.error is not None and one.began > since for one in list(self.calls))
                >= THREADS
            ),
            "refusals",
        )

    def _run(self, number: int) -> None:
        applicant = synthetic_subject(number + 1)
        with self.gateway.client(LENDER_A) as lender:
            while not self._stop.is_set():
                began, record, error = time.monotonic(), None, None
                try:
                    record = lender.get_record(
                        *(applicant.identity_type, applicant.identity_number),
                        *(UNDERWRITING, DATASET),
                        fields=STRUCTURED,
                        consent_id=self.consents[number],
                    )
                except VeilgateError as refused:
                    error = refused
                    # Somebody who is refused waits a little before the next call.
                    self._stop.wait(_PAUSE_S)
                self.calls.append(Ended(began, time.monotonic(), record, error))


def violations(calls: list[Ended], began: float, ended: float) -> list[str]:
    """What must not be of an outage between two moments, in words."""
    found = []
    for one in calls:
        within = one.began > began and one.ended < ended
        if one.record is not None and within:
            found.append("a record was released while the store was away")
        if one.error is not None and one.error.code is not grpc.StatusCode.UNAVAILABLE:
            found.append(f"a call ended with {one.error.code} {one.error.reason}")
        if one.error is not None and one.ended - one.began > ANSWER_S + MARGIN_S:
            found.append(f"a refusal took {one.ended - one.began:.1f} s")
    return found


def wait_until_closed(url: str) -> None:
    """Wait until no intent is open: those of dead committers are closed by the living."""

    def closed() -> bool:
        with psycopg.connect(url) as connection:
            return connection.execute("SELECT count(*) FROM open_intent").fetchone() == (0,)

    wait_until(closed, "open intents closed")
