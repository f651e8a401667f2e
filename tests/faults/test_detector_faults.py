"""The process that reads free text, killed or hung under a live gateway.

The text is withheld and the rest of the record is released; no text ever passes through unread.
Once the process is replaced, texts are released again.
"""

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A
from clients.sdk.models.common import Record
from clients.sdk.vocabulary import WithheldBecause
from support.faults_load import grant, lift_limits
from support.faults_serving import events, log_size, wait_until
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, start_gateway

FIELDS = ("name", "housing", "remark")
APPLICANT = synthetic_subject(1)
_SPAWNED = "multiprocessing.spawn"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("detector") / "home"
    gateway = start_gateway(folder, prepare=lift_limits, detection_timeout_ms=500)
    grant(gateway, APPLICANT)
    yield gateway
    assert gateway.stop() == 0


def _get(gateway: LiveGateway) -> Record:
    with gateway.client(LENDER_A) as lender:
        return lender.get_record(
            *(APPLICANT.identity_type, APPLICANT.identity_number, UNDERWRITING, DATASET, FIELDS)
        )


def _detector(gateway: LiveGateway) -> int:
    """The pool process: the spawned child that is not multiprocessing's resource tracker."""
    listing = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(gateway.process.pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    spawned = [line for line in listing.stdout.splitlines() if f"from {_SPAWNED}" in line]
    (line,) = spawned
    return int(line.split()[0])


def _assert_withheld(gateway: LiveGateway, record: Record, before: int) -> None:
    assert record.withheld["remark"] is WithheldBecause.DETECTION_FAILED
    assert "remark" not in record.fields
    assert record.fields["housing"] == APPLICANT.housing
    release = events(gateway, before)[-1]
    assert release["kind"] == "RELEASE"
    assert "remark:DETECTION_FAILED" in release["withheld"]  # type: ignore[operator]
    assert not any(str(one).startswith("remark") for one in release["released"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_text_is_withheld_until_the_detector_is_replaced(
    fault: signal.Signals, gateway: LiveGateway
) -> None:
    assert _get(gateway).operators["remark"] == "detect"
    before, detector = log_size(gateway), _detector(gateway)
    os.kill(detector, fault)
    _assert_withheld(gateway, _get(gateway), before)
    wait_until(lambda: _replaced(gateway, detector), "another detector")
    wait_until(lambda: _has_text(gateway), "a text")


def _replaced(gateway: LiveGateway, detector: int) -> bool:
    try:
        return _detector(gateway) != detector
    except ValueError:
        return False


def _has_text(gateway: LiveGateway) -> bool:
    record = _get(gateway)
    assert ("remark" in record.fields) != ("remark" in record.withheld)
    return "remark" in record.fields
