"""The shipped policies: they compile, they are true to their sources, and they release little."""

import csv
import re
from pathlib import Path

import pytest

from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.domain.policy.compile import compile_policies
from gateway.domain.policy.documents import (
    Detect,
    FieldContract,
    ForbidRule,
    Keep,
    PermitRule,
    Withhold,
)
from gateway.domain.vocabulary import DataClass, FieldType, Identifies, Role

ROOT = Path(__file__).parents[3]
CSV = ROOT / "clients/cli/local/demo_data/germancredit.csv"
BUNDLE = read_policies(ROOT / "policies")
DATASET = BUNDLE.documents.datasets[0]
FIELDS: dict[str, FieldContract] = {field.name: field for field in DATASET.fields}
RULES = [rule for document in BUNDLE.documents.rules for rule in document.rules]
PERMITS = {rule.id: rule for rule in RULES if isinstance(rule, PermitRule)}
FORBIDS = {rule.id: rule for rule in RULES if isinstance(rule, ForbidRule)}
CITATION = re.compile(r"PIPL [1-9]\d?|Credit Industry Regulation [1-9]\d?|JR/T 0171-2020")


def test_the_shipped_set_compiles() -> None:
    compile_policies(BUNDLE.documents, BUNDLE.digest)


def test_the_rules_are_those_the_guide_speaks_of() -> None:
    assert set(PERMITS) == {
        "underwriting-applicant",
        "monitoring-applicant",
        "collection-applicant",
        "fraud-prevention-applicant",
        "marketing-offers",
        "regulatory-report",
    }
    assert set(FORBIDS) == {"no-research-on-records", "no-advertising-on-credit-records"}
    assert all(forbid.recipients is None for forbid in FORBIDS.values())
    guide = (ROOT / "policies/README.md").read_text("utf-8")
    assert [rule.id for rule in RULES if f"| `{rule.id}` |" not in guide] == []


def test_the_contract_has_every_column_of_the_credit_table_in_order() -> None:
    with CSV.open(newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert list(FIELDS)[-21:] == reader.fieldnames
    integers = {name for name in rows[0] if all(row[name].isdigit() for row in rows)}
    assert integers == {f.name for f in DATASET.fields if f.type is FieldType.INTEGER}


@pytest.mark.parametrize("rule", PERMITS.values(), ids=lambda rule: rule.id)
def test_a_permit_releases_no_authenticating_value_and_no_bare_identifier(
    rule: PermitRule,
) -> None:
    for name, release in rule.release.items():
        field = FIELDS[name]
        assert field.data_class is not DataClass.C3 or isinstance(release, Withhold), name
        assert field.identifies is not Identifies.DIRECT or not isinstance(release, Keep), name
        assert field.type is not FieldType.TEXT or isinstance(release, Detect | Withhold), name


def test_only_the_verification_number_is_c3_and_only_accounts_are_sensitive() -> None:
    assert [f.name for f in DATASET.fields if f.data_class is DataClass.C3] == ["card_cvn"]
    assert {f.category for f in DATASET.fields if f.sensitive} == {"account"}
    assert all(f.sensitive for f in DATASET.fields if f.category == "account")


def test_underwriting_releases_at_least_twenty_structured_fields_many_transformed() -> None:
    released = {
        name: release
        for name, release in PERMITS["underwriting-applicant"].release.items()
        if not isinstance(release, Withhold | Detect)
    }
    assert len(released) >= 20
    assert sum(not isinstance(release, Keep) for release in released.values()) >= 8


def test_underwriting_sees_neither_the_outcome_nor_what_would_discriminate() -> None:
    release = PERMITS["underwriting-applicant"].release
    for name in ("creditability", "personal_status_and_sex", "foreign_worker"):
        assert release[name] == Withhold()


def test_marketing_shows_no_account_no_history_and_no_identity_but_a_pseudonym() -> None:
    categories = {FIELDS[name].category for name in PERMITS["marketing-offers"].release}
    assert categories == {"identity", "loan"}
    kept = {n for n, r in PERMITS["marketing-offers"].release.items() if isinstance(r, Keep)}
    assert kept == {"market", "purpose"}


def test_each_permit_names_one_role_and_the_supervisor_only_its_report() -> None:
    roles = {rule.id: rule.recipients.roles for rule in PERMITS.values()}
    assert {name for name, names in roles.items() if names == (Role.REGULATOR,)} == {
        "regulatory-report"
    }
    assert all(len(names) == 1 for names in roles.values())


def test_every_citation_has_the_one_form() -> None:
    cited = [article for rule in RULES for article in rule.articles]
    cited += [o.article for rule in PERMITS.values() for o in rule.obligations]
    assert [article for article in cited if not CITATION.fullmatch(article)] == []


def test_every_dpv_term_exists() -> None:
    listed = (Path(__file__).parent / "dpv_purposes.txt").read_text().splitlines()
    terms = {f"dpv:{name}" for name in listed if not name.startswith("#")}
    used = {p.dpv for p in BUNDLE.documents.purposes.purposes if p.dpv}
    assert used
    assert used <= terms


def test_a_purpose_is_named_below_its_parent() -> None:
    for purpose in BUNDLE.documents.purposes.purposes:
        assert purpose.id.rpartition(".")[0] == (purpose.parent or "")


def test_masks_are_the_same_set_in_every_profile_and_claim_no_annex() -> None:
    names = {frozenset(document.masks) for document in BUNDLE.documents.masking}
    assert len(names) == 1
    sources = [mask.source for d in BUNDLE.documents.masking for mask in d.masks.values()]
    assert not [source for source in sources if "annex" in source.lower()]


@pytest.mark.parametrize("profile", ["display.v1", "display.v2", "collection.v1", "collection.v2"])
def test_the_default_profile_keeps_no_more_than_any_other(profile: str) -> None:
    profiles = {document.profile: document.masks for document in BUNDLE.documents.masking}
    for name, tight in profiles["tight.v2"].items():
        other = profiles[profile][name]
        assert tight.keep_first <= other.keep_first
        assert tight.keep_last <= other.keep_last


def test_every_text_differs_between_the_languages_and_the_chinese_is_chinese() -> None:
    texts = [p.label for p in BUNDLE.documents.purposes.purposes]
    texts += [field.meaning for field in DATASET.fields] + [rule.title for rule in RULES]
    assert [t.zh for t in texts if not re.search("[\u4e00-\u9fff]", t.zh)] == []
    assert [t.en for t in texts if re.search("[\u4e00-\u9fff]", t.en)] == []
