"""Between the SDK's values and the messages of DeidentifyService."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from clients.sdk.failure import AnswerError, RequestError
from clients.sdk.models.deid import (
    Approved,
    Deidentified,
    KnownValue,
    MaskedItem,
    PiiFinding,
    Reidentification,
    ReidentificationAsked,
    Revealed,
    RevealedValue,
    TextRefused,
)
from veilgate.v1 import deid_pb2 as pb
from veilgate.v1 import error_reason_pb2

_STATE = "REIDENTIFICATION_STATE_"


def encode_known(known: Iterable[KnownValue]) -> list[pb.KnownValue]:
    """Known values as messages."""
    return [pb.KnownValue(type=one.type, value=one.value) for one in known]


def encode_analyze(
    text: str, entities: Sequence[str], threshold: float | None, known: Iterable[KnownValue]
) -> pb.AnalyzeRequest:
    """A text to analyse."""
    if isinstance(entities, str):
        raise RequestError("entities are a list of types", 'Give a list, such as ["PERSON"].')
    request = pb.AnalyzeRequest(text=text, entities=entities, known=encode_known(known))
    if threshold is not None:
        request.threshold = threshold
    return request


def encode_deidentify(
    text: str, purpose: str, profile: str, known: Iterable[KnownValue], subject_key: bytes
) -> pb.DeidentifyRequest:
    """A text to mask."""
    return pb.DeidentifyRequest(
        text=text,
        purpose=purpose,
        profile=profile,
        known=encode_known(known),
        subject_key=subject_key,
    )


def decode_findings(answer: pb.AnalyzeResponse) -> tuple[PiiFinding, ...]:
    """The findings of an analysis."""
    return tuple(
        PiiFinding(
            one.type,
            one.start,
            one.end,
            one.score,
            one.recogniser,
            one.pattern,
            one.why,
            one.checked if one.HasField("checked") else None,
        )
        for one in answer.findings
    )


def decode_deidentified(answer: pb.DeidentifyResponse) -> Deidentified:
    """A masked text."""
    items = tuple(
        MaskedItem(one.type, one.operator, one.start, one.end, one.masked_start, one.masked_end)
        for one in answer.items
    )
    return Deidentified(answer.text, items, answer.policy_digest)


def decode_analyze_result(result: pb.AnalyzeResult) -> tuple[PiiFinding, ...] | TextRefused:
    """One answer of a stream of analyses."""
    match result.WhichOneof("outcome"):
        case "response":
            return decode_findings(result.response)
        case "refusal":
            return _refused(result.refusal)
    raise AnswerError("has neither findings nor a refusal")


def decode_deidentify_result(result: pb.DeidentifyResult) -> Deidentified | TextRefused:
    """One answer of a stream of texts to mask."""
    match result.WhichOneof("outcome"):
        case "response":
            return decode_deidentified(result.response)
        case "refusal":
            return _refused(result.refusal)
    raise AnswerError("has neither a text nor a refusal")


def _refused(refusal: pb.TextRefusal) -> TextRefused:
    try:
        name = error_reason_pb2.ErrorReason.Name(refusal.reason)
    except ValueError:
        name = f"ERROR_REASON_{int(refusal.reason)}"
    reason = name.removeprefix("ERROR_REASON_")
    return TextRefused(reason, refusal.field, refusal.message, refusal.message_zh)


def decode_asked(answer: pb.RequestReidentificationResponse) -> ReidentificationAsked:
    """A request that was stored."""
    return ReidentificationAsked(
        answer.request_id,
        answer.rule,
        answer.event_id,
        answer.log_index,
        _moment(answer.expires_at),
    )


def decode_approved(answer: pb.ApproveReidentificationResponse) -> Approved:
    """An approval."""
    return Approved(answer.event_id, answer.log_index, answer.repeat)


def decode_reidentification(one: pb.Reidentification) -> Reidentification:
    """One request of a list."""
    try:
        state = pb.ReidentificationState.Name(one.state)
    except ValueError:
        raise AnswerError("has a state that this client does not know") from None
    return Reidentification(
        one.request_id,
        one.requester,
        one.purpose,
        one.tokens,
        one.justification,
        one.digest,
        one.rule,
        state.removeprefix(_STATE).lower(),
        _moment(one.requested_at),
        _moment(one.expires_at),
        one.approver,
    )


def decode_revealed(answer: pb.ReidentifyResponse, tokens: Sequence[str]) -> Revealed:
    """What tokens stand for; refuses an answer about others."""
    if [one.token for one in answer.values] != list(tokens):
        raise AnswerError("does not have one value for each token that was sent")
    values = tuple(RevealedValue(one.token, one.type, one.value) for one in answer.values)
    return Revealed(values, answer.event_id, answer.log_index)


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise AnswerError("has a time that is none") from None
