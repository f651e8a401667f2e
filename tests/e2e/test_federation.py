"""A gateway behind a gateway: consent and purpose travel, and each log names the other's event."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from clients.cli.local.demo_data.dataset import Applicant
from clients.cli.local.home import LENDER_A
from clients.sdk import VeilgateError
from support.faults_serving import events, log_size, verified
from support.live_gateway import UNDERWRITING, underwriting_consent
from support.members import Member, fresh_applicant, record_request
from support.two_gateways import (
    DOWNSTREAM_ORIGIN,
    GATEWAY,
    TEXTS,
    Pair,
    make_pair,
    serving,
)
from veilgate.v1 import exchange_pb2, exchange_pb2_grpc


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with serving(make_pair(tmp_path_factory.mktemp("pair"))) as both:
        yield both


@pytest.fixture
def lender(pair: Pair) -> Iterator[Member]:
    with Member(pair.downstream, LENDER_A) as member:
        yield member


def test_a_record_comes_through_both_and_both_logs_say_so(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    lender.grant(applicant, fields=TEXTS, categories=())
    before = log_size(pair.upstream), log_size(pair.downstream)
    record = lender.get(applicant)
    assert record.fields["housing"] == applicant.housing
    assert applicant.name not in record.fields.values()
    up = {one["kind"]: one for one in events(pair.upstream, before[0])}
    down = {one["kind"]: one for one in events(pair.downstream, before[1])}
    assert down["RELEASE"]["provider_event"] == up["RELEASE"]["id"]
    assert up["RELEASE"]["peer_event"] == up["INTENT"]["peer_event"] == down["INTENT"]["id"]
    assert up["RELEASE"]["via"] == GATEWAY
    assert up["RELEASE"]["institution"] == LENDER_A
    assert "CONSENT_GRANTED" in up


def test_a_second_call_grants_no_second_consent_upstream(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    lender.grant(applicant, fields=TEXTS, categories=())
    lender.get(applicant)
    before = log_size(pair.upstream)
    lender.get(applicant)
    assert [one["kind"] for one in events(pair.upstream, before)] == ["INTENT", "RELEASE"]


def test_the_same_request_again_costs_no_second_use_upstream(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    granted = lender.grant(applicant, fields=TEXTS, categories=(), uses=2)
    request_id = str(uuid4())
    first = lender.get(applicant, request_id=request_id)
    again = lender.get(applicant, request_id=request_id)
    assert (first.repeat, again.repeat) == (False, True)
    assert lender.client.get_consent(granted.consent_id).uses == 1
    with Member(pair.upstream, LENDER_A) as there:
        assert there.client.get_consent(granted.consent_id).uses == 1


def test_what_is_revoked_here_is_released_no_more(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    granted = lender.grant(applicant, fields=TEXTS, categories=())
    lender.get(applicant)
    lender.client.revoke_consent(granted.consent_id)
    before = log_size(pair.upstream)
    with pytest.raises(VeilgateError) as refused:
        lender.get(applicant)
    assert refused.value.reason == "CONSENT_REVOKED"
    assert log_size(pair.upstream) == before


def test_what_is_revoked_upstream_is_refused_by_its_reason(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    granted = lender.grant(applicant, fields=TEXTS, categories=())
    lender.get(applicant)
    with Member(pair.upstream, LENDER_A) as there:
        there.client.revoke_consent(granted.consent_id)
    with pytest.raises(VeilgateError) as refused:
        lender.get(applicant)
    assert refused.value.reason == "CONSENT_REVOKED"


def test_two_hundred_calls_at_once(pair: Pair, lender: Member) -> None:
    applicants = [fresh_applicant() for _ in range(20)]
    for one in applicants:
        lender.grant(one, fields=TEXTS, categories=())
    with ThreadPoolExecutor(32) as pool:
        records = list(pool.map(lambda at: lender.get(applicants[at % 20]), range(200)))
    assert [one.fields["housing"] for one in records] == [
        applicants[at % 20].housing for at in range(200)
    ]


def test_both_logs_verify(pair: Pair, tmp_path: Path) -> None:
    assert verified(pair.upstream, tmp_path / "up").size > 0
    assert verified(pair.downstream, tmp_path / "down").size > 0


def _forwarding(pair: Pair, applicant: Applicant) -> exchange_pb2.Forwarding:
    consent = underwriting_consent(
        pair.downstream.profile(LENDER_A), applicant, fields=TEXTS, categories=()
    )
    return exchange_pb2.Forwarding(
        recipient=LENDER_A, consent=consent, path=[DOWNSTREAM_ORIGIN], event_id="0" * 32
    )


def test_a_lender_may_not_pass_requests_on(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    request = record_request(applicant, str(uuid4()), forwarding=_forwarding(pair, applicant))
    stub = exchange_pb2_grpc.ExchangeServiceStub(lender.channel)
    with pytest.raises(grpc.RpcError) as refused:
        stub.GetRecord(request, timeout=10)
    error = VeilgateError.from_rpc(refused.value, "")
    assert (error.reason, error.code) == ("ROLE_MISSING", grpc.StatusCode.PERMISSION_DENIED)


def test_the_purpose_travels(pair: Pair, lender: Member) -> None:
    applicant = fresh_applicant()
    lender.grant(applicant, fields=TEXTS, categories=())
    before = log_size(pair.upstream)
    lender.get(applicant, UNDERWRITING)
    assert {one["purpose"] for one in events(pair.upstream, before) if "purpose" in one} == {
        UNDERWRITING
    }
