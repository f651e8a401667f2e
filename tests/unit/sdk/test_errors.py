import socket
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import (
    error_details_pb2,
    status_pb2,
)

from clients.sdk import (
    ClientProfile,
    ErrorReason,
    RequestError,
    TransportFailure,
    VeilgateClient,
    VeilgateError,
)
from clients.sdk.codecs.status_details import Violation
from support.canned_gateway import CannedGateway, denial, refusal, write_profile
from support.certificates import make_pki
from veilgate.v1 import error_reason_pb2

NUMBER = "11010119900307001X"
REQUEST_ID = "0b0e7c1a-7f0e-4b43-8a53-111111111111"


def failure(client: VeilgateClient) -> VeilgateError:
    with pytest.raises(VeilgateError) as caught:
        client.get_record(
            "CN_RESIDENT_ID", NUMBER, "credit", "credit.applicant", request_id=REQUEST_ID
        )
    assert NUMBER not in str(caught.value) + caught.value.next_step
    return caught.value


def test_a_denial_arrives_whole(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.refusal = refusal(
        "CONSENT_SEPARATE_MISSING",
        grpc.StatusCode.PERMISSION_DENIED,
        denial(),
        en="A separate consent is missing.",
        zh="缺少单独同意。",
    )
    error = failure(client)
    assert error.reason == "CONSENT_SEPARATE_MISSING"
    assert error.code is grpc.StatusCode.PERMISSION_DENIED
    assert error.request_id == REQUEST_ID
    assert (error.text("en"), error.text("zh")) == (
        "A separate consent is missing.",
        "缺少单独同意。",
    )
    assert error.decision is not None
    assert not error.decision.allow
    assert error.decision.rule == "underwriting-applicant"
    assert error.decision.allowed_purposes == ("credit.monitoring",)
    (finding,) = error.findings
    assert (finding.reason, finding.element) == ("CONSENT_SEPARATE_MISSING", "third_party")
    assert error.next_step == denial().smallest_change_en


def test_details_above_grpc_s_usual_metadata_limit_arrive(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    gateway.refusal = refusal("CONSENT_ABSENT", grpc.StatusCode.PERMISSION_DENIED, denial(150))
    assert gateway.refusal.ByteSize() > 16 * 1024
    assert len(failure(client).findings) == 150


def test_bad_fields_are_named(client: VeilgateClient, gateway: CannedGateway) -> None:
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="subject.value", description="malformed")
    bad.field_violations.add(field="fields[2]", description="twice")
    gateway.refusal = refusal("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT, bad)
    error = failure(client)
    assert error.fields == ("subject.value", "fields[2]")
    assert error.next_step == "Correct subject.value (malformed), fields[2] (twice)."
    assert error.findings == ()
    assert error.decision is None


def test_a_retry_says_when(client: VeilgateClient, gateway: CannedGateway) -> None:
    retry = error_details_pb2.RetryInfo(retry_delay=Duration(seconds=2, nanos=500_000_000))
    gateway.refusal = refusal("RATE_LIMITED", grpc.StatusCode.RESOURCE_EXHAUSTED, retry)
    error = failure(client)
    assert error.retry_after == 2.5
    assert "2.5 seconds" in error.next_step


def test_the_gateway_s_ids_count(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.refusal = refusal("INTERNAL", grpc.StatusCode.INTERNAL)
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain="veilgate.v1")
    info.metadata["request_id"] = "another"
    info.metadata["event_id"] = "event-9"
    gateway.refusal.details[0].Pack(info)
    error = failure(client)
    assert (error.request_id, error.event_id) == ("another", "event-9")


def test_another_domain_s_reason_is_not_taken(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    gateway.refusal = status_pb2.Status(code=grpc.StatusCode.ABORTED.value[0], message="x")
    info = error_details_pb2.ErrorInfo(reason="CONSENT_ABSENT", domain="elsewhere.example")
    gateway.refusal.details.add().Pack(info)
    error = failure(client)
    assert error.reason == "UNSPECIFIED"
    assert error.code is grpc.StatusCode.ABORTED


def test_undecodable_details_leave_the_code(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.refusal = refusal("CONSENT_ABSENT")
    gateway.refusal.details[0].value = b"\xff\xff\xff"
    error = failure(client)
    assert (error.reason, error.code) == ("UNSPECIFIED", grpc.StatusCode.PERMISSION_DENIED)
    assert error.text("zh") == "网关拒绝了此次调用"


def test_a_reason_of_a_later_release_keeps_its_number(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    decision = denial()
    decision.findings[0].reason = 4711  # type: ignore[assignment]
    gateway.refusal = refusal(
        "SOMETHING_NEW", grpc.StatusCode.PERMISSION_DENIED, decision, error_details_pb2.Help()
    )
    error = failure(client)
    assert error.reason == "SOMETHING_NEW"
    assert error.findings[0].reason == "REASON_4711"


def test_no_other_language(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.refusal = refusal("CONSENT_ABSENT")
    with pytest.raises(ValueError, match="en and zh"):
        failure(client).text("fr")  # type: ignore[arg-type]


def test_a_gateway_that_is_not_there(tmp_path: Path) -> None:
    make_pki(tmp_path)
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        profile = ClientProfile.load(write_profile(tmp_path, taken.getsockname()[1]))
        with VeilgateClient(profile) as client:
            error = failure(client)
    assert (error.reason, error.code) == ("UNSPECIFIED", grpc.StatusCode.UNAVAILABLE)
    assert error.text("en") == "the gateway cannot be reached"
    assert "certificate" in error.next_step


def test_a_gateway_of_another_authority_is_not_called(
    served: tuple[CannedGateway, Path], tmp_path: Path
) -> None:
    good = ClientProfile.load(served[1])
    port = int(good.gateway.rpartition(":")[2])
    make_pki(tmp_path / "other")
    foreign = ClientProfile.load(write_profile(tmp_path / "other", port))
    with VeilgateClient(foreign) as client:
        assert failure(client).code is grpc.StatusCode.UNAVAILABLE
    assert served[0].asked == []


@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_every_call_has_a_deadline(
    client: VeilgateClient, gateway: CannedGateway, timeout: float
) -> None:
    with pytest.raises(RequestError):
        client.checkpoint(timeout=timeout)
    assert gateway.asked == []


def test_reasons_are_the_proto_s() -> None:
    names = {
        one.removeprefix("ERROR_REASON_")
        for one in error_reason_pb2.ErrorReason.DESCRIPTOR.values_by_name
    }
    assert {one.value for one in ErrorReason} == names
    assert all(one.name == one.value for one in ErrorReason)


def test_a_reason_is_one_of_the_list(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.refusal = refusal("CONSENT_ABSENT")
    assert failure(client).reason is ErrorReason.CONSENT_ABSENT


def test_a_reason_of_a_later_release_stays_what_it_is(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    gateway.refusal = refusal("MOON_TOO_FULL")
    error = failure(client)
    assert error.reason == "MOON_TOO_FULL"
    assert not isinstance(error, TransportFailure)


def test_a_refusal_is_told_from_a_call_without_an_answer(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    gateway.refusal = refusal("STORE_UNAVAILABLE", grpc.StatusCode.UNAVAILABLE)
    refused = failure(client)
    assert type(refused) is VeilgateError
    assert not refused.retryable
    gateway.refusal = status_pb2.Status(code=grpc.StatusCode.UNAVAILABLE.value[0], message="x")
    lost = failure(client)
    assert type(lost) is TransportFailure
    assert lost.retryable
    gateway.refusal = status_pb2.Status(code=grpc.StatusCode.INTERNAL.value[0], message="x")
    assert not failure(client).retryable


def test_what_would_help_and_both_texts_are_at_hand(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    bad = error_details_pb2.BadRequest()
    bad.field_violations.add(field="purpose", description="must be a purpose")
    gateway.refusal = refusal("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT, bad)
    error = failure(client)
    assert error.violations == (Violation("purpose", "must be a purpose"),)
    assert error.fix == error.next_step == "Correct purpose (must be a purpose)."
    assert error.texts == {"en": "refused", "zh": "已拒绝"}
