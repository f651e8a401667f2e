"""Between the SDK's values and the messages about consents beyond a single one.

Owns every field of the messages for lists, changes of state and receipts. Refuses a filter that
cannot be sent (``RequestError``) and an answer that cannot be read (``AnswerError``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from clients.sdk.failure import AnswerError, RequestError
from clients.sdk.models.consents import ConsentChange, ConsentSummary, ReceiptEnvelope
from clients.sdk.vocabulary import ConsentState, from_wire, word_of
from veilgate.v1 import consent_pb2, subject_pb2

MAX_PAGE_SIZE: Final = 500
_SIGNATURE_SIZE: Final = 64


def encode_list_request(
    *,
    state: str = "",
    dataset: str = "",
    purpose: str = "",
    controller: str = "",
    collector: str = "",
    subject: subject_pb2.SubjectIdentifier | subject_pb2.SubjectReference | None = None,
    valid_until_before: datetime | None = None,
    page_size: int = 0,
    page_token: str = "",
) -> consent_pb2.ListConsentsRequest:
    """A request for one page; what is left out does not filter.

    ``subject`` is an encoded identifier or reference, ``valid_until_before`` has a time zone.

    Raises:
        RequestError: an unknown state, a time without its zone, or a page of more than 500.
    """
    if not 0 <= page_size <= MAX_PAGE_SIZE:
        raise RequestError(
            f"a page has 1 to {MAX_PAGE_SIZE} consents", "Give such a size, or 0 for the default."
        )
    request = consent_pb2.ListConsentsRequest(
        state=_state_number(state),
        dataset=dataset,
        purpose=purpose,
        controller=controller,
        collector=collector,
        valid_until_before=_stamp(valid_until_before),
        page_size=page_size,
        page_token=page_token,
    )
    if isinstance(subject, subject_pb2.SubjectIdentifier):
        request.subject.CopyFrom(subject)
    elif subject is not None:
        request.subject_reference.CopyFrom(subject)
    return request


def _state_number(state: str) -> consent_pb2.ConsentState.ValueType:
    if not state:
        return consent_pb2.CONSENT_STATE_UNSPECIFIED
    return consent_pb2.ConsentState.Value(f"CONSENT_STATE_{word_of(ConsentState, state).name}")


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise RequestError("the time has no zone", "Give one, such as datetime(..., tzinfo=UTC).")
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp


def decode_summaries(answer: consent_pb2.ListConsentsResponse) -> tuple[ConsentSummary, ...]:
    """The consents of one page, in its order.

    Raises:
        AnswerError: a consent stands twice in it, or in a state that this release does not know.
    """
    found = tuple(_summary(one) for one in answer.consents)
    if len({one.consent_id for one in found}) < len(found):
        raise AnswerError("lists a consent twice")
    return found


def _summary(one: consent_pb2.ConsentSummary) -> ConsentSummary:
    return ConsentSummary(
        consent_id=one.consent_id,
        version=one.version,
        state=_state(one.state),
        controller=one.controller,
        collector=one.collector,
        providers=tuple(one.providers),
        datasets=tuple(one.datasets),
        purposes=tuple(one.purposes),
        valid_from=one.valid_from.ToDatetime(tzinfo=UTC),
        valid_until=one.valid_until.ToDatetime(tzinfo=UTC),
        granted_at=one.granted_at.ToDatetime(tzinfo=UTC),
        uses=one.uses,
        uses_limit=one.uses_limit if one.HasField("uses_limit") else None,
    )


def decode_change(
    answer: consent_pb2.PauseConsentResponse | consent_pb2.ResumeConsentResponse,
) -> ConsentChange:
    """What became of a consent that was paused or resumed.

    Raises:
        AnswerError: its state is one that this release does not know.
    """
    return ConsentChange(_state(answer.state), answer.event_id, answer.log_index)


def decode_receipt_envelope(answer: consent_pb2.GetConsentReceiptResponse) -> ReceiptEnvelope:
    """A receipt as it came, not verified.

    Raises:
        AnswerError: it is empty, or the signature is not 64 bytes.
    """
    if not answer.receipt or len(answer.signature) != _SIGNATURE_SIZE:
        raise AnswerError("holds no signed receipt")
    return ReceiptEnvelope(answer.receipt, answer.key_id, answer.signature)


def _state(number: consent_pb2.ConsentState.ValueType) -> ConsentState:
    return from_wire(ConsentState, consent_pb2.ConsentState, "CONSENT_STATE_", number)
