"""Between the SDK's values and the messages of the record path and of consents.

Owns every field of those messages, once, for whatever transport sends them. Refuses answers that
contradict themselves or the question (``AnswerError``). The log's messages are `log_codec`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from clients.sdk.consent import ConsentDraft, ConsentDraftError, Frequency, Subject, read_terms
from clients.sdk.failure import AnswerError, RequestError
from clients.sdk.models import (
    ConsentReceipt,
    ConsentStatus,
    DecisionDetail,
    Explanation,
    Finding,
    Obligation,
    Record,
    Revocation,
)
from clients.sdk.vocabulary import (
    ConsentState,
    IdentifierType,
    LawfulBasis,
    Operator,
    Period,
    SeparateConsent,
    WithheldBecause,
    from_wire,
    word_of,
)
from veilgate.v1 import consent_pb2, error_reason_pb2, exchange_pb2, policy_pb2

REASON_PREFIX = "ERROR_REASON_"


def encode_subject(subject_type: str, subject_id: str) -> exchange_pb2.SubjectIdentifier:
    """A subject as it is sent.

    Raises:
        RequestError: no such identifier type, or a value that cannot be an identifier.
    """
    kind = word_of(IdentifierType, subject_type)
    try:
        subject = Subject(kind, subject_id)
    except ValueError as error:
        raise RequestError(str(error), "Send the identifier alone.") from None
    number = exchange_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{kind.name}")
    return exchange_pb2.SubjectIdentifier(type=number, value=subject.value)


def encode_artefact(draft: ConsentDraft) -> consent_pb2.ConsentArtefact:
    """A draft as the message whose serialised bytes are signed."""
    basis = consent_pb2.LawfulBasis.Value(f"LAWFUL_BASIS_{draft.lawful_basis.name}")
    separate = [
        consent_pb2.SeparateConsent.Value(f"SEPARATE_CONSENT_{kind.name}")
        for kind in draft.separate_consents
    ]
    return consent_pb2.ConsentArtefact(
        consent_id=draft.consent_id,
        version=draft.version,
        subject=encode_subject(draft.subject.type, draft.subject.value),
        controller=draft.controller,
        collector=draft.collector,
        providers=draft.providers,
        datasets=draft.datasets,
        purposes=draft.purposes,
        fields=draft.fields,
        categories=draft.categories,
        lawful_basis=basis,
        separate_consents=separate,
        valid_from=_timestamp(draft.valid_from),
        valid_until=_timestamp(draft.valid_until),
        uses=draft.uses,
        frequency=_encode_frequency(draft.frequency),
        data_life_days=draft.data_life_days,
        evidence_sha256=bytes.fromhex(draft.evidence_sha256),
    )


def _encode_frequency(frequency: Frequency | None) -> consent_pb2.Frequency | None:
    if frequency is None:
        return None
    period = consent_pb2.Period.Value(f"PERIOD_{frequency.per.name}")
    return consent_pb2.Frequency(count=frequency.count, per=period)


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
        withheld=_withheld(answer.withheld),
        obligations=_obligations(answer.obligations),
        rule=answer.rule,
        consent_id=answer.consent_id,
        request_id=answer.request_id,
        event_id=answer.event_id,
        log_index=answer.log_index,
        repeat=answer.repeat,
        policy_digest=answer.policy_digest,
        record_salt=answer.record_salt,
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


def _withheld(withheld: Iterable[policy_pb2.WithheldField]) -> Mapping[str, WithheldBecause]:
    wire, prefix = policy_pb2.WithheldBecause, "WITHHELD_BECAUSE_"
    return MappingProxyType(
        {one.field: from_wire(WithheldBecause, wire, prefix, one.because) for one in withheld}
    )


def _obligations(obligations: Iterable[policy_pb2.Obligation]) -> tuple[Obligation, ...]:
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
        withheld=_withheld(answer.withheld),
        obligations=_obligations(answer.obligations),
        event_id=answer.event_id,
    )


def decode_decision(detail: policy_pb2.DecisionDetail) -> DecisionDetail:
    """A decision. Reasons of a later release keep their number, so that none is hidden."""
    findings = tuple(
        Finding(_reason(one.reason), one.element, one.article, one.text_en, one.text_zh)
        for one in detail.findings
    )
    return DecisionDetail(
        allow=detail.allow,
        rule=detail.rule,
        articles=tuple(detail.articles),
        findings=findings,
        smallest_change_en=detail.smallest_change_en,
        smallest_change_zh=detail.smallest_change_zh,
        allowed_purposes=tuple(detail.allowed_purposes),
        policy_digest=detail.policy_digest,
    )


def _reason(number: int) -> str:
    known = error_reason_pb2.ErrorReason.keys()
    if number not in error_reason_pb2.ErrorReason.values():
        return f"REASON_{number}"
    name = next(one for one in known if error_reason_pb2.ErrorReason.Value(one) == number)
    return name.removeprefix(REASON_PREFIX)


def decode_receipt(answer: consent_pb2.GrantConsentResponse) -> ConsentReceipt:
    """The receipt of a grant."""
    return ConsentReceipt(answer.consent_id, answer.event_id, answer.log_index)


def decode_revocation(answer: consent_pb2.RevokeConsentResponse) -> Revocation:
    """The receipt of a revocation."""
    return Revocation(_state(answer.state), answer.event_id, answer.log_index)


def decode_status(consent_id: str, answer: consent_pb2.GetConsentResponse) -> ConsentStatus:
    """A consent and where it stands.

    Raises:
        AnswerError: it is another consent, or not an artefact that could have been granted.
    """
    try:
        artefact = consent_pb2.ConsentArtefact.FromString(answer.consent.artefact)
        draft = decode_artefact(artefact)
    except (DecodeError, ConsentDraftError) as error:
        raise AnswerError("holds no well-formed consent") from error
    if draft.consent_id != consent_id:
        raise AnswerError("is another consent")
    granted_at = answer.granted_at.ToDatetime(tzinfo=UTC)
    return ConsentStatus(
        draft, answer.consent.key_id, _state(answer.state), answer.uses, granted_at
    )


def _state(number: consent_pb2.ConsentState.ValueType) -> ConsentState:
    return from_wire(ConsentState, consent_pb2.ConsentState, "CONSENT_STATE_", number)


def decode_artefact(artefact: consent_pb2.ConsentArtefact) -> ConsentDraft:
    """An artefact as a draft: `decode_artefact(encode_artefact(draft)) == draft`.

    Raises:
        AnswerError: an enumeration is unspecified or unknown.
        ConsentDraftError: a term is out of its bounds.
    """
    lists = ("providers", "datasets", "purposes", "fields", "categories")
    plain = ("consent_id", "version", "controller", "collector", "data_life_days")
    document = {name: tuple(getattr(artefact, name)) for name in lists}
    terms = {name: getattr(artefact, name) for name in plain}
    return read_terms({**document, **terms, **_typed_terms(artefact)}, ConsentDraft)


def _typed_terms(artefact: consent_pb2.ConsentArtefact) -> dict[str, object]:
    separate, basis = consent_pb2.SeparateConsent, consent_pb2.LawfulBasis
    return {
        "subject": _subject(artefact.subject),
        "lawful_basis": from_wire(LawfulBasis, basis, "LAWFUL_BASIS_", artefact.lawful_basis),
        "separate_consents": tuple(
            from_wire(SeparateConsent, separate, "SEPARATE_CONSENT_", kind)
            for kind in artefact.separate_consents
        ),
        "valid_from": artefact.valid_from.ToDatetime(tzinfo=UTC),
        "valid_until": artefact.valid_until.ToDatetime(tzinfo=UTC),
        "uses": artefact.uses if artefact.HasField("uses") else None,
        "frequency": _frequency(artefact.frequency) if artefact.HasField("frequency") else None,
        "evidence_sha256": artefact.evidence_sha256.hex(),
    }


def _subject(subject: exchange_pb2.SubjectIdentifier) -> dict[str, str]:
    wire, prefix = exchange_pb2.IdentifierType, "IDENTIFIER_TYPE_"
    return {"type": from_wire(IdentifierType, wire, prefix, subject.type), "value": subject.value}


def _frequency(frequency: consent_pb2.Frequency) -> dict[str, object]:
    period = from_wire(Period, consent_pb2.Period, "PERIOD_", frequency.per)
    return {"count": frequency.count, "per": period}


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
