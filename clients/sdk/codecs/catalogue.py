"""Between the SDK's values and the messages of the catalogue.

Owns every field of those messages, once, for whatever transport sends them. Refuses a word that
this release does not know (``AnswerError``): what an unknown operator releases is not understood.
"""

from __future__ import annotations

from clients.sdk.codecs.record import decode_findings, decode_obligations, decode_withheld
from clients.sdk.failure import AnswerError
from clients.sdk.models.catalogue import (
    AcceptedIdentifier,
    DatasetDescription,
    DatasetField,
    DatasetSummary,
    OfferedField,
    PurposeOffer,
    UseLimit,
)
from clients.sdk.vocabulary import (
    IdentifierType,
    LawfulBasis,
    Operator,
    Period,
    SeparateConsent,
    from_wire,
)
from veilgate.v1 import catalogue_pb2 as pb
from veilgate.v1 import consent_pb2, policy_pb2, subject_pb2


def encode_list_datasets_request(
    provider: str = "", purpose: str = "", page_size: int = 0, page_token: str = ""
) -> pb.ListDatasetsRequest:
    """A page of the list; what is empty does not filter."""
    return pb.ListDatasetsRequest(
        provider=provider, purpose=purpose, page_size=page_size, page_token=page_token
    )


def encode_describe_dataset_request(dataset: str, purpose: str = "") -> pb.DescribeDatasetRequest:
    """The question for one dataset; without a purpose, for all of which a rule speaks."""
    return pb.DescribeDatasetRequest(dataset=dataset, purpose=purpose)


def decode_datasets(answer: pb.ListDatasetsResponse) -> tuple[DatasetSummary, ...]:
    """One page of datasets, by name."""
    return tuple(
        DatasetSummary(one.dataset, one.title_en, one.title_zh, one.provider, tuple(one.purposes))
        for one in answer.datasets
    )


def decode_description(answer: pb.DescribeDatasetResponse) -> DatasetDescription:
    """One dataset.

    Raises:
        AnswerError: a word of a later release, or a field of an offer that the dataset lacks.
    """
    fields = tuple(_field(one) for one in answer.fields)
    offers = tuple(_offer(one) for one in answer.offers)
    named = {one.field for one in fields}
    if any(one.field not in named for offer in offers for one in offer.fields):
        raise AnswerError("offers a field that the dataset does not have")
    return DatasetDescription(
        dataset=answer.dataset,
        title_en=answer.title_en,
        title_zh=answer.title_zh,
        provider=answer.provider,
        jurisdiction=answer.jurisdiction,
        identifiers=tuple(_identifier(one) for one in answer.identifiers),
        by_reference=answer.by_reference,
        fields=fields,
        offers=offers,
        policy_digest=answer.policy_digest,
    )


def _field(one: pb.DatasetField) -> DatasetField:
    return DatasetField(
        one.field,
        one.type,
        one.meaning_en,
        one.meaning_zh,
        one.data_class,
        one.category,
        one.sensitive,
    )


def _identifier(one: pb.AcceptedIdentifier) -> AcceptedIdentifier:
    kind = from_wire(IdentifierType, subject_pb2.IdentifierType, "IDENTIFIER_TYPE_", one.type)
    return AcceptedIdentifier(kind, one.normalisation_en, one.normalisation_zh)


def _offer(one: pb.PurposeOffer) -> PurposeOffer:
    basis, separate = consent_pb2.LawfulBasis, consent_pb2.SeparateConsent
    return PurposeOffer(
        purpose=one.purpose,
        label_en=one.label_en,
        label_zh=one.label_zh,
        offered=one.offered,
        findings=decode_findings(one.findings),
        rule=one.rule,
        articles=tuple(one.articles),
        lawful_bases=tuple(
            from_wire(LawfulBasis, basis, "LAWFUL_BASIS_", word) for word in one.lawful_bases
        ),
        separate_consents=tuple(
            from_wire(SeparateConsent, separate, "SEPARATE_CONSENT_", word)
            for word in one.separate_consents
        ),
        max_age_days=one.max_age_days if one.HasField("max_age_days") else None,
        fields=tuple(_offered_field(field) for field in one.fields),
        withheld=decode_withheld(one.withheld),
        per_subject=_limit(one.per_subject) if one.HasField("per_subject") else None,
        per_recipient=_limit(one.per_recipient) if one.HasField("per_recipient") else None,
        obligations=decode_obligations(one.obligations),
        agreement_id=one.agreement_id,
    )


def _offered_field(one: pb.OfferedField) -> OfferedField:
    operator = from_wire(Operator, policy_pb2.Operator, "OPERATOR_", one.operator)
    return OfferedField(one.field, operator, one.form_en, one.form_zh)


def _limit(one: pb.UseLimit) -> UseLimit:
    per = from_wire(Period, consent_pb2.Period, "PERIOD_", one.per)
    return UseLimit(one.count, per, one.left if one.HasField("left") else None)
