"""One consenting subject across lenders, over gRPC and the real store of consents."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
import msgspec
import pytest

from clients.cli.local.demo_data.dataset import Applicant
from clients.sdk.vocabulary import SeparateConsent
from gateway.application.ports.aggregates import Signed
from gateway.domain.aggregate.question import SubjectQuestion
from gateway.domain.aggregate.statements import QUESTION_TYPE
from gateway.domain.aggregate.subject import (
    BOX_KEY_TYPE,
    BoxKey,
    TagCommitments,
    boxes_digest,
    tag_commitment,
)
from gateway.domain.reasons import ErrorReason
from support.aggregate_live import (
    ASKER,
    CONTRIBUTORS,
    Asking,
    Serving,
    agents_of,
    key_in,
    read,
    serving,
    stub_of,
    written,
)
from support.aggregate_parties import DATASET, signed
from support.live_gateway import LiveGateway, running_gateway
from support.members import Member, fresh_applicant
from support.refusals import read_refusal
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1 import subject_pb2

PURPOSE = "credit.underwriting"
LENGTH = 6
"""Holds, total, and four buckets."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("subjects") / "home"
    with running_gateway(
        folder, aggregate_ready_timeout_ms=3000, aggregate_contribution_timeout_ms=3000
    ) as running:
        yield running


@pytest.fixture
def asking(gateway: LiveGateway) -> Iterator[Asking]:
    with stub_of(gateway, ASKER, "keyholder") as stub:
        yield Asking(stub, gateway)


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, ASKER) as member:
        yield member


def agents(gateway: LiveGateway) -> list[Serving]:
    found = agents_of(gateway, LENGTH)
    for one in found:
        name = one.agent.institution
        said = BoxKey(contributor=name, box_key="ab" * 32, expires_at=int(time.time()) + 600)
        one.box_key = signed(one.agent.key, BOX_KEY_TYPE, said.encoded())
        one.label = "subject"
    return found


@dataclass
class Person:
    """Somebody who agreed to be asked about."""

    who: Applicant
    consent_id: str

    def prepare(self, asking: Asking, consent_id: str = "") -> pb.PrepareSubjectResponse:
        kind = subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{self.who.identity_type}")
        subject = subject_pb2.SubjectIdentifier(type=kind, value=self.who.identity_number)
        wanted = pb.PrepareSubjectRequest(
            dataset=DATASET,
            purpose=PURPOSE,
            consent_id=consent_id or self.consent_id,
            subject=subject,
        )
        # The agents may be connecting still.
        for _ in range(50):
            try:
                answer: pb.PrepareSubjectResponse = asking.stub.PrepareSubject(wanted)
            except grpc.RpcError as error:
                if read_refusal(error).reason != ErrorReason.CONTRIBUTORS_MISSING.value:
                    raise
                time.sleep(0.1)
            else:
                return answer
        raise AssertionError("the agents did not connect")


def person(lender: Member, **changes: Any) -> Person:
    who = fresh_applicant()
    terms = {
        "datasets": (DATASET,),
        "providers": CONTRIBUTORS,
        "separate_consents": (SeparateConsent.THIRD_PARTY,),
        **changes,
    }
    return Person(who, lender.grant(who, **terms).consent_id)


def request(asking: Asking, one: Person, prepared: pb.PrepareSubjectResponse) -> pb.AskRequest:
    boxes = [bytes([at]) * 120 for at in range(len(CONTRIBUTORS))]
    said = msgspec.json.decode(prepared.commitments.payload, type=TagCommitments)
    now = int(time.time())
    question = SubjectQuestion(
        id=uuid4().hex,
        asker=ASKER,
        dataset=DATASET,
        snapshot=asking.contract.snapshot,
        contract=asking.contract.digest,
        purpose=PURPOSE,
        key=asking.asker.key,
        issued_at=now,
        expires_at=now + 600,
        consent=said.consent,
        tags=said.tags,
        boxes=boxes_digest(boxes),
    )
    key = key_in(asking.gateway.home.profile(ASKER).parent, "keyholder")
    return pb.AskRequest(
        question=written(signed(key, QUESTION_TYPE, question.encoded())),
        boxes=boxes,
        commitments=prepared.commitments,
        consent_id=one.consent_id,
    )


def ask(asking: Asking, wanted: pb.AskRequest) -> list[pb.AskUpdate]:
    return list(asking.stub.Ask(wanted, timeout=30))


def refusal(asking: Asking, wanted: pb.AskRequest) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        ask(asking, wanted)
    return read_refusal(caught.value).reason


def test_every_contributor_answers_about_whoever_agreed(
    gateway: LiveGateway, asking: Asking, lender: Member
) -> None:
    one = person(lender)
    with serving(*agents(gateway)):
        prepared = one.prepare(asking)
        said = msgspec.json.decode(prepared.commitments.payload, type=TagCommitments)
        for tag, committed in zip(prepared.tags, said.tags, strict=True):
            assert tag_commitment(tag.salt, tag.contributor, tag.tag) == committed
        updates = ask(asking, request(asking, one, prepared))
    ciphertexts = b"".join(update.ciphertexts for update in updates)
    assert asking.asker.read(ciphertexts, 1 << 20) == [4 * value for value in range(LENGTH)]
    (told,) = [update.result for update in updates if update.HasField("result")]
    assert msgspec.json.decode(told.result.payload)["consents"] == 1
    # Neither the person nor the consent stands in the event.
    assert one.consent_id.encode() not in told.release_event
    assert one.who.identity_number.encode() not in told.release_event


def test_nobody_gets_tags_of_somebody_else_with_a_consent_of_his_own(
    gateway: LiveGateway, asking: Asking, lender: Member
) -> None:
    one, other = person(lender), person(lender)
    with serving(*agents(gateway)):
        with pytest.raises(grpc.RpcError) as caught:
            other.prepare(asking, one.consent_id)
        assert read_refusal(caught.value).reason == ErrorReason.CONSENT_ABSENT.value
        wanted = request(asking, one, one.prepare(asking))
        wanted.consent_id = other.consent_id
        assert refusal(asking, wanted) == ErrorReason.AGGREGATE_QUESTION_INVALID.value


def test_a_consent_revoked_in_the_middle_voids_the_round_for_all(
    gateway: LiveGateway, asking: Asking, lender: Member
) -> None:
    one, everybody = person(lender), agents(gateway)
    everybody[1].contributes = False
    with serving(*everybody):
        wanted = request(asking, one, one.prepare(asking))
        assert refusal(asking, wanted) == ErrorReason.CONTRIBUTOR_LOST.value
        lender.client.revoke_consent(one.consent_id)
        everybody[1].contributes = True
        assert refusal(asking, wanted) == ErrorReason.ROUND_VOID.value
        assert all(agent.void.wait(10) for agent in everybody)
        assert refusal(asking, wanted) == ErrorReason.ROUND_VOID.value


def test_a_consent_that_leaves_a_contributor_out_is_no_consent_to_the_round(
    gateway: LiveGateway, asking: Asking, lender: Member
) -> None:
    one = person(lender, providers=CONTRIBUTORS[:3])
    with serving(*agents(gateway)):
        wanted = request(asking, one, one.prepare(asking))
        assert refusal(asking, wanted) == ErrorReason.CONSENT_PROVIDER_MISSING.value


def test_statements_are_read_as_they_were_written() -> None:
    one = Signed(b"payload", b"signature", (b"chain",))
    assert read(written(one)) == one
