"""Callers that go away, and callers that come too often: nothing is released, the log says so."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest

from support.live_gateway import LiveGateway, running_gateway
from support.members import Member, fresh_applicant, record_request
from support.refusals import raw_method, read_refusal
from veilgate.v1 import exchange_pb2_grpc

PROVIDER_MODULE = "gateway.adapters.providers.provider_process"
CALLS_PER_SECOND = 40
_WAIT_S = 20
Event = dict[str, str]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("errors") / "home"
    limits = {"provider_timeout_ms": 60_000, "calls_per_second": CALLS_PER_SECOND}
    with running_gateway(folder, **limits) as running:
        yield running


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@contextmanager
def _stopped_provider(gateway: LiveGateway) -> Iterator[None]:
    """The provider's process hangs within the block, and goes on after it."""
    provider = gateway.child(PROVIDER_MODULE)
    os.kill(provider, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(provider, signal.SIGCONT)


def _events(gateway: LiveGateway) -> list[Event]:
    with gateway.client("auditor") as auditor:
        return [json.loads(entry.event) for entry in auditor.list_events(0, 500).entries]


def _wait_for(gateway: LiveGateway, start: int, kind: str) -> Event:
    """The first event of a kind from an index on."""
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        for event in _events(gateway)[start:]:
            if event["kind"] == kind:
                return event
        time.sleep(0.1)
    raise AssertionError(f"no {kind} within {_WAIT_S} s")


Leave = Callable[["grpc.Future[Any]"], None]


def _cancel(call: grpc.Future[Any]) -> None:
    call.cancel()


def _let_the_deadline_pass(call: grpc.Future[Any]) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call.result()
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


@pytest.mark.parametrize(("leave", "timeout"), [(_cancel, 60), (_let_the_deadline_pass, 3.0)])
def test_a_caller_that_goes_away_gets_no_release_and_an_event(
    gateway: LiveGateway, lender: Member, leave: Leave, timeout: float
) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    consent = lender.grant(raw, uses=1)
    start = len(_events(gateway))
    stub = exchange_pb2_grpc.ExchangeServiceStub(lender.channel)
    with _stopped_provider(gateway):
        call = stub.GetRecord.future(record_request(raw, request_id), timeout=timeout)
        intent = _wait_for(gateway, start, "INTENT")
        leave(call)
        abandoned = _wait_for(gateway, start, "ABANDONED")
    assert abandoned["intent"] == intent["id"]
    assert (abandoned["outcome"], abandoned["institution"]) == ("NOT_RELEASED", "lender-a")
    assert lender.client.get_consent(consent.consent_id).uses == 0
    # The provider answers now, to nobody: the one use is still there for the same request.
    record = lender.get(raw, request_id=request_id)
    assert not record.repeat
    kinds = [event["kind"] for event in _events(gateway)[start:]]
    assert kinds.count("RELEASE") == 1
    assert kinds.count("ABANDONED") == 1


def test_others_are_served_while_a_provider_hangs(gateway: LiveGateway, lender: Member) -> None:
    raw = fresh_applicant()
    consent = lender.grant(raw)
    stub = exchange_pb2_grpc.ExchangeServiceStub(lender.channel)
    with _stopped_provider(gateway):
        call = stub.GetRecord.future(record_request(raw, str(uuid4())), timeout=60)
        assert lender.explain(raw).decision.allow
        assert lender.client.get_consent(consent.consent_id).uses == 0
        assert not call.done()
    assert call.result().fields


def test_calls_are_limited_for_each_institution_alone(gateway: LiveGateway) -> None:
    with Member(gateway, "demo-bureau") as busy, Member(gateway, "lender-b") as other:
        checkpoint = raw_method(busy.channel, "/veilgate.v1.AuditService/GetCheckpoint")
        errors = []
        # More at once than the connection's streams would be the transport's refusal.
        for _ in range(10):
            calls = [checkpoint.future(b"", timeout=30) for _ in range(CALLS_PER_SECOND)]
            errors += [error for call in calls if (error := call.exception()) is not None]
        assert 0 < len(errors) <= 8 * CALLS_PER_SECOND
        for error in errors:
            assert isinstance(error, grpc.RpcError)
            refusal = read_refusal(error)
            assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert (refusal.reason, refusal.retry_after_s) == ("RATE_LIMITED", 1)
        assert other.client.checkpoint().note
