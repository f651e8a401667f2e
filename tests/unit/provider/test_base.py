"""The base class of providers, served over real TLS: who is answered, with what, and when."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.dev_authority import DevAuthority, LeafRequest, spiffe_uri
from clients.provider import (
    CannotAnswer,
    Dataset,
    Identifier,
    Inquiry,
    ProviderBase,
    ProviderError,
    ProviderProfile,
    Record,
    Reference,
)
from clients.provider.conformance_calls import inquiry
from clients.provider.models import Value
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.subject_proof import subject_proof
from support.remote_provider import DATASET, Ends, People, identifier, serving
from veilgate.v1 import provider_pb2 as pb
from veilgate.v1 import provider_pb2_grpc

FIRST, SECOND = (identifier(synthetic_subject(n)) for n in (1, 2))
RECORD: dict[str, Value] = {"name": "Ann Example", "amount": 7, "born": "1990-01-02", "more": "x"}
SECRET = "zqsecretvalue"


class One(ProviderBase):
    """Answers every inquiry with what a test wants; a value that is raised is raised."""

    provider = "demo-bureau"
    datasets = (
        Dataset(
            name=DATASET,
            fields={"name": "string", "amount": "integer", "born": "date"},
            identifiers=tuple(IdentifierType),
        ),
    )

    def __init__(self, found: object) -> None:
        self.found = found

    def lookup(self, inquiry: Inquiry) -> Record | None:
        if isinstance(self.found, Exception):
            raise self.found
        if callable(self.found):
            return self.found(inquiry)  # type: ignore[no-any-return]
        return self.found  # type: ignore[return-value]


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    return Ends.make(tmp_path_factory.mktemp("ends"))


@contextmanager
def asking(
    ends: Ends, provider: ProviderBase, who: str = "gateway", **settings: object
) -> Iterator[provider_pb2_grpc.ProviderServiceStub]:
    """A provider that is served, and a stub of a caller's with this certificate."""
    with serving(provider, ends.profile(**settings)) as port:
        credentials = grpc.ssl_channel_credentials(
            *(
                ends.path(name).read_bytes()
                for name in ("authority.pem", f"{who}.key", f"{who}.pem")
            )
        )
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.secure_channel(f"localhost:{port}", credentials, options) as channel:
            yield provider_pb2_grpc.ProviderServiceStub(channel)


def _asked(
    stub: provider_pb2_grpc.ProviderServiceStub, *inquiries: pb.Inquiry, timeout: float = 20
) -> list[pb.InquiryAnswer]:
    response = stub.FetchRecords(pb.FetchRecordsRequest(inquiries=inquiries), timeout=timeout)
    return list(response.answers)


def test_exactly_the_fields_come_under_the_records_own_proof(ends: Ends) -> None:
    with asking(ends, One(Record(FIRST, RECORD, "e-1"))) as stub:
        asked = inquiry(DATASET, FIRST, ("amount", "name"))
        (answer,) = _asked(stub, asked)
    assert answer.inquiry_id == asked.inquiry_id
    assert answer.event_id == "e-1"
    assert [(one.field, one.number, one.text) for one in answer.record.values] == [
        ("amount", 7, ""),
        ("name", 0, "Ann Example"),
    ]
    assert answer.record.subject_proof == subject_proof(asked.inquiry_id, FIRST.encoded())


@pytest.mark.parametrize(
    "found",
    [
        Record(SECOND, RECORD),
        Record(FIRST, {"amount": 7}),
        Record(FIRST, {**RECORD, "name": 7}),
        Record(FIRST, {**RECORD, "name": SECRET * 2_000}),
        Record(FIRST, {**RECORD, "amount": "1.5"}),
        Record(FIRST, {**RECORD, "amount": "007"}),
        Record(FIRST, {**RECORD, "amount": True}),
        Record(FIRST, {**RECORD, "amount": 1 << 63}),
        Record(Reference(bytes(32)), RECORD),
        CannotAnswer(SECRET),
        ValueError(SECRET),
        SECRET,
    ],
)
def test_what_may_not_be_sent_cannot_be_answered(
    found: object, ends: Ends, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with asking(ends, One(found)) as stub:
        (answer,) = _asked(stub, inquiry(DATASET, FIRST, ("name", "amount")))
    assert answer.WhichOneof("outcome") == "cannot_answer"
    assert SECRET not in caplog.text
    assert FIRST.value not in caplog.text


@pytest.mark.parametrize("amount", [None, 0, -5, "0", "-5", "123456789012345678"])
def test_an_integer_may_come_as_its_digits(amount: Value, ends: Ends) -> None:
    with asking(ends, One(Record(FIRST, {**RECORD, "amount": amount}))) as stub:
        (answer,) = _asked(stub, inquiry(DATASET, FIRST, ("amount",)))
    (value,) = answer.record.values
    if amount is None:
        assert value.WhichOneof("value") is None
    else:
        assert value.number == int(amount)


def test_one_that_hangs_costs_its_own_answer_only(ends: Ends) -> None:
    release = threading.Event()

    def found(asked: Inquiry) -> Record:
        if asked.subject == FIRST:
            release.wait(30)
        return Record(asked.subject, RECORD)

    with asking(ends, One(found)) as stub:
        asked = [inquiry(DATASET, who, ("name",)) for who in (FIRST, SECOND)]
        hung, answered = _asked(stub, *asked, timeout=1.0)
        release.set()
    assert hung.WhichOneof("outcome") == "cannot_answer"
    assert answered.WhichOneof("outcome") == "record"


def test_so_many_look_ups_at_once_and_no_more(ends: Ends) -> None:
    at_once: list[int] = []
    inside = 0
    lock = threading.Lock()
    full = threading.Barrier(3)

    def found(asked: Inquiry) -> Record:
        nonlocal inside
        with lock:
            inside += 1
            at_once.append(inside)
        full.wait(20)
        with lock:
            inside -= 1
        return Record(asked.subject, RECORD)

    with asking(ends, One(found), max_concurrent=3) as stub:
        answers = _asked(stub, *(inquiry(DATASET, FIRST, ("name",)) for _ in range(30)))
    assert {one.WhichOneof("outcome") for one in answers} == {"record"}
    assert max(at_once) == 3


def test_so_many_coroutines_at_once_and_no_more(ends: Ends) -> None:
    at_once: list[int] = []

    class Counting(One):
        inside = 0

        async def lookup(self, inquiry: Inquiry) -> Record | None:  # type: ignore[override]
            self.inside += 1
            at_once.append(self.inside)
            for _ in range(20):
                await asyncio.sleep(0)
            self.inside -= 1
            return Record(inquiry.subject, RECORD)

    with asking(ends, Counting(None), max_concurrent=3) as stub:
        answers = _asked(stub, *(inquiry(DATASET, FIRST, ("name",)) for _ in range(30)))
    assert {one.WhichOneof("outcome") for one in answers} == {"record"}
    assert max(at_once) == 3


def test_a_call_that_is_given_up_ends_its_look_ups(ends: Ends) -> None:
    began, ended = threading.Event(), threading.Event()

    class Slow(One):
        async def lookup(self, inquiry: Inquiry) -> Record | None:  # type: ignore[override]
            began.set()
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ended.set()
                raise
            return None

    with asking(ends, Slow(None)) as stub:
        request = pb.FetchRecordsRequest(inquiries=[inquiry(DATASET, FIRST, ("name",))])
        call = stub.FetchRecords.future(request, timeout=30)
        assert began.wait(20)
        call.cancel()
        assert ended.wait(20)


@pytest.mark.parametrize(
    "who", ["somebody-else", "other-domain", "no-name", "workload-less"], ids=str
)
def test_only_the_pinned_gateways_are_answered(who: str, tmp_path: Path) -> None:
    authority = DevAuthority.create()
    ends = Ends.make(tmp_path, authority)
    uris = {
        "somebody-else": (spiffe_uri("somebody-else", "gateway"),),
        "other-domain": (spiffe_uri("gateway-one", "gateway", "other.example"),),
        "no-name": (),
        "workload-less": ("spiffe://veilgate.example/institution/gateway-one",),
    }[who]
    authority.issue(LeafRequest(common_name=who, uris=uris)).write(tmp_path, who)
    with asking(ends, One(None), who) as stub, pytest.raises(grpc.RpcError) as caught:
        _asked(stub, inquiry(DATASET, FIRST, ("name",)))
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
    with asking(ends, One(None)) as stub:
        assert _asked(stub, inquiry(DATASET, FIRST, ("name",)))


def test_undecodable_bytes_are_a_malformed_request(ends: Ends) -> None:
    with serving(One(None), ends.profile()) as port:
        credentials = grpc.ssl_channel_credentials(
            *(ends.path(n).read_bytes() for n in ("authority.pem", "gateway.key", "gateway.pem"))
        )
        with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
            method = "/veilgate.v1.ProviderService/FetchRecords"
            call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(method)
            with pytest.raises(grpc.RpcError) as caught:
                call(b"\xff\xff", timeout=20)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_health_is_served(ends: Ends) -> None:
    from grpc_health.v1 import health_pb2, health_pb2_grpc

    with serving(One(None), ends.profile()) as port:
        credentials = grpc.ssl_channel_credentials(
            *(ends.path(n).read_bytes() for n in ("authority.pem", "gateway.key", "gateway.pem"))
        )
        with grpc.secure_channel(f"localhost:{port}", credentials) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            request = health_pb2.HealthCheckRequest(service="veilgate.v1.ProviderService")
            answer = stub.Check(request, timeout=20)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_by_reference(ends: Ends) -> None:
    applicant, reference = synthetic_subject(1), Reference(os.urandom(32))
    provider = People(0, references={reference.value: applicant})
    with asking(ends, provider) as stub:
        known = inquiry(DATASET, reference, ("name",))
        unknown = inquiry(DATASET, Reference(os.urandom(32)), ("name",))
        named = inquiry(DATASET, FIRST, ("name",))
        outcomes = [one.WhichOneof("outcome") for one in _asked(stub, known, unknown, named)]
    assert outcomes == ["record", "no_such_subject", "cannot_answer"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('listen = "nowhere"', "listen"),
        ("gateways = []", "gateways"),
        ("unknown = 1", "unknown"),
        ('key = "absent.key"', "absent.key"),
        ("max_concurrent = 0", "max_concurrent"),
        ("= 1", "refused"),
    ],
)
def test_a_profile_that_cannot_be_used_says_why(text: str, what: str, ends: Ends) -> None:
    settings = {
        "listen": 'listen = "localhost:0"',
        "certificate": 'certificate = "server.pem"',
        "key": 'key = "server.key"',
        "ca": 'ca = "authority.pem"',
        "gateways": 'gateways = ["gateway-one"]',
    }
    settings[text.partition(" ")[0]] = text
    path = ends.path("provider.toml")
    path.write_text("\n".join(settings.values()), encoding="utf-8")
    with pytest.raises(ProviderError, match=what.replace(".", r"\.")):
        ProviderProfile.load(path).read_tls()


def test_a_key_that_everybody_can_read_is_refused(ends: Ends, tmp_path: Path) -> None:
    exposed = tmp_path / "exposed.key"
    exposed.write_bytes(ends.path("server.key").read_bytes())
    exposed.chmod(0o644)
    with pytest.raises(ProviderError, match="every user"):
        ends.profile(key=exposed).read_tls()


@pytest.mark.parametrize("value", ["11010519491231002x", "110105 194912310 02X", "1", ""])
def test_an_identifier_is_in_normal_form(value: str) -> None:
    with pytest.raises(ValueError, match="normal form") as caught:
        Identifier(IdentifierType.CN_RESIDENT_ID, value)
    assert not value or value not in str(caught.value)
    assert "11010519491231002X" not in repr(
        Identifier(IdentifierType.CN_RESIDENT_ID, "11010519491231002X")
    )


def test_a_dataset_that_cannot_be_served_is_refused() -> None:
    kinds = (IdentifierType.US_SSN,)
    for wrong in (
        {"name": "A", "fields": {"a": "string"}, "identifiers": kinds},
        {"name": "a.b", "fields": {}, "identifiers": kinds},
        {"name": "a.b", "fields": {"A": "string"}, "identifiers": kinds},
        {"name": "a.b", "fields": {"a": "bytes"}, "identifiers": kinds},
        {"name": "a.b", "fields": {"a": "string"}},
    ):
        with pytest.raises(ProviderError):
            Dataset(**wrong)  # type: ignore[arg-type]
