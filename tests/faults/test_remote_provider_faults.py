"""A live gateway over a provider's server that misbehaves.

Whatever it does: a typed refusal and no data, the intent closed in the log as a failure, nothing of
the answer in what the gateway prints, and the next good answer gets through. The breaker opens, and
closes again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, Home
from clients.sdk import VeilgateError
from support.faults_load import grant, lift_limits
from support.faults_serving import events, log_size, verified, wait_until
from support.faulty_remote import HUGE, INVALID, SECRET, FaultyRemote, Line, faulty_remote
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.remote_provider import Ends, People, remote_toml, use_provider

FIELDS = ("housing", "credit_amount")
LONG_MS, SHORT_MS = 4_000, 500
PATIENT = {"failures_in_a_row": 10_000, "minimum_calls": 1_000_000, "open_ms": 10}
"""A breaker that stays closed, so that each fault is met by itself."""
HASTY = {"failures_in_a_row": 3, "open_ms": 1_000}
TRIALS = 100
_WAIT_S = 30


@dataclass(frozen=True, slots=True)
class Stage:
    """A gateway, the provider's server behind it, and the line between them."""

    gateway: LiveGateway
    remote: FaultyRemote
    line: Line

    def get(self, number: int = 1) -> dict[str, object]:
        applicant = synthetic_subject(number)
        with self.gateway.client(LENDER_A) as lender:
            record = lender.get_record(
                *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
                FIELDS,
                timeout=_WAIT_S,
            )
        return dict(record.fields)

    def reason(self, number: int = 1) -> str:
        """Why a call is refused, or that it is not."""
        try:
            self.get(number)
        except VeilgateError as error:
            assert SECRET not in f"{error} {error.texts} {error.__cause__}"  # noqa: PT017
            return str(error.reason)
        return "released"


@contextmanager
def _staged(folder: Path, breaker: dict[str, int], timeout_ms: int) -> Iterator[Stage]:
    ends = Ends.make(folder / "ends")
    with faulty_remote(ends, People(3)) as (remote, line):

        def prepare(home: Home) -> None:
            lift_limits(home)
            settings = {"timeout_ms": timeout_ms, "breaker": breaker}
            use_provider(home, remote_toml(ends, line.port, **settings))

        with running_gateway(
            folder / "home", prepare=prepare, log_level="DEBUG", calls_per_second=100_000
        ) as gateway:
            grant(gateway, synthetic_subject(1))
            grant(gateway, synthetic_subject(3))
            yield Stage(gateway, remote, line)
            assert SECRET not in gateway.process.output()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with _staged(tmp_path_factory.mktemp("faulty"), PATIENT, LONG_MS) as stage:
        yield stage


@pytest.fixture(autouse=True)
def _behaves_again(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "stage" in request.fixturenames:
        stage: Stage = request.getfixturevalue("stage")
        stage.remote.honest()
        stage.line.mode = "relay"
        wait_until(lambda: stage.reason() == "released", "an answer")


@contextmanager
def _each_refused(stage: Stage, reason: str | tuple[str, ...], count: int) -> Iterator[None]:
    """So many calls in the block; each leaves an intent, and a failure that closes it."""
    before = log_size(stage.gateway)
    yield
    log = [event for event in events(stage.gateway, before) if event["kind"] != "EXPLANATION"]
    assert Counter(event["kind"] for event in log) == {"INTENT": count, "FAILURE": count}
    failures = [event for event in log if event["kind"] == "FAILURE"]
    assert {event["intent"] for event in failures} == {
        event["id"] for event in log if event["kind"] == "INTENT"
    }
    allowed = {(one,) for one in ((reason,) if isinstance(reason, str) else reason)}
    assert {tuple(event["reasons"]) for event in failures} <= allowed  # type: ignore[arg-type]


def _reasons(stage: Stage, count: int) -> Counter[str]:
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(lambda _: stage.reason(), range(count)))


@pytest.mark.parametrize("wrong", INVALID)
def test_an_answer_that_breaks_the_contract_is_never_released(wrong: str, stage: Stage) -> None:
    stage.remote.spoil = INVALID[wrong]
    with _each_refused(stage, "PROVIDER_ANSWER_INVALID", TRIALS):
        assert _reasons(stage, TRIALS) == {"PROVIDER_ANSWER_INVALID": TRIALS}


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_hundred_megabytes_are_refused_and_not_kept(
    compression: grpc.Compression, stage: Stage
) -> None:
    stage.remote.spoil, stage.remote.compression = HUGE, compression
    before = _peak_kib(stage.gateway)
    # Where the line is slow, the time limit passes first.
    reasons = ("PROVIDER_ANSWER_INVALID", "PROVIDER_TIMEOUT")
    with _each_refused(stage, reasons, 3):
        assert {stage.reason() for _ in range(3)} <= set(reasons)
    assert _peak_kib(stage.gateway) - before < 64 * 1024
    assert SECRET not in stage.gateway.process.output()


def _peak_kib(gateway: LiveGateway) -> int:
    status = Path(f"/proc/{gateway.process.pid}/status").read_text(encoding="ascii")
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1])


def test_an_answer_that_comes_too_late_is_not_used(stage: Stage) -> None:
    stage.remote.late = True
    with _each_refused(stage, "PROVIDER_TIMEOUT", 8):
        assert _reasons(stage, 8) == {"PROVIDER_TIMEOUT": 8}


@pytest.mark.parametrize(
    "code",
    [code for code in grpc.StatusCode if code.name not in ("OK", "DEADLINE_EXCEEDED")],
    ids=lambda code: str(code.name),
)
def test_a_status_of_the_providers_is_told_to_nobody(code: grpc.StatusCode, stage: Stage) -> None:
    stage.remote.code = code
    with _each_refused(stage, "PROVIDER_UNAVAILABLE", 5):
        assert _reasons(stage, 5) == {"PROVIDER_UNAVAILABLE": 5}


def test_a_connection_that_closes_within_an_answer(stage: Stage) -> None:
    stage.line.mode = "cut"
    with _each_refused(stage, "PROVIDER_UNAVAILABLE", 1):
        assert stage.reason() == "PROVIDER_UNAVAILABLE"


def test_a_server_that_hangs_in_the_handshake(stage: Stage) -> None:
    stage.line.mode = "mute"
    stage.line.cut_all()
    # The handshake has a limit of its own; whichever passes first is told.
    reasons = ("PROVIDER_UNAVAILABLE", "PROVIDER_TIMEOUT")
    with _each_refused(stage, reasons, 16):
        assert _reasons(stage, 16).keys() <= set(reasons)
    assert stage.line.muted > 0


def test_a_server_that_restarts_is_asked_again(stage: Stage) -> None:
    for _ in range(3):
        stage.remote.stop()
        assert stage.reason() == "PROVIDER_UNAVAILABLE"
        stage.line.to = stage.remote.start()
        wait_until(lambda: stage.reason() == "released", "an answer of the new server's")


def _stop(stage: Stage) -> None:
    stage.remote.stop()


def _spoil(stage: Stage) -> None:
    stage.remote.code = grpc.StatusCode.INTERNAL


def _delay(stage: Stage) -> None:
    stage.remote.late = True


def _is_open(stage: Stage) -> bool:
    return "fails and is left alone" in stage.gateway.process.output()


@pytest.mark.parametrize("fault", [_spoil, _delay, _stop])
def test_the_breaker_opens_and_closes_again(fault: Callable[[Stage], None], tmp_path: Path) -> None:
    with _staged(tmp_path, HASTY, SHORT_MS) as stage:
        assert stage.reason() == "released"
        fault(stage)
        wait_until(lambda: stage.reason() != "released" and _is_open(stage), "an open breaker")
        asked = stage.remote.calls
        assert _reasons(stage, 50).keys() <= {"PROVIDER_UNAVAILABLE", "PROVIDER_TIMEOUT"}
        # While it is open, one call a second gets through.
        assert stage.remote.calls - asked < 25
        if fault is _stop:
            stage.line.to = stage.remote.start()
        stage.remote.honest()
        wait_until(lambda: stage.reason() == "released", "an answer")
        assert "answers again" in stage.gateway.process.output()
        assert verified(stage.gateway, tmp_path / "log").size > 0
