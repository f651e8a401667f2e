"""The examples in other languages: compiled, run against a gateway, and true to the protos.

A language whose toolchain is not on this machine has no case here: ``pytest --collect-only`` lists
those that have. What the protos must hold is checked for all of them, without any toolchain.
"""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A
from clients.sdk import VeilgateError
from support.canned_gateway import CannedGateway, refusal, serve, write_profile
from support.certificates import make_pki
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.members import Member
from support.toolchains import TOOLCHAINS, Answer, Toolchain, at_hand
from veilgate.v1 import exchange_pb2, policy_pb2, subject_pb2

AT_HAND = at_hand()
LANGUAGES = [one.language for one in AT_HAND]
PERSON = synthetic_subject(1)
DEADLINE_S = 10
NAMES_OF_EVERY_EXAMPLE = {
    *("ExchangeService", "ExplainAccess", "GetRecord", "SubjectIdentifier", "request_id"),
    *("ErrorInfo", "LocalizedMessage", "RetryInfo", "DecisionDetail"),
    *("smallest_change_en", "smallest_change_zh"),
}


@dataclass(frozen=True)
class Example:
    """A compiled example."""

    toolchain: Toolchain
    out: Path

    def ask(self, profile: Path, purpose: str, subject: Path) -> Answer:
        return self.toolchain.run(self.out, profile, DATASET, purpose, subject)


@pytest.fixture(scope="module", params=AT_HAND, ids=LANGUAGES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Example:
    out = tmp_path_factory.mktemp(request.param.language)
    request.param.build(out)
    return Example(request.param, out)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("examples") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, LENDER_A) as member:
        member.grant(PERSON)
        yield member


@pytest.fixture
def profile(gateway: LiveGateway, tmp_path: Path) -> Path:
    """The folder that ``veilgate init`` made for lender A, with the port that is really served."""
    folder = tmp_path / LENDER_A
    shutil.copytree(gateway.home.profile(LENDER_A).parent, folder)
    text = (folder / "profile.toml").read_text()
    (folder / "profile.toml").write_text(text.replace("localhost:0", gateway.address))
    return folder


@pytest.fixture
def subject(gateway: LiveGateway) -> Path:
    return gateway.home.folder / "samples" / "applicant.txt"


@dataclass
class Flaky(CannedGateway):
    """Refuses the first records that it is asked for; notes the time that each call had left."""

    failures: int = 0
    failure: status_pb2.Status = field(default_factory=status_pb2.Status)
    left: list[float | None] = field(default_factory=list)

    def take(self, request: Message, context: grpc.ServicerContext) -> None:
        self.left.append(context.time_remaining())
        fails = isinstance(request, exchange_pb2.GetRecordRequest) and self.failures > 0
        self.failures -= fails
        self.refusal = self.failure if fails else None
        super().take(request, context)

    @property
    def records_asked(self) -> list[Any]:
        return [one for one in self.asked if isinstance(one, exchange_pb2.GetRecordRequest)]


class TestExamples:
    # A parametrised test without parameters would count as skipped.
    __test__ = bool(AT_HAND)

    def test_the_record_is_what_the_sdk_gets(
        self, example: Example, lender: Member, profile: Path, subject: Path
    ) -> None:
        answer = example.ask(profile, UNDERWRITING, subject)
        assert (answer.status, answer.err) == (0, "")
        record = lender.get(PERSON)
        for name, value in record.fields.items():
            operator = record.operators[name].name
            shown = f"{name} = {value} (OPERATOR_{operator})"
            assert shown in answer.out.splitlines()
        for name, because in record.withheld.items():
            assert f"{name} withheld (WITHHELD_BECAUSE_{because.name})" in answer.out
        assert "decision: allow=true rule=underwriting-applicant\n" in answer.out
        assert PERSON.identity_number not in answer.out

    def test_a_refusal_is_decoded_in_both_languages(
        self, example: Example, lender: Member, profile: Path, subject: Path
    ) -> None:
        answer = example.ask(profile, "marketing", subject)
        with pytest.raises(VeilgateError) as caught:
            lender.get(PERSON, "marketing")
        refused = caught.value
        assert refused.decision is not None
        assert answer.status == 3
        assert answer.err.splitlines() == [
            f"{refused.reason}: {refused.text('en')}",
            refused.text("zh"),
            f"smallest change: {refused.decision.smallest_change_en}",
            refused.decision.smallest_change_zh,
        ]
        assert answer.out == "decision: allow=false rule=marketing-offers\n"

    def test_the_subject_may_be_named_in_the_environment(
        self, example: Example, lender: Member, profile: Path, subject: Path
    ) -> None:
        words = (profile, DATASET, UNDERWRITING)
        tool, out = example.toolchain, example.out
        assert tool.run(out, *words, SUBJECT_FILE=str(subject)).status == 0
        for wrong in (words, words[:2], (*words, subject, "more")):
            answer = tool.run(out, *wrong, SUBJECT_FILE="")
            assert (answer.status, answer.out) == (2, "")
            assert answer.err.startswith("usage: PROFILE_DIR DATASET PURPOSE")

    @pytest.mark.parametrize(("failures", "status", "sent"), [(2, 0, 3), (3, 3, 3)])
    def test_it_tries_again_with_the_same_request_and_a_deadline(
        self, example: Example, tmp_path: Path, failures: int, status: int, sent: int
    ) -> None:
        wait = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=10_000_000))
        failure = refusal("PROVIDER_TIMEOUT", grpc.StatusCode.UNAVAILABLE, wait)
        gateway = Flaky(failures=failures, failure=failure)
        answer = self.ask_canned(example, gateway, tmp_path)
        assert answer.status == status, answer.err
        assert len(gateway.records_asked) == sent
        assert len({one.SerializeToString() for one in gateway.records_asked}) == 1
        assert gateway.records_asked[0].request_id
        assert len(gateway.asked) == sent + 1, "the question is asked once"
        assert all(left is not None and 0 < left <= DEADLINE_S for left in gateway.left)

    def test_a_refusal_without_a_delay_is_final(self, example: Example, tmp_path: Path) -> None:
        gateway = Flaky(failures=9, failure=refusal("POLICY_ERROR", zh="中文"))
        answer = self.ask_canned(example, gateway, tmp_path)
        assert (answer.status, answer.err) == (3, "POLICY_ERROR: refused\n中文\n")
        assert len(gateway.records_asked) == 1

    def test_numbers_and_texts_are_told_apart(self, example: Example, tmp_path: Path) -> None:
        fields = [
            exchange_pb2.ReleasedField(field="amount", number=-(2**62)),
            exchange_pb2.ReleasedField(field="none", text=""),
            exchange_pb2.ReleasedField(field="zero", number=0),
        ]
        gateway = CannedGateway(record=exchange_pb2.GetRecordResponse(fields=fields))
        shown = self.ask_canned(example, gateway, tmp_path).out
        for line in (f"amount = {-(2**62)} (", "none =  (", "zero = 0 ("):
            assert f"\n{line}" in shown

    def test_it_speaks_no_tls_below_1_3(self, example: Example, tmp_path: Path) -> None:
        pki = make_pki(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["h2"])
        context.load_cert_chain(tmp_path / "gateway.pem", tmp_path / "gateway.key")
        with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
            handshake = pool.submit(first_handshake, server, context)
            write_profile(pki.directory, server.getsockname()[1])
            (tmp_path / "subject.txt").write_text("x")
            answer = example.ask(tmp_path, UNDERWRITING, tmp_path / "subject.txt")
            assert handshake.result(timeout=30) == "UNSUPPORTED_PROTOCOL"
        assert answer.status == 1

    @staticmethod
    def ask_canned(example: Example, gateway: CannedGateway, folder: Path) -> Answer:
        with serve(gateway, make_pki(folder)) as port:
            write_profile(folder, port)
            (folder / "subject.txt").write_text("x\n")
            return example.ask(folder, UNDERWRITING, folder / "subject.txt")


def first_handshake(server: socket.socket, context: ssl.SSLContext) -> str:
    """How the first connection's handshake ended: why it failed, or the version agreed on."""
    server.settimeout(30)
    connection, _ = server.accept()
    try:
        with context.wrap_socket(connection, server_side=True) as secure:
            return f"agreed on {secure.version()}"
    except ssl.SSLError as error:
        return str(error.reason)


def test_each_example_says_what_it_lacks() -> None:
    assert {one.language for one in TOOLCHAINS} == {"go", "java", "typescript"}
    nothing = Toolchain("go", ("no-such-command",), ("version", 1, 0), tuple)
    assert nothing.missing() == ["no-such-command"]
    too_new = Toolchain("go", ("bash",), ("--version", 999, 0), tuple)
    assert too_new.missing() == ["bash 999.0"]
    no_file = Toolchain("go", ("bash",), ("--version", 1, 0), lambda: (Path("/no/such"),))
    assert no_file.missing() == ["/no/such"]


def names_of_the_protos() -> set[str]:
    """Every service, method, message, field, oneof, enumeration and value of what examples use."""
    found = set()
    ours = (exchange_pb2, policy_pb2, subject_pb2)
    for one in (*ours, status_pb2, error_details_pb2, duration_pb2, any_pb2):
        file = one.DESCRIPTOR
        stem = Path(file.name).stem
        services, messages, enums = (
            getattr(file, f"{kind}_by_name") for kind in ("services", "message_types", "enum_types")
        )
        for name in (*services, *messages, *enums):
            found |= {name, f"{stem}/{name}"}
        for service in services.values():
            found |= set(service.methods_by_name)
        for message in messages.values():
            found |= {*message.fields_by_name, *message.oneofs_by_name}
        for enum in enums.values():
            found |= set(enum.values_by_name)
    return found


@pytest.mark.parametrize("toolchain", TOOLCHAINS, ids=lambda one: one.language)
def test_the_sources_name_only_what_the_protos_have(toolchain: Toolchain) -> None:
    used = toolchain.wire_names(toolchain.source)
    assert used - names_of_the_protos() == set()
    assert {name.rpartition("/")[2] for name in used} >= NAMES_OF_EVERY_EXAMPLE


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("go", "gateway.GetRecord", "gateway.FetchRecord"),
        ("go", "GetSmallestChangeEn()", "GetSmallestChange()"),
        ("go", "RequestId:", "CallId:"),
        ("go", "wire.GetRecordResponse", "wire.GetRecordReply"),
        ("go", "NewExchangeServiceClient", "NewRecordServiceClient"),
        ("go", "ReleasedField_Number", "ReleasedField_Integer"),
        ("go", "IDENTIFIER_TYPE_CN_RESIDENT_ID", "IDENTIFIER_TYPE_CN_ID"),
        ("go", '"/veilgate.v1.DecisionDetail"', '"/veilgate.v1.Verdict"'),
        ("java", "Subject.SubjectIdentifier;", "Exchange.SubjectIdentifier;"),
        ("java", "ExchangeServiceGrpc", "RecordServiceGrpc"),
        ("java", ".explainAccess(", ".explain("),
        ("java", ".setRequestId(", ".setCallId("),
        ("java", ".getFieldsList(", ".getValuesList("),
        ("java", "IDENTIFIER_TYPE_CN_RESIDENT_ID", "IDENTIFIER_TYPE_CN_ID"),
        ("typescript", "./veilgate/v1/subject.js", "./veilgate/v1/exchange.js"),
        ("typescript", "gateway.getRecord.", "gateway.fetchRecord."),
        ("typescript", "requestId:", "callId:"),
        ("typescript", "{ field, because }", "{ field, reason_why }"),
        ("typescript", "record.logIndex", "record.index"),
        ("typescript", "ExchangeServiceClient", "RecordServiceClient"),
        ("typescript", "operatorToJSON", "transformToJSON"),
    ],
)
def test_a_name_that_no_proto_has_would_be_seen(language: str, old: str, new: str) -> None:
    (toolchain,) = (one for one in TOOLCHAINS if one.language == language)
    assert old in toolchain.source
    used = toolchain.wire_names(toolchain.source.replace(old, new))
    assert used - names_of_the_protos()
