"""Questions about a subject under terms or by parties that this institution never agreed to.

Boxes, tags and commitments that do not belong together stand in ``test_subjects``; here all of them
are genuine, and the contract, the asker or the agent's own data do not let the question be asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.errors import Word
from clients.agent.orders import QuestionOrder, SendDecline
from clients.agent.rounds import Rounds
from clients.agent.subject.kind import SubjectKind
from clients.agent.subject.tag_limit import TagLimit
from gateway.domain.aggregate.contract import AggregateContract
from support.agents import local_policy
from support.agents_subject import MEMBERS, SubjectAgent, prepared, subject_world
from support.agents_world import DATASET, GROUPS, World

OWN = "lender-a"


def changed(**terms: Any) -> Callable[[AggregateContract], AggregateContract]:
    """A contract with other terms of subjects."""

    def change(of: AggregateContract) -> AggregateContract:
        assert of.subject is not None
        subject = msgspec.structs.replace(of.subject, **terms)
        return msgspec.structs.replace(of, subject=subject)

    return change


def for_others(of: AggregateContract) -> AggregateContract:
    """Only another institution may ask."""
    assert of.subject is not None
    named = msgspec.structs.replace(of.subject.recipients, roles=(), institutions=("lender-x",))
    return changed(recipients=named)(of)


def of_another(of: AggregateContract) -> AggregateContract:
    """A bureau stands where this agent's institution did."""
    members = tuple(sorted({*of.contributors, "bureau-b"} - {OWN}))
    return msgspec.structs.replace(of, contributors=members)


def policy_of(**changes: Any) -> Any:
    """A policy that knows everybody of this file."""
    peers = {**GROUPS, "lender-d": "lender-d-group", "bureau-b": "bureau-b-group"}
    return local_policy(own_group=GROUPS[OWN], peers=peers, **changes)


def word_of(agent: SubjectAgent, order: QuestionOrder) -> str:
    reply = agent.rounds.follow(order)
    assert isinstance(reply, SendDecline)
    found = agent.store._database.execute("SELECT word FROM round WHERE id = ?", (reply.round,))
    return str(found.fetchone()[0])


@pytest.mark.parametrize(
    "change",
    [for_others, of_another, changed(purposes=("credit.marketing",))],
    ids=["recipient", "contributors", "purpose"],
)
def test_terms_that_do_not_let_this_be_asked(
    tmp_path: Path, change: Callable[[AggregateContract], AggregateContract]
) -> None:
    world = subject_world()
    world.contract = change(world.contract)
    agent = SubjectAgent.make(world, tmp_path, OWN, policy_of())
    asked = prepared(world, {OWN: agent})
    assert word_of(agent, asked.order(OWN)) == Word.TERMS
    assert agent.known.asked == 0


def test_an_institution_that_has_no_index_declines_before_it_is_ready(tmp_path: Path) -> None:
    """Once it was ready, it would have to send random numbers, and nobody got an answer."""
    world = subject_world()
    agent = SubjectAgent.make(world, tmp_path, OWN, policy_of())
    contracts = world.contract.encoded()
    bare = SubjectKind(agent.trust, {}, lambda _: contracts, agent.keys, TagLimit(tmp_path))
    without = replace(agent, rounds=Rounds(agent.trust, agent.store, {"subject": bare}))
    asked = prepared(world, {OWN: agent})
    assert word_of(without, asked.order(OWN)) == Word.DATASET


def test_the_same_person_under_many_ids_and_consents_is_one_person(tmp_path: Path) -> None:
    """Three a day, whatever else differs, and another person is not kept from being asked about."""
    world = subject_world()
    agent = SubjectAgent.make(world, tmp_path, OWN, policy_of())
    replies = []
    for _ in range(5):
        asked = prepared(world, {OWN: agent})
        replies.append(agent.rounds.follow(asked.order(OWN)))
    assert [isinstance(one, SendDecline) for one in replies] == [False] * 3 + [True] * 2


def test_an_affiliate_of_the_asker_s_is_not_among_the_five(tmp_path: Path) -> None:
    world = subject_world()
    affiliated = dict(policy_of().peers) | {"lender-d": GROUPS["fund-x"]}
    agent = SubjectAgent.make(
        world, tmp_path, OWN, msgspec.structs.replace(policy_of(), peers=affiliated)
    )
    assert len(MEMBERS) == 5
    asked = prepared(world, {OWN: agent})
    assert word_of(agent, asked.order(OWN)) == Word.PEERS


def test_five_institutions_of_one_group_are_one(tmp_path: Path) -> None:
    """They may pool what they hold; the figures would be of two parties, one of them this one."""
    world = subject_world()
    together = dict.fromkeys(policy_of().peers, "one-group") | {"fund-x": GROUPS["fund-x"]}
    agent = SubjectAgent.make(
        world, tmp_path, OWN, msgspec.structs.replace(policy_of(), peers=together)
    )
    asked = prepared(world, {OWN: agent})
    assert word_of(agent, asked.order(OWN)) == Word.PEERS


def test_the_worlds_own_question_is_answered(tmp_path: Path) -> None:
    """What the others of this file change is all that keeps them from it."""
    world: World = subject_world()
    agent = SubjectAgent.make(world, tmp_path, OWN, policy_of())
    asked = prepared(world, {OWN: agent})
    assert not isinstance(agent.rounds.follow(asked.order(OWN)), SendDecline)
    assert world.contract.dataset == DATASET
