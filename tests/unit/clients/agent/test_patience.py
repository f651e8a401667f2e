"""What is sent again, for how long, and what is not sent twice at a time."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import grpc
import pytest

from clients.agent.errors import shown_reason
from clients.agent.gateway import Gateway, JobLinks
from clients.agent.orders import Reply, SendContribution, SendDecline
from clients.agent.outcome.combination import Combination
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.codecs.status_details import StatusDetails
from clients.sdk.errors import TransportFailure, VeilgateError
from clients.sdk.reasons import ErrorReason
from gateway.crypto.statement import SignedStatement

QUICK = RetryPolicy(attempts=3, first_wait=0.001, longest_wait=0.002)
AWAY = TransportFailure(grpc.StatusCode.UNAVAILABLE, StatusDetails())
NO = VeilgateError(
    grpc.StatusCode.FAILED_PRECONDITION, StatusDetails(reason=ErrorReason.ROUND_VOID)
)
WAIT_S = 20.0


@dataclass
class FakeLink:
    """A connection that fails as it is told, and may hold a call until it is let go."""

    failures: deque[Exception] = field(default_factory=deque)
    sent: list[Reply] = field(default_factory=list)
    entered: Event = field(default_factory=Event)
    hold: Event | None = None
    closed: bool = False

    def contract(self, dataset: str) -> bytes:
        self._fail()
        return dataset.encode()

    def send(self, reply: Reply) -> None:
        self._fail()
        self.entered.set()
        if self.hold is not None:
            assert self.hold.wait(WAIT_S)
        self.sent.append(reply)

    def contributions(self, round_id: str, most: int) -> Combination:
        return Combination((), b"")

    def close(self) -> None:
        self.closed = True

    def _fail(self) -> None:
        if self.failures:
            raise self.failures.popleft()


def contribution(expires_in: float = 60.0) -> SendContribution:
    signed = SignedStatement(b"{}", b"", ())
    return SendContribution("ab" * 16, int(time.time() + expires_in), signed, b"")


def gateway_over(link: FakeLink, stopping: Event | None = None) -> Gateway:
    made = Gateway(stopping or Event(), QUICK)
    made.take(link)
    return made


def test_a_gateway_that_is_away_is_asked_a_few_times() -> None:
    link = FakeLink(deque([AWAY, AWAY]))
    assert gateway_over(link).contract("d") == b"d"
    link.failures.extend([AWAY] * 3)
    with pytest.raises(TransportFailure):
        gateway_over(link).contract("d")


def test_a_no_is_a_no() -> None:
    link = FakeLink(deque([NO]))
    with pytest.raises(VeilgateError):
        gateway_over(link).send(SendDecline("ab" * 16))
    assert link.sent == []


def test_a_contribution_is_not_given_up_before_its_question_runs_out() -> None:
    link = FakeLink(deque([AWAY] * 30))
    gateway_over(link).send(contribution())
    assert len(link.sent) == 1
    link.failures.extend([AWAY] * 30)
    with pytest.raises(TransportFailure):
        gateway_over(link).send(contribution(-1.0))


def test_a_stop_ends_the_wait() -> None:
    stopping = Event()
    stopping.set()
    link = FakeLink(deque([AWAY] * 30))
    with pytest.raises(TransportFailure):
        gateway_over(link, stopping).send(contribution())


def test_one_contribution_is_sent_once_at_a_time() -> None:
    link = FakeLink(hold=Event())
    made = gateway_over(link)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(made.send, contribution())
        assert link.entered.wait(WAIT_S)
        made.send(contribution())
        assert link.hold is not None
        link.hold.set()
        first.result(WAIT_S)
    assert len(link.sent) == 1
    made.send(contribution())
    assert len(link.sent) == 2


def test_the_connection_before_stays_for_what_is_under_way() -> None:
    links = [FakeLink() for _ in range(3)]
    made = Gateway(Event(), QUICK)
    for one in links:
        made.take(one)
    assert [one.closed for one in links] == [True, False, False]
    made.close()
    assert all(one.closed for one in links)


def test_a_job_has_a_connection_of_its_own() -> None:
    jobs = JobLinks(FakeLink)
    first = jobs.fresh()
    second = jobs.fresh()
    assert (first.closed, second.closed) == (True, False)
    jobs.close()
    assert second.closed


def test_a_reason_that_is_none_is_not_repeated_in_a_log() -> None:
    strange = StatusDetails(reason="X\n2026 INFO all is well")
    assert shown_reason(NO) == "FAILED_PRECONDITION ROUND_VOID"
    assert shown_reason(VeilgateError(grpc.StatusCode.INTERNAL, strange)) == "INTERNAL unknown"
