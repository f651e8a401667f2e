"""Compilation: typed documents in, decision tables out.

Owns the tables and the refusal of overlapping permits. A compiled policy is immutable but for a
bounded memo of field plans, which are functions of their key.
"""

from collections.abc import Mapping

import msgspec

from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.policy.checks import PolicyError, ancestry, check_documents
from gateway.domain.policy.documents import (
    DatasetDocument,
    ForbidRule,
    MaskFormat,
    MaskingDocument,
    PermitRule,
    PolicyDocuments,
    Purpose,
    Recipients,
    Rule,
    WitnessesDocument,
)
from gateway.domain.policy.plan import PlanMemo
from gateway.domain.policy.reidentification import (
    CompiledReidentification,
    compile_reidentification,
)
from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.vocabulary import Role, SeparateConsent


class Selector(msgspec.Struct, frozen=True):
    """Compiled recipients; ``anybody`` only for a forbid that names none."""

    roles: frozenset[Role]
    institutions: frozenset[str]
    anybody: bool = False

    def names(self, institution: str, roles: frozenset[Role]) -> bool:
        """Return whether the selector speaks of this institution."""
        return self.anybody or institution in self.institutions or not roles.isdisjoint(self.roles)


class CompiledPermit(msgspec.Struct, frozen=True):
    """A permit rule with what a decision needs at hand."""

    rule: PermitRule
    selector: Selector
    separate: frozenset[SeparateConsent]
    max_age_seconds: int | None
    plans: PlanMemo


class CompiledForbid(msgspec.Struct, frozen=True):
    """A forbid rule and the finding it gives."""

    rule: ForbidRule
    selector: Selector
    finding: Finding


class CompiledDataset(msgspec.Struct, frozen=True):
    """A dataset contract, the set of its field names, and the purposes that some rule permits."""

    contract: DatasetDocument
    names: frozenset[str]
    purposes: tuple[str, ...]


Cell = tuple[str, str]
"""(dataset, purpose): the key of the decision tables."""


class CompiledPolicy(msgspec.Struct, frozen=True):
    """The decision tables of one policy set; ``digest`` is the SHA-256 of its files, in hex."""

    digest: str
    purposes: dict[str, Purpose]
    ancestors: dict[str, frozenset[str]]
    datasets: dict[str, CompiledDataset]
    permits: dict[Cell, tuple[CompiledPermit, ...]]
    forbids: dict[Cell, tuple[CompiledForbid, ...]]
    masks: dict[str, dict[str, MaskFormat]]
    witnesses: WitnessesDocument | None = None
    reidentification: CompiledReidentification = CompiledReidentification()
    profiles: dict[str, MaskingDocument] = {}
    composes: bool = False
    """Whether some profile bounds what masks may show together: then what is shown is kept."""
    aggregates: Mapping[str, AggregateContract] = {}
    """The contracts for aggregates, by dataset."""


def compile_policies(documents: PolicyDocuments, digest: str = "") -> CompiledPolicy:
    """Return the decision tables, or raise ``PolicyError`` with the first flaw."""
    check_documents(documents)
    ancestors = ancestry(documents.purposes.purposes)
    datasets = {one.dataset: one for one in documents.datasets}
    rules = [rule for document in documents.rules for rule in document.rules]
    permits = _permit_table(rules, ancestors, datasets)
    return CompiledPolicy(
        digest=digest,
        purposes={one.id: one for one in documents.purposes.purposes},
        ancestors=ancestors,
        datasets={
            name: CompiledDataset(
                contract,
                frozenset(field.name for field in contract.fields),
                tuple(purpose for dataset, purpose in permits if dataset == name),
            )
            for name, contract in datasets.items()
        },
        permits=permits,
        forbids=_forbid_table(rules, ancestors),
        masks={one.profile: dict(one.masks) for one in documents.masking},
        witnesses=documents.witnesses,
        reidentification=compile_reidentification(documents.reidentification),
        profiles={one.profile: one for one in documents.masking},
        composes=any(one.composition for one in documents.masking),
        aggregates={one.dataset: one for one in documents.aggregates},
    )


def _permit_table(
    rules: list[Rule], ancestors: dict[str, frozenset[str]], datasets: dict[str, DatasetDocument]
) -> dict[Cell, tuple[CompiledPermit, ...]]:
    table: dict[Cell, tuple[CompiledPermit, ...]] = {}
    for rule in rules:
        if isinstance(rule, PermitRule):
            permit = _permit(rule, datasets[rule.dataset])
            for cell in _cells(rule, ancestors):
                _refuse_overlap(permit, table.get(cell, ()), cell)
                table[cell] = (*table.get(cell, ()), permit)
    return table


def _forbid_table(
    rules: list[Rule], ancestors: dict[str, frozenset[str]]
) -> dict[Cell, tuple[CompiledForbid, ...]]:
    table: dict[Cell, tuple[CompiledForbid, ...]] = {}
    for rule in rules:
        if isinstance(rule, ForbidRule):
            for cell in _cells(rule, ancestors):
                table[cell] = (*table.get(cell, ()), _forbid(rule))
    return table


def _cells(rule: Rule, ancestors: dict[str, frozenset[str]]) -> list[Cell]:
    """Return the cells of every purpose that one of the rule's purposes covers."""
    return [
        (rule.dataset, purpose)
        for purpose, line in ancestors.items()
        if not line.isdisjoint(rule.purposes)
    ]


def _permit(rule: PermitRule, dataset: DatasetDocument) -> CompiledPermit:
    days = rule.consent.max_age_days
    return CompiledPermit(
        rule=rule,
        selector=_selector(rule.recipients),
        separate=frozenset(rule.consent.separate),
        max_age_seconds=None if days is None else days * 86_400,
        plans=PlanMemo(dataset, rule),
    )


def _forbid(rule: ForbidRule) -> CompiledForbid:
    finding = Finding(ErrorReason.RULE_FORBIDS, rule.id, rule.articles[0])
    return CompiledForbid(rule, _selector(rule.recipients), finding)


def _selector(recipients: Recipients | None) -> Selector:
    if recipients is None:
        return Selector(frozenset(), frozenset(), anybody=True)
    return Selector(frozenset(recipients.roles), frozenset(recipients.institutions))


def _refuse_overlap(new: CompiledPermit, others: tuple[CompiledPermit, ...], cell: Cell) -> None:
    for other in others:
        shared = (new.selector.roles & other.selector.roles) | (
            new.selector.institutions & other.selector.institutions
        )
        if shared:
            names = ", ".join(sorted(shared))
            what = f"permits {cell[1]} on {cell[0]} to {names}, as {other.rule.id} does already"
            raise PolicyError(f"rule {new.rule.id}", what)
