"""The committer killed, or hung, under a gateway that goes on: no call hangs, and it stops itself.

A gateway that has lost its committer knows no longer what is durable. It answers what waits with
UNAVAILABLE, says why, and ends with status 3; started again, it closes what was left open.
"""

import os
import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, Home
from clients.sdk.codecs import common as codec
from clients.sdk.identity.channel import open_channel
from gateway.bootstrap.gateway import EXIT_STORE_LOST
from gateway.bootstrap.stores import COMMITTER_MODULE
from support.faults_load import grant
from support.faults_serving import STRUCTURED, checkpoint, events, kinds, log_size, verified
from support.homes import development_home
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, serve_home
from support.process import wait_for_line
from support.refusals import read_refusal
from veilgate.v1 import consent_pb2, consent_pb2_grpc, exchange_pb2, exchange_pb2_grpc

APPLICANT = synthetic_subject(1)
CALLS = 8
NOT_ACCEPTED = (grpc.StatusCode.CANCELLED, "")
"""What gRPC itself says to a call that reaches a server while it stops; no handler ever saw it."""
STORE_UNAVAILABLE = (grpc.StatusCode.UNAVAILABLE, "STORE_UNAVAILABLE")
_WAIT_S = 60


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return development_home(tmp_path / "home")


def _get(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender:
        lender.get_record(
            *(APPLICANT.identity_type, APPLICANT.identity_number),
            *(UNDERWRITING, DATASET),
            fields=STRUCTURED,
        )


def _request() -> exchange_pb2.GetRecordRequest:
    return exchange_pb2.GetRecordRequest(
        request_id=str(uuid4()),
        subject=codec.encode_subject(APPLICANT.identity_type, APPLICANT.identity_number),
        purpose=UNDERWRITING,
        dataset=DATASET,
        fields=STRUCTURED,
    )


def _lose(
    gateway: LiveGateway, consent_id: str, then: int, line: str
) -> list[grpc.RpcError | None]:
    """Hang the committer under calls that wait for it, then send it another signal.

    Returns how the calls ended.
    """
    committer = gateway.child(COMMITTER_MODULE)
    os.kill(committer, signal.SIGSTOP)
    with open_channel(gateway.profile(LENDER_A)) as channel:
        exchange: Any = exchange_pb2_grpc.ExchangeServiceStub(channel)
        calls = [exchange.GetRecord.future(_request(), timeout=_WAIT_S) for _ in range(CALLS)]
        # It needs no write, and it came after the others: once it is answered, most of them wait
        # for the committer.
        consents: Any = consent_pb2_grpc.ConsentServiceStub(channel)
        consents.GetConsent(consent_pb2.GetConsentRequest(consent_id=consent_id), timeout=_WAIT_S)
        assert not any(call.done() for call in calls)
        if then == signal.SIGKILL:
            os.kill(committer, then)
        wait_for_line(gateway.process, line, _WAIT_S)
        if then != signal.SIGKILL:
            os.kill(committer, then)
        return [call.exception(_WAIT_S) for call in calls]


def _end(error: grpc.RpcError | None) -> tuple[grpc.StatusCode, str]:
    assert isinstance(error, grpc.Call), "a call was answered"
    if error.code() is grpc.StatusCode.CANCELLED:
        return NOT_ACCEPTED
    refusal = read_refusal(error)
    return refusal.code, refusal.reason


@pytest.mark.parametrize(
    ("then", "line", "timeout_ms"),
    [
        (signal.SIGKILL, "the committer is gone: stopping", 60_000),
        (signal.SIGCONT, "the committer does not answer: stopping", 2_000),
    ],
    ids=["killed", "hung"],
)
def test_a_gateway_without_its_committer_ends_and_leaves_nothing_open(
    home: Home, tmp_path: Path, then: int, line: str, timeout_ms: int
) -> None:
    gateway = serve_home(home, commit_timeout_ms=timeout_ms)
    try:
        consent_id = grant(gateway, APPLICANT)
        _get(gateway)
        since, before = checkpoint(gateway), log_size(gateway)
        errors = _lose(gateway, consent_id, then, line)
        assert gateway.process.wait(_WAIT_S) == EXIT_STORE_LOST
    finally:
        gateway.kill()
    ends = [_end(error) for error in errors]
    assert STORE_UNAVAILABLE in ends
    assert set(ends) <= {STORE_UNAVAILABLE, NOT_ACCEPTED}
    _check_restart(home, tmp_path / "export", since, before)


def _check_restart(home: Home, folder: Path, since: bytes, before: int) -> None:
    again = serve_home(home)
    try:
        _get(again)
        verified(again, folder, since)
        after = kinds(events(again, before))
        # What was in the hung committer's hands may be logged; what was not released stays so.
        assert after.count("INTENT") - 1 == after.count("ABANDONED")
        assert after.count("RELEASE") == 1
        assert again.stop() == 0
    finally:
        again.kill()
