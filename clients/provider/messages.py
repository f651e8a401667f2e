"""Messages of ``ProviderService`` to typed values and back, strictly.

Owns which request is refused whole: one that no gateway sends. Refuses to put a subject or a value
into an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from clients.provider.models import (
    MAX_FIELDS,
    MAX_TEXT,
    Dataset,
    Identifier,
    Inquiry,
    Record,
    Reference,
    Subject,
    Value,
)
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.subject_proof import subject_proof
from veilgate.v1 import provider_pb2 as pb
from veilgate.v1 import subject_pb2

MAX_INQUIRIES: Final = 256
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}", re.ASCII)
_INT64: Final = 1 << 63
_PREFIX: Final = "IDENTIFIER_TYPE_"


class MalformedRequest(Exception):
    """The request is none that a gateway sends; a fixed sentence says why."""


class UnusableRecord(Exception):
    """A record does not keep its contract; names the field at most."""


def read_inquiries(request: pb.FetchRecordsRequest) -> dict[str, Inquiry]:
    """Return the inquiries by id.

    Raises:
        MalformedRequest: none or too many, an id twice, or one that is malformed.
    """
    if not 1 <= len(request.inquiries) <= MAX_INQUIRIES:
        raise MalformedRequest(f"a request has 1 to {MAX_INQUIRIES} inquiries")
    found: dict[str, Inquiry] = {}
    for one in request.inquiries:
        if not _ID.fullmatch(one.inquiry_id):
            raise MalformedRequest("an inquiry id is 32 lower-case hexadecimal digits")
        if one.inquiry_id in found:
            raise MalformedRequest("an inquiry id stands in a request once")
        if not 1 <= len(one.fields) <= MAX_FIELDS or len(set(one.fields)) < len(one.fields):
            raise MalformedRequest(f"an inquiry has 1 to {MAX_FIELDS} fields, none twice")
        found[one.inquiry_id] = Inquiry(
            subject=_subject(one),
            dataset=one.dataset,
            fields=tuple(one.fields),
            purpose=one.purpose,
            event_id=one.event_id,
        )
    return found


def _subject(inquiry: pb.Inquiry) -> Subject:
    try:
        match inquiry.WhichOneof("subject"):
            case "identifier":
                name = subject_pb2.IdentifierType.Name(inquiry.identifier.type)
                kind = IdentifierType(name.removeprefix(_PREFIX))
                return Identifier(kind, inquiry.identifier.value)
            case "reference":
                return Reference(inquiry.reference)
    except ValueError:
        raise MalformedRequest("an inquiry's subject is malformed") from None
    raise MalformedRequest("an inquiry names a subject")


def record_message(
    inquiry_id: str, inquiry: Inquiry, record: Record, dataset: Dataset
) -> pb.ProviderRecord:
    """Return the fields asked for, and the proof of the record's own subject.

    Raises:
        UnusableRecord: it is another subject's, lacks a field, or a value is of a wrong type.
    """
    if record.subject != inquiry.subject:
        raise UnusableRecord("the record is of another subject")
    values = [_field(name, record, dataset) for name in inquiry.fields]
    proof = subject_proof(inquiry_id, record.subject.encoded())
    return pb.ProviderRecord(values=values, subject_proof=proof)


def _field(name: str, record: Record, dataset: Dataset) -> pb.FieldValue:
    if name not in record.values:
        raise UnusableRecord(f"the record has no {name}")
    value = record.values[name]
    if value is None:
        return pb.FieldValue(field=name)
    if dataset.fields[name] == "integer":
        return pb.FieldValue(field=name, number=_integer(name, value))
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise UnusableRecord(f"{name} is not a text of at most {MAX_TEXT} characters")
    return pb.FieldValue(field=name, text=value)


def _integer(name: str, value: Value) -> int:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    if type(value) is not int or not -_INT64 <= value < _INT64:
        raise UnusableRecord(f"{name} is not an integer of 64 bits")
    return value


def description(provider: str, datasets: Iterable[Dataset]) -> pb.DescribeProviderResponse:
    """Return what is served."""
    return pb.DescribeProviderResponse(
        provider=provider,
        datasets=[
            pb.ServedDataset(
                dataset=one.name,
                fields=[pb.ServedField(field=name, type=kind) for name, kind in one.fields.items()],
                identifiers=[
                    subject_pb2.IdentifierType.Value(f"{_PREFIX}{kind}") for kind in one.identifiers
                ],
                by_reference=one.by_reference,
            )
            for one in datasets
        ],
    )
