"""Rosters that an agent does not mask with."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from clients.agent.data.api import DataWord
from clients.agent.errors import Word
from clients.agent.orders import (
    RosterOrder,
    SendDecline,
)
from clients.cli.local.dev_authority import DevAuthority
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.masks import MaskingKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.statements import Member, Roster
from support.agents import TestedAgent, local_policy
from support.agents_steps import ready_of, rostered, round_of, word_of
from support.agents_world import ASKER, CONTRIBUTORS, GROUPS, OWN, World


def test_a_roster_under_another_key_than_the_pinned_one(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    own = roster.readies[1]
    forged = agent.world.roster(order, agent.world.others(order, own), SigningKey.generate())
    assert word_of(agent, forged) is Word.SIGNATURE


def test_an_invented_member_outside_the_contract(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    readies["shell-1"] = agent.world.ready(order, "shell-1")
    assert word_of(agent, agent.world.roster(order, readies)) is Word.ROSTER


@pytest.mark.parametrize(
    ("signer", "word"),
    [
        (lambda world: world.signer("lender-b", "agent", DevAuthority.create()), Word.SIGNATURE),
        (lambda world: world.signer("lender-b", "agent", days=30), Word.SIGNATURE),
        (lambda world: world.signer("lender-b", "integrator"), Word.SIGNER),
        (lambda world: world.signer("lender-c", "agent"), Word.SIGNER),
    ],
)
def test_a_ready_that_its_agent_did_not_sign(
    agent: TestedAgent, signer: Callable[[World], object], word: Word
) -> None:
    """A masking key of the gateway's own in a contributor's name."""
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    readies["lender-b"] = agent.world.ready(order, "lender-b", signer(agent.world))  # type: ignore[arg-type]
    assert word_of(agent, agent.world.roster(order, readies)) is word


def test_readies_of_another_round_or_question(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    for changes in ({"round": "ab" * 16}, {"question": "ab" * 32}):
        readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
        readies["lender-b"] = agent.world.ready(order, "lender-b", **changes)
        assert word_of(agent, agent.world.roster(order, readies)) is Word.ROSTER


def test_a_roster_with_another_ready_of_this_agents_own_name(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    readies[OWN] = agent.world.ready(order, OWN)
    assert word_of(agent, agent.world.roster(order, readies)) is Word.ROSTER


def test_one_masking_key_in_two_names(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    key = MaskingKey.generate().public_key().hex()
    for name in ("lender-b", "lender-c"):
        readies[name] = agent.world.ready(order, name, masking_key=key)
    assert word_of(agent, agent.world.roster(order, readies)) is Word.ROSTER


def test_a_roster_that_names_other_readies_than_it_brings(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    members = msgspec.json.decode(roster.roster.payload, type=Roster).members
    swapped = (members[0], Member(OWN, "ab" * 32), *members[2:])
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    assert word_of(agent, agent.world.roster(order, readies, members=swapped)) is Word.ROSTER
    fewer = RosterOrder(roster.roster, roster.readies[:3])
    assert word_of(agent, fewer) is Word.ROSTER


@pytest.mark.parametrize("changes", [{"round": "ab" * 16}, {"question": "ab" * 32}])
def test_a_roster_of_another_question(agent: TestedAgent, changes: dict[str, str]) -> None:
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    wanted = Word.ROUND if "round" in changes else Word.ROSTER
    assert word_of(agent, agent.world.roster(order, readies, **changes)) is wanted


def test_two_rosters_for_one_question(agent: TestedAgent) -> None:
    """The second leaves a provider out: the difference would be its contribution."""
    order, roster = rostered(agent)
    sent = agent.rounds.follow(roster)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    del readies["lender-c"]
    second = agent.world.roster(order, readies)
    assert word_of(agent, second) is Word.SECOND_ROSTER
    restarted = agent.again()
    assert word_of(restarted, second) is Word.SECOND_ROSTER
    assert restarted.rounds.follow(roster) == sent
    assert len(agent.data.settled) == 1


@pytest.mark.parametrize(
    "members",
    [
        ("bureau-a", "lender-a"),
        ("bureau-a", "lender-a", "lender-b"),
    ],
)
def test_rosters_without_enough_pinned_peers_or_members_end_the_round(
    world: World, tmp_path: Path, members: tuple[str, ...]
) -> None:
    peers = {"lender-b": "b", "lender-c": "c", ASKER: "x"}
    agent = TestedAgent.make(world, tmp_path, policy=local_policy(peers=peers))
    order = world.order(world.question())
    own = ready_of(agent, order)
    roster = world.roster(order, world.others(order, own, members))
    round_id = round_of(order)
    assert agent.rounds.follow(roster) == SendDecline(round_id)
    whole = world.roster(order, world.others(order, own))
    assert agent.rounds.follow(whole) == SendDecline(round_id)
    with pytest.raises(LookupError):
        agent.store.secrets(round_id)


def test_peers_that_belong_to_the_asker_do_not_count(world: World, tmp_path: Path) -> None:
    peers = {**GROUPS, "lender-b": GROUPS[ASKER]}
    agent = TestedAgent.make(world, tmp_path, policy=local_policy(peers=peers))
    order = world.order(world.question())
    own = ready_of(agent, order)
    without = world.others(order, own, ("bureau-a", "lender-a", "lender-b"))
    assert isinstance(agent.rounds.follow(world.roster(order, without)), SendDecline)


def test_peers_of_one_group_count_once(world: World, tmp_path: Path) -> None:
    peers = {**GROUPS, "lender-b": "one", "lender-c": "one"}
    agent = TestedAgent.make(world, tmp_path, policy=local_policy(peers=peers))
    order = world.order(world.question())
    own = ready_of(agent, order)
    affiliated = world.others(order, own, ("lender-a", "lender-b", "lender-c"))
    assert isinstance(agent.rounds.follow(world.roster(order, affiliated)), SendDecline)


def test_a_roster_that_the_data_does_not_settle_ends_the_round(agent: TestedAgent) -> None:
    _, roster = rostered(agent)
    agent.data.settle_word = DataWord.ROSTER
    assert isinstance(agent.rounds.follow(roster), SendDecline)


def test_a_roster_after_the_question_ran_out(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    later = agent.again(now=lambda: time.time() + 700)
    assert word_of(later, roster) is Word.ROUND
    assert word_of(later, order) is Word.ROUND


def test_a_roster_before_any_question(agent: TestedAgent) -> None:
    order = agent.world.order(agent.world.question())
    own = agent.world.ready(order, OWN)
    assert word_of(agent, agent.world.roster(order, agent.world.others(order, own))) is Word.ROUND


def test_a_roster_that_comes_when_the_question_has_run_out(world: World, tmp_path: Path) -> None:
    moment = [time.time()]
    agent = TestedAgent.make(world, tmp_path, now=lambda: moment[0])
    _, roster = rostered(agent)
    moment[0] += 700
    assert word_of(agent, roster) is Word.EXPIRED
    assert agent.data.settled == []


def test_the_gateway_signs_with_its_key_and_no_chain(agent: TestedAgent) -> None:
    _, roster = rostered(agent)
    chain = agent.world.signer("lender-b", "agent").chain
    chained = SignedStatement(roster.roster.payload, roster.roster.signature, chain)
    assert word_of(agent, RosterOrder(chained, roster.readies)) is Word.SIGNATURE
