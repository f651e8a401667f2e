"""Calls of the conformance test: as a gateway makes them, and as nobody should.

Owns the connection, making inquiries, and reading answers as a gateway reads them. Refuses to show
a subject or a value: what is seen is said in counts, codes and names of fields.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import grpc

from clients.provider.errors import ProviderError
from clients.provider.models import MAX_TEXT, Reference, Subject
from gateway.crypto.subject_proof import SubjectProofError, verify_subject_proof
from veilgate.v1 import provider_pb2 as pb
from veilgate.v1 import provider_pb2_grpc, subject_pb2

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
)


class CheckFailed(Exception):
    """A check did not hold: what was seen, and what to do about it."""

    def __init__(self, seen: str, advice: str) -> None:
        super().__init__(seen)
        self.seen = seen
        self.advice = advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The server that is checked, as a gateway would know it, and subjects to ask about.

    ``known`` are at least two subjects whose records differ; ``unknown`` is one that the provider
    has no record of.
    """

    address: str
    ca: Path
    certificate: Path
    key: Path
    dataset: str
    known: tuple[Subject, ...]
    unknown: Subject
    server_name: str = ""
    timeout_s: float = 1.5

    def __post_init__(self) -> None:
        """Refuse fewer than two known subjects, or an unknown one among them."""
        if len(set(self.known)) < 2 or self.unknown in self.known:
            raise ProviderError(
                "two known subjects are needed, and one that is not among them",
                "Put two subjects into the file of known ones, a line each.",
            )

    def read(self, path: Path) -> bytes:
        """Return a file's bytes; raises ``ProviderError``."""
        try:
            return path.read_bytes()
        except OSError as error:
            raise ProviderError(
                f"{path} cannot be read: {error.strerror}", "Give a file that you may read."
            ) from error

    def channel(self, identity: tuple[bytes, bytes] | None) -> grpc.Channel:
        """Return a channel of its own that presents this key and certificate, or nothing."""
        key, certificate = identity or (None, None)
        credentials = grpc.ssl_channel_credentials(self.read(self.ca), key, certificate)
        options: list[tuple[str, int | str]] = list(_OPTIONS)
        if self.server_name:
            options.append(("grpc.ssl_target_name_override", self.server_name))
        return grpc.secure_channel(self.address, credentials, options=options)


class Caller:
    """One connection to the server, with the gateway's own certificate unless told otherwise."""

    def __init__(self, target: Target, channel: grpc.Channel | None = None) -> None:
        self.target = target
        own = (target.read(target.key), target.read(target.certificate))
        self._channel = channel or target.channel(own)
        self._stub = provider_pb2_grpc.ProviderServiceStub(self._channel)

    def close(self) -> None:
        """Close the connection."""
        self._channel.close()

    def describe(self) -> pb.DescribeProviderResponse:
        """Call DescribeProvider."""
        return self._stub.DescribeProvider(
            pb.DescribeProviderRequest(), timeout=self.target.timeout_s
        )

    def fetch(
        self, inquiries: Sequence[pb.Inquiry], timeout_s: float | None = None
    ) -> list[pb.InquiryAnswer]:
        """Call FetchRecords and return the answers as they are."""
        request = pb.FetchRecordsRequest(inquiries=inquiries)
        response = self._stub.FetchRecords(request, timeout=timeout_s or self.target.timeout_s)
        return list(response.answers)

    def begin(self, inquiries: Sequence[pb.Inquiry], timeout_s: float) -> Any:
        """Begin FetchRecords and return its future."""
        request = pb.FetchRecordsRequest(inquiries=inquiries)
        return self._stub.FetchRecords.future(request, timeout=timeout_s)

    def answered(self, inquiries: Sequence[pb.Inquiry]) -> list[pb.InquiryAnswer]:
        """Return one answer to each inquiry, in the order of the inquiries.

        Raises:
            CheckFailed: an answer is missing, there twice, or to nothing that was asked.
        """
        answers = self.fetch(inquiries)
        by_id = {answer.inquiry_id: answer for answer in answers}
        if sorted(one.inquiry_id for one in inquiries) != sorted(a.inquiry_id for a in answers):
            raise CheckFailed(
                f"{len(answers)} answers to {len(by_id)} ids for {len(inquiries)} inquiries",
                "Answer each inquiry of a call once, under its own id.",
            )
        return [by_id[one.inquiry_id] for one in inquiries]


def inquiry(dataset: str, subject: Subject, fields: Sequence[str]) -> pb.Inquiry:
    """Return an inquiry with a fresh id."""
    asked = pb.Inquiry(
        inquiry_id=os.urandom(16).hex(),
        dataset=dataset,
        fields=fields,
        purpose="credit.underwriting",
        event_id=os.urandom(16).hex(),
    )
    if isinstance(subject, Reference):
        asked.reference = subject.value
    else:
        kind = f"IDENTIFIER_TYPE_{subject.type}"
        asked.identifier.type = subject_pb2.IdentifierType.Value(kind)
        asked.identifier.value = subject.value
    return asked


def record_of(
    answer: pb.InquiryAnswer, asked: pb.Inquiry, subject: Subject
) -> dict[str, str | int | None]:
    """Return a record's values by field, read as a gateway reads them.

    Raises:
        CheckFailed: it is no record, not this subject's, or not of exactly these fields.
    """
    outcome = answer.WhichOneof("outcome")
    if outcome != "record":
        _fail(f"{outcome or 'nothing'} where a record was due", "Answer with the record.")
    try:
        verify_subject_proof(asked.inquiry_id, subject.encoded(), answer.record.subject_proof)
    except SubjectProofError:
        _fail(
            "a subject proof that is not that of the subject asked for",
            "HMAC-SHA256, keyed by the inquiry id's 32 characters, over the record's own subject.",
        )
    values = {one.field: _value(one) for one in answer.record.values}
    if sorted(one.field for one in answer.record.values) != sorted(asked.fields):
        _fail(
            f"{len(answer.record.values)} values of {len(values)} fields for {len(asked.fields)}",
            "Answer each field that was asked for once, and no other.",
        )
    return values


def _value(one: pb.FieldValue) -> str | int | None:
    if one.WhichOneof("value") == "text":
        if len(one.text) > MAX_TEXT:
            _fail(f"{one.field} has {len(one.text)} characters", f"At most {MAX_TEXT}.")
        return one.text
    return one.number if one.WhichOneof("value") == "number" else None


def _fail(seen: str, advice: str) -> NoReturn:
    raise CheckFailed(seen, advice)
