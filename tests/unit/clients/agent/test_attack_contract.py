"""Contracts that gateway and asker agree on, and that this agent's institution never agreed to.

Nobody signs a contract. An agent that pins none goes by floors of its own, and by what the contract
itself says: here each of them is all that stands between the question and an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.policy import DatasetPolicy
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.plan import plan_cohort, shape_of
from support.agents import TestedAgent, local_policy
from support.agents_steps import declined_as, ready_of
from support.agents_world import ASKER, DATASET, World


def cohort(of: AggregateContract, **changes: Any) -> AggregateContract:
    """The contract with other terms of cohorts."""
    assert of.cohort is not None
    return msgspec.structs.replace(of, cohort=msgspec.structs.replace(of.cohort, **changes))


def for_others(of: AggregateContract) -> AggregateContract:
    """Only another institution may ask."""
    assert of.cohort is not None
    named = msgspec.structs.replace(of.cohort.recipients, institutions=("lender-c",))
    return cohort(of, recipients=named)


def among_others(of: AggregateContract) -> AggregateContract:
    """This agent's institution is no contributor, though there are enough that it knows."""
    return msgspec.structs.replace(of, contributors=("bureau-a", "lender-b", "lender-c"))


def agreed(world: World, change: Callable[[AggregateContract], AggregateContract]) -> World:
    """A world in which gateway and asker go by a changed contract."""
    other = World(authority=world.authority, round_key=world.round_key)
    other.contract = change(world.contract)
    return other


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (for_others, "terms"),
        (among_others, "terms"),
        (lambda of: cohort(of, purposes=("credit.marketing",)), "terms"),
        (lambda of: cohort(of, minimum_cohort=9), "terms"),
    ],
)
def test_terms_that_this_institution_is_not_protected_by(
    world: World,
    tmp_path: Path,
    change: Callable[[AggregateContract], AggregateContract],
    word: str,
) -> None:
    weak = agreed(world, change)
    agent = TestedAgent.make(weak, tmp_path)
    assert declined_as(agent, weak.order(weak.question())) == word
    assert agent.data.asked == []


def test_a_contract_that_has_no_cohorts(world: World, tmp_path: Path) -> None:
    """The question is planned by terms that the contract which it names does not have."""
    bare = agreed(world, lambda of: msgspec.structs.replace(of, cohort=None))
    asked = msgspec.structs.replace(world.question(), contract=bare.contract.digest)
    agent = TestedAgent.make(bare, tmp_path)
    assert declined_as(agent, bare.order(asked)) == "terms"


def test_colluding_contributors_are_not_taken_for_honest(world: World, tmp_path: Path) -> None:
    """The plan's noise rests on so many others; where fewer are known it is not what it claims."""
    honest = agreed(world, lambda of: msgspec.structs.replace(of, colluding=0))
    peers = {ASKER: "x", "lender-b": "b", "lender-c": "c"}
    floors = {DATASET: DatasetPolicy()}
    agent = TestedAgent.make(
        honest, tmp_path / "a", policy=local_policy(datasets=floors, peers=peers)
    )
    assert ready_of(agent, honest.order(honest.question()))
    four = agreed(
        world, lambda of: msgspec.structs.replace(of, colluding=0, minimum_contributors=4)
    )
    agent = TestedAgent.make(
        four, tmp_path / "b", policy=local_policy(datasets=floors, peers=peers)
    )
    assert declined_as(agent, four.order(four.question())) == "peers"


def test_noise_that_was_planned_for_another_contract(world: World, tmp_path: Path) -> None:
    """A cheaper plan, of the same question under a contract with more honest contributors."""
    cheap = msgspec.structs.replace(world.contract, colluding=0)
    asked = world.question()
    plan = plan_cohort(shape_of(asked, cheap), cheap, asked.cost)
    assert plan.noise.share_variance < asked.share_variance
    changed = msgspec.structs.replace(asked, share_variance=plan.noise.share_variance)
    agent = TestedAgent.make(world, tmp_path)
    assert declined_as(agent, world.order(changed)) == "terms"
