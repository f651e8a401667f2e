"""Between the SDK's values and the messages that name subjects and keep consents.

Owns every field of those messages, once, for whatever transport sends them. Refuses answers that
contradict themselves or the question (``AnswerError``). The record path's messages are
`record_codec`'s, the log's `log_codec`'s.
"""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from clients.sdk.consents.draft import (
    ConsentDraft,
    ConsentDraftError,
    Draft,
    Frequency,
    ReferencedDraft,
    Subject,
    SubjectReference,
    read_terms,
)
from clients.sdk.failure import AnswerError, RequestError
from clients.sdk.models.common import ConsentReceipt, ConsentStatus, Revocation
from clients.sdk.vocabulary import (
    ConsentState,
    IdentifierType,
    LawfulBasis,
    Period,
    SeparateConsent,
    from_wire,
    word_of,
)
from veilgate.v1 import consent_pb2, subject_pb2


def encode_subject(subject_type: str, subject_id: str) -> subject_pb2.SubjectIdentifier:
    """A subject as it is sent.

    Raises:
        RequestError: no such identifier type, or a value that cannot be an identifier.
    """
    kind = word_of(IdentifierType, subject_type)
    try:
        subject = Subject(kind, subject_id)
    except ValueError as error:
        raise RequestError(str(error), "Send the identifier alone.") from None
    number = subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{kind.name}")
    return subject_pb2.SubjectIdentifier(type=number, value=subject.value)


def encode_reference(reference: SubjectReference) -> subject_pb2.SubjectReference:
    """A reference as it is sent."""
    return subject_pb2.SubjectReference(key_version=reference.key_version, value=reference.value)


def encode_artefact(draft: Draft) -> consent_pb2.ConsentArtefact:
    """A draft as the message whose serialised bytes are signed."""
    basis = consent_pb2.LawfulBasis.Value(f"LAWFUL_BASIS_{draft.lawful_basis.name}")
    separate = [
        consent_pb2.SeparateConsent.Value(f"SEPARATE_CONSENT_{kind.name}")
        for kind in draft.separate_consents
    ]
    return consent_pb2.ConsentArtefact(
        consent_id=draft.consent_id,
        version=draft.version,
        subject=_identifier_of(draft.subject),
        subject_reference=_reference_of(draft.subject),
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


def _identifier_of(subject: Subject | SubjectReference) -> subject_pb2.SubjectIdentifier | None:
    return encode_subject(subject.type, subject.value) if isinstance(subject, Subject) else None


def _reference_of(subject: Subject | SubjectReference) -> subject_pb2.SubjectReference | None:
    return encode_reference(subject) if isinstance(subject, SubjectReference) else None


def _encode_frequency(frequency: Frequency | None) -> consent_pb2.Frequency | None:
    if frequency is None:
        return None
    period = consent_pb2.Period.Value(f"PERIOD_{frequency.per.name}")
    return consent_pb2.Frequency(count=frequency.count, per=period)


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


def decode_artefact(artefact: consent_pb2.ConsentArtefact) -> Draft:
    """An artefact as a draft: `decode_artefact(encode_artefact(draft)) == draft`.

    Raises:
        AnswerError: an enumeration is unspecified or unknown.
        ConsentDraftError: a term is out of its bounds, or the subject is named in two ways.
    """
    lists = ("providers", "datasets", "purposes", "fields", "categories")
    plain = ("consent_id", "version", "controller", "collector", "data_life_days")
    document = {name: tuple(getattr(artefact, name)) for name in lists}
    terms = {name: getattr(artefact, name) for name in plain}
    whole = {**document, **terms, **_typed_terms(artefact)}
    if not artefact.HasField("subject_reference"):
        return read_terms({**whole, "subject": _subject(artefact.subject)}, ConsentDraft)
    if artefact.HasField("subject"):
        raise ConsentDraftError("the artefact names its subject twice")
    return read_terms({**whole, "subject": _reference(artefact.subject_reference)}, ReferencedDraft)


def _typed_terms(artefact: consent_pb2.ConsentArtefact) -> dict[str, object]:
    separate, basis = consent_pb2.SeparateConsent, consent_pb2.LawfulBasis
    return {
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


def _subject(subject: subject_pb2.SubjectIdentifier) -> dict[str, str]:
    wire, prefix = subject_pb2.IdentifierType, "IDENTIFIER_TYPE_"
    return {"type": from_wire(IdentifierType, wire, prefix, subject.type), "value": subject.value}


def _reference(reference: subject_pb2.SubjectReference) -> dict[str, object]:
    return {"key_version": reference.key_version, "value": reference.value}


def _frequency(frequency: consent_pb2.Frequency) -> dict[str, object]:
    period = from_wire(Period, consent_pb2.Period, "PERIOD_", frequency.per)
    return {"count": frequency.count, "per": period}


def _timestamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
