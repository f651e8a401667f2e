"""Changes of the Directory under load: no call fails that may not, none succeeds that must not."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, OPERATOR
from clients.sdk import VeilgateClient, VeilgateError
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.models.common import Record
from gateway.adapters.providers.process_provider import PROCESS_MODULE
from support.faults_load import NO_LIMIT, grant, lift_limits
from support.faults_race import Outcome, secure_channel
from support.faults_serving import STRUCTURED, events, kinds, log_size, wait_until
from support.faults_suspension import SUSPENDED, Suspender, Suspension
from support.homes import development_home
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, serve_home
from support.live_gateway import underwriting_consent as consent_of
from support.newcomers import Newcomer
from veilgate.v1 import directory_pb2_grpc, exchange_pb2_grpc

INSTITUTIONS, ROUNDS, LONG_ROUNDS = 20, 10, 100
MOST_BATCHES = 8
THREADS = 4
OVERLAP = timedelta(seconds=2)
_PATIENT_MS = 60_000


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = development_home(tmp_path_factory.mktemp("directory") / "home")
    lift_limits(home)
    gateway = serve_home(home, calls_per_second=NO_LIMIT, provider_timeout_ms=_PATIENT_MS)
    yield gateway
    assert gateway.stop() == 0


@dataclass
class Callers:
    """Threads that ask for themselves all the time, each with the certificate that is set."""

    gateway: LiveGateway
    client: VeilgateClient
    answers: int = 0
    errors: list[VeilgateError] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        person = synthetic_subject(1)
        while not self._stop.is_set():
            try:
                self.client.get_record(
                    *(person.identity_type, person.identity_number, UNDERWRITING, DATASET),
                    fields=STRUCTURED,
                )
            except VeilgateError as error:
                self.errors.append(error)
            self.answers += 1

    def stop(self) -> None:
        self._stop.set()

    def wait_for_more(self) -> None:
        """Return once calls that begin now have been answered."""
        enough = self.answers + 10 * THREADS
        wait_until(lambda: self.answers >= enough or bool(self.errors), "calls go on")


def test_a_certificate_is_rotated_under_load_without_a_failed_call(
    gateway: LiveGateway, tmp_path: Path
) -> None:
    one = Newcomer(gateway, tmp_path)
    with gateway.client(OPERATOR) as operator:
        operator.enrol_institution(one.enrolment())
        operator.add_agreement(one.agreement())
    old, new = one.profile(), one.issued()
    change = one.change([new], retire_certificates=(one.fingerprint,), overlap=OVERLAP)
    once = RetryPolicy.none()
    with VeilgateClient(old, once) as before, ThreadPoolExecutor(THREADS) as pool:
        before.grant_consent(consent_of(old, synthetic_subject(1)))
        callers = Callers(gateway, before)
        try:
            running = [pool.submit(callers.run) for _ in range(THREADS)]
            callers.wait_for_more()
            before.change_credentials(change)
            one.certificate = new
            callers.client = VeilgateClient(one.profile(), once)
            wait_until(lambda: _is_refused(before, one.id), "the old certificate is refused")
            callers.wait_for_more()
        finally:
            callers.stop()
        for thread in running:
            thread.result(timeout=30)
        callers.client.close()
    assert callers.errors == []


def _is_refused(client: VeilgateClient, institution: str) -> bool:
    try:
        client.get_institution(institution)
    except VeilgateError as error:
        return error.reason == "CERTIFICATE_UNKNOWN"
    return False


def test_a_call_that_waits_at_the_provider_gets_nothing_once_its_caller_is_suspended(
    gateway: LiveGateway,
) -> None:
    grant(gateway, synthetic_subject(2))
    provider, start = gateway.child(PROCESS_MODULE), log_size(gateway)
    with gateway.client(OPERATOR) as operator, ThreadPoolExecutor(1) as pool:
        os.kill(provider, signal.SIGSTOP)
        try:
            waiting: Future[Record] = pool.submit(_get, gateway)
            wait_until(lambda: "INTENT" in kinds(events(gateway, start)), "the intent")
            operator.suspend_institution(LENDER_A)
            assert not waiting.done()
        finally:
            os.kill(provider, signal.SIGCONT)
        with pytest.raises(VeilgateError) as caught:
            waiting.result(timeout=30)
        operator.reactivate_institution(LENDER_A)
    assert caught.value.reason == SUSPENDED
    found = events(gateway, start)
    assert kinds(found) == [
        "INTENT",
        "INSTITUTION_SUSPENDED",
        "FAILURE",
        "INSTITUTION_REACTIVATED",
    ]
    assert found[2]["reasons"] == [SUSPENDED]


def _get(gateway: LiveGateway) -> Record:
    person = synthetic_subject(2)
    with VeilgateClient(gateway.profile(LENDER_A), RetryPolicy.none()) as lender:
        return lender.get_record(
            *(person.identity_type, person.identity_number, UNDERWRITING, DATASET),
            fields=STRUCTURED,
            timeout=60,
        )


@pytest.fixture(scope="module")
def members(gateway: LiveGateway, tmp_path_factory: pytest.TempPathFactory) -> list[Newcomer]:
    """Institutions with an agreement and a consent each, made at once."""
    folder = tmp_path_factory.mktemp("members")

    def member(number: int) -> Newcomer:
        one = Newcomer(gateway, folder, id=f"raced-{number}")
        operator.enrol_institution(one.enrolment())
        operator.add_agreement(one.agreement())
        with one.client() as client:
            client.grant_consent(consent_of(one.profile(), synthetic_subject(number + 10)))
        return one

    with gateway.client(OPERATOR) as operator, ThreadPoolExecutor(INSTITUTIONS) as pool:
        return list(pool.map(member, range(INSTITUTIONS)))


async def _race(gateway: LiveGateway, members: list[Newcomer], rounds: int) -> None:
    start = log_size(gateway)
    async with AsyncExitStack() as stack:
        operator = await stack.enter_async_context(secure_channel(gateway.profile(OPERATOR)))
        suspenders = []
        for number, one in enumerate(members):
            profile = one.profile()
            channel = await stack.enter_async_context(secure_channel(profile))
            suspenders.append(
                Suspender(
                    profile,
                    synthetic_subject(number + 10),
                    exchange_pb2_grpc.ExchangeServiceStub(channel),
                    directory_pb2_grpc.DirectoryServiceStub(operator),
                )
            )
        races: list[Suspension] = []
        batch = len(members) * rounds
        wanted = batch // 20
        # On a machine that is busy with other things fewer rounds come to a race: then it plays on.
        while sum(race.mixed for race in races) <= wanted and len(races) < MOST_BATCHES * batch:
            played = await asyncio.gather(*(one.rounds(rounds) for one in suspenders))
            races += [race for some in played for race in some]
    assert [found for race in races for found in race.violations()] == []
    assert sum(race.mixed for race in races) > wanted, "the race was hardly ever run"
    released = sum(one.released_at is not None for race in races for one in race.before)
    logged = kinds(events(gateway, start))
    assert logged.count("RELEASE") == released
    assert logged.count("INSTITUTION_SUSPENDED") == len(races)


@pytest.mark.timeout(300)
async def test_nothing_is_released_after_200_suspensions_were_acknowledged(
    gateway: LiveGateway, members: list[Newcomer]
) -> None:
    await _race(gateway, members, ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_nothing_is_released_after_many_suspensions(
    gateway: LiveGateway, members: list[Newcomer]
) -> None:
    await _race(gateway, members, LONG_ROUNDS)


BEFORE, AFTER = Outcome(released_at=10), Outcome(refused=SUSPENDED)


def test_the_judgement_passes_what_is_right() -> None:
    assert list(Suspension(11, (BEFORE, AFTER), (AFTER,)).violations()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Suspension(9, (BEFORE, AFTER), (AFTER,)),
        Suspension(11, (BEFORE,), (BEFORE,)),
        Suspension(11, (BEFORE,), (AFTER, Outcome(released_at=12))),
        Suspension(11, (Outcome(refused="STORE_UNAVAILABLE"),), (AFTER,)),
        Suspension(11, (BEFORE,), (Outcome(refused="AGREEMENT_MISSING"),)),
    ],
)
def test_the_judgement_sees_what_is_wrong(wrong: Suspension) -> None:
    assert list(wrong.violations())
