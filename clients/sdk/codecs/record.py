"""Between the SDK's values and the messages of the record path.

Owns every field of those messages, once, for whatever transport sends them. Refuses answers that
contradict themselves or the question (``AnswerError``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from clients.sdk.failure import AnswerError
from clients.sdk.models.common import DecisionDetail, Explanation, Finding, Obligation, Record
from clients.sdk.reasons import name_of_reason
from clients.sdk.vocabulary import Operator, WithheldBecause, from_wire
from veilgate.v1 import exchange_pb2, policy_pb2


def decode_record(
    request: exchange_pb2.GetRecordRequest, answer: exchange_pb2.GetRecordResponse
) -> Record:
    """The record of an answer to ``request``.

    Raises:
        AnswerError: another request's answer, a field twice, or one not asked for.
    """
    if answer.request_id != request.request_id:
        raise AnswerError("is to another request")
    names = [one.field for one in answer.fields] + [one.field for one in answer.withheld]
    _require_plausible(names, request.fields)
    return Record(
        fields=MappingProxyType({one.field: _value(one) for one in answer.fields}),
        operators=_operators(answer.fields),
        withheld=decode_withheld(answer.withheld),
        obligations=decode_obligations(answer.obligations),
        rule=answer.rule,
        consent_id=answer.consent_id,
        request_id=answer.request_id,
        event_id=answer.event_id,
        log_index=answer.log_index,
        repeat=answer.repeat,
        policy_digest=answer.policy_digest,
        record_salt=answer.record_salt,
        provider_event_id=answer.provider_event_id,
    )


def _require_plausible(names: Sequence[str], wanted: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        raise AnswerError("names a field twice")
    if wanted and not set(names) <= set(wanted):
        raise AnswerError("names a field that was not asked for")


def _value(one: exchange_pb2.ReleasedField) -> str | int | None:
    match one.WhichOneof("value"):
        case "text":
            return one.text
        case "number":
            return one.number
    return None


def _operators(
    released: Iterable[exchange_pb2.ReleasedField | policy_pb2.PlannedField],
) -> Mapping[str, Operator]:
    return MappingProxyType(
        {
            one.field: from_wire(Operator, policy_pb2.Operator, "OPERATOR_", one.operator)
            for one in released
        }
    )


def decode_withheld(
    withheld: Iterable[policy_pb2.WithheldField],
) -> Mapping[str, WithheldBecause]:
    """Why each field that is not released is withheld, by its name."""
    wire, prefix = policy_pb2.WithheldBecause, "WITHHELD_BECAUSE_"
    return MappingProxyType(
        {one.field: from_wire(WithheldBecause, wire, prefix, one.because) for one in withheld}
    )


def decode_obligations(obligations: Iterable[policy_pb2.Obligation]) -> tuple[Obligation, ...]:
    """What the recipient must do."""
    return tuple(
        Obligation(one.id, one.article, one.days if one.HasField("days") else None)
        for one in obligations
    )


def decode_explanation(answer: exchange_pb2.ExplainAccessResponse) -> Explanation:
    """The decision of an answer.

    Raises:
        AnswerError: it holds no decision.
    """
    if not answer.HasField("decision"):
        raise AnswerError("holds no decision")
    return Explanation(
        decision=decode_decision(answer.decision),
        released=_operators(answer.released),
        withheld=decode_withheld(answer.withheld),
        obligations=decode_obligations(answer.obligations),
        event_id=answer.event_id,
    )


def decode_decision(detail: policy_pb2.DecisionDetail) -> DecisionDetail:
    """A decision."""
    return DecisionDetail(
        allow=detail.allow,
        rule=detail.rule,
        articles=tuple(detail.articles),
        findings=decode_findings(detail.findings),
        smallest_change_en=detail.smallest_change_en,
        smallest_change_zh=detail.smallest_change_zh,
        allowed_purposes=tuple(detail.allowed_purposes),
        policy_digest=detail.policy_digest,
    )


def decode_findings(findings: Iterable[policy_pb2.Finding]) -> tuple[Finding, ...]:
    """What stands in the way. Reasons of a later release keep their number: none is hidden."""
    return tuple(
        Finding(name_of_reason(one.reason), one.element, one.article, one.text_en, one.text_zh)
        for one in findings
    )
