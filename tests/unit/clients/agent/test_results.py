"""How a round ends for an agent."""

from __future__ import annotations

import os

import msgspec
import pytest

from clients.agent.errors import Word
from clients.agent.orders import (
    QuestionOrder,
    SendContribution,
    VoidOrder,
)
from clients.agent.store import State
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.statements import Contribution
from support.agents import TestedAgent
from support.agents_steps import contributed, rostered, round_of, word_of
from support.agents_world import ASKER


def test_a_result_that_holds_the_contribution_ends_the_round(agent: TestedAgent) -> None:
    order, roster, reply = contributed(agent)
    agent.rounds.follow(agent.world.result(order, roster, reply.contribution))
    kept = agent.store.find(reply.round)
    assert kept is not None
    assert kept.state is State.DONE
    assert not kept.ciphertexts
    assert word_of(agent, roster) is Word.ROUND


def test_a_result_with_another_contribution_in_this_agents_place(agent: TestedAgent) -> None:
    order, roster, reply = contributed(agent)
    other = msgspec.json.decode(reply.contribution.payload, type=Contribution)
    replaced = msgspec.structs.replace(other, digest="ab" * 32).encoded()
    result = agent.world.result(order, roster, SignedStatement(replaced, b"", ()))
    assert word_of(agent, result) is Word.RESULT
    kept = agent.store.find(reply.round)
    assert kept is not None
    assert kept.state is State.CONTRIBUTED


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "ab" * 32},
        {"roster": "ab" * 32},
        {"ciphertexts": 1},
        {"contributions": "ab" * 32},
    ],
)
def test_results_of_something_else(agent: TestedAgent, changes: dict[str, object]) -> None:
    order, roster, reply = contributed(agent)
    result = agent.world.result(order, roster, reply.contribution, **changes)
    assert word_of(agent, result) is Word.RESULT


def test_a_result_under_another_key(agent: TestedAgent) -> None:
    order, roster, reply = contributed(agent)
    result = agent.world.result(order, roster, reply.contribution, SigningKey.generate())
    assert word_of(agent, result) is Word.SIGNATURE


def test_a_void_round_keeps_nothing_and_does_not_begin_again(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    round_id = round_of(order)
    agent.rounds.follow(VoidOrder(round_id))
    assert word_of(agent, roster) is Word.ROUND
    assert word_of(agent, order) is Word.ROUND
    row = agent.store._database.execute(
        "SELECT question, masking_key, figures, ready, ciphertexts FROM round"
    ).fetchone()
    assert row == (None,) * 5


def test_a_contribution_that_is_due_is_made_after_a_start(
    agent: TestedAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, roster = rostered(agent)
    with monkeypatch.context() as broken:
        broken.setattr(agent.store, "secrets", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            agent.rounds.follow(roster)
    restarted = agent.again()
    restarted.rounds.catch_up()
    kept = restarted.store.find(round_of(order))
    assert kept is not None
    assert kept.contribution is not None
    reply = restarted.rounds.follow(roster)
    assert isinstance(reply, SendContribution)
    assert reply.contribution == kept.contribution


def test_rubbish_is_malformed_and_costs_nothing(agent: TestedAgent) -> None:
    signer = agent.world.signer(ASKER, "keyholder")
    kind = "application/vnd.veilgate.aggregate.question.v1+json"
    for payload in (b"{}", b"[", os.urandom(64), b'{"kind":"cohort"}'):
        assert word_of(agent, QuestionOrder(signer.sign(kind, payload))) is Word.MALFORMED
    large = SignedStatement(bytes(512 * 1024 + 1), b"", ())
    assert word_of(agent, QuestionOrder(large)) is Word.MALFORMED
