"""When a call is made again: what is safe, what says when, and never past the deadline."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk import (
    AsyncVeilgateClient,
    ClientProfile,
    RetryPolicy,
    TransportFailure,
    VeilgateClient,
    VeilgateError,
)
from clients.sdk.calls.retry import Attempts
from clients.sdk.codecs.status_details import StatusDetails
from clients.sdk.errors import VeilgateError as Error
from support.canned_gateway import refusal
from support.canned_network import Failure, Network
from veilgate.v1 import consent_pb2, exchange_pb2

ASK = ("CN_RESIDENT_ID", "11010519491231002X", "credit.underwriting", "credit.applicant")
QUICK = RetryPolicy(first_wait=0.001, longest_wait=0.002)
LOST = grpc.StatusCode.UNAVAILABLE


def come_back(reason: str, code: grpc.StatusCode, seconds: float) -> status_pb2.Status:
    delay = Duration(nanos=int(seconds * 1e9) % 10**9, seconds=int(seconds))
    return refusal(reason, code, error_details_pb2.RetryInfo(retry_delay=delay))


def get_record(profile: ClientProfile, retries: RetryPolicy = QUICK, **named: Any) -> str:
    with VeilgateClient(profile, retries) as client:
        return client.get_record(*ASK, **named).request_id


def get_record_awaited(profile: ClientProfile, retries: RetryPolicy = QUICK, **named: Any) -> str:
    async def call() -> str:
        async with AsyncVeilgateClient(profile, retries) as client:
            return (await client.get_record(*ASK, **named)).request_id

    return asyncio.run(call())


@pytest.fixture(params=[get_record, get_record_awaited])
def ask(request: pytest.FixtureRequest) -> Callable[..., str]:
    chosen: Callable[..., str] = request.param
    return chosen


@pytest.fixture(autouse=True)
def _answers(network: Network) -> None:
    network.answers["GetRecord"] = lambda asked: exchange_pb2.GetRecordResponse(
        request_id=asked.request_id
    )


@pytest.mark.parametrize(
    "failure",
    [
        LOST,
        come_back("STORE_UNAVAILABLE", LOST, 0.01),
        come_back("RATE_LIMITED", grpc.StatusCode.RESOURCE_EXHAUSTED, 0.01),
        come_back("PROVIDER_BUSY", grpc.StatusCode.RESOURCE_EXHAUSTED, 0.01),
    ],
)
def test_a_record_is_asked_for_again_under_one_request_id(
    network: Network, network_profile: ClientProfile, ask: Callable[..., str], failure: Failure
) -> None:
    network.failures.extend([failure, failure])
    request_id = ask(network_profile)
    assert [asked.request_id for _, asked in network.asked] == [request_id] * 3


@pytest.mark.parametrize(
    "failure",
    [
        refusal("RECIPIENT_LIMIT_REACHED", grpc.StatusCode.RESOURCE_EXHAUSTED),
        refusal("PROVIDER_ANSWER_INVALID", LOST),
        refusal("CONSENT_ABSENT"),
        refusal("INTERNAL", grpc.StatusCode.INTERNAL),
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
    ],
)
def test_what_waiting_does_not_change_is_told_at_once(
    network: Network, network_profile: ClientProfile, ask: Callable[..., str], failure: Failure
) -> None:
    network.failures.append(failure)
    with pytest.raises(VeilgateError) as caught:
        ask(network_profile)
    assert network.count("GetRecord") == 1
    assert not caught.value.retryable


def test_attempts_end(
    network: Network, network_profile: ClientProfile, ask: Callable[..., str]
) -> None:
    network.failures.extend([LOST] * 9)
    with pytest.raises(TransportFailure):
        ask(network_profile)
    assert network.count("GetRecord") == 4
    with pytest.raises(TransportFailure):
        ask(network_profile, RetryPolicy.none())
    assert network.count("GetRecord") == 5


def test_nothing_is_tried_past_the_deadline(
    network: Network, network_profile: ClientProfile, ask: Callable[..., str]
) -> None:
    network.failures.append(come_back("STORE_UNAVAILABLE", LOST, 30))
    with pytest.raises(VeilgateError) as caught:
        ask(network_profile, timeout=5)
    assert caught.value.reason == "STORE_UNAVAILABLE"
    assert caught.value.retryable
    assert network.count("GetRecord") == 1


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("explain_access", ASK),
        ("evaluate", ([b"\x01" * 32],)),
        ("pause_consent", ("c-1",)),
        ("suspend_institution", ("lender-b",)),
    ],
)
def test_what_has_an_effect_each_time_is_sent_once(
    network: Network, network_profile: ClientProfile, name: str, args: tuple[Any, ...]
) -> None:
    network.failures.append(LOST)
    with VeilgateClient(network_profile, QUICK) as client, pytest.raises(TransportFailure):
        getattr(client, name)(*args)
    assert len(network.asked) == 1


def consent_in(state: int) -> consent_pb2.GetConsentResponse:
    made: Any = consent_pb2
    artefact = made.ConsentArtefact(
        consent_id="0b0e7c1a-7f0e-4b43-8a53-111111111111", version=1, controller="a",
        subject={"type": 1, "value": "x"}, collector="b", providers=["p"], datasets=["d"],
        purposes=["u"], fields=["f"], lawful_basis=1, valid_from={"seconds": 1},
        valid_until={"seconds": 99}, data_life_days=3, evidence_sha256=b"\x01" * 32,
    )  # fmt: skip
    signed = {"artefact": artefact.SerializeToString()}
    answer: consent_pb2.GetConsentResponse = made.GetConsentResponse(consent=signed, state=state)
    return answer


ACTIVE, REVOKED = 1, 3
ID = "0b0e7c1a-7f0e-4b43-8a53-111111111111"


def revoke(profile: ClientProfile) -> Any:
    with VeilgateClient(profile, QUICK) as client:
        return client.revoke_consent(ID)


def test_a_lost_revocation_that_came_through_is_found(
    network: Network, network_profile: ClientProfile
) -> None:
    network.failures.append(LOST)
    network.answers["GetConsent"] = lambda asked: consent_in(REVOKED)
    done = revoke(network_profile)
    assert (done.state, done.event_id, done.log_index) == ("revoked", "", None)
    assert [name for name, _ in network.asked] == ["RevokeConsent", "GetConsent"]


def test_a_lost_revocation_that_did_not_come_through_is_made_again(
    network: Network, network_profile: ClientProfile
) -> None:
    network.failures.append(LOST)
    network.answers["GetConsent"] = lambda asked: consent_in(ACTIVE)
    network.answers["RevokeConsent"] = lambda asked: consent_pb2.RevokeConsentResponse(
        state=consent_pb2.CONSENT_STATE_REVOKED, event_id="e", log_index=4
    )
    assert revoke(network_profile).log_index == 4
    assert network.count("RevokeConsent") == 2


def test_a_revocation_that_came_late_is_found(
    network: Network, network_profile: ClientProfile
) -> None:
    late = refusal("CONSENT_TRANSITION_REFUSED", grpc.StatusCode.FAILED_PRECONDITION)
    network.failures.extend([LOST, None, late])
    states = iter([ACTIVE, REVOKED])
    network.answers["GetConsent"] = lambda asked: consent_in(next(states))
    assert revoke(network_profile).log_index is None


@pytest.mark.parametrize("failure", [refusal("CONSENT_TRANSITION_REFUSED"), refusal("X", LOST)])
def test_a_revocation_that_was_refused_is_not_made_again(
    network: Network, network_profile: ClientProfile, failure: Failure
) -> None:
    network.failures.append(failure)
    with pytest.raises(VeilgateError):
        revoke(network_profile)
    assert [name for name, _ in network.asked] == ["RevokeConsent"]


def test_a_revocation_of_which_nothing_is_known_fails(
    network: Network, network_profile: ClientProfile
) -> None:
    network.failures.extend([LOST] * 9)
    with pytest.raises(TransportFailure):
        revoke(network_profile)
    assert (network.count("RevokeConsent"), network.count("GetConsent")) == (1, 4)


POLICIES = st.builds(
    lambda attempts, first, more: RetryPolicy(attempts, first, first + more),
    st.integers(1, 10), st.floats(0, 5), st.floats(0, 5),
)  # fmt: skip


def failure(retry_after: float | None) -> Error:
    details = StatusDetails(reason="STORE_UNAVAILABLE", retry_after=retry_after)
    return Error(grpc.StatusCode.UNAVAILABLE, details)


@given(
    policy=POLICIES,
    deadline=st.floats(0.001, 60),
    share=st.floats(0, 1),
    retry_after=st.floats(0, 30),
    took=st.floats(0, 5),
)
def test_no_attempt_begins_past_the_deadline_or_before_it_may(
    policy: RetryPolicy, deadline: float, share: float, retry_after: float, took: float
) -> None:
    now = 1000.0
    attempts = Attempts(
        policy, now + deadline, lambda: now, lambda low, high: low + share * (high - low)
    )
    made = 1
    end = now + deadline
    while True:
        now += took
        wait = attempts.wait_after(failure(retry_after), safe=True)
        if wait is None:
            break
        assert wait >= retry_after
        assert wait <= retry_after + min(policy.longest_wait, policy.first_wait * 2 ** (made - 1))
        now += wait
        # Up to rounding.
        assert now <= end
        made += 1
    assert made <= policy.attempts
    assert attempts.wait_after(failure(retry_after), safe=False) is None


@given(POLICIES, st.integers(1, 10))
def test_jitter_is_full_and_bounded(policy: RetryPolicy, failures: int) -> None:
    bound = min(policy.longest_wait, policy.first_wait * 2 ** (failures - 1))
    assert policy.backoff(failures, lambda low, high: low) == 0
    assert policy.backoff(failures, lambda low, high: high) == bound
    assert 0 <= policy.backoff(failures) <= bound


@pytest.mark.parametrize("wrong", [(0,), (11,), (4, -1.0), (4, 2.0, 1.0)])
def test_a_policy_out_of_bounds_cannot_be_made(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"attempts|waits"):
        RetryPolicy(*wrong)
