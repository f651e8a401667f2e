"""How a flow is carried out, without a connection: steps, one deadline, and failures."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import grpc
import grpc.aio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import RetryPolicy, TransportFailure
from clients.sdk.calls.call import Call, Flow
from clients.sdk.calls.conduct import Send, Step, Wait, advance, conduct
from clients.sdk.calls.exchange import GET_RECORD
from veilgate.v1 import exchange_pb2

ANSWER = exchange_pb2.GetRecordResponse(event_id="e")


def lost() -> grpc.aio.AioRpcError:
    """A connection that broke, as gRPC tells it."""
    return grpc.aio.AioRpcError(
        grpc.StatusCode.UNAVAILABLE, grpc.aio.Metadata(), grpc.aio.Metadata()
    )


def event_of(timeout: float) -> Call[str]:
    request = exchange_pb2.GetRecordRequest()
    return Call(GET_RECORD, request, lambda answer: answer.event_id, timeout)


def flow_of(timeouts: list[float]) -> Flow[list[str]]:
    found = []
    for timeout in timeouts:
        found.append((yield from event_of(timeout)))
    return found


def carried_out(flow: Flow[Any], outcomes: Iterator[Any], took: float) -> tuple[list[Step], Any]:
    """Each sending takes so long and ends in the next outcome; waits take what they say."""
    now = [100.0]
    steps = conduct(flow, RetryPolicy(), lambda: now[0])
    seen: list[Step] = []
    try:
        step = next(steps)
        while True:
            seen.append(step)
            now[0] += step.seconds if isinstance(step, Wait) else took
            step = advance(steps, None if isinstance(step, Wait) else next(outcomes))
    except StopIteration as end:
        return seen, end.value


def test_a_flow_s_calls_share_the_deadline_of_the_first() -> None:
    seen, value = carried_out(flow_of([10, 10, 3, 10]), iter([ANSWER] * 4), took=4)
    assert value == ["e"] * 4
    assert [step.timeout for step in seen if isinstance(step, Send)] == [10, 6, 2, 0.001]


@given(st.integers(0, 3), st.floats(0.01, 2))
def test_attempts_of_one_call_share_its_deadline(failures: int, took: float) -> None:
    outcomes = iter([*[lost() for _ in range(failures)], ANSWER])
    seen, value = carried_out(iter(event_of(60)), outcomes, took)
    assert value == "e"
    timeouts = [step.timeout for step in seen if isinstance(step, Send)]
    assert len(timeouts) == failures + 1
    assert sum(isinstance(step, Wait) for step in seen) == failures
    assert timeouts[0] == 60
    # Up to rounding.
    assert all(later <= one - took + 1e-6 for one, later in pairwise(timeouts))


def test_a_flow_may_go_on_after_a_failure() -> None:
    def flow() -> Flow[str]:
        try:
            return (yield from event_of(5))
        except TransportFailure:
            return (yield from event_of(5))

    _, value = carried_out(flow(), iter([*(lost() for _ in range(4)), ANSWER]), took=0)
    assert value == "e"


def test_a_failure_that_the_flow_does_not_take_ends_it() -> None:
    with pytest.raises(TransportFailure) as caught:
        carried_out(flow_of([5, 5]), iter([lost() for _ in range(9)]), took=0)
    assert isinstance(caught.value.__cause__, grpc.RpcError)
