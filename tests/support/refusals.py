"""What a refused call must look like, checked once for all the tests that provoke one.

Owns the reading of ``google.rpc.Status`` details and raw calls that bypass the SDK. Refuses to
accept a refusal without its reason, its texts in both languages, or with a reason of INTERNAL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from clients.sdk import VeilgateError
from veilgate.v1 import policy_pb2

_CHINESE = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: ``bad`` maps the paths of bad fields to what each should have been."""

    code: grpc.StatusCode
    reason: str
    en: str
    zh: str
    event_id: str = ""
    bad: dict[str, str] = field(default_factory=dict)
    retry_after_s: int | None = None
    decision: policy_pb2.DecisionDetail | None = None


def read_refusal(error: grpc.RpcError) -> Refusal:
    """The refusal behind a failed call; fails the test unless its details are whole."""
    assert isinstance(error, grpc.Call)
    status = rpc_status.from_call(error)
    assert status is not None, f"{error.code()} without details: {error.details()}"
    infos = _of(status, error_details_pb2.ErrorInfo)
    texts = {one.locale: one.message for one in _of(status, error_details_pb2.LocalizedMessage)}
    assert len(infos) == 1
    assert infos[0].domain == "veilgate.v1"
    assert set(texts) == {"en", "zh"}
    assert _CHINESE.search(texts["zh"])
    assert re.search("[a-z]{3}", texts["en"])
    violations = [
        one for bad in _of(status, error_details_pb2.BadRequest) for one in bad.field_violations
    ]
    retries = _of(status, error_details_pb2.RetryInfo)
    decisions = _of(status, policy_pb2.DecisionDetail)
    return Refusal(
        error.code(),
        infos[0].reason,
        texts["en"],
        texts["zh"],
        infos[0].metadata.get("event_id", ""),
        {one.field: one.description for one in violations},
        retries[0].retry_delay.seconds if retries else None,
        decisions[0] if decisions else None,
    )


def _of(status, kind):  # type: ignore[no-untyped-def]
    found = []
    for packed in status.details:
        message = kind()
        if packed.Unpack(message):
            found.append(message)
    return found


@contextmanager
def refused(reason: str, code: grpc.StatusCode) -> Iterator[pytest.ExceptionInfo[VeilgateError]]:
    """The SDK call in the block is refused for this reason with this code, and nothing else."""
    with pytest.raises(VeilgateError) as caught:
        yield caught
    assert (caught.value.reason, caught.value.code) == (reason, code)
    assert isinstance(caught.value.__cause__, grpc.RpcError)
    assert read_refusal(caught.value.__cause__).reason == reason


def denied(reason: str):  # type: ignore[no-untyped-def]
    """``refused`` with PERMISSION_DENIED."""
    return refused(reason, grpc.StatusCode.PERMISSION_DENIED)


def raw_method(channel: grpc.Channel, method: str) -> grpc.UnaryUnaryMultiCallable[bytes, bytes]:
    """A method by its full name, bytes in and bytes out: for requests that no stub would send."""
    return channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)


def refusal_of(channel: grpc.Channel, method: str, body: bytes) -> Refusal:
    """The refusal of a raw call, which must be refused."""
    with pytest.raises(grpc.RpcError) as caught:
        raw_method(channel, method)(body, timeout=10)
    return read_refusal(caught.value)
