"""What a steward wants to know of one rule and one decision, for people and as JSON.

Owns the view and its tables. Refuses to decide: the decision comes from `gateway.domain.policy`.
"""

from __future__ import annotations

from dataclasses import dataclass

from clients.cli.decision import print_decision
from clients.cli.output import print_line, print_pairs, print_table
from clients.sdk.models.common import DecisionDetail, Finding
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import Ask, Decision
from gateway.domain.policy.documents import (
    Bilingual,
    DatasetDocument,
    FieldContract,
    Generalise,
    Limit,
    Limits,
    Mask,
    Obligation,
    PermitRule,
    Release,
    Withhold,
)
from gateway.domain.texts import finding_text, smallest_change
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent


@dataclass(frozen=True, slots=True)
class FieldView:
    """What a rule does with one field; ``how`` refines the operator."""

    field: str
    operator: str
    how: str
    data_class: str
    category: str
    sensitive: bool


@dataclass(frozen=True, slots=True)
class ConsentView:
    """What a consent must hold; ``separate`` only counts where the basis is consent."""

    lawful_bases: tuple[LawfulBasis, ...]
    separate: tuple[SeparateConsent, ...]
    max_age_days: int | None


@dataclass(frozen=True, slots=True)
class PermitView:
    """One permit rule as it meets one recipient."""

    id: str
    title: Bilingual
    articles: tuple[str, ...]
    masking_profile: str
    fields: tuple[FieldView, ...]
    consent: ConsentView
    limits: Limits
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, slots=True)
class RuleView:
    """The whole answer; where no consent was supposed, ``decision`` is None.

    ``withheld`` says why, for each wanted field that the supposed consent does not set free.
    """

    ask: Ask
    principal: Principal
    rule: PermitView | None
    decision: DecisionDetail | None
    withheld: dict[str, str]


def withheld_view(decision: Decision) -> dict[str, str]:
    """The wanted fields that are not released, and why."""
    return {one.field: one.because for one in decision.plan.withheld} if decision.plan else {}


def rule_view(
    policy: CompiledPolicy, principal: Principal, ask: Ask, rule_id: str
) -> PermitView | None:
    """The permit rule that the decision looked at; None where it was none."""
    for permit in policy.permits.get((ask.dataset, ask.purpose), ()):
        if permit.rule.id == rule_id:
            return _permit_view(permit.rule, policy.datasets[ask.dataset].contract, principal, ask)
    return None


def _permit_view(
    rule: PermitRule, contract: DatasetDocument, principal: Principal, ask: Ask
) -> PermitView:
    fields = tuple(
        _field_view(field, rule.release.get(field.name, Withhold()))
        for field in contract.fields
        if not ask.fields or field.name in ask.fields
    )
    return PermitView(
        id=rule.id,
        title=rule.title,
        articles=rule.articles,
        masking_profile=rule.masking_profile,
        fields=fields,
        consent=ConsentView(
            rule.consent.lawful_bases,
            _separate(rule, contract, principal, fields),
            rule.consent.max_age_days,
        ),
        limits=rule.limits,
        obligations=rule.obligations,
    )


def _separate(
    rule: PermitRule,
    contract: DatasetDocument,
    principal: Principal,
    fields: tuple[FieldView, ...],
) -> tuple[SeparateConsent, ...]:
    needed = set(rule.consent.separate)
    if any(one.sensitive and one.operator != "withhold" for one in fields):
        needed.add(SeparateConsent.SENSITIVE)
    if contract.jurisdiction is not principal.jurisdiction:
        needed.add(SeparateConsent.CROSS_BORDER)
    return tuple(kind for kind in SeparateConsent if kind in needed)


def _field_view(field: FieldContract, release: Release) -> FieldView:
    operator = type(release).__name__.lower()
    return FieldView(
        field.name, operator, _how(release), field.data_class, field.category, field.sensitive
    )


def _how(release: Release) -> str:
    match release:
        case Mask(using=using):
            return f"using {using}"
        case Generalise(bands=tuple() as bands):
            return f"bands at {', '.join(map(str, bands))}"
        case Generalise(date=date, address=address):
            return f"to {date or address}"
    return ""


def decision_view(
    policy: CompiledPolicy, decision: Decision, *, supposed: bool
) -> DecisionDetail | None:
    """The decision in words; None where only the missing supposition stands in the way."""
    if not supposed and [one.reason for one in decision.findings] == ["CONSENT_ABSENT"]:
        return None
    change = smallest_change(decision.findings, decision.alternatives)
    findings = []
    for one in decision.findings:
        text = finding_text(one)
        findings.append(Finding(one.reason.value, one.element, one.article, text.en, text.zh))
    return DecisionDetail(
        allow=decision.allow,
        rule=decision.rule,
        articles=decision.articles,
        findings=tuple(findings),
        smallest_change_en=change.en,
        smallest_change_zh=change.zh,
        allowed_purposes=decision.alternatives,
        policy_digest=policy.digest,
    )


def print_view(view: RuleView) -> None:
    """Print the rule, then the decision if there is one."""
    if view.rule:
        _print_rule(view.rule, view.withheld)
    if view.decision:
        print_decision(view.decision)
    else:
        print_line("Suppose a consent (--consent, --consent-purpose) to see a decision.")


def _print_rule(rule: PermitView, withheld: dict[str, str]) -> None:
    _print_terms(rule)
    rows = [
        (one.field, one.operator, one.how, one.data_class, one.category, "yes" * one.sensitive,
         withheld.get(one.field))
        for one in sorted(rule.fields, key=lambda one: _is_withheld(one, withheld))
    ]  # fmt: skip
    released = sum(not _is_withheld(one, withheld) for one in rule.fields)
    columns = ("field", "operator", "how", "class", "category", "sensitive", "withheld by")
    print_table(columns, rows, dim_from=released)
    obligations = [(one.id, one.article, one.days) for one in rule.obligations]
    print_table(("obligation", "article", "days"), obligations)


def _print_terms(rule: PermitView) -> None:
    print_pairs(
        (
            ("rule", rule.id),
            ("", rule.title.en),
            (" ", rule.title.zh),
            ("articles", ", ".join(rule.articles)),
            ("masking profile", rule.masking_profile),
            ("lawful bases", ", ".join(rule.consent.lawful_bases)),
            ("separate consents", ", ".join(map(_separate_word, rule.consent.separate))),
            ("oldest consent", _days(rule.consent.max_age_days)),
            ("limit per subject", _limit(rule.limits.per_subject)),
            ("limit per recipient", _limit(rule.limits.per_recipient)),
        )
    )


def _is_withheld(one: FieldView, withheld: dict[str, str]) -> bool:
    return one.operator == "withhold" or one.field in withheld


def _separate_word(kind: SeparateConsent) -> str:
    # A consent that covers none of those fields does not need it.
    return f"{kind} (for the sensitive fields)" if kind is SeparateConsent.SENSITIVE else kind


def _days(days: int | None) -> str:
    return "" if days is None else f"{days} days"


def _limit(limit: Limit) -> str:
    return f"{limit.count} per {limit.per}"
