"""How a flow is carried out: attempts, waits and deadlines, without a connection.

Owns what both clients do between the first call of a flow and its value. Refuses to send and to
sleep: it says what is to be sent and how long to wait, and is told what came of it. One deadline,
that of its first call, holds for a whole flow.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import grpc
from google.protobuf.message import Message

from clients.sdk.calls.call import Call, Flow
from clients.sdk.calls.retry import Attempts, RetryPolicy
from clients.sdk.errors import VeilgateError

T = TypeVar("T")
_LEAST_S: Final = 0.001
"""What a call gets whose flow is out of time: it fails as any call does that is."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send this call's request, with so many seconds for the answer."""

    call: Call[Any]
    timeout: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait so many seconds."""

    seconds: float


Step = Send | Wait
Steps = Generator[Step, Any, T]
"""Steps to take; see `advance`."""
Outcome = Message | grpc.RpcError | None
"""What came of a step: an answer, a failure, or nothing, of a wait."""


def advance(steps: Steps[Any], outcome: Outcome) -> Step:
    """Tell what came of the last step, and get the next one.

    Raises:
        StopIteration: there is none; it holds the flow's value.
        SdkError: the flow ended with it.
    """
    return steps.throw(outcome) if isinstance(outcome, grpc.RpcError) else steps.send(outcome)


def conduct(
    flow: Flow[T], policy: RetryPolicy, clock: Callable[[], float] = time.monotonic
) -> Steps[T]:
    """The steps that carry out a flow; ends with its value, or raises what it raises."""
    try:
        call = next(flow)
        deadline = clock() + call.timeout
        while True:
            attempts = Attempts(policy, min(deadline, clock() + call.timeout), clock)
            try:
                value = yield from _made(call, attempts)
            except VeilgateError as error:
                call = flow.throw(error)
            else:
                call = flow.send(value)
    except StopIteration as end:
        result: T = end.value
        return result


def _made(call: Call[T], attempts: Attempts) -> Steps[T]:
    while True:
        try:
            answer = yield Send(call, max(attempts.left, _LEAST_S))
        except grpc.RpcError as failed:
            error = VeilgateError.from_rpc(failed, call.request_id)
            wait = attempts.wait_after(error, call.rpc.safe)
            if wait is None:
                raise error from failed
        else:
            return call.read(answer)
        yield Wait(wait)
