"""Who is let in beyond the handshake; and what says what is there: health and reflection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from google.protobuf import descriptor_pool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from clients.cli.local.dev_authority import DevAuthority, Issued, LeafRequest
from clients.cli.local.home import PARTNERS, Home, fingerprint
from clients.sdk.identity.channel import open_channel
from support.live_gateway import LiveGateway, running_gateway
from support.refusals import Refusal, raw_method, refusal_of
from veilgate.v1 import aggregate_pb2

SERVICES = (
    *(
        f"veilgate.v1.{name}Service"
        for name in ("Exchange", "Consent", "Audit", "Subject", "Catalogue", "Directory")
    ),
    "veilgate.v1.DeidentifyService",
    # By its module, which no other import of this test loads.
    aggregate_pb2.DESCRIPTOR.services_by_name["AggregateService"].full_name,
)
CHECKPOINT = "/veilgate.v1.AuditService/GetCheckpoint"
METHODS = tuple(
    f"{service.removeprefix('veilgate.v1.')}/{method.name}"
    for service in SERVICES
    for method in descriptor_pool.Default().FindServiceByName(service).methods
)


@dataclass
class Extra:
    """An authority of the gateway's, whose certificates the partner file knows in part."""

    authority: DevAuthority = field(default_factory=DevAuthority.create)

    def __post_init__(self) -> None:
        self.unregistered = self._issue("lender-a")
        self.unknown = self._issue("nobody-we-know")
        self.suspended = self._issue("lender-s")
        self.swapped = self._issue("lender-b")
        self.second = self._issue("lender-t")

    def _issue(self, institution: str) -> Issued:
        return self.authority.issue(LeafRequest.institution(institution))

    def prepare(self, home: Home) -> None:
        """Trust the authority; register a suspended member and one with another's certificate."""
        with (home.folder / "tls" / "client-authorities.pem").open("ab") as file:
            file.write(self.authority.certificate)
        with (home.folder / PARTNERS).open("a", encoding="utf-8") as file:
            file.write(_partner("lender-s", self.suspended, "suspended"))
            file.write(_partner("lender-t", self.swapped, "active", self.second))


def _partner(name: str, first: Issued, status: str, *more: Issued) -> str:
    certificates = ", ".join(f'"{fingerprint(one)}"' for one in (first, *more))
    return f"""
[[partner]]
id = "{name}"
legal_group = "{name}-group"
roles = ["lender", "auditor"]
jurisdiction = "CN"
status = "{status}"
certificates = [{certificates}]
"""


@pytest.fixture(scope="module")
def extra() -> Extra:
    return Extra()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, extra: Extra) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("services") / "home"
    with running_gateway(folder, prepare=extra.prepare) as running:
        yield running


@pytest.fixture
def channel(gateway: LiveGateway) -> Iterator[grpc.Channel]:
    with open_channel(gateway.profile("lender-a")) as opened:
        yield opened


def _channel(gateway: LiveGateway, identity: Issued) -> grpc.Channel:
    roots = Path(gateway.profile("lender-a").ca).read_bytes()
    credentials = grpc.ssl_channel_credentials(roots, identity.private_key, identity.certificate)
    options = [("grpc.use_local_subchannel_pool", 1)]
    return grpc.secure_channel(gateway.address, credentials, options)


def _refusal(gateway: LiveGateway, identity: Issued, method: str, body: bytes = b"") -> Refusal:
    with _channel(gateway, identity) as opened:
        return refusal_of(opened, f"/veilgate.v1.{method}", body)


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_health_is_serving(channel: grpc.Channel, service: str) -> None:
    request = health_pb2.HealthCheckRequest(service=service)
    answer = health_pb2_grpc.HealthStub(channel).Check(request, timeout=10)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_the_health_of_an_unknown_service(channel: grpc.Channel) -> None:
    request = health_pb2.HealthCheckRequest(service="no.such.Service")
    with pytest.raises(grpc.RpcError) as caught:
        health_pb2_grpc.HealthStub(channel).Check(request, timeout=10)
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def _reflect(
    channel: grpc.Channel, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    answer: reflection_pb2.ServerReflectionResponse = next(
        stub.ServerReflectionInfo(iter([request]), timeout=10)
    )
    return answer


def test_reflection_lists_the_services(channel: grpc.Channel) -> None:
    answer = _reflect(channel, reflection_pb2.ServerReflectionRequest(list_services=""))
    names = {service.name for service in answer.list_services_response.service}
    assert names == {
        *SERVICES,
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
    }


@pytest.mark.parametrize("service", SERVICES)
def test_reflection_describes_each_service(channel: grpc.Channel, service: str) -> None:
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=service)
    answer = _reflect(channel, request)
    assert answer.file_descriptor_response.file_descriptor_proto


@pytest.mark.parametrize("method", METHODS)
def test_a_valid_but_unregistered_certificate_gets_nothing(
    gateway: LiveGateway, extra: Extra, method: str
) -> None:
    refusal = _refusal(gateway, extra.unregistered, method)
    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "CERTIFICATE_UNKNOWN",
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_suspended_institution_gets_nothing(
    gateway: LiveGateway, extra: Extra, method: str
) -> None:
    refusal = _refusal(gateway, extra.suspended, method)
    assert (refusal.code, refusal.reason) == (
        grpc.StatusCode.PERMISSION_DENIED,
        "INSTITUTION_SUSPENDED",
    )


def test_a_certificate_registered_for_another_institution_gets_nothing(
    gateway: LiveGateway, extra: Extra
) -> None:
    """It says lender-b and is in the file under lender-t: it acts as neither."""
    assert _refusal(gateway, extra.swapped, METHODS[0]).reason == "CERTIFICATE_UNKNOWN"
    with _channel(gateway, extra.second) as opened:
        assert raw_method(opened, CHECKPOINT)(b"", timeout=10)


def test_an_unknown_institution_looks_like_an_unknown_certificate(
    gateway: LiveGateway, extra: Extra
) -> None:
    known = _refusal(gateway, extra.unregistered, METHODS[0])
    assert known == _refusal(gateway, extra.unknown, METHODS[0])


def test_who_calls_is_judged_before_what_is_said(gateway: LiveGateway, extra: Extra) -> None:
    for identity in (extra.unregistered, extra.suspended):
        assert not _refusal(gateway, identity, METHODS[0], b"\xff\xff").bad
