"""What a contract for aggregates must not say beside the other policy documents.

Owns the refusals listed under "What the compiler refuses" in README.md that concern
``aggregates/``. A dataset may be of ``datasets/`` or stand here alone; where it is of both, the
bureau is its provider and a binned feature one of its fields. Each refusal raises ``PolicyError``.
"""

from collections.abc import Iterator

from gateway.domain.aggregate.contract import (
    AggregateContract,
    BinnedFeature,
    BinningTerms,
    Budget,
)
from gateway.domain.policy.documents import DatasetDocument, FieldContract
from gateway.domain.policy.policy_error import PolicyError
from gateway.domain.vocabulary import DataClass, FieldType, Identifies


def check_aggregate(
    contract: AggregateContract, datasets: dict[str, DatasetDocument], purposes: set[str]
) -> None:
    """Refuse a contract that does not fit the purposes and the dataset of its name."""
    where = f"aggregate {contract.dataset}"
    if contract.cohort is None and contract.subject is None and contract.binning is None:
        raise PolicyError(where, "lets nothing be asked: write cohort, subject or binning")
    for part, named, budget in _parts(contract):
        for purpose in named:
            if purpose not in purposes:
                raise PolicyError(f"{where}, {part}", f"there is no purpose {purpose}")
        if budget is not None and budget.a_question > budget.limit:
            raise PolicyError(f"{where}, {part}", "a question may cost more than the whole budget")
    _check_names(contract, where)
    dataset = datasets.get(contract.dataset)
    if contract.binning is not None and dataset is not None:
        _check_bureau(contract.binning, dataset, f"{where}, binning")


def _parts(
    contract: AggregateContract,
) -> Iterator[tuple[str, tuple[str, ...], Budget | None]]:
    if contract.cohort is not None:
        yield "cohort", contract.cohort.purposes, contract.cohort.budget
    if contract.subject is not None:
        yield "subject", contract.subject.purposes, None
    if contract.binning is not None:
        yield "binning", contract.binning.purposes, contract.binning.budget


def _check_names(contract: AggregateContract, where: str) -> None:
    cohort, binning = contract.cohort, contract.binning
    dimensions = () if cohort is None else cohort.dimensions
    measures = () if cohort is None else cohort.measures
    features = () if binning is None else binning.features
    _once(f"{where}, dimension", [one.name for one in dimensions])
    _once(f"{where}, measure", [one.name for one in measures])
    _once(f"{where}, feature", [one.name for one in features])


def _once(where: str, names: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise PolicyError(f"{where} {name}", "is defined twice")
        seen.add(name)


def _check_bureau(binning: BinningTerms, dataset: DatasetDocument, where: str) -> None:
    if binning.bureau != dataset.provider:
        raise PolicyError(where, f"the bureau is not the provider of {dataset.dataset}")
    fields = {field.name: field for field in dataset.fields}
    for feature in binning.features:
        field = fields.get(feature.name)
        if field is None:
            what = f"is not in the contract of {dataset.dataset}"
            raise PolicyError(f"{where}, feature {feature.name}", what)
        flaw = _misfit(feature, field)
        if flaw:
            raise PolicyError(f"{where}, feature {feature.name}", flaw)


def _misfit(feature: BinnedFeature, field: FieldContract) -> str:
    """Return why the feature cannot be binned, or an empty string if it can."""
    if field.data_class is DataClass.C3:
        return "class C3 is never released, in bins neither (JR/T 0171-2020)"
    if field.identifies is Identifies.DIRECT:
        return "identifies a person directly and is no feature"
    needed = FieldType.INTEGER if feature.edges else FieldType.STRING
    return "" if field.type is needed else f"bins of this form need type {needed.value}"
