"""The comparison with the oracle can fail: each small change of the judged world is noticed.

The gateway decides the case as drawn; the oracle judges it with one thing changed. A change that no
case reveals would mean that the 20,000 agreeing cases say nothing about that thing.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from support.policy_cases import Case, cases
from support.policy_compare import difference
from support.policy_sets import Json

SETS, ASKS = 120, 40
Change = Callable[[Json], None]


def _rules(policies: Json, effect: str) -> Iterator[Json]:
    for document in policies["rules"]:
        yield from (rule for rule in document["rules"] if rule["effect"] == effect)


def _fields(policies: Json) -> Iterator[Json]:
    for contract in policies["datasets"]:
        yield from contract["fields"]


def _drop_forbids(policies: Json) -> None:
    for document in policies["rules"]:
        document["rules"] = [rule for rule in document["rules"] if rule["effect"] != "forbid"]


def _forbid_everybody(policies: Json) -> None:
    for rule in _rules(policies, "forbid"):
        rule.pop("recipients", None)


def _reverse_rules(policies: Json) -> None:
    policies["rules"] = policies["rules"][::-1]
    for document in policies["rules"]:
        document["rules"] = document["rules"][::-1]


def _swap_articles(policies: Json) -> None:
    for effect in ("permit", "forbid"):
        for rule in _rules(policies, effect):
            rule["articles"] = rule["articles"][::-1]


def _c3_to_c2(policies: Json) -> None:
    for field in _fields(policies):
        field["data_class"] = field["data_class"].replace("C3", "C2")


def _nothing_sensitive(policies: Json) -> None:
    for field in _fields(policies):
        field["sensitive"] = False


def _no_entities(policies: Json) -> None:
    for field in _fields(policies):
        field.pop("entity", None)


def _reverse_fields(policies: Json) -> None:
    for contract in policies["datasets"]:
        contract["fields"] = contract["fields"][::-1]


def _one_category(policies: Json) -> None:
    for field in _fields(policies):
        field["category"] = "contact"


def _one_jurisdiction(policies: Json) -> None:
    for contract in policies["datasets"]:
        contract["jurisdiction"] = "CN"


def _one_provider(policies: Json) -> None:
    for contract in policies["datasets"]:
        contract["provider"] = "source-one"


def _flat_purposes(policies: Json) -> None:
    for node in policies["purposes"]["purposes"]:
        node.pop("parent", None)


def _no_separate(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["consent"]["separate"] = []


def _no_max_age(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["consent"].pop("max_age_days", None)


def _any_basis(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["consent"]["lawful_bases"] = ["consent", "contract", "legal_obligation"]


def _any_role(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["recipients"]["roles"] = ["lender", "bureau", "data_provider", "auditor", "regulator"]


def _no_institutions(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["recipients"]["institutions"] = []


def _keep_all(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["release"] = {name: {"operator": "keep"} for name in rule["release"]}


def _release_unlisted(policies: Json) -> None:
    names = {field["name"] for field in _fields(policies)}
    for rule in _rules(policies, "permit"):
        for name in names:
            rule["release"].setdefault(name, {"operator": "keep"})


def _no_obligations(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["obligations"] = []


def _higher_limits(policies: Json) -> None:
    for rule in _rules(policies, "permit"):
        rule["limits"]["per_subject"]["count"] += 1


POLICY_CHANGES: tuple[Change, ...] = (
    _drop_forbids,
    _forbid_everybody,
    _reverse_rules,
    _swap_articles,
    _c3_to_c2,
    _nothing_sensitive,
    _no_entities,
    _reverse_fields,
    _one_category,
    _one_jurisdiction,
    _one_provider,
    _flat_purposes,
    _no_separate,
    _no_max_age,
    _any_basis,
    _any_role,
    _no_institutions,
    _keep_all,
    _release_unlisted,
    _no_obligations,
    _higher_limits,
)


def _in_terms(name: str, shift: int) -> Change:
    def change(consent: Json) -> None:
        if consent["terms"][name] is not None:
            consent["terms"][name] += shift

    return change


def _more_often(consent: Json) -> None:
    if consent["terms"]["frequency"]:
        consent["terms"]["frequency"]["count"] += 1


def _next_window(consent: Json) -> None:
    if "window" in consent["standing"]:
        consent["standing"]["window"] += 1


def _with(part: str, name: str, value: object) -> Change:
    def change(consent: Json) -> None:
        consent[part][name] = value

    return change


def _other_ids(consent: Json) -> None:
    consent["terms"]["consent_id"] = consent["terms"]["consent_id"][::-1]


CONSENT_CHANGES: dict[str, Change] = {
    "starts a second earlier": _in_terms("valid_from", -1),
    "starts a second later": _in_terms("valid_from", 1),
    "ends a second earlier": _in_terms("valid_until", -1),
    "ends a second later": _in_terms("valid_until", 1),
    "one use more": _in_terms("uses", 1),
    "one use less": _in_terms("uses", -1),
    "once more in a window": _more_often,
    "counted in the next window": _next_window,
    "any state is active": _with("standing", "state", "active"),
    "all separate consents": _with(
        "terms", "separate", ["third_party", "sensitive", "cross_border"]
    ),
    "all categories": _with("terms", "categories", ["contact", "finance", "history"]),
    "no fields named": _with("terms", "fields", []),
    "by contract": _with("terms", "lawful_basis", "contract"),
    "all providers": _with("terms", "providers", ["source-one", "source-two"]),
    "all datasets": _with("terms", "datasets", ["dataset.d0", "dataset.d1", "dataset.d2"]),
    "all purposes": _with("terms", "purposes", [f"purpose.p{number}" for number in range(8)]),
    "ids read backwards": _other_ids,
}


def _shifted(name: str, seconds: int) -> Change:
    def change(agreement: Json) -> None:
        agreement[name] += seconds

    return change


def _agreed(name: str, value: object) -> Change:
    def change(agreement: Json) -> None:
        agreement[name] = value

    return change


def _read_backwards(agreement: Json) -> None:
    agreement["id"] = agreement["id"][::-1]


AGREEMENT_CHANGES: dict[str, Change] = {
    "starts a second earlier": _shifted("valid_from", -1),
    "starts a second later": _shifted("valid_from", 1),
    "ends a second earlier": _shifted("valid_until", -1),
    "ends a second later": _shifted("valid_until", 1),
    "all end together": _agreed("valid_until", 4_000_000_000),
    "all datasets": _agreed("datasets", ["dataset.d0", "dataset.d1", "dataset.d2"]),
    "no dataset": _agreed("datasets", []),
    "all purposes": _agreed("purposes", [f"purpose.p{number}" for number in range(8)]),
    "no purpose": _agreed("purposes", []),
    "ids read backwards": _read_backwards,
}


def _without_agreements(principal: Json) -> None:
    principal["agreements"] = []


def _only_the_first(principal: Json) -> None:
    principal["agreements"] = principal["agreements"][:1]


def _of_the_asker(change: Change) -> Callable[[Case], Case]:
    def judged(case: Case) -> Case:
        principal = copy.deepcopy(case.principal)
        change(principal)
        return replace(case, principal=principal)

    return judged


def _changed(case: Case, policies: Json, change: Change | None = None, shift: int = 0) -> Case:
    consents = copy.deepcopy(case.consents)
    for consent in consents:
        if change is not None:
            change(consent)
    return replace(case, policies=policies, consents=consents, now=case.now + shift)


def _noticed(judged: Callable[[Case], Case]) -> bool:
    return any(
        difference(case, judged(case)) is not None
        for seed in range(SETS)
        for case in cases(seed, ASKS)
    )


@pytest.mark.parametrize("change", POLICY_CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_changed_policy_is_noticed(change: Change) -> None:
    def judged(case: Case) -> Case:
        policies = copy.deepcopy(case.policies)
        change(policies)
        return _changed(case, policies)

    assert _noticed(judged)


@pytest.mark.parametrize("name", CONSENT_CHANGES)
def test_changed_consent_is_noticed(name: str) -> None:
    assert _noticed(lambda case: _changed(case, case.policies, CONSENT_CHANGES[name]))


@pytest.mark.parametrize("name", AGREEMENT_CHANGES)
def test_changed_agreement_is_noticed(name: str) -> None:
    def change(principal: Json) -> None:
        for agreement in principal["agreements"]:
            AGREEMENT_CHANGES[name](agreement)

    assert _noticed(_of_the_asker(change))


@pytest.mark.parametrize("change", [_without_agreements, _only_the_first])
def test_missing_agreements_are_noticed(change: Change) -> None:
    assert _noticed(_of_the_asker(change))


@pytest.mark.parametrize("shift", [-1, 1])
def test_another_second_is_noticed(shift: int) -> None:
    assert _noticed(lambda case: _changed(case, case.policies, shift=shift))
