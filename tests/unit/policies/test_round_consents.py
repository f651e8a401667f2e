"""Which consent a round rests on: what a release of the same would need, condition by condition."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.bootstrap.settings import load_policy
from gateway.domain.aggregate.question import AskerKey, BinningJob, CohortQuestion, SubjectQuestion
from gateway.domain.consent import ConsentState, ConsentTerms, Frequency, Standing
from gateway.domain.institution import Principal
from gateway.domain.policy.round_consents import ConsentNeed, consent_need, unmet
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import Jurisdiction, LawfulBasis, Period, Role, SeparateConsent

POLICY = load_policy(Path(__file__).parents[3] / "policies")
LENDER = Principal("lender-a", "keyholder", frozenset({Role.LENDER}), Jurisdiction.CN)
ABROAD = msgspec.structs.replace(LENDER, jurisdiction=Jurisdiction.US)
ACTIVE = Standing(ConsentState.ACTIVE)
NOW = int(time.time())
THIRD, SENSITIVE, ABROAD_KIND = (
    SeparateConsent.THIRD_PARTY,
    SeparateConsent.SENSITIVE,
    SeparateConsent.CROSS_BORDER,
)


def common(dataset: str, purpose: str) -> dict[str, Any]:
    contract = POLICY.aggregates[dataset]
    return {
        "id": "ab" * 16,
        "asker": "lender-a",
        "dataset": dataset,
        "snapshot": contract.snapshot,
        "contract": contract.digest,
        "purpose": purpose,
        "key": AskerKey(scheme="elgamal", key="02", proof="00"),
        "issued_at": NOW,
        "expires_at": NOW + 600,
    }


def subject_need(asker: Principal = LENDER) -> ConsentNeed:
    digest = "cd" * 32
    asked = SubjectQuestion(
        **common("credit.loans", "credit.underwriting"),
        consent=digest,
        tags=(digest,) * 4,
        boxes=digest,
    )
    need = consent_need(POLICY, POLICY.aggregates["credit.loans"], asked, asker)
    assert need is not None
    return need


def binning_need(
    *features: str, mode: str = "exact", asker: Principal = LENDER, dataset: str = ""
) -> ConsentNeed:
    asked = BinningJob(
        **common("credit.applicant", "research.model"),
        features=features,
        mode=mode,  # type: ignore[arg-type]
        cost=0 if mode == "exact" else 8,
        rows=200,
        row_root="ef" * 32,
    )
    contract = POLICY.aggregates["credit.applicant"]
    if dataset:
        contract = msgspec.structs.replace(contract, dataset=dataset)
    need = consent_need(POLICY, contract, asked, asker)
    assert need is not None
    return need


def terms(**changes: Any) -> ConsentTerms:
    values: dict[str, Any] = {
        "consent_id": "c",
        "version": 1,
        "controller": "lender-a",
        "collector": "lender-a",
        "providers": frozenset({"demo-bureau", "lender-b", "lender-c"}),
        "datasets": frozenset({"credit.loans", "credit.applicant"}),
        "purposes": frozenset({"credit", "research.model"}),
        "fields": frozenset(),
        "categories": frozenset({"loan", "identity"}),
        "lawful_basis": LawfulBasis.CONSENT,
        "separate": frozenset({THIRD, SENSITIVE}),
        "valid_from": NOW - 10,
        "valid_until": NOW + 10,
        "uses": None,
        "frequency": None,
        "data_life_days": 30,
        "evidence_sha256": bytes(32),
    }
    return ConsentTerms(**{**values, **changes})


def test_a_cohort_rests_on_no_consent() -> None:
    asked = CohortQuestion(**common("credit.loans", "research.aggregate"), cost=8, share_variance=9)
    assert consent_need(POLICY, POLICY.aggregates["credit.loans"], asked, LENDER) is None


def test_a_subject_is_held_by_every_contributor_but_the_asker() -> None:
    assert subject_need().providers == {"demo-bureau", "lender-b", "lender-c"}
    bureau = msgspec.structs.replace(LENDER, institution="demo-bureau")
    assert subject_need(bureau).providers == {"lender-a", "lender-b", "lender-c"}
    assert unmet(terms(), ACTIVE, subject_need(), NOW) is None


def test_a_binning_is_held_by_its_bureau() -> None:
    assert binning_need("age_in_years").providers == {"demo-bureau"}


def test_only_an_exact_binning_discloses_features() -> None:
    features = ("savings_account_and_bonds", "credit_amount")
    exact, noisy = binning_need(*features), binning_need(*features, mode="dp")
    assert exact.features == (("savings_account_and_bonds", "account"), ("credit_amount", "loan"))
    assert exact.separate == {THIRD, SENSITIVE}
    assert noisy.features == ()
    assert noisy.separate == {THIRD}


def test_over_a_border_and_for_a_dataset_nobody_described_more_is_needed() -> None:
    assert binning_need("credit_amount").separate == {THIRD}
    assert binning_need("credit_amount", asker=ABROAD).separate == {THIRD, ABROAD_KIND}
    undescribed = binning_need("credit_amount", dataset="credit.elsewhere")
    assert undescribed.separate == {THIRD, SENSITIVE, ABROAD_KIND}
    held = terms(datasets=frozenset({"credit.elsewhere"}), separate=undescribed.separate)
    # No category is known there, so a consent must name the field itself.
    assert unmet(held, ACTIVE, undescribed, NOW) is ErrorReason.CONSENT_FIELDS_MISSING
    named = msgspec.structs.replace(held, fields=frozenset({"credit_amount"}))
    assert unmet(named, ACTIVE, undescribed, NOW) is None


def test_a_feature_is_covered_by_its_name_or_its_category() -> None:
    need = binning_need("credit_amount", "job")
    missing = ErrorReason.CONSENT_FIELDS_MISSING
    assert unmet(terms(), ACTIVE, need, NOW) is missing
    assert unmet(terms(fields=frozenset({"job"})), ACTIVE, need, NOW) is None
    assert unmet(terms(fields=frozenset({"job"}), categories=frozenset()), ACTIVE, need, NOW) is (
        missing
    )


@pytest.mark.parametrize(
    ("changes", "standing", "reason"),
    [
        ({"controller": "lender-b"}, ACTIVE, ErrorReason.CONSENT_ABSENT),
        ({}, Standing(ConsentState.REVOKED), ErrorReason.CONSENT_REVOKED),
        ({}, Standing(ConsentState.PAUSED), ErrorReason.CONSENT_PAUSED),
        ({"valid_until": NOW}, ACTIVE, ErrorReason.CONSENT_EXPIRED),
        ({"valid_from": NOW + 1}, ACTIVE, ErrorReason.CONSENT_NOT_YET_VALID),
        ({"uses": 2}, Standing(ConsentState.ACTIVE, 2), ErrorReason.CONSENT_USES_SPENT),
        (
            {"frequency": Frequency(1, Period.HOUR)},
            Standing(ConsentState.ACTIVE, 1, NOW // 3600, 1),
            ErrorReason.CONSENT_FREQUENCY_SPENT,
        ),
        ({"datasets": frozenset({"x"})}, ACTIVE, ErrorReason.CONSENT_DATASET_MISSING),
        (
            {"providers": frozenset({"demo-bureau", "lender-b"})},
            ACTIVE,
            ErrorReason.CONSENT_PROVIDER_MISSING,
        ),
        (
            {"purposes": frozenset({"credit.monitoring"})},
            ACTIVE,
            ErrorReason.CONSENT_PURPOSE_MISSING,
        ),
        (
            {"lawful_basis": LawfulBasis.LEGAL_OBLIGATION},
            ACTIVE,
            ErrorReason.CONSENT_BASIS_NOT_ACCEPTED,
        ),
        ({"separate": frozenset({SENSITIVE})}, ACTIVE, ErrorReason.CONSENT_SEPARATE_MISSING),
    ],
)
def test_each_condition_is_looked_at(
    changes: dict[str, Any], standing: Standing, reason: ErrorReason
) -> None:
    assert unmet(terms(**changes), standing, subject_need(), NOW) is reason


def test_a_need_travels_as_messagepack() -> None:
    for need in (subject_need(), binning_need("savings_account_and_bonds", asker=ABROAD)):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(need), type=ConsentNeed) == need
