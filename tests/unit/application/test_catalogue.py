"""The catalogue over ports in memory: what is listed, filtered and paged, and what is left."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest

from clients.cli.local.home import packaged_policies
from gateway.application.catalogue import Catalogue, Description
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.usage import UsageReader
from gateway.bootstrap.settings import load_policy
from gateway.domain.institution import Agreement, Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.vocabulary import Role
from support.live_gateway import DATASET, UNDERWRITING
from support.store_world import LENDER_A

POLICY = load_policy(packaged_policies())
NOW = 1_790_000_000
RULE = "underwriting-applicant"


class MemoryUsage(UsageReader):
    """Uses by institution and rule, and what was asked."""

    def __init__(self) -> None:
        self.uses: dict[tuple[str, str], int] = {}
        self.asked: list[tuple[str, str, int]] = []
        self.failing: Refused | None = None

    async def recipient_uses(self, institution: str, rule: str, window_s: int) -> int:
        """Return the number that the test set."""
        self.asked.append((institution, rule, window_s))
        if self.failing is not None:
            raise self.failing
        return self.uses.get((institution, rule), 0)


def catalogue(
    policy: CompiledPolicy = POLICY, usage: UsageReader | None = None, **more: Any
) -> Catalogue:
    values: dict[str, Any] = {"by_reference": (), "clock": lambda: NOW + 0.9, **more}
    return Catalogue(PolicyInForce(policy), usage or MemoryUsage(), **values)


def holding(*agreements: Agreement) -> Principal:
    return msgspec.structs.replace(LENDER_A, agreements=agreements)


def many(*names: str) -> CompiledPolicy:
    """The shipped policy with the same dataset, and its rules, under these names as well."""
    shipped = POLICY.datasets[DATASET]
    datasets = {
        name: msgspec.structs.replace(
            shipped, contract=msgspec.structs.replace(shipped.contract, dataset=name)
        )
        for name in names
    }
    permits = {
        (name, purpose): rules
        for name in names
        for (dataset, purpose), rules in POLICY.permits.items()
        if dataset == DATASET
    }
    return msgspec.structs.replace(POLICY, datasets=datasets, permits=permits, forbids={})


def listed(one: Catalogue, principal: Principal = LENDER_A, **asked: Any) -> list[str]:
    values: dict[str, Any] = {"provider": "", "purpose": "", "after": "", "limit": 100, **asked}
    return [entry.contract.dataset for entry in one.datasets(principal, **values)[0]]


async def described(principal: Principal = LENDER_A, purpose: str = "", **more: Any) -> Description:
    return await catalogue(**more).describe(principal, DATASET, purpose)


def test_datasets_come_by_name_page_after_page() -> None:
    names = [f"set.d{number}" for number in range(7)]
    one = catalogue(many(*reversed(names)))
    found, after, more = [], "", True
    sizes = itertools.cycle((1, 2, 3))
    while more:
        page, more = one.datasets(LENDER_A, "", "", after, next(sizes))
        found += [entry.contract.dataset for entry in page]
        after = found[-1]
    assert found == names
    assert one.datasets(LENDER_A, "", "", names[-1], 5) == ([], False)
    assert one.datasets(LENDER_A, "", "", "", 7)[1] is False


def test_a_list_of_one_provider_has_no_other_ones() -> None:
    both = many("set.d0", "set.d1")
    other = both.datasets["set.d1"]
    contract = msgspec.structs.replace(other.contract, provider="another-bureau")
    both.datasets["set.d1"] = msgspec.structs.replace(other, contract=contract)
    one = catalogue(both)
    assert listed(one, provider="demo-bureau") == ["set.d0"]
    assert listed(one, provider="another-bureau") == ["set.d1"]
    assert listed(one) == ["set.d0", "set.d1"]


def test_a_list_is_filtered_by_provider_and_purpose() -> None:
    one = catalogue()
    assert listed(one) == [DATASET]
    assert listed(one, provider="demo-bureau") == [DATASET]
    assert listed(one, provider="another-bureau") == []
    assert listed(one, purpose=UNDERWRITING) == [DATASET]
    # A rule names lenders for it; an auditor is none.
    auditor = msgspec.structs.replace(LENDER_A, roles=frozenset({Role.AUDITOR}))
    assert listed(one, auditor, purpose=UNDERWRITING) == []
    assert listed(one, auditor) == [DATASET]


def test_by_purpose_the_rules_count_and_not_the_agreements() -> None:
    """A dataset that only lacks an agreement is worth finding."""
    one = catalogue()
    assert listed(one, holding(), purpose=UNDERWRITING) == [DATASET]
    (entry,), _ = one.datasets(holding(), "", "", "", 10)
    assert entry.purposes == ()


async def test_the_purposes_of_the_list_are_those_that_are_offered() -> None:
    narrow = Agreement("narrow", frozenset({DATASET}), frozenset({UNDERWRITING}), 0, NOW + 9)
    for principal in (LENDER_A, holding(), holding(narrow)):
        (entry,), _ = catalogue().datasets(principal, "", "", "", 10)
        description = await described(principal)
        offered = {one.purpose.id for one in description.offers if not one.findings}
        assert set(entry.purposes) == offered
    assert entry.purposes == (UNDERWRITING,)


@pytest.mark.parametrize(
    ("start", "end", "offered"),
    [(0, NOW, False), (0, NOW + 1, True), (NOW, NOW + 1, True), (NOW + 1, NOW + 9, False)],
)
async def test_an_agreement_counts_while_it_is_in_force(
    start: int, end: int, offered: bool
) -> None:
    principal = holding(Agreement("one", frozenset({DATASET}), frozenset({"credit"}), start, end))
    (offer,) = (await described(principal, UNDERWRITING)).offers
    assert (offer.agreement == "one") is offered
    assert [one.reason for one in offer.findings] == (
        [] if offered else [ErrorReason.AGREEMENT_MISSING]
    )
    assert offer.terms is not None


async def test_an_offer_for_each_purpose_of_which_a_rule_speaks() -> None:
    offers = {one.purpose.id: one for one in (await described()).offers}
    spoken = {purpose for dataset, purpose in (*POLICY.permits, *POLICY.forbids)}
    assert set(offers) == spoken
    assert list(offers) == [one for one in POLICY.purposes if one in spoken]
    forbidden = offers["marketing.advertising"]
    assert [one.reason for one in forbidden.findings] == [ErrorReason.RULE_FORBIDS]
    assert forbidden.terms is None


async def test_a_purpose_without_a_rule_is_not_offered() -> None:
    silent = next(
        one
        for one in POLICY.purposes
        if (DATASET, one) not in POLICY.permits and (DATASET, one) not in POLICY.forbids
    )
    (offer,) = (await described(purpose=silent)).offers
    assert [one.reason for one in offer.findings] == [ErrorReason.NO_RULE_PERMITS]


async def test_what_is_left_is_read_once_a_rule_and_never_below_nothing() -> None:
    usage = MemoryUsage()
    limit = next(
        permit.rule.limits.per_recipient
        for permit in POLICY.permits[DATASET, UNDERWRITING]
        if permit.rule.id == RULE
    )
    for used, left in ((0, limit.count), (3, limit.count - 3), (limit.count + 5, 0)):
        usage.uses["lender-a", RULE] = used
        usage.asked.clear()
        description = await described(usage=usage)
        assert description.left[RULE] == left
        rules = [rule for _, rule, _ in usage.asked]
        assert len(rules) == len(set(rules)) == len(description.left)
        assert ("lender-a", RULE, limit.per.seconds) in usage.asked


@pytest.mark.parametrize(
    ("dataset", "purpose", "reason"),
    [
        ("credit.nothing", "", ErrorReason.DATASET_UNKNOWN),
        (DATASET, "credit.nothing", ErrorReason.PURPOSE_UNKNOWN),
    ],
)
async def test_what_the_policy_does_not_know_is_refused(
    dataset: str, purpose: str, reason: ErrorReason
) -> None:
    with pytest.raises(Refused) as caught:
        await catalogue().describe(LENDER_A, dataset, purpose)
    assert caught.value.reason is reason


def test_a_list_for_an_unknown_purpose_is_refused_and_not_empty() -> None:
    with pytest.raises(Refused) as caught:
        listed(catalogue(), purpose="credit.nothing")
    assert caught.value.reason is ErrorReason.PURPOSE_UNKNOWN


async def test_a_store_that_cannot_be_read_describes_nothing() -> None:
    usage = MemoryUsage()
    usage.failing = refuse(ErrorReason.STORE_UNAVAILABLE)
    with pytest.raises(Refused):
        await described(usage=usage)


async def test_references_are_said_of_the_datasets_that_take_them() -> None:
    assert not (await described()).by_reference
    assert (await described(by_reference={("demo-bureau", DATASET)})).by_reference
    assert not (await described(by_reference={("another-bureau", DATASET)})).by_reference


async def test_the_policy_in_force_is_read_for_each_call() -> None:
    in_force = PolicyInForce(POLICY)
    one = Catalogue(in_force, MemoryUsage(), (), lambda: NOW)
    in_force.current = msgspec.structs.replace(POLICY, digest="another")
    assert (await one.describe(LENDER_A, DATASET, "")).policy_digest == "another"
