"""A live gateway whose store is full, read-only, locked, or fails at the commit.

In each case no call gets data, each gets STORE_UNAVAILABLE, the health service says so, and when
the fault is lifted the gateway serves again by itself, over a log that verifies.
"""

import os
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A
from clients.sdk import VeilgateError
from clients.sdk.models.common import Record
from support.faults_committer import MODULE
from support.faults_load import grant
from support.faults_points import Plan
from support.faults_serving import (
    STRUCTURED,
    checkpoint,
    events,
    health_channel,
    is_serving,
    kinds,
    log_size,
    serve_faulty,
    verified,
    wait_until,
)
from support.homes import development_home
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, underwriting_consent

CALLS = 5
ENOUGH_TO_FILL = 400
UNKNOWN_PURPOSE = "credit.unheard-of"


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Path:
    control = tmp_path_factory.mktemp("control") / "mode"
    control.write_text("")
    return control


@pytest.fixture(scope="module")
def gateway(control: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = development_home(tmp_path_factory.mktemp("store") / "home")
    gateway = serve_faulty(home, Plan(control=str(control)).environment())
    yield gateway
    gateway.kill()


@pytest.fixture(scope="module")
def consent(gateway: LiveGateway) -> str:
    return grant(gateway, synthetic_subject(1))


def _get(gateway: LiveGateway, purpose: str = UNDERWRITING) -> Record:
    applicant = synthetic_subject(1)
    with gateway.client(LENDER_A) as lender:
        return lender.get_record(
            *(applicant.identity_type, applicant.identity_number, purpose, DATASET, STRUCTURED)
        )


def _refusal(call: Callable[[], object]) -> tuple[str, grpc.StatusCode]:
    with pytest.raises(VeilgateError) as caught:
        call()
    return caught.value.reason, caught.value.code


STORE_UNAVAILABLE = ("STORE_UNAVAILABLE", grpc.StatusCode.UNAVAILABLE)


@contextmanager
def _switched(gateway: LiveGateway, control: Path, mode: str) -> Iterator[None]:
    control.write_text(mode)
    try:
        yield
    finally:
        control.write_text("")


@contextmanager
def _no_file_grows(gateway: LiveGateway, control: Path, _: str) -> Iterator[None]:
    """The kernel refuses every write beyond the first byte of a file: what ENOSPC looks like."""
    committer = gateway.child(MODULE)
    hard = resource.prlimit(committer, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(committer, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(committer, resource.RLIMIT_FSIZE, (hard, hard))


@contextmanager
def _locked(gateway: LiveGateway, control: Path, _: str) -> Iterator[None]:
    store = gateway.home.folder / "data" / "veilgate.db"
    with closing(sqlite3.connect(store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


Fault = Callable[[LiveGateway, Path, str], AbstractContextManager[None]]
FAULTS: dict[str, Fault] = {
    "full": _switched,
    "no file grows": _no_file_grows,
    "read-only": _switched,
    "locked": _locked,
    "commit fails": _switched,
    "commit unsure": _switched,
    "rollback fails": _switched,
}


def _fill(gateway: LiveGateway) -> None:
    """Use up the room that a full store still has in its last pages."""
    for _ in range(ENOUGH_TO_FILL):
        if _refusal(lambda: _get(gateway, UNKNOWN_PURPOSE)) == STORE_UNAVAILABLE:
            return
    raise AssertionError("the store is never full")


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_released_and_service_comes_back_by_itself(
    fault: str, gateway: LiveGateway, control: Path, consent: str, tmp_path: Path
) -> None:
    _get(gateway)
    since = checkpoint(gateway)
    with health_channel(gateway) as channel:
        with FAULTS[fault](gateway, control, fault):
            if fault == "full":
                _fill(gateway)
            before = log_size(gateway)
            _everything_is_refused(gateway, consent)
            wait_until(lambda: not is_serving(channel), "NOT_SERVING")
        wait_until(lambda: is_serving(channel) and is_serving(channel, ""), "SERVING")
    _check_log(gateway, fault, before)
    _get(gateway)
    verified(gateway, tmp_path, since)


def _everything_is_refused(gateway: LiveGateway, consent: str) -> None:
    applicant = synthetic_subject(2)
    signed = underwriting_consent(gateway.profile(LENDER_A), applicant)
    with gateway.client(LENDER_A) as lender:
        calls: list[Callable[[], object]] = [
            lambda: _get(gateway),
            lambda: _get(gateway, UNKNOWN_PURPOSE),
            lambda: lender.grant_consent(signed),
            lambda: lender.revoke_consent("00000000-0000-4000-8000-000000000000"),
            lambda: lender.explain_access(
                *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET)
            ),
        ]
        for call in calls:
            reason, _ = refusal = _refusal(call)
            # A consent that is not there needs no write to be refused.
            assert refusal == STORE_UNAVAILABLE or reason == "CONSENT_NOT_FOUND"
        # What needs no write is answered all along.
        assert lender.get_consent(consent).draft.consent_id == consent


def _check_log(gateway: LiveGateway, fault: str, before: int) -> None:
    after = kinds(events(gateway, before))
    assert "RELEASE" not in after
    assert "STORE_RECOVERED" in after
    if fault != "commit unsure":
        assert set(after) == {"STORE_RECOVERED"}


def test_a_second_outage_shows_though_nobody_called_in_between(
    gateway: LiveGateway, control: Path, consent: str
) -> None:
    with health_channel(gateway) as channel:
        for _ in range(2):
            with _switched(gateway, control, "read-only"):
                assert _refusal(lambda: _get(gateway)) == STORE_UNAVAILABLE
                wait_until(lambda: not is_serving(channel), "NOT_SERVING")
            wait_until(lambda: is_serving(channel), "SERVING")


@pytest.mark.parametrize(
    ("fault", "logged"),
    [
        ("release fails", ["INTENT", "FAILURE"]),
        # It is in the log and counted, though nobody got it: the log may say too much, never less.
        ("release unsure", ["INTENT", "RELEASE"]),
    ],
)
def test_a_release_whose_commit_failed_gives_nothing_and_costs_one_use(
    fault: str, logged: list[str], gateway: LiveGateway, control: Path
) -> None:
    applicant, request_id = synthetic_subject(3), str(uuid4())
    consent_id = grant(gateway, applicant, uses=1)

    def get(request_id: str) -> Record:
        with gateway.client(LENDER_A) as lender:
            return lender.get_record(
                *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
                *(STRUCTURED, consent_id, request_id),
            )

    before = log_size(gateway)
    with _switched(gateway, control, fault):
        assert _refusal(lambda: get(request_id)) == STORE_UNAVAILABLE
    assert [kind for kind in kinds(events(gateway, before)) if kind != "STORE_RECOVERED"] == logged
    assert get(request_id).repeat is ("RELEASE" in logged)
    assert _refusal(lambda: get(str(uuid4())))[0] == "CONSENT_USES_SPENT"


def test_the_gateway_stops_as_usual_after_all_that(gateway: LiveGateway) -> None:
    os.kill(gateway.process.pid, 0)
    assert gateway.stop() == 0
