"""Contracts for aggregates: the shipped ones are true to the data, contradictions are refused."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.cli.local.demo_data.loans import AGE_BANDS, HOUSING, PURPOSES
from gateway.adapters.policy_files.yaml_policies import PolicyFileError, read_policies
from gateway.domain.aggregate.contract import AggregateContract, BinningTerms, CohortTerms
from gateway.domain.aggregate.plan import plan_cohort, shape_of
from gateway.domain.aggregate.question import AskerKey, CohortQuestion
from gateway.domain.policy.checks import PolicyError
from gateway.domain.policy.compile import CompiledPolicy, compile_policies

ROOT = Path(__file__).parents[3]
CSV = ROOT / "clients/cli/local/demo_data/germancredit.csv"
SHIPPED = read_policies(ROOT / "policies").documents
CONTRACTS = {one.dataset: one for one in SHIPPED.aggregates}
LOANS, APPLICANT = CONTRACTS["credit.loans"], CONTRACTS["credit.applicant"]
Json = dict[str, Any]


def compiled(contract: AggregateContract, *more: AggregateContract) -> CompiledPolicy:
    """The shipped set with these contracts in place of its own."""
    return compile_policies(msgspec.structs.replace(SHIPPED, aggregates=(contract, *more)))


def altered(contract: AggregateContract, change: Callable[[Json], object]) -> AggregateContract:
    """The contract with its plain form changed."""
    plain = msgspec.json.decode(contract.encoded())
    change(plain)
    return msgspec.convert(plain, AggregateContract)


def cohort_of(contract: AggregateContract) -> CohortTerms:
    assert contract.cohort is not None
    return contract.cohort


def binning_of(contract: AggregateContract) -> BinningTerms:
    assert contract.binning is not None
    return contract.binning


def test_the_compiled_policy_has_the_contracts_by_their_dataset() -> None:
    assert compile_policies(SHIPPED).aggregates == CONTRACTS
    assert dict(compile_policies(msgspec.structs.replace(SHIPPED, aggregates=())).aggregates) == {}


def test_every_value_of_the_credit_table_is_in_one_bin() -> None:
    with CSV.open(newline="") as file:
        rows = list(csv.DictReader(file))
    binning = binning_of(APPLICANT)
    for feature in binning.features:
        values = {row[feature.name] for row in rows}
        if feature.groups:
            assert values == {value for group in feature.groups for value in group}, feature.name
            smallest = min(sum(row[feature.name] in g for row in rows) for g in feature.groups)
        else:
            numbers = [int(row[feature.name]) for row in rows]
            inside = zip((0, *feature.edges), (*feature.edges, 10**9), strict=True)
            smallest = min(sum(low <= n < high for n in numbers) for low, high in inside)
        assert smallest >= binning.minimum_bin, feature.name
    assert len(rows) >= binning.minimum_rows


def test_the_cohort_lists_what_the_loan_books_hold() -> None:
    dimensions = {one.name: one.values for one in cohort_of(LOANS).dimensions}
    assert set(dimensions["purpose"]) == set(PURPOSES.values())
    assert set(dimensions["housing"]) == set(HOUSING.values())
    assert dimensions["age_band"] == AGE_BANDS


def test_the_shipped_budget_pays_for_a_question_over_every_measure() -> None:
    terms = cohort_of(LOANS)
    names = tuple(one.name for one in terms.measures)
    asked = CohortQuestion(
        id="ab" * 16,
        asker="lender-a",
        dataset=LOANS.dataset,
        snapshot=LOANS.snapshot,
        contract=LOANS.digest,
        purpose="research.aggregate",
        key=AskerKey(scheme="elgamal", key="02", proof="00"),
        issued_at=1_790_000_000,
        expires_at=1_790_000_600,
        group_by=("market", "age_band"),
        sums=names,
        squares=names,
        histograms=names,
        cost=terms.budget.a_question,
        share_variance=1,
    )
    plan = plan_cohort(shape_of(asked, LOANS), LOANS, asked.cost)
    assert plan.shape.length == len(plan.shape.cells) * plan.shape.values_a_cell
    assert plan.noise.share_variance > 9


def test_a_contract_is_the_same_bytes_each_time_it_is_read() -> None:
    again = {one.dataset: one for one in read_policies(ROOT / "policies").documents.aggregates}
    assert {name: one.digest for name, one in again.items()} == {
        name: one.digest for name, one in CONTRACTS.items()
    }


def _feature(name: str, **bins: object) -> Callable[[Json], object]:
    title = {"en": "x", "zh": "x"}
    return lambda one: one["binning"]["features"].append({"name": name, "title": title, **bins})


@pytest.mark.parametrize(
    ("base", "change", "words"),
    [
        (LOANS, lambda one: one["cohort"].update(purposes=["none.such"]), "no purpose none.such"),
        (LOANS, lambda one: one["subject"].update(purposes=["none"]), "no purpose none"),
        (APPLICANT, lambda one: one["binning"].update(purposes=["none"]), "no purpose none"),
        (LOANS, lambda one: one["cohort"]["budget"].update(limit=999_999), "whole budget"),
        (APPLICANT, lambda one: one["binning"]["budget"].update(limit=1), "whole budget"),
        (LOANS, lambda one: one.update(cohort=None, subject=None), "nothing be asked"),
        (
            LOANS,
            lambda one: one["cohort"]["dimensions"].append(one["cohort"]["dimensions"][0]),
            "dimension market: is defined twice",
        ),
        (
            LOANS,
            lambda one: one["cohort"]["measures"].append(one["cohort"]["measures"][0]),
            "measure credit_amount: is defined twice",
        ),
        (
            APPLICANT,
            lambda one: one["binning"]["features"].append(one["binning"]["features"][0]),
            "is defined twice",
        ),
        (APPLICANT, _feature("none_such", edges=[1]), "is not in the contract"),
        (APPLICANT, _feature("card_cvn", groups=[["1"]]), "class C3"),
        (APPLICANT, _feature("identity_number", groups=[["1"]]), "identifies a person directly"),
        (APPLICANT, _feature("market", edges=[1]), "need type integer"),
        (APPLICANT, _feature("present_residence_since", groups=[["1"]]), "need type string"),
        (
            APPLICANT,
            lambda one: (
                one.update(contributors=["other-bureau"]),
                one["binning"].update(bureau="other-bureau"),
            ),
            "not the provider",
        ),
    ],
)
def test_a_contract_that_contradicts_the_set_is_refused(
    base: AggregateContract, change: Callable[[Json], object], words: str
) -> None:
    with pytest.raises(PolicyError, match=words):
        compiled(altered(base, change))


def test_two_contracts_of_one_dataset_are_refused() -> None:
    with pytest.raises(PolicyError, match="is defined twice"):
        compiled(LOANS, LOANS)


def test_a_dataset_of_its_own_binds_no_field() -> None:
    def change(one: Json) -> None:
        one.update(dataset="credit.elsewhere")
        _feature("none_such", edges=[1])(one)

    contract = altered(APPLICANT, change)
    assert "credit.elsewhere" in compiled(contract).aggregates


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("minimum_contributors: 3", "minimum_contributors: 2", "fewer than three"),
        ("colluding: 1", "colluding: 2", "assumed honest"),
        ("[demo-bureau, lender-a, lender-b, lender-c]", "[lender-a, demo-bureau]", "sorted"),
        ("values: [own, rent, free]", "values: [own, own]", "lists a value twice"),
        ("edges: [1, 30, 60, 90]", "edges: [30, 1]", "edges rise"),
        ("snapshot: 2026-10-31", "snapshots: 2026-10-31", "unknown field"),
        ("    limit: 5000000", "    limit: 5.0", "decimal integer"),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused_with_its_file(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    folder = tmp_path / "policies"
    for path in (ROOT / "policies").rglob("*.yaml"):
        copy = folder / path.relative_to(ROOT / "policies")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    file = folder / "aggregates/credit.loans.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(PolicyFileError, match=words) as caught:
        read_policies(folder)
    assert caught.value.path == "aggregates/credit.loans.yaml"
