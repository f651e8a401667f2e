"""A round that every contributor of the contract has contributed to, each with an agent of ours."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from clients.agent.orders import QuestionOrder, RosterOrder, SendContribution
from support.agents import TestedAgent, local_policy
from support.agents_combination import Parts
from support.agents_steps import ready_of
from support.agents_world import CONTRIBUTORS, GROUPS, World


@dataclass(frozen=True)
class Contributed:
    """The agents, what they were told, and what they sent, by institution."""

    agents: dict[str, TestedAgent]
    order: QuestionOrder
    roster: RosterOrder
    parts: Parts


def contributed(world: World, folder: Path) -> Contributed:
    """Play it up to the last contribution."""
    policies = {name: local_policy(own_group=GROUPS[name], peers=GROUPS) for name in CONTRIBUTORS}
    agents = {
        name: TestedAgent.make(world, folder / name, institution=name, policy=policies[name])
        for name in CONTRIBUTORS
    }
    order = world.order(world.question())
    roster = world.roster(order, {name: ready_of(one, order) for name, one in agents.items()})
    parts = {}
    for name, one in agents.items():
        sent = one.rounds.follow(roster)
        assert isinstance(sent, SendContribution)
        parts[name] = sent.contribution, sent.ciphertexts
    return Contributed(agents, order, roster, parts)
