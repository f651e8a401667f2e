"""Lists, changes and receipts of consents between the wire and the SDK's values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk.codecs.consents import (
    decode_change,
    decode_receipt_envelope,
    decode_summaries,
    encode_list_request,
)
from clients.sdk.failure import AnswerError, RequestError
from clients.sdk.vocabulary import ConsentState
from veilgate.v1 import consent_pb2 as pb
from veilgate.v1 import subject_pb2


def _summary(consent_id: str = "one", **fields: Any) -> pb.ConsentSummary:
    return pb.ConsentSummary(
        **{
            "consent_id": consent_id,
            "version": 2,
            "state": pb.CONSENT_STATE_PAUSED,
            "controller": "lender-a",
            "collector": "broker",
            "providers": ["bureau"],
            "datasets": ["credit.applicant"],
            "purposes": ["credit"],
            "uses": 3,
            **fields,
        }
    )


def test_no_filter_is_an_empty_request() -> None:
    assert encode_list_request() == pb.ListConsentsRequest()


def test_every_filter_is_sent() -> None:
    moment = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    request = encode_list_request(
        state="Revoked", dataset="d", purpose="p", controller="c", collector="b",
        subject=subject_pb2.SubjectReference(key_version="1", value=bytes(64)),
        valid_until_before=moment, page_size=7, page_token="t",
    )  # fmt: skip
    assert request.state == pb.CONSENT_STATE_REVOKED
    assert request.valid_until_before.ToDatetime(tzinfo=UTC) == datetime(2026, 3, 1, tzinfo=UTC)
    assert (request.page_size, request.page_token) == (7, "t")
    assert request.HasField("subject_reference")
    assert not request.HasField("subject")
    named = subject_pb2.SubjectIdentifier(
        type=subject_pb2.IDENTIFIER_TYPE_US_SSN, value="123-45-6789"
    )
    assert encode_list_request(subject=named).subject == named


@pytest.mark.parametrize(
    "filters",
    [
        {"state": "gone"},
        {"valid_until_before": datetime(2026, 1, 1)},
        {"page_size": 501},
        {"page_size": -1},
    ],
)
def test_what_cannot_be_sent_is_refused(filters: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        encode_list_request(**filters)


@given(st.sampled_from(ConsentState), st.none() | st.integers(1, 10), st.integers(0, 2**31))
def test_a_summary_is_read_whole(state: ConsentState, limit: int | None, at: int) -> None:
    wire = _summary(state=pb.ConsentState.Value(f"CONSENT_STATE_{state.name}"), uses_limit=limit)
    wire.granted_at.seconds = at
    (found,) = decode_summaries(pb.ListConsentsResponse(consents=[wire]))
    assert (found.state, found.uses, found.uses_limit) == (state, 3, limit)
    assert found.granted_at == datetime.fromtimestamp(at, UTC)
    assert (found.providers, found.datasets, found.purposes) == (
        ("bureau",), ("credit.applicant",), ("credit",),
    )  # fmt: skip


@pytest.mark.parametrize(
    "consents",
    [[_summary(), _summary()], [_summary(state=pb.CONSENT_STATE_UNSPECIFIED)]],
)
def test_a_list_that_contradicts_itself_is_refused(consents: list[pb.ConsentSummary]) -> None:
    with pytest.raises(AnswerError):
        decode_summaries(pb.ListConsentsResponse(consents=consents))


def test_a_change_is_read() -> None:
    wire = pb.PauseConsentResponse(state=pb.CONSENT_STATE_PAUSED, event_id="e", log_index=4)
    found = decode_change(wire)
    assert (found.state, found.event_id, found.log_index) == (ConsentState.PAUSED, "e", 4)
    with pytest.raises(AnswerError):
        decode_change(pb.ResumeConsentResponse(event_id="e"))


@pytest.mark.parametrize(("receipt", "signature"), [(b"", bytes(64)), (b"{}", bytes(63))])
def test_a_receipt_without_receipt_or_signature_is_refused(
    receipt: bytes, signature: bytes
) -> None:
    answer = pb.GetConsentReceiptResponse(receipt=receipt, key_id="k", signature=signature)
    with pytest.raises(AnswerError):
        decode_receipt_envelope(answer)
