"""The committer killed, or hung, under a gateway that goes on: no call hangs, and it stops itself.

A gateway that has lost its committer knows no longer what is durable. It answers what waits with
UNAVAILABLE, says why, and ends with status 3; started again, it closes what was left open.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, Home, make_home
from clients.sdk import VeilgateError
from gateway.bootstrap import COMMITTER_MODULE, EXIT_STORE_LOST
from support.faults_load import grant
from support.faults_serving import STRUCTURED, checkpoint, events, kinds, log_size, verified
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, serve_home
from support.process import wait_for_line

CALLS = 8
_WAIT_S = 60


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    yield make_home(tmp_path / "home", "localhost:0", development=True)


def _get(gateway: LiveGateway) -> VeilgateError | None:
    applicant = synthetic_subject(1)
    with gateway.client(LENDER_A) as lender:
        try:
            lender.get_record(
                *(applicant.identity_type, applicant.identity_number),
                *(UNDERWRITING, DATASET, STRUCTURED),
                timeout=_WAIT_S,
            )
        except VeilgateError as error:
            return error
    return None


def _lose(gateway: LiveGateway, committer: int, then: int, line: str) -> list[VeilgateError | None]:
    """Hang the committer under calls that wait for it, and send it another signal."""
    os.kill(committer, signal.SIGSTOP)
    with ThreadPoolExecutor(CALLS) as pool:
        calls = [pool.submit(_get, gateway) for _ in range(CALLS)]
        if then == signal.SIGKILL:
            os.kill(committer, then)
        wait_for_line(gateway.process, line, _WAIT_S)
        if then != signal.SIGKILL:
            os.kill(committer, then)
        return [call.result(_WAIT_S) for call in calls]


@pytest.mark.parametrize(
    ("then", "line", "settings"),
    [
        (signal.SIGKILL, "the committer is gone: stopping", {}),
        (signal.SIGCONT, "the committer does not answer: stopping", {"commit_timeout_ms": 300}),
    ],
    ids=["killed", "hung"],
)
def test_a_gateway_without_its_committer_ends_and_leaves_nothing_open(
    home: Home, tmp_path: Path, then: int, line: str, settings: dict[str, int]
) -> None:
    gateway = serve_home(home, **settings)
    try:
        grant(gateway, synthetic_subject(1))
        assert _get(gateway) is None
        since, before = checkpoint(gateway), log_size(gateway)
        errors = _lose(gateway, gateway.child(COMMITTER_MODULE), then, line)
        assert gateway.process.wait(_WAIT_S) == EXIT_STORE_LOST
    finally:
        gateway.kill()
    assert [one.code for one in errors if one] == [grpc.StatusCode.UNAVAILABLE] * CALLS
    _check_restart(home, tmp_path / "export", since, before)


def _check_restart(home: Home, folder: Path, since: bytes, before: int) -> None:
    again = serve_home(home)
    try:
        assert _get(again) is None
        verified(again, folder, since)
        after = kinds(events(again, before))
        # What was in the hung committer's hands may be logged; what was not released stays so.
        assert after.count("INTENT") - 1 == after.count("ABANDONED")
        assert after.count("RELEASE") == 1
        assert again.stop() == 0
    finally:
        again.kill()
