"""Who may have tokens opened again, what for, and who must approve it.

Owns the shape of ``reidentification.yaml`` and what a rule of it permits. Refuses what no rule
names: without the file nobody has anything opened. A rule always needs two persons.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.domain.institution import Principal
from gateway.domain.policy.document_base import (
    Bilingual,
    Citation,
    Document,
    DottedName,
    Recipients,
    RuleId,
    Version,
)

Workload = Annotated[
    str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$", description="of a certificate")
]
EntityType = Annotated[str, Meta(pattern=r"^[A-Z][A-Z0-9_]{0,63}$", description="e.g. 'PERSON'")]


class ReidentificationRule(Document, frozen=True):
    """For these purposes these requesters may have tokens of these types opened.

    ``approvers`` are workloads of the requester's own institution; the one that requested never
    counts. A purpose covers what is below it.
    """

    id: RuleId
    title: Bilingual
    purposes: Annotated[tuple[DottedName, ...], Meta(min_length=1, max_length=100)]
    requesters: Recipients
    approvers: Annotated[tuple[Workload, ...], Meta(min_length=1, max_length=100)]
    entities: Annotated[tuple[EntityType, ...], Meta(min_length=1, max_length=100)]
    articles: Annotated[tuple[Citation, ...], Meta(min_length=1)]
    valid_minutes: Annotated[int, Meta(ge=1, le=7 * 24 * 60)] = 60
    """From request to use."""
    max_tokens: Annotated[int, Meta(ge=1, le=100)] = 20
    """In one request."""


class ReidentificationDocument(Document, frozen=True):
    """``reidentification.yaml``: all rules."""

    version: Version
    rules: Annotated[tuple[ReidentificationRule, ...], Meta(min_length=1, max_length=200)]

    def __post_init__(self) -> None:
        """Refuse two rules of one id."""
        if len({rule.id for rule in self.rules}) != len(self.rules):
            raise ValueError("two rules have one id")


class CompiledReidentification(msgspec.Struct, frozen=True):
    """The rules, ready to be asked; no document means no rule."""

    rules: tuple[ReidentificationRule, ...] = ()

    def rule_for(
        self, principal: Principal, purposes: frozenset[str], tokens: int
    ) -> ReidentificationRule | None:
        """Return the first rule that lets this caller ask for so many tokens, or None.

        ``purposes`` are the purpose itself and its ancestors.
        """
        for rule in self.rules:
            named = rule.requesters
            if not purposes.isdisjoint(rule.purposes) and tokens <= rule.max_tokens:
                known = principal.institution in named.institutions
                if known or not principal.roles.isdisjoint(named.roles):
                    return rule
        return None

    def by_id(self, rule: str) -> ReidentificationRule | None:
        """Return a rule that is still in force, or None."""
        return next((one for one in self.rules if one.id == rule), None)


def compile_reidentification(document: ReidentificationDocument | None) -> CompiledReidentification:
    """Return the rules of the document, none where there is none."""
    return CompiledReidentification(() if document is None else document.rules)


def may_approve(rule: ReidentificationRule, requester: str, approver: Principal) -> bool:
    """Say whether the approver's workload is a second person whom the rule names."""
    return approver.workload != requester and approver.workload in rule.approvers
