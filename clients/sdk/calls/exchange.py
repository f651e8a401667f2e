"""The record path's methods: one record, or what would become of a request for it.

Owns their requests. A subject is named by type and number, or by a reference in the methods that
say so: never by both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import uuid4

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Rpc
from clients.sdk.calls.method import Method
from clients.sdk.codecs.common import encode_reference, encode_subject
from clients.sdk.codecs.record import decode_explanation, decode_record
from clients.sdk.models.common import Explanation, Record
from clients.sdk.subject import SubjectReference
from veilgate.v1 import exchange_pb2 as pb

_SERVICE: Final = "/veilgate.v1.ExchangeService/"
# The request id makes it safe: the same request costs no second use.
GET_RECORD: Final = Rpc(f"{_SERVICE}GetRecord", pb.GetRecordResponse, safe=True)
# Every question is an event of its own.
EXPLAIN_ACCESS: Final = Rpc(f"{_SERVICE}ExplainAccess", pb.ExplainAccessResponse, safe=False)


def _get_record(
    subject_type: str,
    subject_id: str,
    purpose: str,
    dataset: str,
    fields: Sequence[str] = (),
    consent_id: str = "",
    request_id: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[Record]:
    """What the decision releases of one record; no ``fields`` means all that may be released.

    Give ``request_id`` (a UUID) to ask again: the same request costs no second use.
    """
    request = pb.GetRecordRequest(
        request_id=_fresh(request_id),
        subject=encode_subject(subject_type, subject_id),
        dataset=dataset,
        purpose=purpose,
        fields=fields,
        consent_id=consent_id,
    )
    return _asked(request, timeout)


def _get_record_by_reference(
    reference: SubjectReference,
    purpose: str,
    dataset: str,
    fields: Sequence[str] = (),
    consent_id: str = "",
    request_id: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[Record]:
    """``get_record`` of a subject whose identifier the gateway is not to see."""
    request = pb.GetRecordRequest(
        request_id=_fresh(request_id),
        subject_reference=encode_reference(reference),
        dataset=dataset,
        purpose=purpose,
        fields=fields,
        consent_id=consent_id,
    )
    return _asked(request, timeout)


def _fresh(request_id: str | None) -> str:
    return str(uuid4()) if request_id is None else request_id


def _asked(request: pb.GetRecordRequest, timeout: float) -> Flow[Record]:
    def read(answer: pb.GetRecordResponse) -> Record:
        return decode_record(request, answer)

    return iter(Call(GET_RECORD, request, read, timeout, request.request_id))


def _explain_access(
    subject_type: str,
    subject_id: str,
    purpose: str,
    dataset: str,
    fields: Sequence[str] = (),
    consent_id: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[Explanation]:
    """The decision that ``get_record`` would get now, a denial included; recorded as asked."""
    request = pb.ExplainAccessRequest(
        subject=encode_subject(subject_type, subject_id),
        dataset=dataset,
        purpose=purpose,
        fields=fields,
        consent_id=consent_id,
    )
    return iter(Call(EXPLAIN_ACCESS, request, decode_explanation, timeout))


def _explain_access_by_reference(
    reference: SubjectReference,
    purpose: str,
    dataset: str,
    fields: Sequence[str] = (),
    consent_id: str = "",
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[Explanation]:
    """``explain_access`` of a subject whose identifier the gateway is not to see."""
    request = pb.ExplainAccessRequest(
        subject_reference=encode_reference(reference),
        dataset=dataset,
        purpose=purpose,
        fields=fields,
        consent_id=consent_id,
    )
    return iter(Call(EXPLAIN_ACCESS, request, decode_explanation, timeout))


class ExchangeCalls:
    """Records and explanations."""

    get_record = Method(_get_record)
    get_record_by_reference = Method(_get_record_by_reference)
    explain_access = Method(_explain_access)
    explain_access_by_reference = Method(_explain_access_by_reference)
