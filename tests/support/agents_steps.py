"""The steps of a round as tests take them.

Owns bringing an agent to a state, and reading why it refused.
"""

from __future__ import annotations

import msgspec
import pytest

from clients.agent.errors import Refused, Word
from clients.agent.orders import (
    QuestionOrder,
    RosterOrder,
    SendContribution,
    SendDecline,
    SendReady,
)
from gateway.crypto.statement import SignedStatement
from support.agents import TestedAgent


def ready_of(agent: TestedAgent, order: QuestionOrder) -> SignedStatement:
    reply = agent.rounds.follow(order)
    assert isinstance(reply, SendReady)
    return reply.ready


def rostered(agent: TestedAgent) -> tuple[QuestionOrder, RosterOrder]:
    """A question that the agent is ready for, and an honest roster for it."""
    order = agent.world.order(agent.world.question())
    own = ready_of(agent, order)
    return order, agent.world.roster(order, agent.world.others(order, own))


def word_of(agent: TestedAgent, order: object) -> Word:
    with pytest.raises(Refused) as refused:
        agent.rounds.follow(order)  # type: ignore[arg-type]
    return refused.value.word


def declined_as(agent: TestedAgent, order: QuestionOrder) -> str:
    """The word in the agent's own store; the reply itself says none."""
    reply = agent.rounds.follow(order)
    assert isinstance(reply, SendDecline)
    (word,) = agent.store._database.execute(
        "SELECT word FROM round WHERE id = ?", (reply.round,)
    ).fetchone()
    return str(word)


def round_of(order: QuestionOrder) -> str:
    return str(msgspec.json.decode(order.question.payload)["id"])


def contributed(agent: TestedAgent) -> tuple[QuestionOrder, RosterOrder, SendContribution]:
    order, roster = rostered(agent)
    reply = agent.rounds.follow(roster)
    assert isinstance(reply, SendContribution)
    return order, roster, reply
