"""What one document says of another: every reference resolved, every release fitting its field.

Owns the refusals listed under "What the compiler refuses" in README.md, but for the overlap of
permits, which needs the expanded purposes (``compile.py``). Each raises ``PolicyError``.
"""

from collections.abc import Iterable

from gateway.domain.policy.aggregate_checks import check_aggregate
from gateway.domain.policy.documents import (
    DatasetDocument,
    Detect,
    FieldContract,
    Generalise,
    Keep,
    Mask,
    MaskingDocument,
    PermitRule,
    PolicyDocuments,
    Purpose,
    Release,
    Rule,
    Withhold,
)
from gateway.domain.policy.masking_checks import check_masking
from gateway.domain.policy.policy_error import PolicyError
from gateway.domain.vocabulary import DataClass, FieldType, Identifies

__all__ = ["PolicyError", "ancestry", "check_documents", "check_unique"]


def check_unique(kind: str, ids: Iterable[str]) -> None:
    """Refuse an id that occurs twice."""
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise PolicyError(f"{kind} {one}", "is defined twice")
        seen.add(one)


def ancestry(purposes: tuple[Purpose, ...]) -> dict[str, frozenset[str]]:
    """Return for each purpose itself and its ancestors; refuse missing parents and cycles."""
    parents = {purpose.id: purpose.parent for purpose in purposes}
    lines: dict[str, frozenset[str]] = {}
    for start in parents:
        line: list[str] = []
        node: str | None = start
        while node is not None:
            if node in line:
                raise PolicyError(f"purpose {start}", "is its own ancestor")
            if node not in parents:
                raise PolicyError(f"purpose {line[-1]}", f"its parent {node} does not exist")
            line.append(node)
            node = parents[node]
        lines[start] = frozenset(line)
    return lines


def check_documents(documents: PolicyDocuments) -> None:
    """Refuse double ids and dangling references over the whole set."""
    rules = [rule for document in documents.rules for rule in document.rules]
    check_unique("purpose", (purpose.id for purpose in documents.purposes.purposes))
    check_unique("dataset", (dataset.dataset for dataset in documents.datasets))
    check_unique("masking profile", (masking.profile for masking in documents.masking))
    check_unique("rule", (rule.id for rule in rules))
    check_unique("aggregate", (contract.dataset for contract in documents.aggregates))
    datasets = {dataset.dataset: dataset for dataset in documents.datasets}
    profiles = {masking.profile: masking for masking in documents.masking}
    purposes = {purpose.id for purpose in documents.purposes.purposes}
    for dataset in documents.datasets:
        check_unique(f"dataset {dataset.dataset}, field", (f.name for f in dataset.fields))
    for masking in documents.masking:
        check_masking(masking)
    for rule in rules:
        _check_rule(rule, datasets, profiles, purposes)
    for contract in documents.aggregates:
        check_aggregate(contract, datasets, purposes)


def _check_rule(
    rule: Rule,
    datasets: dict[str, DatasetDocument],
    profiles: dict[str, MaskingDocument],
    purposes: set[str],
) -> None:
    where = f"rule {rule.id}"
    if rule.dataset not in datasets:
        raise PolicyError(where, f"there is no dataset {rule.dataset}")
    for purpose in rule.purposes:
        if purpose not in purposes:
            raise PolicyError(where, f"there is no purpose {purpose}")
    if isinstance(rule, PermitRule):
        if rule.masking_profile not in profiles:
            raise PolicyError(where, f"there is no masking profile {rule.masking_profile}")
        _check_release(rule, datasets[rule.dataset], profiles[rule.masking_profile])


def _check_release(rule: PermitRule, dataset: DatasetDocument, profile: MaskingDocument) -> None:
    fields = {field.name: field for field in dataset.fields}
    for name, release in rule.release.items():
        where = f"rule {rule.id}, field {name}"
        if name not in fields:
            raise PolicyError(where, f"is not in the contract of {dataset.dataset}")
        if isinstance(release, Mask) and release.using not in profile.masks:
            raise PolicyError(where, f"profile {profile.profile} has no mask {release.using}")
        flaw = _misfit(fields[name], release)
        if flaw:
            raise PolicyError(where, flaw)
    if all(isinstance(release, Withhold) for release in rule.release.values()):
        raise PolicyError(f"rule {rule.id}", "permits a release and withholds every field")


def _misfit(field: FieldContract, release: Release) -> str:
    """Return why the release does not fit the field, or an empty string if it does."""
    if isinstance(release, Withhold):
        return ""
    if field.data_class is DataClass.C3:
        return "class C3 is never released: only withhold may stand here (JR/T 0171-2020)"
    if (field.type is FieldType.TEXT) != isinstance(release, Detect):
        return "free text is released by detect or withheld, and detect is for free text only"
    if isinstance(release, Keep) and field.identifies is Identifies.DIRECT:
        return "identifies a person directly and cannot be kept"
    if isinstance(release, Generalise):
        return _generalise_misfit(field, release)
    return ""


def _generalise_misfit(field: FieldContract, release: Generalise) -> str:
    if release.bands is not None:
        needed = FieldType.INTEGER
    elif release.date is not None:
        needed = FieldType.DATE
    else:
        needed = FieldType.STRING
    return "" if field.type is needed else f"this way to generalise needs type {needed.value}"
