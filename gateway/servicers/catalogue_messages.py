"""A description of a dataset as its message.

Owns every field of the message. A contract's words come from the policy files, as they stand.
"""

from collections.abc import Mapping

from gateway.application.catalogue import Description
from gateway.domain.policy.documents import FieldContract, Limit, Obligation
from gateway.domain.policy.offers import Offer, OfferedTerms
from gateway.domain.texts_identifiers import NORMALISATION
from gateway.domain.vocabulary import IdentifierType, LawfulBasis, Period, SeparateConsent
from gateway.servicers.policy_messages import finding_message, operator_of, withheld_message
from veilgate.v1 import catalogue_pb2 as pb
from veilgate.v1 import consent_pb2, policy_pb2, subject_pb2


def description_message(found: Description) -> pb.DescribeDatasetResponse:
    """Return a dataset: how to name its subjects, its fields, and its offers."""
    contract = found.contract
    return pb.DescribeDatasetResponse(
        dataset=contract.dataset,
        title_en=contract.title.en,
        title_zh=contract.title.zh,
        provider=contract.provider,
        jurisdiction=contract.jurisdiction.value,
        identifiers=[_identifier(one) for one in contract.identifiers],
        by_reference=found.by_reference,
        fields=[_field(one) for one in contract.fields],
        offers=[_offer(one, found.left) for one in found.offers],
        policy_digest=found.policy_digest,
    )


def _identifier(kind: IdentifierType) -> pb.AcceptedIdentifier:
    text = NORMALISATION[kind]
    return pb.AcceptedIdentifier(
        type=subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{kind.value}"),
        normalisation_en=text.en,
        normalisation_zh=text.zh,
    )


def _field(field: FieldContract) -> pb.DatasetField:
    return pb.DatasetField(
        field=field.name,
        type=field.type.value,
        meaning_en=field.meaning.en,
        meaning_zh=field.meaning.zh,
        data_class=field.data_class.value,
        category=field.category,
        sensitive=field.sensitive,
    )


def _offer(offer: Offer, left: Mapping[str, int]) -> pb.PurposeOffer:
    message = pb.PurposeOffer(
        purpose=offer.purpose.id,
        label_en=offer.purpose.label.en,
        label_zh=offer.purpose.label.zh,
        offered=not offer.findings,
        findings=[finding_message(one) for one in offer.findings],
        rule=offer.rule,
        articles=offer.articles,
        agreement_id=offer.agreement,
    )
    if offer.terms is not None:
        message.MergeFrom(_terms(offer.terms, left[offer.rule]))
    return message


def _terms(terms: OfferedTerms, left: int) -> pb.PurposeOffer:
    """Return what the rule gives and asks, as a part of an offer."""
    rule = terms.rule
    return pb.PurposeOffer(
        lawful_bases=[_basis(one) for one in rule.consent.lawful_bases],
        separate_consents=[_separate(one) for one in terms.separate],
        max_age_days=rule.consent.max_age_days,
        fields=[
            pb.OfferedField(
                field=one.field,
                operator=operator_of(one.release),
                form_en=one.form.en,
                form_zh=one.form.zh,
            )
            for one in terms.fields
        ],
        withheld=[withheld_message(one) for one in terms.plan.withheld],
        per_subject=_limit(rule.limits.per_subject),
        per_recipient=_limit(rule.limits.per_recipient, left),
        obligations=[_obligation(one) for one in rule.obligations],
    )


def _basis(basis: LawfulBasis) -> consent_pb2.LawfulBasis.ValueType:
    return consent_pb2.LawfulBasis.Value(f"LAWFUL_BASIS_{basis.name}")


def _separate(kind: SeparateConsent) -> consent_pb2.SeparateConsent.ValueType:
    return consent_pb2.SeparateConsent.Value(f"SEPARATE_CONSENT_{kind.name}")


def _limit(limit: Limit, left: int | None = None) -> pb.UseLimit:
    return pb.UseLimit(count=limit.count, per=_period(limit.per), left=left)


def _period(per: Period) -> consent_pb2.Period.ValueType:
    return consent_pb2.Period.Value(f"PERIOD_{per.name}")


def _obligation(one: Obligation) -> policy_pb2.Obligation:
    return policy_pb2.Obligation(id=one.id, article=one.article, days=one.days)
