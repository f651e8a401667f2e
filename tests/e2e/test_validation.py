"""Every field of every request, malformed: INVALID_ARGUMENT that names the field, no more."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import grpc
import pytest
from google.protobuf.message import Message

from clients.cli.local.demo_data.dataset import synthetic_subject
from support.live_gateway import LiveGateway, running_gateway
from support.malformed import (
    BAD_NAMES,
    BAD_UUIDS,
    LONG,
    Change,
    assert_names_the_field,
    cases,
    set_field,
    set_list,
)
from support.members import Member, record_request
from support.refusals import raw_method, refusal_of
from veilgate.v1 import audit_pb2, exchange_pb2

EXCHANGE, CONSENT, AUDIT = (
    f"/veilgate.v1.{name}Service/" for name in ("Exchange", "Consent", "Audit")
)
PERSON = synthetic_subject(1)
SSN = synthetic_subject(2).identity_number


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("validation") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def auditor(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "auditor") as member:
        yield member


SUBJECT_AND_ASK: list[tuple[str, Change]] = [
    ("subject.type", lambda message: message.ClearField("subject")),
    *set_field("subject.type", 0, 3, 99, -1, 2**31 - 1),
    *set_field("subject.value", "", " ", "-", "1", LONG, "0" * 65, SSN, "11010519491231002"),
    *set_field("subject.value", PERSON.identity_number[:-1] + "Y", "\x00" * 18, "\U0001f600" * 18),
    *set_field("dataset", *BAD_NAMES),
    *set_field("purpose", *BAD_NAMES),
    set_list("fields", "fields[0]", ""),
    set_list("fields", "fields[1]", "name", "Name"),
    set_list("fields", "fields[0]", "name\x00"),
    set_list("fields", "fields[0]", "a" * 64),
    set_list("fields", "fields", "name", "name"),
    set_list("fields", "fields", *(f"f{number}" for number in range(401))),
    *set_field("consent_id", *BAD_UUIDS[1:]),
]
GET_RECORD = [*set_field("request_id", *BAD_UUIDS), *SUBJECT_AND_ASK]


def _record() -> Message:
    return record_request(PERSON, str(uuid4()))


def _explain() -> Message:
    record = record_request(PERSON, "")
    return exchange_pb2.ExplainAccessRequest(
        subject=record.subject, dataset=record.dataset, purpose=record.purpose
    )


@pytest.mark.parametrize(("path", "change"), cases(GET_RECORD))
def test_get_record(lender: Member, path: str, change: Change) -> None:
    message = _record()
    change(message)
    refusal = refusal_of(lender.channel, EXCHANGE + "GetRecord", message.SerializeToString())
    assert_names_the_field(refusal, path)


@pytest.mark.parametrize(("path", "change"), cases(SUBJECT_AND_ASK))
def test_explain_access(lender: Member, path: str, change: Change) -> None:
    message = _explain()
    change(message)
    refusal = refusal_of(lender.channel, EXCHANGE + "ExplainAccess", message.SerializeToString())
    assert_names_the_field(refusal, path)


@pytest.mark.parametrize(
    ("method", "message", "path"),
    [
        ("ListEvents", audit_pb2.ListEventsRequest(limit=501), "limit"),
        ("ListEvents", audit_pb2.ListEventsRequest(limit=2**32 - 1), "limit"),
        ("ListEvents", audit_pb2.ListEventsRequest(start=2**64 - 1), "start"),
        ("GetInclusionProof", audit_pb2.GetInclusionProofRequest(log_index=2**63), "log_index"),
        ("GetInclusionProof", audit_pb2.GetInclusionProofRequest(tree_size=2**64 - 1), "tree_size"),
        ("GetTile", audit_pb2.GetTileRequest(path=LONG), "path"),
    ],
)
def test_audit_requests(auditor: Member, method: str, message: Message, path: str) -> None:
    refusal = refusal_of(auditor.channel, AUDIT + method, message.SerializeToString())
    assert_names_the_field(refusal, path)


@pytest.mark.parametrize(
    "path",
    [
        *("", "tile", "tile/0/000", "../keys/log.pem", "/etc/passwd", "tile/0/000.p/256"),
        *("tile/64/000", "tile/0/1", "tile/entries/000.p/0", "tile/0/x999/999", "checkpoint"),
        *("tile/0/000.p/255", "tile/0/000.p/1\n", "tile/0/٠٠٠"),
    ],
)
def test_tiles_that_are_not_there(auditor: Member, path: str) -> None:
    body = audit_pb2.GetTileRequest(path=path).SerializeToString()
    refusal = refusal_of(auditor.channel, AUDIT + "GetTile", body)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.NOT_FOUND, "LOG_ENTRY_NOT_FOUND")


METHODS = (
    *(EXCHANGE + name for name in ("GetRecord", "ExplainAccess")),
    *(CONSENT + name for name in ("GrantConsent", "GetConsent", "RevokeConsent")),
    *(AUDIT + name for name in ("ListEvents", "GetCheckpoint", "GetInclusionProof", "GetTile")),
)


# A tag cut off, a length beyond the end, a length cut off, a group's end without its start.
UNDECODABLE = [b"\xff", b"\x0a\x7f", b"\x0a\x02", b"\x0c"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("body", UNDECODABLE)
def test_undecodable_bytes(auditor: Member, method: str, body: bytes) -> None:
    refusal = refusal_of(auditor.channel, method, body)
    assert refusal.code is grpc.StatusCode.INVALID_ARGUMENT
    assert refusal.reason == "UNDECODABLE_REQUEST"


@pytest.mark.parametrize("method", [EXCHANGE + "GetRecord", CONSENT + "GetConsent"])
def test_text_that_is_not_utf_8(lender: Member, method: str) -> None:
    assert refusal_of(lender.channel, method, b"\x0a\x02\xff\xfe").reason == "UNDECODABLE_REQUEST"


@pytest.mark.parametrize("method", METHODS)
def test_a_message_above_the_limit(lender: Member, method: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw_method(lender.channel, method)(bytes(64 * 1024 + 1), timeout=10)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(
    "method", ["/veilgate.v1.ExchangeService/Nothing", "/veilgate.v2.ExchangeService/GetRecord"]
)
def test_unknown_methods(lender: Member, method: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw_method(lender.channel, method)(b"", timeout=10)
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_whatever_was_refused_left_no_trace_in_the_log_of_errors(gateway: LiveGateway) -> None:
    assert "unexpected" not in gateway.process.output()
