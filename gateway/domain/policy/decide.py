"""The decision: a pure function of principal, ask, consents, time and compiled policy.

README.md beside this file is the rule that this follows, stage by stage. Deny is the default: a
decision allows only when a permit names the principal, an agreement covers the ask, and one consent
leaves nothing to find.
"""

from collections.abc import Sequence

import msgspec

from gateway.domain.consent import Consent, ConsentTerms, standing_finding
from gateway.domain.institution import Principal
from gateway.domain.policy.agreements import agreement_missing, covering_agreement
from gateway.domain.policy.compile import CompiledDataset, CompiledPermit, CompiledPolicy
from gateway.domain.policy.decision import Ask, Decision, FieldPlan
from gateway.domain.policy.separate import SEPARATE_ARTICLES, separate_needed
from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.vocabulary import LawfulBasis

MAX_ALTERNATIVES = 32
"""Purposes that a denial tries: a denial must not cost much more than a permission."""
_NO_RULE = ""


def decide(
    policy: CompiledPolicy,
    principal: Principal,
    ask: Ask,
    consents: Sequence[Consent],
    now: int,
) -> Decision:
    """Decide one ask at ``now`` (Unix seconds) over the principal's own consents of the subject.

    Never raises for any well-typed input; what stands in the way comes back as findings.
    """
    decision = _judge(policy, principal, ask, consents, now)
    if not decision.findings:
        return decision
    return _with_alternatives(decision, policy, principal, ask, consents, now)


def _judge(
    policy: CompiledPolicy,
    principal: Principal,
    ask: Ask,
    consents: Sequence[Consent],
    now: int,
) -> Decision:
    """Decide this ask alone, without looking for other ways."""
    found = find_permit(policy, principal, ask)
    if not isinstance(found, CompiledPermit):
        return found
    line = policy.ancestors[ask.purpose]
    agreement = covering_agreement(principal.agreements, ask.dataset, line, now)
    missing = () if agreement else (agreement_missing(ask.purpose),)
    rule = found.rule
    if not consents:
        absent = Finding(ErrorReason.CONSENT_ABSENT, article=rule.articles[0])
        return Decision(rule.id, (*missing, absent), articles=rule.articles, agreement=agreement)
    consent, plan, findings = _best_consent(policy, found, principal, ask, consents, now)
    return Decision(
        rule.id,
        missing + findings,
        consent,
        plan,
        rule.limits,
        rule.obligations,
        rule.articles,
        agreement=agreement,
    )


def find_permit(
    policy: CompiledPolicy, principal: Principal, ask: Ask
) -> CompiledPermit | Decision:
    """Return the one permit that speaks of this ask, or the first stage's denial."""
    cell = (ask.dataset, ask.purpose)
    unknown = _unknown(policy, ask)
    if unknown is not None:
        return Decision(_NO_RULE, (Finding(unknown),))
    institution, roles = principal.institution, principal.roles
    for forbid in policy.forbids.get(cell, ()):
        if forbid.selector.names(institution, roles):
            return Decision(forbid.rule.id, (forbid.finding,), articles=forbid.rule.articles)
    permits = policy.permits.get(cell, ())
    if not permits:
        return Decision(_NO_RULE, (Finding(ErrorReason.NO_RULE_PERMITS, ask.purpose),))
    naming = [permit for permit in permits if permit.selector.names(institution, roles)]
    if len(naming) == 1:
        return naming[0]
    if not naming:
        return Decision(_NO_RULE, (Finding(ErrorReason.RECIPIENT_NOT_PERMITTED, ask.purpose),))
    ids = ",".join(sorted(permit.rule.id for permit in naming))
    return Decision(_NO_RULE, (Finding(ErrorReason.RULES_AMBIGUOUS, ids),))


def _unknown(policy: CompiledPolicy, ask: Ask) -> ErrorReason | None:
    if ask.purpose not in policy.ancestors:
        return ErrorReason.PURPOSE_UNKNOWN
    dataset = policy.datasets.get(ask.dataset)
    if dataset is None:
        return ErrorReason.DATASET_UNKNOWN
    return None if ask.fields <= dataset.names else ErrorReason.FIELD_UNKNOWN


def _best_consent(
    policy: CompiledPolicy,
    permit: CompiledPermit,
    principal: Principal,
    ask: Ask,
    consents: Sequence[Consent],
    now: int,
) -> tuple[Consent, FieldPlan, tuple[Finding, ...]]:
    """Return the consent that counts, its plan, and what stands in its way."""
    dataset = policy.datasets[ask.dataset]
    judged: list[tuple[int, int, str, tuple[Finding, ...], Consent, FieldPlan]] = []
    for consent in consents:
        terms = consent.terms
        plan = permit.plans.plan(ask.fields, terms.fields, terms.categories)
        findings = _findings(policy, permit, dataset, principal, ask, consent, plan, now)
        judged.append((len(findings), -terms.valid_from, terms.consent_id, findings, consent, plan))
    _, _, _, findings, consent, plan = min(judged, key=_rank) if len(judged) > 1 else judged[0]
    return consent, plan, findings


def _rank(
    judged: tuple[int, int, str, tuple[Finding, ...], Consent, FieldPlan],
) -> tuple[int, int, str]:
    return judged[:3]


def _findings(
    policy: CompiledPolicy,
    permit: CompiledPermit,
    dataset: CompiledDataset,
    principal: Principal,
    ask: Ask,
    consent: Consent,
    plan: FieldPlan,
    now: int,
) -> tuple[Finding, ...]:
    """Return what stands in the way of this consent, in the order of README.md."""
    terms = consent.terms
    contract = dataset.contract
    findings: list[Finding] = []
    standing = standing_finding(terms, consent.standing, now)
    if standing is not None:
        findings.append(standing)
    age = permit.max_age_seconds
    if age is not None and now - terms.valid_from > age:
        findings.append(Finding(ErrorReason.CONSENT_TOO_OLD))
    if ask.dataset not in terms.datasets:
        findings.append(Finding(ErrorReason.CONSENT_DATASET_MISSING, ask.dataset, "PIPL 14"))
    if contract.provider not in terms.providers:
        provider = contract.provider
        findings.append(Finding(ErrorReason.CONSENT_PROVIDER_MISSING, provider, "PIPL 23"))
    if policy.ancestors[ask.purpose].isdisjoint(terms.purposes):
        findings.append(Finding(ErrorReason.CONSENT_PURPOSE_MISSING, ask.purpose, "PIPL 14"))
    if terms.lawful_basis not in permit.rule.consent.lawful_bases:
        basis = terms.lawful_basis.value
        findings.append(Finding(ErrorReason.CONSENT_BASIS_NOT_ACCEPTED, basis, "PIPL 13"))
    if terms.lawful_basis is LawfulBasis.CONSENT:
        cross_border = contract.jurisdiction is not principal.jurisdiction
        findings.extend(_missing_separate(permit, terms, plan, cross_border))
    if not plan.released:
        findings.append(_nothing_released(plan))
    return tuple(findings)


def _missing_separate(
    permit: CompiledPermit, terms: ConsentTerms, plan: FieldPlan, cross_border: bool
) -> list[Finding]:
    held = terms.separate
    return [
        Finding(ErrorReason.CONSENT_SEPARATE_MISSING, kind.value, article)
        for kind, article in SEPARATE_ARTICLES.items()
        if kind not in held and separate_needed(kind, permit, plan, cross_border)
    ]


def _nothing_released(plan: FieldPlan) -> Finding:
    if any(one.because == "CONSENT" for one in plan.withheld):
        return Finding(ErrorReason.CONSENT_FIELDS_MISSING, article="PIPL 14")
    return Finding(ErrorReason.NOTHING_TO_RELEASE)


def _with_alternatives(
    denial: Decision,
    policy: CompiledPolicy,
    principal: Principal,
    ask: Ask,
    consents: Sequence[Consent],
    now: int,
) -> Decision:
    """Add the purposes that the same caller would be allowed now, as the smallest other way."""
    if _unknown(policy, ask) is not None or not consents:
        return denial
    others = (
        purpose
        for purpose in policy.datasets[ask.dataset].purposes[:MAX_ALTERNATIVES]
        if purpose != ask.purpose
    )
    allowed = sorted(
        purpose
        for purpose in others
        if _judge(policy, principal, Ask(purpose, ask.dataset, ask.fields), consents, now).allow
    )
    return msgspec.structs.replace(denial, alternatives=tuple(allowed))
