"""A gateway that does more than relay: it mixes statements, splits rosters, spoils keys.

What single fields of a roster or a result are checked for stands in ``test_rosters`` and
``test_results``; here statements are genuine, and what is done with them is not.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import msgspec
import pytest

from clients.agent.context import MAX_PAYLOAD
from clients.agent.errors import Word
from clients.agent.orders import (
    Order,
    QuestionOrder,
    ResultOrder,
    RosterOrder,
    SendContribution,
)
from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, ElGamalError, sum_many
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.statements import RESULT_TYPE, Ready
from support.agents import FixedData, TestedAgent, local_policy
from support.agents_steps import ready_of, rostered, word_of
from support.agents_world import ASKER, CONTRIBUTORS, GROUPS, OWN, World

LOW_ORDER = (bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f")
"""Of X25519: every agreement with one is zero (RFC 7748, section 6.1)."""


def network(world: World, folder: Path) -> dict[str, TestedAgent]:
    """An agent of each contributor, with values by which they can be told apart."""
    return {
        name: TestedAgent.make(
            world,
            folder / name,
            institution=name,
            data=FixedData(value=10**at),
            policy=local_policy(own_group=GROUPS[name], peers=GROUPS),
        )
        for at, name in enumerate(CONTRIBUTORS, 1)
    }


def first_value(world: World, sent: list[SendContribution]) -> int:
    """What the first ciphertexts of these add up to; raises where it is no small number."""
    firsts = [Ciphertext.from_bytes(one.ciphertexts[:CIPHERTEXT_SIZE]) for one in sent]
    return world.secret.decrypt(sum_many(firsts), 0, 100_000)


def test_split_rosters_leave_nothing_that_opens(world: World, tmp_path: Path) -> None:
    """Two signed rosters of one question: each agent follows one, and no mask meets its other."""
    agents = network(world, tmp_path)
    order = world.order(world.question())
    readies = {name: ready_of(one, order) for name, one in agents.items()}
    ours = {name: readies[name] for name in CONTRIBUTORS[:3]}
    theirs = {name: readies[name] for name in CONTRIBUTORS[1:]}
    rosters = dict.fromkeys(CONTRIBUTORS[:2], world.roster(order, ours))
    rosters |= dict.fromkeys(CONTRIBUTORS[2:], world.roster(order, theirs))
    sent = [agents[name].rounds.follow(rosters[name]) for name in CONTRIBUTORS]
    parts = [one for one in sent if isinstance(one, SendContribution)]
    assert len(parts) == 4
    for many in (1, 2, 3, 4):
        for some in combinations(parts, many):
            with pytest.raises(ElGamalError, match="out_of_bound"):
                first_value(world, list(some))
    # Nobody follows the other one as well.
    for name, other in zip(CONTRIBUTORS[1:3], CONTRIBUTORS[2:0:-1], strict=True):
        assert word_of(agents[name], rosters[other]) is Word.SECOND_ROSTER


def test_contributions_to_two_questions_of_one_content_do_not_add_up(
    world: World, tmp_path: Path
) -> None:
    """The values and their noise are the same; masks are of the question and the roster."""
    agents = network(world, tmp_path)
    sent = []
    for _ in range(2):
        order = world.order(world.question())
        readies = {name: ready_of(one, order) for name, one in agents.items()}
        roster = world.roster(order, readies)
        sent.append([one.rounds.follow(roster) for one in agents.values()])
    first, second = ([one for one in row if isinstance(one, SendContribution)] for row in sent)
    assert first_value(world, first) == first_value(world, second) == 11_110
    with pytest.raises(ElGamalError, match="out_of_bound"):
        first_value(world, [*first[:3], second[3]])


@pytest.mark.parametrize("key", LOW_ORDER, ids=["zero", "one", "p - 1"])
def test_a_masking_key_of_low_order_binds_nobody(agent: TestedAgent, key: bytes) -> None:
    """Taken, it would bind the cohort to a roster that nobody can make masks for."""
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    readies["lender-b"] = agent.world.ready(order, "lender-b", masking_key=key.hex())
    assert word_of(agent, agent.world.roster(order, readies)) is Word.ROSTER
    assert agent.data.settled == []
    assert isinstance(agent.rounds.follow(roster), SendContribution)


def test_one_masking_key_in_two_spellings(agent: TestedAgent) -> None:
    """The highest bit of an X25519 key is not looked at (RFC 7748, section 5)."""
    order, roster = rostered(agent)
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    known = msgspec.json.decode(readies["lender-c"].payload, type=Ready).masking_key
    spelled = bytes.fromhex(known)[:31] + bytes([bytes.fromhex(known)[31] ^ 0x80])
    readies["lender-b"] = agent.world.ready(order, "lender-b", masking_key=spelled.hex())
    assert word_of(agent, agent.world.roster(order, readies)) is Word.ROSTER
    assert agent.data.settled == []


def _ready_as_question(_: TestedAgent, __: QuestionOrder, roster: RosterOrder) -> Order:
    return QuestionOrder(roster.readies[0])


def _question_as_ready(agent: TestedAgent, order: QuestionOrder, roster: RosterOrder) -> Order:
    readies = dict(zip(CONTRIBUTORS, roster.readies, strict=True))
    return agent.world.roster(order, {**readies, "lender-b": order.question})


def _roster_as_result(_: TestedAgent, __: QuestionOrder, roster: RosterOrder) -> Order:
    return ResultOrder(roster.roster, ())


def _result_as_roster(agent: TestedAgent, _: QuestionOrder, roster: RosterOrder) -> Order:
    """The roster's very bytes, signed as a result."""
    signed = agent.world.by_gateway(RESULT_TYPE, roster.roster.payload)
    return RosterOrder(signed, roster.readies)


def _roster_by_a_member(agent: TestedAgent, _: QuestionOrder, roster: RosterOrder) -> Order:
    """With a chain that leads to the members' authority, in place of the pinned key."""
    key = agent.world.signer("lender-b", "agent")
    kind = "application/vnd.veilgate.aggregate.roster.v1+json"
    return RosterOrder(key.sign(kind, roster.roster.payload), roster.readies)


def _roster_with_a_chain(agent: TestedAgent, _: QuestionOrder, roster: RosterOrder) -> Order:
    chain = agent.world.signer("lender-b", "agent").chain
    genuine = roster.roster
    return RosterOrder(SignedStatement(genuine.payload, genuine.signature, chain), roster.readies)


@pytest.mark.parametrize(
    "mixed",
    [
        _ready_as_question,
        _question_as_ready,
        _roster_as_result,
        _result_as_roster,
        _roster_by_a_member,
        _roster_with_a_chain,
    ],
)
def test_a_genuine_statement_in_another_place(
    agent: TestedAgent, mixed: Callable[[TestedAgent, QuestionOrder, RosterOrder], Order]
) -> None:
    order, roster = rostered(agent)
    assert word_of(agent, mixed(agent, order, roster)) is Word.SIGNATURE
    assert isinstance(agent.rounds.follow(roster), SendContribution)


def test_one_id_for_two_datasets(agent: TestedAgent) -> None:
    """Else a roster for the one could be given for the other."""
    asked = agent.world.question()
    ready_of(agent, agent.world.order(asked))
    other = msgspec.structs.replace(asked, dataset="credit.cards", contract="ab" * 32)
    assert word_of(agent, agent.world.order(other)) is Word.REUSED


def test_one_id_for_two_askers(world: World, tmp_path: Path) -> None:
    """A round belongs to whose question came first; the other's key is not encrypted under."""
    world = World(authority=world.authority, round_key=world.round_key)
    terms = world.contract.cohort
    assert terms is not None
    open_to = msgspec.structs.replace(terms.recipients, institutions=(ASKER, "lender-b"))
    named = msgspec.structs.replace(terms, recipients=open_to)
    world.contract = msgspec.structs.replace(world.contract, cohort=named)
    agent = TestedAgent.make(world, tmp_path)
    asked = world.question()
    ready_of(agent, world.order(asked))
    other = msgspec.structs.replace(asked, asker="lender-b", key=world.asker_key("lender-b"))
    assert word_of(agent, world.order(other)) is Word.REUSED
    fresh = msgspec.structs.replace(other, id="ab" * 16)
    assert ready_of(agent, world.order(fresh))


def test_another_s_question_order_is_no_ready_of_this_agent(world: World, tmp_path: Path) -> None:
    """Orders replayed between agents: each answers in its own name only."""
    agents = network(world, tmp_path)
    order = world.order(world.question())
    readies = {name: ready_of(one, order) for name, one in agents.items()}
    swapped = {**readies, OWN: readies["lender-b"], "lender-b": readies[OWN]}
    assert word_of(agents[OWN], world.roster(order, swapped)) is Word.SIGNER
    honest = world.roster(order, readies)
    other = agents["lender-b"].rounds.follow(honest)
    assert isinstance(other, SendContribution)
    mine = agents[OWN].rounds.follow(honest)
    assert isinstance(mine, SendContribution)
    # The result holds another's contribution in the place of this agent's own.
    result = world.result(order, honest, other.contribution)
    assert word_of(agents[OWN], result) is Word.RESULT


def test_a_question_again_after_it_ran_out_gets_no_ready(world: World, tmp_path: Path) -> None:
    """A gateway that kept a question back cannot have its masking key signed for later."""
    clock = [0.0]
    agent = TestedAgent.make(world, tmp_path, now=lambda: clock[0])
    asked = world.question()
    clock[0] = asked.issued_at
    order = world.order(asked)
    ready_of(agent, order)
    clock[0] = asked.expires_at
    assert word_of(agent, order) is Word.EXPIRED


def test_a_question_larger_than_any_is_not_even_verified(agent: TestedAgent) -> None:
    """A relay may send what it likes, and signatures are over all of it."""
    genuine = agent.world.order(agent.world.question()).question
    altered = genuine.payload.replace(b"credit.statistics", b"credit.marketing0")
    for payload, word in (
        (altered, Word.SIGNATURE),
        (b" " * MAX_PAYLOAD, Word.SIGNATURE),
        (b" " * (MAX_PAYLOAD + 1), Word.MALFORMED),
    ):
        sent = SignedStatement(payload, genuine.signature, genuine.chain)
        assert word_of(agent, QuestionOrder(sent)) is word
    long = SignedStatement(genuine.payload, genuine.signature + bytes(300), genuine.chain)
    assert word_of(agent, QuestionOrder(long)) is Word.MALFORMED
