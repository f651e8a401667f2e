"""Every field of the Directory's requests, malformed: INVALID_ARGUMENT that names the field."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from google.protobuf.message import Message

from clients.cli.local.dev_authority import Usage
from clients.cli.local.home import OPERATOR
from clients.sdk.codecs import directory as codec
from clients.sdk.identity.channel import open_channel
from support.live_gateway import LiveGateway, running_gateway
from support.malformed import (
    BAD_NAMES,
    BAD_UUIDS,
    Change,
    assert_names_the_field,
    cases,
    cleared,
    set_field,
    set_list,
)
from support.newcomers import Newcomer, agreement_of
from support.refusals import raw_method, refusal_of
from veilgate.v1 import directory_pb2 as pb

SERVICE = "/veilgate.v1.DirectoryService/"
BAD_IDS = ("", "A", "a", "-a", "a b", "a" * 64, "a\n", "member-1234567")
BAD_KEY_IDS = ("", "A", "a b", "k" * 64, "key-1234567", "k\x00")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("validation") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def channel(gateway: LiveGateway) -> Iterator[grpc.Channel]:
    with open_channel(gateway.profile(OPERATOR)) as opened:
        yield opened


@pytest.fixture(scope="module")
def newcomer(gateway: LiveGateway, tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    return Newcomer(gateway, tmp_path_factory.mktemp("newcomer"))


def _named(channel: grpc.Channel, method: str, request: Message, path: str) -> None:
    found = refusal_of(channel, SERVICE + method, request.SerializeToString())
    assert_names_the_field(found, path)


def _key(**parts: Any) -> pb.SigningKey:
    return pb.SigningKey(**{"key_id": "k-1", "public_key": bytes(32), **parts})


def _in(prefix: str, changes: list[tuple[str, Change]]) -> list[tuple[str, Change]]:
    return [(f"{prefix}.{path}" if path else prefix, change) for path, change in changes]


def _now() -> datetime:
    return datetime.now(UTC)


ENROLMENT = _in(
    "enrolment",
    [
        *set_field("institution", *BAD_IDS),
        *set_field("legal_group", *BAD_IDS),
        *set_field("jurisdiction", "", "cn", "CHN", "XX"),
        set_list("roles", "roles"),
        set_list("roles", "roles", 1, 1),
        set_list("roles", "roles[1]", 1, 99),
        set_list("roles", "roles[0]", 0),
        set_list("certificates", "certificates"),
        set_list("certificates", "certificates[0]", b""),
        set_list("certificates", "certificates[0]", b"no certificate"),
        ("certificates", lambda one: one.certificates.append(one.certificates[0])),
        ("certificates", lambda one: one.certificates.extend([b"x"] * 8)),
        set_list("signing_keys", "signing_keys"),
        set_list("signing_keys", "signing_keys[0].public_key", _key(public_key=bytes(31))),
        set_list("signing_keys", "signing_keys", _key(), _key()),
        set_list("signing_keys", "signing_keys", _key(), _key(key_id="k-2")),
        *(
            set_list("signing_keys", "signing_keys[0].key_id", _key(key_id=name))
            for name in BAD_KEY_IDS
        ),
        set_list(
            "signing_keys",
            "signing_keys[0].retired_at",
            _key(retired_at=codec.timestamp(_now())),
        ),
        cleared("created_at"),
        (
            "created_at",
            lambda one: one.created_at.FromDatetime(_now() + timedelta(hours=1)),
        ),
        ("", lambda one: one.MergeFromString(b"\x98\x06\x01")),
        ("", lambda one: one.signing_keys[0].MergeFromString(b"\x98\x06\x01")),
    ],
)
CHANGE = _in(
    "change",
    [
        *set_field("institution", *BAD_IDS),
        *set_field("change_id", *BAD_UUIDS),
        *set_field("overlap_seconds", 2_592_001, 2**32 - 1),
        set_list("retire_certificates", "retire_certificates[0]", "aa"),
        set_list("retire_certificates", "retire_certificates[0]", "AA" * 32),
        set_list("retire_certificates", "retire_certificates", *["aa" * 32] * 2),
        *(set_list("retire_signing_keys", "retire_signing_keys[0]", name) for name in BAD_KEY_IDS),
        set_list("retire_signing_keys", "retire_signing_keys", *[f"k-{n}" for n in range(9)]),
        set_list("add_certificates", "add_certificates[0]", b"none"),
        set_list("add_signing_keys", "add_signing_keys[0].public_key", _key(public_key=b"")),
        ("", lambda one: one.ClearField("retire_signing_keys")),
        (
            "created_at",
            lambda one: one.created_at.FromDatetime(_now() - timedelta(minutes=61)),
        ),
        cleared("created_at"),
        ("", lambda one: one.MergeFromString(b"\x98\x06\x01")),
    ],
)
AGREEMENT = _in(
    "agreement",
    [
        *set_field("agreement_id", *BAD_UUIDS),
        *set_field("institution", *BAD_IDS),
        *set_field("evidence_sha256", b"", bytes(31), bytes(33)),
        *(
            set_list(name, path, *values)
            for name in ("datasets", "purposes")
            for path, values in (
                (name, ()),
                (name, ("a", "a")),
                (name, tuple(f"a.b{n}" for n in range(101))),
                *((f"{name}[0]", (bad,)) for bad in BAD_NAMES),
            )
        ),
        cleared("valid_from"),
        cleared("valid_until"),
        ("valid_from", lambda one: setattr(one.valid_from, "nanos", 1)),
        ("valid_until", lambda one: setattr(one.valid_until, "seconds", 1)),
        ("valid_until", lambda one: setattr(one.valid_until, "seconds", 2**35)),
        ("valid_until", lambda one: one.valid_until.CopyFrom(one.valid_from)),
        (
            "valid_until",
            lambda one: setattr(one.valid_until, "seconds", one.valid_from.seconds + 3653 * 86_401),
        ),
        ("ended_at", lambda one: one.ended_at.GetCurrentTime()),
    ],
)


@pytest.mark.parametrize(("path", "change"), cases(ENROLMENT))
def test_enrolments(channel: grpc.Channel, newcomer: Newcomer, path: str, change: Change) -> None:
    request = codec.encode_enrol_institution_request(newcomer.enrolment())
    message = pb.Enrolment.FromString(request.enrolment)
    change(message)
    request.enrolment = message.SerializeToString()
    _named(channel, "EnrolInstitution", request, path)


@pytest.mark.parametrize(("path", "change"), cases(CHANGE))
def test_changes(channel: grpc.Channel, newcomer: Newcomer, path: str, change: Change) -> None:
    signed = newcomer.change(retire_signing_keys=("k-1",))
    request = codec.encode_change_credentials_request(signed)
    message = pb.CredentialChange.FromString(request.change)
    change(message)
    request.change = message.SerializeToString()
    _named(channel, "ChangeCredentials", request, path)


@pytest.mark.parametrize(("path", "change"), cases(AGREEMENT))
def test_agreements(channel: grpc.Channel, path: str, change: Change) -> None:
    request = codec.encode_add_agreement_request(agreement_of(OPERATOR))
    change(request.agreement)
    _named(channel, "AddAgreement", request, path)


@pytest.mark.parametrize(
    ("method", "request_", "path"),
    [
        ("EnrolInstitution", pb.EnrolInstitutionRequest(), "enrolment"),
        ("ChangeCredentials", pb.ChangeCredentialsRequest(), "change"),
        ("EnrolInstitution", pb.EnrolInstitutionRequest(enrolment=b"x"), "signatures"),
        *(
            (method, request(institution=name), "institution")
            for name in BAD_IDS
            for method, request in (
                ("SuspendInstitution", pb.SuspendInstitutionRequest),
                ("ReactivateInstitution", pb.ReactivateInstitutionRequest),
                ("GetInstitution", pb.GetInstitutionRequest),
            )
        ),
        *(
            ("EndAgreement", pb.EndAgreementRequest(agreement_id=x), "agreement_id")
            for x in BAD_UUIDS
        ),
        ("ListInstitutions", pb.ListInstitutionsRequest.FromString(b"\x08\x63"), "role"),
        ("ListInstitutions", pb.ListInstitutionsRequest.FromString(b"\x10\x63"), "status"),
        ("ListInstitutions", pb.ListInstitutionsRequest(legal_group="No Id"), "legal_group"),
        ("ListInstitutions", pb.ListInstitutionsRequest(page_size=501), "page_size"),
        ("ListAgreements", pb.ListAgreementsRequest(institution="No Id"), "institution"),
        ("ListAgreements", pb.ListAgreementsRequest(dataset="No Name"), "dataset"),
        ("ListAgreements", pb.ListAgreementsRequest(purpose="No Name"), "purpose"),
        ("ListAgreements", pb.ListAgreementsRequest(page_size=501), "page_size"),
        ("ListExpiring", pb.ListExpiringRequest(within_days=366), "within_days"),
        ("ListExpiring", pb.ListExpiringRequest(page_size=501), "page_size"),
    ],
)
def test_other_requests(channel: grpc.Channel, method: str, request_: Message, path: str) -> None:
    _named(channel, method, request_, path)


@pytest.mark.parametrize(
    ("path", "signatures"),
    [
        ("signatures[0].signature", [pb.DirectorySignature(key_id="k", signature=bytes(63))]),
        ("signatures[0].key_id", [pb.DirectorySignature(key_id="K", signature=bytes(64))]),
        ("signatures", [pb.DirectorySignature(key_id="k", signature=bytes(64))] * 2),
        (
            "signatures",
            [pb.DirectorySignature(key_id=f"k-{n}", signature=bytes(64)) for n in range(17)],
        ),
    ],
)
def test_signatures(
    channel: grpc.Channel,
    newcomer: Newcomer,
    path: str,
    signatures: list[pb.DirectorySignature],
) -> None:
    body = newcomer.enrolment().enrolment
    request = pb.EnrolInstitutionRequest(enrolment=body, signatures=signatures)
    _named(channel, "EnrolInstitution", request, path)


UNSUITABLE: dict[str, dict[str, Any]] = {
    "another institution": {"institution": "lender-a"},
    "another domain": {"uris": ("spiffe://elsewhere.example/institution/x/workload/y",)},
    "no name": {"uris": ()},
    "two names": {"uris": ("spiffe://a/institution/b/workload/c",) * 2},
    "server use": {"usages": (Usage.SERVER,)},
    "no use": {"usages": ()},
    "ended": {"starts_in": -timedelta(days=9), "lifetime": timedelta(days=8)},
}


@pytest.mark.parametrize("why", [*UNSUITABLE, "authority"])
def test_certificates_that_no_call_could_use(
    gateway: LiveGateway, channel: grpc.Channel, newcomer: Newcomer, why: str
) -> None:
    if why == "authority":
        pem = (gateway.home.folder / "tls" / "client-authorities.pem").read_bytes()
    else:
        pem = newcomer.issued(**UNSUITABLE[why]).certificate
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    request = codec.encode_enrol_institution_request(newcomer.enrolment())
    message = pb.Enrolment.FromString(request.enrolment)
    message.certificates[0] = der
    request.enrolment = message.SerializeToString()
    _named(channel, "EnrolInstitution", request, "enrolment.certificates[0]")


def test_what_a_change_names_is_in_use(channel: grpc.Channel, newcomer: Newcomer) -> None:
    enrol = raw_method(channel, f"{SERVICE}EnrolInstitution")
    enrolment = codec.encode_enrol_institution_request(newcomer.enrolment())
    enrol(enrolment.SerializeToString(), timeout=10)
    absent: list[tuple[dict[str, Any], str]] = [
        ({"retire_certificates": ("ab" * 32,)}, "change.retire_certificates"),
        ({"retire_signing_keys": ("nobody",)}, "change.retire_signing_keys"),
    ]
    for terms, path in absent:
        request = codec.encode_change_credentials_request(newcomer.change(**terms))
        _named(channel, "ChangeCredentials", request, path)
    eight = newcomer.change([newcomer.issued() for _ in range(8)])
    request = codec.encode_change_credentials_request(eight)
    _named(channel, "ChangeCredentials", request, "change.add_certificates")


def test_an_unknown_institution_cannot_change(channel: grpc.Channel, newcomer: Newcomer) -> None:
    stranger = Newcomer(newcomer.gateway, newcomer.folder)
    request = codec.encode_change_credentials_request(stranger.change([stranger.issued()]))
    found = refusal_of(channel, f"{SERVICE}ChangeCredentials", request.SerializeToString())
    assert found.reason == "INSTITUTION_NOT_FOUND"
