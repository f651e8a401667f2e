"""The catalogue's messages as values: nothing is lost, and unknown words are refused."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import pytest

from clients.sdk.codecs.catalogue import (
    decode_datasets,
    decode_description,
    encode_describe_dataset_request,
    encode_list_datasets_request,
)
from clients.sdk.failure import AnswerError
from clients.sdk.models.catalogue import DatasetSummary, UseLimit
from clients.sdk.vocabulary import Period
from support.described_dataset import LENDER_A, POLICY, USED, answer, described
from support.live_gateway import DATASET, UNDERWRITING
from veilgate.v1 import catalogue_pb2 as pb


def test_requests_carry_what_was_asked() -> None:
    listed = encode_list_datasets_request("demo-bureau", "credit", 7, "token")
    assert listed == pb.ListDatasetsRequest(
        provider="demo-bureau", purpose="credit", page_size=7, page_token="token"
    )
    described_ = encode_describe_dataset_request(DATASET, UNDERWRITING)
    assert described_ == pb.DescribeDatasetRequest(dataset=DATASET, purpose=UNDERWRITING)


def test_a_page_of_datasets() -> None:
    one = pb.DatasetSummary(
        dataset="a.b", title_en="A", title_zh="甲", provider="p", purposes=["x", "y"]
    )
    page = pb.ListDatasetsResponse(datasets=[one], next_page_token="more")
    assert decode_datasets(page) == (DatasetSummary("a.b", "A", "甲", "p", ("x", "y")),)


def test_a_description_arrives_as_the_gateway_made_it() -> None:
    """Compared with the policy itself, past messages and codec."""
    sent, found = described(by_reference=True), decode_description(answer(by_reference=True))
    contract = POLICY.datasets[DATASET].contract
    assert (found.dataset, found.title_zh) == (DATASET, contract.title.zh)
    assert (found.provider, found.jurisdiction) == (contract.provider, contract.jurisdiction)
    assert found.by_reference
    assert found.policy_digest == POLICY.digest
    assert [one.type for one in found.identifiers] == [one.value for one in contract.identifiers]
    assert [
        (one.field, one.type, one.meaning_en, one.meaning_zh, one.data_class, one.category,
         one.sensitive)
        for one in found.fields
    ] == [
        (one.name, one.type, one.meaning.en, one.meaning.zh, one.data_class, one.category,
         one.sensitive)
        for one in contract.fields
    ]  # fmt: skip
    assert [one.purpose for one in found.offers] == [one.purpose.id for one in sent.offers]


def test_an_offer_arrives_as_the_gateway_made_it() -> None:
    (sent,) = described(purpose=UNDERWRITING).offers
    (found,) = decode_description(answer(purpose=UNDERWRITING)).offers
    terms = sent.terms
    assert terms is not None
    assert found.offered
    assert (found.findings, found.rule, found.articles) == ((), sent.rule, sent.articles)
    assert (found.label_en, found.label_zh) == (sent.purpose.label.en, sent.purpose.label.zh)
    assert _words(found.lawful_bases) == _words(terms.rule.consent.lawful_bases)
    assert _words(found.separate_consents) == _words(terms.separate)
    assert found.max_age_days == terms.rule.consent.max_age_days
    assert [(one.field, one.form_en, one.form_zh) for one in found.fields] == [
        (one.field, one.form.en, one.form.zh) for one in terms.fields
    ]
    operators = {one.field: type(one.release).__name__.lower() for one in terms.fields}
    assert {one.field: one.operator for one in found.fields} == operators
    assert {field: why.upper() for field, why in found.withheld.items()} == {
        one.field: one.because for one in terms.plan.withheld
    }
    subject, recipient = terms.rule.limits.per_subject, terms.rule.limits.per_recipient
    assert found.per_subject == UseLimit(subject.count, Period(subject.per.value))
    left = recipient.count - USED
    assert found.per_recipient == UseLimit(recipient.count, Period(recipient.per.value), left)
    assert [(one.id, one.article, one.days) for one in found.obligations] == [
        (one.id, one.article, one.days) for one in terms.rule.obligations
    ]
    assert found.agreement_id == LENDER_A.agreements[0].id


def _words(some: Iterable[StrEnum]) -> list[str]:
    return [one.value for one in some]


def test_what_no_permit_gives_is_empty() -> None:
    (found,) = decode_description(answer(purpose="marketing.advertising")).offers
    assert not found.offered
    assert [one.reason for one in found.findings] == ["RULE_FORBIDS"]
    assert (found.fields, dict(found.withheld), found.obligations) == ((), {}, ())
    assert (found.per_subject, found.per_recipient, found.max_age_days) == (None, None, None)


@pytest.mark.parametrize(
    "offer",
    [
        pb.PurposeOffer(fields=[pb.OfferedField(field="name")]),
        pb.PurposeOffer(lawful_bases=[0]),  # type: ignore[list-item]
        pb.PurposeOffer(separate_consents=[99]),  # type: ignore[list-item]
        pb.PurposeOffer(per_subject=pb.UseLimit(count=1)),
        pb.PurposeOffer(fields=[pb.OfferedField(field="another", operator=1)]),  # type: ignore[arg-type]
    ],
)
def test_a_word_or_field_that_is_not_known_is_refused(offer: pb.PurposeOffer) -> None:
    whole = pb.DescribeDatasetResponse(fields=[pb.DatasetField(field="name")], offers=[offer])
    with pytest.raises(AnswerError):
        decode_description(whole)
