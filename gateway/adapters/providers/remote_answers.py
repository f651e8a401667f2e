"""Inquiries and answers on the wire: what goes out, and what of an answer is believed.

Owns the match of answers to inquiries, and every check of one. Refuses, for exactly the inquiry
concerned: no answer, two answers, another subject's record, a field too many, too few or twice, a
value of a wrong type or size, an event id that is none. An answer that nobody asked for concerns no
inquiry and is passed by. Nothing of an answer's text gets into an error.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from google.protobuf.message import DecodeError

from gateway.adapters.providers.addressing import REFERENCE, Address
from gateway.adapters.providers.contract_values import Contract
from gateway.adapters.providers.messages import MAX_VALUE_CHARACTERS
from gateway.application.ports.provider import Fetched
from gateway.crypto.subject_proof import SubjectProofError, verify_subject_proof
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.stages import Value
from veilgate.v1 import provider_pb2 as pb
from veilgate.v1 import subject_pb2

_EVENT: Final = re.compile(r"[A-Za-z0-9._:-]{0,64}", re.ASCII)
Outcome = Fetched | Refused | None
"""A record, why there is none, or that there is no such subject."""


class Question(msgspec.Struct, frozen=True):
    """One look-up, without the id that it gets anew each time it is sent."""

    address: Address
    dataset: str
    fields: tuple[str, ...]
    purpose: str
    event_id: str
    contract: Contract

    def message(self, inquiry_id: str) -> pb.Inquiry:
        """Return it as it goes out."""
        inquiry = pb.Inquiry(
            inquiry_id=inquiry_id,
            dataset=self.dataset,
            fields=self.fields,
            purpose=self.purpose,
            event_id=self.event_id,
        )
        if self.address.type == REFERENCE:
            inquiry.reference = bytes.fromhex(self.address.value)
        else:
            inquiry.identifier.type = subject_pb2.IdentifierType.Value(
                f"IDENTIFIER_TYPE_{self.address.type}"
            )
            inquiry.identifier.value = self.address.value
        return inquiry

    def subject(self) -> bytes:
        """Return what a subject proof is made over."""
        if self.address.type == REFERENCE:
            return bytes.fromhex(self.address.value)
        return f"{self.address.type}|{self.address.value}".encode()


def new_inquiry_id() -> str:
    """Return 128 random bits in hex."""
    return os.urandom(16).hex()


def outcomes(body: bytes, asked: Mapping[str, Question]) -> dict[str, Outcome]:
    """Return the outcome of each inquiry, by its id; never raises."""
    try:
        response = pb.FetchRecordsResponse.FromString(body)
    except DecodeError:
        return {one: _invalid() for one in asked}
    answers: dict[str, list[pb.InquiryAnswer]] = {one: [] for one in asked}
    for answer in response.answers:
        if answer.inquiry_id in answers:
            answers[answer.inquiry_id].append(answer)
    return {one: _outcome(one, asked[one], some) for one, some in answers.items()}


def _outcome(inquiry_id: str, question: Question, answers: Sequence[pb.InquiryAnswer]) -> Outcome:
    if len(answers) != 1:
        return _invalid()
    try:
        return _read(inquiry_id, question, answers[0])
    except SubjectProofError:
        return _invalid()
    except Refused as refused:
        return refused


def _read(inquiry_id: str, question: Question, answer: pb.InquiryAnswer) -> Fetched | None:
    match answer.WhichOneof("outcome"):
        case "record":
            verify_subject_proof(inquiry_id, question.subject(), answer.record.subject_proof)
            values = _values(question, answer.record.values)
            return Fetched(values, _event(question, answer.event_id))
        case "no_such_subject":
            return None
        case "cannot_answer":
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        case _:
            raise _invalid()


def _values(question: Question, answered: Sequence[pb.FieldValue]) -> Mapping[str, Value]:
    found: dict[str, Value] = {one.field: _value(one) for one in answered}
    if len(answered) != len(question.fields) or found.keys() != set(question.fields):
        raise _invalid()
    return question.contract.record(question.fields, [found[one] for one in question.fields])


def _value(one: pb.FieldValue) -> Value:
    match one.WhichOneof("value"):
        case "text":
            if len(one.text) > MAX_VALUE_CHARACTERS:
                raise _invalid()
            return one.text
        case "number":
            return one.number
        case _:
            return None


def _event(question: Question, event_id: str) -> str:
    # It goes into the log, for ever: the subject's own number may not be in it.
    named = question.address.value.casefold() in event_id.casefold()
    if named or _EVENT.fullmatch(event_id) is None:
        raise _invalid()
    return event_id


def _invalid() -> Refused:
    return refuse(ErrorReason.PROVIDER_ANSWER_INVALID)
