"""The field plan: what becomes of each wanted field under one rule and one consent's coverage."""

from gateway.domain.policy.decision import FieldPlan, FieldRelease, FieldWithheld, WithheldBecause
from gateway.domain.policy.documents import (
    DatasetDocument,
    Detect,
    FieldContract,
    PermitRule,
    Withhold,
)
from gateway.domain.vocabulary import DataClass

PlanKey = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Wanted fields, the consent's fields, the consent's categories."""

_MEMO_LIMIT = 512


class PlanMemo:
    """Field plans of one rule, remembered by key, because callers repeat the same few.

    Bounded: a caller that varies its wanted fields makes it start anew, never grow.
    """

    def __init__(self, dataset: DatasetDocument, rule: PermitRule) -> None:
        """Bind the contract and the rule."""
        self._dataset = dataset
        self._rule = rule
        self._plans: dict[PlanKey, FieldPlan] = {}

    def plan(
        self, wanted: frozenset[str], fields: frozenset[str], categories: frozenset[str]
    ) -> FieldPlan:
        """Return the plan; equal arguments give an equal plan."""
        key = (wanted, fields, categories)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _MEMO_LIMIT:
                self._plans.clear()
            plan = self._plans[key] = make_plan(self._dataset, self._rule, *key)
        return plan


def make_plan(
    dataset: DatasetDocument,
    rule: PermitRule,
    wanted: frozenset[str],
    fields: frozenset[str],
    categories: frozenset[str],
) -> FieldPlan:
    """Apply "The field plan" of README.md to each wanted field, in the contract's order."""
    released: list[FieldRelease] = []
    withheld: list[FieldWithheld] = []
    for field in dataset.fields:
        if wanted and field.name not in wanted:
            continue
        covered = field.name in fields or field.category in categories
        because = _withheld_because(field, rule, covered)
        if because is None:
            released.append(FieldRelease(field.name, rule.release[field.name]))
        else:
            withheld.append(FieldWithheld(field.name, because))
    return FieldPlan(
        dataset=dataset.dataset,
        profile=rule.masking_profile,
        released=tuple(released),
        withheld=tuple(withheld),
        fetch=_fetch(dataset, released),
        sensitive=_releases_sensitive(dataset, released),
    )


def _withheld_because(
    field: FieldContract, rule: PermitRule, covered: bool
) -> WithheldBecause | None:
    # C3 first: the compiler refuses a rule that releases one, and this line holds without it.
    if field.data_class is DataClass.C3:
        return "C3"
    if isinstance(rule.release.get(field.name), Withhold | None):
        return "RULE"
    return None if covered else "CONSENT"


def _fetch(dataset: DatasetDocument, released: list[FieldRelease]) -> tuple[str, ...]:
    names = {one.field for one in released}
    if any(isinstance(one.release, Detect) for one in released):
        # The subject's own values are looked for in the free text, released or not.
        names.update(
            field.name
            for field in dataset.fields
            if field.entity is not None and field.data_class is not DataClass.C3
        )
    return tuple(field.name for field in dataset.fields if field.name in names)


def _releases_sensitive(dataset: DatasetDocument, released: list[FieldRelease]) -> bool:
    names = {one.field for one in released}
    return any(field.sensitive for field in dataset.fields if field.name in names)
