"""Offers: what a policy gives one recipient for a purpose, and the consent that it asks for.

Owns the reading of a policy without a subject. An offer is what ``decide`` gives under a consent
that covers everything: it uses the same permit, agreement, plan and separate consents. Refuses to
know what was used of a limit.
"""

from collections.abc import Iterable

import msgspec

from gateway.domain.citations import Localized
from gateway.domain.institution import Principal
from gateway.domain.policy.agreements import agreement_missing, covering_agreement
from gateway.domain.policy.compile import CompiledPermit, CompiledPolicy
from gateway.domain.policy.decide import find_permit
from gateway.domain.policy.decision import Ask, FieldPlan
from gateway.domain.policy.documents import PermitRule, Purpose, Release
from gateway.domain.policy.separate import SEPARATE_ARTICLES, separate_needed
from gateway.domain.reasons import Finding
from gateway.domain.texts_forms import release_form
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent


class OfferedField(msgspec.Struct, frozen=True):
    """A field that would be released, and how it looks then."""

    field: str
    release: Release
    form: Localized


class OfferedTerms(msgspec.Struct, frozen=True):
    """What a rule gives and asks of one recipient, whatever the purpose.

    ``separate`` is what a consent needs that covers every field; none if the rule does not take
    consent as a basis.
    """

    rule: PermitRule
    separate: tuple[SeparateConsent, ...]
    plan: FieldPlan
    fields: tuple[OfferedField, ...]


class Offer(msgspec.Struct, frozen=True):
    """A dataset for one purpose; offered if nothing is found in the way.

    ``terms`` are there if exactly one permit speaks of the recipient, with or without an agreement.
    """

    purpose: Purpose
    findings: tuple[Finding, ...]
    rule: str
    articles: tuple[str, ...]
    agreement: str = ""
    terms: OfferedTerms | None = None


def make_offers(
    policy: CompiledPolicy, principal: Principal, asks: Iterable[Ask], now: int
) -> tuple[Offer, ...]:
    """Return an offer for each ask; purposes and datasets must be the policy's own."""
    # The terms of a rule are the same for all its purposes, and the greater part of the work.
    known: dict[str, OfferedTerms] = {}
    return tuple(_offer(policy, principal, ask, now, known) for ask in asks)


def purposes_spoken_of(policy: CompiledPolicy, dataset: str) -> tuple[str, ...]:
    """Return the purposes of which some rule of the dataset speaks, in the tree's order."""
    return tuple(
        purpose
        for purpose in policy.purposes
        if (dataset, purpose) in policy.permits or (dataset, purpose) in policy.forbids
    )


def is_permitted(policy: CompiledPolicy, principal: Principal, ask: Ask) -> bool:
    """Return whether one rule lets the recipient have it, with or without an agreement."""
    return isinstance(find_permit(policy, principal, ask), CompiledPermit)


def agreement_for(policy: CompiledPolicy, principal: Principal, ask: Ask, now: int) -> str:
    """Return the id of the agreement that covers the ask, or ""."""
    line = policy.ancestors[ask.purpose]
    return covering_agreement(principal.agreements, ask.dataset, line, now)


def _offer(
    policy: CompiledPolicy,
    principal: Principal,
    ask: Ask,
    now: int,
    known: dict[str, OfferedTerms],
) -> Offer:
    purpose = policy.purposes[ask.purpose]
    permit = find_permit(policy, principal, ask)
    if not isinstance(permit, CompiledPermit):
        return Offer(purpose, permit.findings, permit.rule, permit.articles)
    rule = permit.rule
    if rule.id not in known:
        known[rule.id] = _terms(policy, permit, principal)
    agreement = agreement_for(policy, principal, ask, now)
    missing = () if agreement else (agreement_missing(ask.purpose),)
    return Offer(purpose, missing, rule.id, rule.articles, agreement, known[rule.id])


def _terms(policy: CompiledPolicy, permit: CompiledPermit, principal: Principal) -> OfferedTerms:
    rule = permit.rule
    dataset = policy.datasets[rule.dataset]
    plan = permit.plans.plan(frozenset(), dataset.names, frozenset())
    masks = policy.masks[rule.masking_profile]
    abroad = dataset.contract.jurisdiction is not principal.jurisdiction
    by_consent = LawfulBasis.CONSENT in rule.consent.lawful_bases
    return OfferedTerms(
        rule,
        tuple(
            kind
            for kind in SEPARATE_ARTICLES
            if by_consent and separate_needed(kind, permit, plan, abroad)
        ),
        plan,
        tuple(
            OfferedField(one.field, one.release, release_form(one.release, masks))
            for one in plan.released
        ),
    )
