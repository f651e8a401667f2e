"""Federation under attack and failure: circles, forged consents, a gateway hangs or is gone."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import grpc
import pytest

from clients.cli.local.demo_data.dataset import Applicant
from clients.cli.local.home import LENDER_A, LENDER_B
from clients.sdk import VeilgateError
from support.faults_serving import events, kinds, log_size, wait_until
from support.live_gateway import underwriting_consent
from support.members import Member, fresh_applicant, record_request
from support.process import kill_group
from support.two_gateways import (
    DOWNSTREAM_ORIGIN,
    TEXTS,
    UPSTREAM_ORIGIN,
    Pair,
    gateway_channel,
    make_pair,
    serving,
)
from veilgate.v1 import exchange_pb2, exchange_pb2_grpc

Spoil = Callable[[exchange_pb2.GetRecordRequest], object]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Upstream knows lender-b as suspended."""
    homes = make_pair(tmp_path_factory.mktemp("pair"))
    partners = homes.upstream.folder / "partners.toml"
    text = partners.read_text(encoding="utf-8")
    suspended = re.sub(rf'(id = "{LENDER_B}"\n)', r'\1status = "suspended"\n', text)
    partners.write_text(suspended, encoding="utf-8")
    with serving(homes, provider_timeout_ms=1_000) as both:
        yield both


def _request(
    pair: Pair, applicant: Applicant, lender: str = LENDER_A
) -> exchange_pb2.GetRecordRequest:
    consent = underwriting_consent(
        pair.downstream.profile(lender), applicant, fields=TEXTS, categories=()
    )
    forwarding = exchange_pb2.Forwarding(
        recipient=lender, consent=consent, path=[DOWNSTREAM_ORIGIN], event_id="0" * 32
    )
    return record_request(applicant, str(uuid4()), forwarding=forwarding)


def _ask_upstream(pair: Pair, request: exchange_pb2.GetRecordRequest) -> str:
    """What the upstream gateway says to the downstream one: a reason, or "released"."""
    with gateway_channel(pair) as channel:
        try:
            exchange_pb2_grpc.ExchangeServiceStub(channel).GetRecord(request, timeout=10)
        except grpc.RpcError as error:
            return VeilgateError.from_rpc(error, "").reason
    return "released"


def _flip_artefact(request: exchange_pb2.GetRecordRequest) -> None:
    consent = request.forwarding.consent
    consent.artefact = consent.artefact[:-1] + bytes([consent.artefact[-1] ^ 1])


def _flip_signature(request: exchange_pb2.GetRecordRequest) -> None:
    consent = request.forwarding.consent
    consent.signature = consent.signature[:-1] + bytes([consent.signature[-1] ^ 1])


def _other_subject(request: exchange_pb2.GetRecordRequest) -> None:
    other = fresh_applicant()
    request.subject.CopyFrom(record_request(other, request.request_id).subject)


def _longer(request: exchange_pb2.GetRecordRequest) -> None:
    request.forwarding.path.extend(f"g{at}.example/log" for at in range(4))


SPOILT: dict[str, tuple[Spoil, str]] = {
    "in a circle": (lambda one: one.forwarding.path.append(UPSTREAM_ORIGIN), "FEDERATION_LOOP"),
    "too long a way": (_longer, "INVALID_FIELD"),
    "no way": (lambda one: one.forwarding.ClearField("path"), "INVALID_FIELD"),
    "another recipient": (
        lambda one: setattr(one.forwarding, "recipient", "lender-b"),
        "INVALID_FIELD",
    ),
    "another subject": (_other_subject, "INVALID_FIELD"),
    "a changed artefact": (_flip_artefact, "CONSENT_SIGNATURE_INVALID"),
    "a changed signature": (_flip_signature, "CONSENT_SIGNATURE_INVALID"),
    "a key nobody has": (
        lambda one: setattr(one.forwarding.consent, "key_id", "nobody-1"),
        "CONSENT_SIGNATURE_INVALID",
    ),
    "no consent": (lambda one: one.forwarding.ClearField("consent"), "INVALID_FIELD"),
    "a forged event": (
        lambda one: setattr(one.forwarding, "event_id", "id=1\nkind=RELEASE"),
        "INVALID_FIELD",
    ),
}


def test_what_is_not_spoilt_is_released(pair: Pair) -> None:
    assert _ask_upstream(pair, _request(pair, fresh_applicant())) == "released"


@pytest.mark.parametrize("case", SPOILT)
def test_a_spoilt_request_is_refused_before_anything_is_stored(case: str, pair: Pair) -> None:
    spoil, reason = SPOILT[case]
    request = _request(pair, fresh_applicant())
    spoil(request)
    before = log_size(pair.upstream)
    said = _ask_upstream(pair, request)
    # A changed byte may fall into the artefact's form instead of its meaning.
    assert said == reason or (case == "a changed artefact" and said == "INVALID_FIELD")
    assert log_size(pair.upstream) == before


def test_a_recipient_who_is_suspended_upstream_gets_nothing(pair: Pair) -> None:
    request = _request(pair, fresh_applicant(), LENDER_B)
    assert _ask_upstream(pair, request) == "INSTITUTION_SUSPENDED"


def test_without_forwarding_a_gateway_is_nobody_s_recipient(pair: Pair) -> None:
    request = _request(pair, fresh_applicant())
    request.ClearField("forwarding")
    assert _ask_upstream(pair, request) == "RECIPIENT_NOT_PERMITTED"


def _ends(member: Member, applicant: Applicant) -> str:
    try:
        member.get(applicant, timeout=20)
    except VeilgateError as error:
        return error.reason
    return "released"


def test_an_upstream_that_hangs_or_is_gone(pair: Pair) -> None:
    applicant = fresh_applicant()
    upstream = pair.upstream.process.pid
    with Member(pair.downstream, LENDER_A) as lender:
        lender.grant(applicant, fields=TEXTS, categories=())
        assert _ends(lender, applicant) == "released"
        before = log_size(pair.downstream)
        os.killpg(upstream, signal.SIGSTOP)
        try:
            assert _ends(lender, applicant) == "PROVIDER_TIMEOUT"
        finally:
            os.killpg(upstream, signal.SIGCONT)
        assert kinds(events(pair.downstream, before)) == ["INTENT", "FAILURE"]
        wait_until(lambda: _ends(lender, applicant) == "released", "an answer from upstream")


def test_a_circle_of_two_gateways_ends_at_once(tmp_path: Path) -> None:
    applicant = fresh_applicant()
    with serving(make_pair(tmp_path / "circle", circle=True)) as circle:
        with Member(circle.downstream, LENDER_A) as lender:
            lender.grant(applicant, fields=TEXTS, categories=())
            assert _ends(lender, applicant) == "FEDERATION_LOOP"
        assert kinds(events(circle.downstream))[-2:] == ["INTENT", "FAILURE"]
        kill_group(circle.upstream.process)
        with Member(circle.downstream, LENDER_A) as lender:
            assert _ends(lender, applicant) == "PROVIDER_UNAVAILABLE"
