"""A roster's company, by each of the three limits alone."""

from __future__ import annotations

import pytest

from clients.agent.errors import Unwilling, Word
from clients.agent.policy import LocalPolicy
from support.agents import local_policy
from support.agents_world import CONTRIBUTORS, OWN, contract

FAR = {"bureau-a": "a", "lender-b": "b", "lender-c": "c", "lender-d": "d"}


def require(policy: LocalPolicy, members: tuple[str, ...], asker: str, least: int = 3) -> None:
    terms = contract(minimum_contributors=least)
    policy.require_company(members, asker, OWN, terms)


def test_company_that_is_enough() -> None:
    require(local_policy(peers=FAR), CONTRIBUTORS[:3], "x")
    require(local_policy(peers=FAR), CONTRIBUTORS, "a")


def test_own_affiliates_ask_among_three_others() -> None:
    policy = local_policy(peers=FAR, own_group="x")
    require(policy, CONTRIBUTORS, "x")
    with pytest.raises(Unwilling):
        require(policy, CONTRIBUTORS[:3], "x")


@pytest.mark.parametrize(
    ("policy", "members", "least"),
    [
        (local_policy(peers=FAR), CONTRIBUTORS[:3], 4),
        (local_policy(peers=FAR, minimum_peers=3), CONTRIBUTORS[:3], 3),
        (local_policy(peers=FAR, minimum_groups=4), CONTRIBUTORS[:3], 3),
        (local_policy(peers={"bureau-a": "a"}), CONTRIBUTORS, 3),
        (local_policy(peers={**FAR, "lender-b": "a", "lender-c": "a"}), CONTRIBUTORS, 3),
    ],
)
def test_company_that_is_not(policy: LocalPolicy, members: tuple[str, ...], least: int) -> None:
    with pytest.raises(Unwilling) as refused:
        require(policy, members, "x", least)
    assert refused.value.word is Word.PEERS


def test_noise_that_the_claim_rests_on_comes_from_contributors_that_are_known() -> None:
    """Ten contributors of whom one may collude: nine must be honest, so nine must be known."""
    shells = tuple(f"shell-{at}" for at in range(6))
    terms = contract(
        contributors=tuple(sorted((*CONTRIBUTORS, *shells))), minimum_contributors=10, colluding=1
    )
    policy = local_policy(peers=FAR)
    with pytest.raises(Unwilling):
        policy.require_company(terms.contributors, "x", OWN, terms)
    known = local_policy(peers={**FAR, **{one: one for one in shells[:5]}})
    known.require_company(terms.contributors, "x", OWN, terms)
    with pytest.raises(Unwilling):
        known.require_company(terms.contributors, "a", OWN, terms)


def test_whom_nobody_pinned_counts_as_the_askers() -> None:
    policy = local_policy(peers=FAR, subject_contributors=4)
    policy.require_unaffiliated(CONTRIBUTORS, "x", OWN)
    with pytest.raises(Unwilling):
        policy.require_unaffiliated((*CONTRIBUTORS[:3], "shell-1", "shell-2"), "x", OWN)
