"""A live gateway over a provider that answers rubbish, is locked, slow or dead.

Each call gets a typed refusal and no data, its intent is closed in the log as a failure, calls
that need no provider are answered all along, and the next good answer gets through.
"""

import os
import signal
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager

import grpc
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A
from clients.sdk import VeilgateError
from clients.sdk.models.common import Record
from gateway.adapters.providers.process_provider import PROCESS_MODULE
from support.faults_load import grant
from support.faults_provider_data import DOUBLE, RUBBISH, change, database, loosen, spoil
from support.faults_serving import events, kinds, log_size, wait_until
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, start_gateway

FIELDS = ("name", "date_of_birth", "credit_amount", "housing", "remark")
WHOLE, ABSENT, MISDATED, FIRST_SPOILT = 1, 2, 3, 4
"""SQLite's driver gives no row at all for these."""
TIMEOUT_MS = 1_000
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
_WAIT_S = 30


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("provider") / "home"
    gateway = start_gateway(folder, prepare=loosen, provider_timeout_ms=TIMEOUT_MS)
    grant(gateway, synthetic_subject(WHOLE))
    yield gateway
    assert gateway.stop() == 0


def _get(gateway: LiveGateway, number: int = WHOLE) -> Record:
    applicant = synthetic_subject(number)
    with gateway.client(LENDER_A) as lender:
        return lender.get_record(
            *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET, FIELDS),
            timeout=_WAIT_S,
        )


def _explain(gateway: LiveGateway) -> bool:
    applicant = synthetic_subject(WHOLE)
    with gateway.client(LENDER_A) as lender:
        explanation = lender.explain_access(
            *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET)
        )
    return explanation.decision.allow


@contextmanager
def _refused(
    gateway: LiveGateway, reason: str, code: grpc.StatusCode = UNAVAILABLE
) -> Iterator[None]:
    """The call in the block is refused so, and the log has its intent and its failure."""
    before = log_size(gateway)
    with pytest.raises(VeilgateError) as caught:
        yield
    assert (caught.value.reason, caught.value.code) == (reason, code)
    intent, *others = [e for e in events(gateway, before) if e["kind"] != "EXPLANATION"]
    (failure,) = others
    assert (intent["kind"], failure["kind"]) == ("INTENT", "FAILURE")
    assert (failure["intent"], failure["reasons"]) == (intent["id"], [reason])


@pytest.mark.parametrize("rubbish", [*RUBBISH, "two rows"])
def test_rubbish_is_never_released(rubbish: str, gateway: LiveGateway) -> None:
    number = FIRST_SPOILT + [*RUBBISH, "two rows"].index(rubbish)
    applicant = synthetic_subject(number)
    grant(gateway, applicant)
    assert _get(gateway, number).fields["housing"] == applicant.housing
    spoil(gateway.home, RUBBISH.get(rubbish, DOUBLE), applicant.applicant_no)
    with _refused(gateway, "PROVIDER_ANSWER_INVALID"):
        _get(gateway, number)
    assert _get(gateway).fields


def test_a_date_that_is_none_is_withheld(gateway: LiveGateway) -> None:
    applicant = synthetic_subject(MISDATED)
    grant(gateway, applicant)
    spoil(gateway.home, "UPDATE applicant SET date_of_birth='soon'", applicant.applicant_no)
    record = _get(gateway, MISDATED)
    assert "date_of_birth" in record.withheld
    assert "date_of_birth" not in record.fields
    assert "soon" not in record.fields.values()


def test_a_subject_whom_the_provider_does_not_know(gateway: LiveGateway) -> None:
    applicant = synthetic_subject(ABSENT)
    grant(gateway, applicant)
    spoil(gateway.home, "DELETE FROM applicant", applicant.applicant_no)
    with _refused(gateway, "RECORD_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        _get(gateway, ABSENT)


@pytest.mark.parametrize(
    ("there", "and_back"),
    [
        ("RENAME COLUMN housing TO dwelling", "RENAME COLUMN dwelling TO housing"),
        ("RENAME TO elsewhere", "RENAME TO applicant"),
    ],
    ids=["a missing column", "a missing table"],
)
def test_a_source_of_another_form_is_unavailable_until_it_is_back(
    there: str, and_back: str, gateway: LiveGateway
) -> None:
    table = "elsewhere" if "elsewhere" in there else "applicant"
    change(gateway.home, f"ALTER TABLE applicant {there}")
    with _refused(gateway, "PROVIDER_UNAVAILABLE"):
        _get(gateway)
    assert _explain(gateway)
    change(gateway.home, f"ALTER TABLE {table} {and_back}")
    assert _get(gateway).fields


def test_a_locked_source_is_unavailable_until_it_is_free(gateway: LiveGateway) -> None:
    with closing(sqlite3.connect(database(gateway.home), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with _refused(gateway, "PROVIDER_UNAVAILABLE"):
            _get(gateway)
        other.execute("ROLLBACK")
    assert _get(gateway).fields


@contextmanager
def _waiting_at_a_stopped_provider(gateway: LiveGateway) -> Iterator[tuple[int, Future[Record]]]:
    """The provider's process, stopped, and a call that waits for it: its intent is in the log."""
    before, provider = log_size(gateway), gateway.child(PROCESS_MODULE)
    os.kill(provider, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(_get, gateway)
        wait_until(lambda: "INTENT" in kinds(events(gateway, before)), "the intent")
        yield provider, call


def test_a_provider_that_hangs_is_given_up_and_replaced(gateway: LiveGateway) -> None:
    ended: list[str] = []
    with _refused(gateway, "PROVIDER_TIMEOUT"), _waiting_at_a_stopped_provider(gateway) as waiting:
        provider, call = waiting
        call.add_done_callback(lambda _: ended.append("the call"))
        assert _explain(gateway)
        ended.append("the explanation")
        call.result(_WAIT_S)
    assert ended == ["the explanation", "the call"]
    assert _get(gateway).fields
    assert gateway.child(PROCESS_MODULE) != provider


def _kill(provider: int) -> None:
    os.kill(provider, signal.SIGKILL)


def test_a_provider_that_dies_under_a_call_is_replaced(gateway: LiveGateway) -> None:
    _get_again(gateway)
    with (
        _refused(gateway, "PROVIDER_UNAVAILABLE"),
        _waiting_at_a_stopped_provider(gateway) as (provider, call),
    ):
        _kill(provider)
        call.result(_WAIT_S)
    assert _explain(gateway)
    _get_again(gateway)


def test_a_provider_that_died_between_calls_is_replaced(gateway: LiveGateway) -> None:
    _kill(gateway.child(PROCESS_MODULE))
    _get_again(gateway)


def _get_again(gateway: LiveGateway) -> None:
    """A process is replaced at most once a second; until then calls are refused."""

    def answered() -> bool:
        try:
            return bool(_get(gateway).fields)
        except VeilgateError as error:
            if error.reason != "PROVIDER_UNAVAILABLE":
                raise
            return False

    wait_until(answered, "an answer of the provider's")
