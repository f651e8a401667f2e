"""An agreement that is ended while calls are under way: nothing is released under it any more."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import OPERATOR
from clients.sdk import VeilgateClient, VeilgateError
from clients.sdk.models.common import Record
from gateway.adapters.providers.process_provider import PROCESS_MODULE
from support.faults_load import NO_LIMIT, lift_limits
from support.faults_serving import STRUCTURED, events, kinds, log_size, wait_until
from support.homes import development_home
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, serve_home
from support.live_gateway import underwriting_consent as consent_of
from support.newcomers import Newcomer

CALLERS, ROUNDS, LONG_ROUNDS = 4, 3, 100
_PATIENT_MS = 60_000
PERSON = synthetic_subject(3)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = development_home(tmp_path_factory.mktemp("agreement") / "home")
    lift_limits(home)
    gateway = serve_home(home, calls_per_second=NO_LIMIT, provider_timeout_ms=_PATIENT_MS)
    yield gateway
    assert gateway.stop() == 0


@pytest.fixture(scope="module")
def operator(gateway: LiveGateway) -> Iterator[VeilgateClient]:
    with gateway.client(OPERATOR) as client:
        yield client


@pytest.fixture(scope="module")
def lender(
    gateway: LiveGateway, operator: VeilgateClient, tmp_path_factory: pytest.TempPathFactory
) -> Newcomer:
    """A member with a consent, and without an agreement yet."""
    one = Newcomer(gateway, tmp_path_factory.mktemp("lender"), id="lender-of-a-while")
    operator.enrol_institution(one.enrolment())
    with one.client() as client:
        client.grant_consent(consent_of(one.profile(), PERSON))
    return one


def _get(client: VeilgateClient) -> Record:
    return client.get_record(
        *(PERSON.identity_type, PERSON.identity_number, UNDERWRITING, DATASET),
        fields=STRUCTURED,
        timeout=60,
    )


def _wait_for(gateway: LiveGateway, start: int, kind: str) -> None:
    wait_until(lambda: kind in kinds(events(gateway, start)), f"an event {kind}")


def _refusal(client: VeilgateClient) -> VeilgateError:
    with pytest.raises(VeilgateError) as caught:
        _get(client)
    return caught.value


def test_a_call_that_waits_at_the_provider_gets_nothing_once_its_agreement_ended(
    gateway: LiveGateway, operator: VeilgateClient, lender: Newcomer
) -> None:
    agreement = lender.agreement()
    operator.add_agreement(agreement)
    provider, start = gateway.child(PROCESS_MODULE), log_size(gateway)
    with lender.client() as client, ThreadPoolExecutor(1) as pool:
        os.kill(provider, signal.SIGSTOP)
        try:
            waiting: Future[Record] = pool.submit(_get, client)
            _wait_for(gateway, start, "INTENT")
            operator.end_agreement(agreement.agreement_id)
            assert not waiting.done()
        finally:
            os.kill(provider, signal.SIGCONT)
        with pytest.raises(VeilgateError) as caught:
            waiting.result(timeout=30)
        again = _refusal(client)
    for error in (caught.value, again):
        assert error.reason == "AGREEMENT_MISSING"
        assert error.decision is not None
        (finding,) = error.decision.findings
        assert (finding.element, finding.article) == (UNDERWRITING, "PIPL 23")
        assert error.decision.smallest_change_zh
    found = events(gateway, start)
    assert kinds(found) == ["INTENT", "AGREEMENT_ENDED", "FAILURE", "DENIAL"]
    assert found[0]["agreement"] == found[1]["agreement"] == agreement.agreement_id
    assert found[2]["reasons"] == found[3]["reasons"] == ["AGREEMENT_MISSING"]
    assert "agreement" not in found[3]


def _race(
    gateway: LiveGateway, operator: VeilgateClient, lender: Newcomer, rounds: int
) -> tuple[int, int]:
    """End agreements under load; return how many calls were released, and how many refused."""
    released, refused, ended = [], [], threading.Event()

    def ask(client: VeilgateClient) -> None:
        last = False
        while not last:
            # A call that begins after the end was acknowledged is the caller's last.
            last = ended.is_set()
            try:
                released.append((_get(client).log_index, last))
            except VeilgateError as error:
                refused.append(error.reason)

    with ExitStack() as stack:
        clients = [stack.enter_context(lender.client()) for _ in range(CALLERS)]
        pool = stack.enter_context(ThreadPoolExecutor(CALLERS))
        for _ in range(rounds):
            agreement = lender.agreement()
            start = log_size(gateway)
            operator.add_agreement(agreement)
            ended.clear()
            calls = [pool.submit(ask, client) for client in clients]
            try:
                _wait_for(gateway, start, "RELEASE")
                end = operator.end_agreement(agreement.agreement_id)
            finally:
                ended.set()
            for call in calls:
                call.result(timeout=30)
            assert all(index < end.log_index for index, _ in released if index >= start)
    assert not any(last for _, last in released)
    assert set(refused) == {"AGREEMENT_MISSING"}
    return len(released), len(refused)


def test_nothing_is_released_after_the_end_was_acknowledged(
    gateway: LiveGateway, operator: VeilgateClient, lender: Newcomer
) -> None:
    released, refused = _race(gateway, operator, lender, ROUNDS)
    assert released >= ROUNDS
    assert refused >= ROUNDS * CALLERS


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_released_after_many_ends(
    gateway: LiveGateway, operator: VeilgateClient, lender: Newcomer
) -> None:
    _race(gateway, operator, lender, LONG_ROUNDS)
