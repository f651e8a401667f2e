"""Answers matched to inquiries: what is wrong fails what it concerns, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.providers.addressing import REFERENCE, Address
from gateway.adapters.providers.contract_values import Contract
from gateway.adapters.providers.remote_answers import Question, new_inquiry_id, outcomes
from gateway.application.ports.provider import Fetched
from gateway.bootstrap.settings import load_policy
from gateway.crypto.subject_proof import subject_proof
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Value
from support.faulty_remote import INVALID
from support.source_tree import ROOT
from veilgate.v1 import provider_pb2 as pb
from veilgate.v1 import subject_pb2

POLICY = load_policy(ROOT / "policies")
CONTRACT = Contract(POLICY.datasets["credit.applicant"].contract, as_text=False)
FIELDS = ("name", "credit_amount", "remark")
NUMBER = "900450001"
SPOILT = {name: spoil for name, spoil in INVALID.items() if "no message" not in name}


def _question(address: Address) -> Question:
    return Question(address, "credit.applicant", FIELDS, "credit.underwriting", "e1", CONTRACT)


def _by_identifier(number: int) -> Question:
    return _question(Address("US_SSN", str(int(NUMBER) + number)))


def _by_reference(number: int) -> Question:
    return _question(Address(REFERENCE, f"{number:064x}"))


def _record(inquiry_id: str, question: Question) -> pb.InquiryAnswer:
    values = [
        pb.FieldValue(field="remark"),
        pb.FieldValue(field="credit_amount", number=-7),
        pb.FieldValue(field="name", text="Ann"),
    ]
    proof = subject_proof(inquiry_id, question.subject())
    record = pb.ProviderRecord(values=values, subject_proof=proof)
    return pb.InquiryAnswer(inquiry_id=inquiry_id, record=record, event_id="a:1.b-C_2")


RIGHT: dict[str, Value] = {"name": "Ann", "credit_amount": -7, "remark": None}


@pytest.mark.parametrize("make", [_by_identifier, _by_reference])
def test_what_goes_out_and_what_comes_in(make: Callable[[int], Question]) -> None:
    question, one = make(1), new_inquiry_id()
    inquiry = question.message(one)
    assert (inquiry.inquiry_id, inquiry.dataset) == (one, "credit.applicant")
    assert (tuple(inquiry.fields), inquiry.purpose, inquiry.event_id) == (
        FIELDS,
        "credit.underwriting",
        "e1",
    )
    if make is _by_reference:
        assert inquiry.reference == bytes(31) + b"\x01"
    else:
        assert inquiry.identifier.type == subject_pb2.IDENTIFIER_TYPE_US_SSN
        assert inquiry.identifier.value == "900450002"
    body = pb.FetchRecordsResponse(answers=[_record(one, question)]).SerializeToString()
    assert outcomes(body, {one: question}) == {one: Fetched(RIGHT, "a:1.b-C_2")}


def test_nobody_and_not_now() -> None:
    asked = {new_inquiry_id(): _by_identifier(n) for n in range(2)}
    first, second = asked
    answers = [
        pb.InquiryAnswer(inquiry_id=second, cannot_answer=pb.CannotAnswer()),
        pb.InquiryAnswer(inquiry_id=first, no_such_subject=pb.NoSuchSubject()),
    ]
    found = outcomes(pb.FetchRecordsResponse(answers=answers).SerializeToString(), asked)
    assert found[first] is None
    assert _reason(found[second]) == ErrorReason.PROVIDER_UNAVAILABLE


def _reason(outcome: object) -> ErrorReason:
    assert isinstance(outcome, Refused)
    return outcome.reason


@settings(max_examples=200)
@given(
    st.integers(1, 12).flatmap(
        lambda count: st.tuples(
            st.lists(st.sampled_from(["right", *SPOILT]), min_size=count, max_size=count),
            st.permutations(range(count)),
        )
    )
)
def test_each_fault_fails_its_own_inquiry(drawn: tuple[list[str], list[int]]) -> None:
    faults, order = drawn
    asked = {new_inquiry_id(): _by_identifier(n) for n in range(len(faults))}
    answers: list[list[pb.InquiryAnswer]] = []
    for (one, question), fault in zip(asked.items(), faults, strict=True):
        response = pb.FetchRecordsResponse(answers=[_record(one, question)])
        if fault != "right":
            changed = SPOILT[fault](response)
            assert isinstance(changed, pb.FetchRecordsResponse)
            response = changed
        answers.append(list(response.answers))
    shuffled = [answer for at in order for answer in answers[at]]
    body = pb.FetchRecordsResponse(answers=shuffled).SerializeToString()
    for outcome, fault in zip(outcomes(body, asked).values(), faults, strict=True):
        if fault == "right":
            assert isinstance(outcome, Fetched)
            assert outcome.values == RIGHT
        else:
            assert _reason(outcome) == ErrorReason.PROVIDER_ANSWER_INVALID


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_none(body: bytes) -> None:
    asked = {new_inquiry_id(): _by_identifier(n) for n in range(3)}
    found = outcomes(body, asked)
    assert found.keys() == asked.keys()
    assert all(_reason(one) == ErrorReason.PROVIDER_ANSWER_INVALID for one in found.values())


def test_the_proof_of_another_inquiry_or_person_is_none() -> None:
    asked = {new_inquiry_id(): _by_identifier(n) for n in range(2)}
    (one, question), (other, another) = asked.items()
    for proof in (
        subject_proof(other, question.subject()),
        subject_proof(one, another.subject()),
    ):
        answer = _record(one, question)
        answer.record.subject_proof = proof
        body = pb.FetchRecordsResponse(answers=[answer]).SerializeToString()
        assert _reason(outcomes(body, asked)[one]) == ErrorReason.PROVIDER_ANSWER_INVALID


@pytest.mark.parametrize("event_id", [NUMBER, f"e{NUMBER}", "é", "a b", "x" * 65])
def test_an_event_id_that_may_not_be_in_the_log(event_id: str) -> None:
    question, one = _by_identifier(0), new_inquiry_id()
    answer = _record(one, question)
    answer.event_id = event_id
    body = pb.FetchRecordsResponse(answers=[answer]).SerializeToString()
    refused = outcomes(body, {one: question})[one]
    assert _reason(refused) == ErrorReason.PROVIDER_ANSWER_INVALID
    assert event_id not in f"{refused} {refused!r}"
