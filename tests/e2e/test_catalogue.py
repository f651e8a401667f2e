"""The catalogue over the wire: what it offers is what GetRecord gives, and the rest is denied.

Two lenders with the same rules: lender-a has an agreement, lender-b has none. A second dataset, of
which no rule speaks, stands beside the demo's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import grpc
import pytest

from clients.cli.local.home import Home
from clients.sdk.errors import VeilgateError
from clients.sdk.models.catalogue import PurposeOffer
from clients.sdk.vocabulary import IdentifierType, Operator, WithheldBecause
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.members import Member, fresh_applicant
from support.refusals import raw_method, refusal_of
from veilgate.v1 import catalogue_pb2 as pb

OTHER = "credit.unruled"
LIST = "/veilgate.v1.CatalogueService/ListDatasets"
DESCRIBE = "/veilgate.v1.CatalogueService/DescribeDataset"
HAN = re.compile("[\u4e00-\u9fff]")


def _prepare(home: Home) -> None:
    _add_dataset(home)
    partners = home.folder / "partners.toml"
    text = partners.read_text(encoding="utf-8")
    parts = text.split("[[partner]]")
    kept = [part for part in parts if 'id = "lender-b"' not in part.partition("\n\n")[0]]
    (lender_b,) = (part for part in parts if part not in kept)
    without = lender_b.partition("[[partner.agreements]]")[0]
    assert without != lender_b
    partners.write_text("[[partner]]".join([*kept, without]), encoding="utf-8")


def _add_dataset(home: Home) -> None:
    folder = home.folder / "policies" / "datasets"
    shipped = (folder / f"{DATASET}.yaml").read_text(encoding="utf-8")
    (folder / f"{OTHER}.yaml").write_text(
        shipped.replace(f"dataset: {DATASET}", f"dataset: {OTHER}"), encoding="utf-8"
    )


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("catalogue") / "home"
    with running_gateway(folder, prepare=_prepare) as running:
        yield running


@pytest.fixture(scope="module")
def lender_a(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


@pytest.fixture(scope="module")
def lender_b(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-b") as member:
        yield member


def offer_of(member: Member, purpose: str) -> PurposeOffer:
    (offer,) = member.client.describe_dataset(DATASET, purpose).offers
    return offer


def draft_changes(offer: PurposeOffer) -> dict[str, Any]:
    """The consent that the offer asks for, and nothing more."""
    return {
        "purposes": (offer.purpose,),
        "lawful_basis": offer.lawful_bases[0],
        "separate_consents": offer.separate_consents,
    }


def test_datasets_are_listed_with_what_is_offered(lender_a: Member, lender_b: Member) -> None:
    for member, offered in ((lender_a, True), (lender_b, False)):
        described = member.client.describe_dataset(DATASET)
        demo, other = member.client.list_datasets()
        assert (demo.dataset, other.dataset) == (DATASET, OTHER)
        assert demo.provider == "demo-bureau"
        assert HAN.search(demo.title_zh)
        assert set(demo.purposes) == {one.purpose for one in described.offers if one.offered}
        assert (UNDERWRITING in demo.purposes) is offered
        assert other.purposes == ()
    assert demo.purposes == ()


def test_a_list_comes_in_pages_and_is_filtered(lender_a: Member) -> None:
    names = [one.dataset for one in lender_a.client.list_datasets(page_size=1)]
    assert names == [DATASET, OTHER]
    by_purpose = lender_a.client.list_datasets(purpose=UNDERWRITING)
    assert [one.dataset for one in by_purpose] == [DATASET]
    assert list(lender_a.client.list_datasets(provider="another-bureau")) == []


def test_a_dataset_says_how_its_subjects_and_fields_look(lender_a: Member) -> None:
    found = lender_a.client.describe_dataset(DATASET)
    assert {one.type for one in found.identifiers} == set(IdentifierType)
    assert all(HAN.search(one.normalisation_zh) for one in found.identifiers)
    assert found.jurisdiction == "CN"
    fields = {one.field: one for one in found.fields}
    assert (fields["name"].type, fields["name"].category) == ("string", "identity")
    assert (fields["card_cvn"].data_class, fields["card_cvn"].sensitive) == ("C3", True)
    assert len(found.policy_digest) == 64
    for offer in found.offers:
        assert HAN.search(offer.label_zh)
        named = {one.field for one in offer.fields} | set(offer.withheld)
        assert named in (set(fields), set())


def test_what_is_offered_is_what_a_record_gives(lender_a: Member) -> None:
    found = lender_a.client.describe_dataset(DATASET)
    offered = [one for one in found.offers if one.offered]
    categories = tuple(sorted({one.category for one in found.fields}))
    assert len(offered) >= 4
    for offer in offered:
        raw = fresh_applicant()
        lender_a.grant(raw, **{**draft_changes(offer), "categories": categories})
        record = lender_a.get(raw, offer.purpose)
        assert record.operators == {one.field: one.operator for one in offer.fields}
        assert record.withheld == offer.withheld
        assert record.rule == offer.rule
        for one in offer.fields:
            _assert_looks_like(record.fields[one.field], one.operator, one.form_en)


def _assert_looks_like(value: str | int | None, operator: Operator, form: str) -> None:
    """The value of a mask or a band is one that the form describes."""
    if operator is Operator.MASK:
        assert isinstance(value, str)
        kept = sum(int(number) for number in re.findall(r"(?:first|last) (\d+)", form))
        fixed = re.search(r"(\d+) \*", form)
        assert len(value.replace("*", "")) == kept
        assert fixed is None or value.count("*") == int(fixed[1])
    elif form.startswith("the band"):
        assert str(value) in form.partition(": ")[2].split(", ")


@pytest.mark.parametrize("left_out", [0, 1])
def test_each_separate_consent_of_an_offer_is_needed(lender_a: Member, left_out: int) -> None:
    offer = offer_of(lender_a, UNDERWRITING)
    changes = draft_changes(offer)
    kind = offer.separate_consents[left_out]
    changes["separate_consents"] = tuple(one for one in offer.separate_consents if one != kind)
    raw = fresh_applicant()
    lender_a.grant(raw, **changes)
    with pytest.raises(VeilgateError) as caught:
        lender_a.get(raw)
    assert caught.value.decision is not None
    (finding,) = caught.value.decision.findings
    assert (finding.reason, finding.element) == ("CONSENT_SEPARATE_MISSING", kind)


def _left(member: Member, purpose: str) -> int:
    limit = offer_of(member, purpose).per_recipient
    assert limit is not None
    assert limit.left is not None
    return limit.left


def test_what_is_left_of_a_limit_is_counted_with_each_release(
    lender_a: Member, lender_b: Member
) -> None:
    raw = fresh_applicant()
    lender_a.grant(raw)
    first = lender_a.get(raw)
    before, others = _left(lender_a, UNDERWRITING), _left(lender_b, UNDERWRITING)
    lender_a.get(raw, request_id=first.request_id)
    lender_a.explain(raw)
    assert _left(lender_a, UNDERWRITING) == before, "a repeat or an explanation was counted"
    lender_a.get(raw)
    assert _left(lender_a, UNDERWRITING) == before - 1
    assert _left(lender_b, UNDERWRITING) == others
    per_subject = offer_of(lender_a, UNDERWRITING).per_subject
    assert per_subject is not None
    assert per_subject.left is None


def test_without_an_agreement_nothing_is_offered_and_nothing_given(lender_b: Member) -> None:
    offer = offer_of(lender_b, UNDERWRITING)
    assert not offer.offered
    assert offer.agreement_id == ""
    (finding,) = offer.findings
    assert (finding.reason, finding.element) == ("AGREEMENT_MISSING", UNDERWRITING)
    assert finding.article == "PIPL 23"
    assert HAN.search(finding.zh)
    # What it would get with one is told all the same.
    assert offer.fields
    raw = fresh_applicant()
    lender_b.grant(raw)
    with pytest.raises(VeilgateError) as caught:
        lender_b.get(raw)
    assert caught.value.code is grpc.StatusCode.PERMISSION_DENIED
    assert caught.value.reason == "AGREEMENT_MISSING"
    assert caught.value.decision is not None
    assert caught.value.decision.findings == (finding,)
    assert caught.value.decision.allowed_purposes == ()
    assert "agreement" in caught.value.decision.smallest_change_en
    assert caught.value.event_id
    assert lender_b.explain(raw).decision.findings == (finding,)


def test_a_missing_agreement_and_a_missing_consent_are_told_together(lender_b: Member) -> None:
    found = lender_b.explain(fresh_applicant()).decision.findings
    assert [one.reason for one in found] == ["AGREEMENT_MISSING", "CONSENT_ABSENT"]


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [
        ("marketing.advertising", "RULE_FORBIDS"),
        ("reporting.regulatory", "RECIPIENT_NOT_PERMITTED"),
        ("fraud.money-laundering", "NO_RULE_PERMITS"),
    ],
)
def test_what_is_not_offered_is_denied_for_the_same_reason(
    lender_a: Member, purpose: str, reason: str
) -> None:
    offer = offer_of(lender_a, purpose)
    assert not offer.offered
    assert [one.reason for one in offer.findings] == [reason]
    assert (offer.fields, offer.per_subject, offer.lawful_bases) == ((), None, ())
    raw = fresh_applicant()
    lender_a.grant(raw, purposes=(purpose,))
    with pytest.raises(VeilgateError) as caught:
        lender_a.get(raw, purpose)
    assert caught.value.decision is not None
    assert caught.value.decision.findings == offer.findings


def test_fields_that_are_never_released_are_named_as_withheld(lender_a: Member) -> None:
    withheld = offer_of(lender_a, UNDERWRITING).withheld
    assert withheld["card_cvn"] is WithheldBecause.C3
    assert withheld["creditability"] is WithheldBecause.RULE


BAD: list[tuple[str, pb.ListDatasetsRequest | pb.DescribeDatasetRequest, str]] = [
    (LIST, pb.ListDatasetsRequest(provider="-"), "provider"),
    (LIST, pb.ListDatasetsRequest(purpose="Credit"), "purpose"),
    (LIST, pb.ListDatasetsRequest(page_size=501), "page_size"),
    (LIST, pb.ListDatasetsRequest(page_token="rubbish"), "page_token"),
    (DESCRIBE, pb.DescribeDatasetRequest(), "dataset"),
    (DESCRIBE, pb.DescribeDatasetRequest(dataset="a" * 97), "dataset"),
    (DESCRIBE, pb.DescribeDatasetRequest(dataset=DATASET, purpose="a..b"), "purpose"),
]


@pytest.mark.parametrize(("method", "request_", "path"), BAD, ids=lambda one: str(one)[:40])
def test_a_malformed_field_is_named(
    lender_a: Member,
    method: str,
    request_: pb.ListDatasetsRequest | pb.DescribeDatasetRequest,
    path: str,
) -> None:
    refusal = refusal_of(lender_a.channel, method, request_.SerializeToString())
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELD")
    assert list(refusal.bad) == [path]


def test_a_token_belongs_to_its_filters(lender_a: Member) -> None:
    def page(token: str, provider: str) -> bytes:
        request = pb.ListDatasetsRequest(page_size=1, page_token=token, provider=provider)
        return request.SerializeToString()

    first = pb.ListDatasetsResponse.FromString(
        raw_method(lender_a.channel, LIST)(page("", "demo-bureau"), timeout=10)
    )
    assert [one.dataset for one in first.datasets] == [DATASET]
    second = pb.ListDatasetsResponse.FromString(
        raw_method(lender_a.channel, LIST)(page(first.next_page_token, "demo-bureau"), timeout=10)
    )
    assert [one.dataset for one in second.datasets] == [OTHER]
    assert second.next_page_token == ""
    refusal = refusal_of(lender_a.channel, LIST, page(first.next_page_token, ""))
    assert list(refusal.bad) == ["page_token"]


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        (LIST, pb.ListDatasetsRequest(purpose="credit.none"), "PURPOSE_UNKNOWN"),
        (DESCRIBE, pb.DescribeDatasetRequest(dataset="credit.none"), "DATASET_UNKNOWN"),
        (
            DESCRIBE,
            pb.DescribeDatasetRequest(dataset=DATASET, purpose="credit.none"),
            "PURPOSE_UNKNOWN",
        ),
    ],
)
def test_what_the_policy_does_not_know_is_refused(
    lender_a: Member,
    method: str,
    request_: pb.ListDatasetsRequest | pb.DescribeDatasetRequest,
    reason: str,
) -> None:
    assert refusal_of(lender_a.channel, method, request_.SerializeToString()).reason == reason
