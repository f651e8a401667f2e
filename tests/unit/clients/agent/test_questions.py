"""Questions that an agent does not answer: whose they are, what they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from clients.agent.data.api import DataWord
from clients.agent.errors import Word
from clients.agent.orders import (
    QuestionOrder,
    SendDecline,
)
from clients.agent.policy import DatasetPolicy
from clients.cli.local.dev_authority import DevAuthority
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import CohortQuestion
from support.agents import FixedData, TestedAgent, local_policy
from support.agents_steps import declined_as, ready_of, round_of, word_of
from support.agents_world import ASKER, DATASET, World


def test_an_altered_question_gets_no_answer_at_all(agent: TestedAgent) -> None:
    order = agent.world.order(agent.world.question())
    payload = order.question.payload.replace(b"credit.statistics", b"credit.marketing0")
    altered = msgspec.json.decode(payload)["purpose"] == "credit.marketing0"
    statement = SignedStatement(payload, order.question.signature, order.question.chain)
    assert altered
    assert word_of(agent, QuestionOrder(statement)) is Word.SIGNATURE


def test_a_question_under_an_authority_of_the_gateway_gets_none(agent: TestedAgent) -> None:
    signer = agent.world.signer(ASKER, "keyholder", DevAuthority.create())
    order = agent.world.order(agent.world.question(), signer)
    assert word_of(agent, order) is Word.SIGNATURE


def test_an_askers_certificate_of_thirty_days_gets_none(agent: TestedAgent) -> None:
    signer = agent.world.signer(ASKER, "keyholder", days=30)
    assert word_of(agent, agent.world.order(agent.world.question(), signer)) is Word.SIGNATURE


@pytest.mark.parametrize("workload", ["integrator", "agent"])
def test_an_askers_other_workload_gets_none(agent: TestedAgent, workload: str) -> None:
    order = agent.world.order(agent.world.question(), agent.world.signer(ASKER, workload))
    assert word_of(agent, order) is Word.SIGNER


def test_a_question_in_anothers_name_gets_none(agent: TestedAgent) -> None:
    order = agent.world.order(agent.world.question(), agent.world.signer("lender-b", "keyholder"))
    assert word_of(agent, order) is Word.SIGNER


def test_an_id_that_was_used_gets_none(agent: TestedAgent) -> None:
    first = agent.world.question()
    ready_of(agent, agent.world.order(first))
    other = msgspec.structs.replace(first, purpose="credit.marketing")
    assert word_of(agent, agent.world.order(other)) is Word.REUSED


def test_a_swapped_key_is_declined(agent: TestedAgent) -> None:
    """The gateway's own key with a proof for itself, under a question that an asker signed."""
    stranger = World()
    swapped = stranger.asker_key("gateway")
    order = agent.world.order(agent.world.question(key=swapped))
    assert declined_as(agent, order) == "key"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda one: {"contract": "ab" * 32}, "contract"),
        (lambda one: {"snapshot": "2026-11"}, "contract"),
        (lambda one: {"share_variance": one.share_variance - 1}, "terms"),
        (lambda one: {"cost": one.cost + 1}, "terms"),
        (lambda one: {"purpose": "credit.collection"}, "terms"),
        (lambda one: {"group_by": ("postcode",)}, "terms"),
        (lambda one: {"dataset": "credit.cards"}, "dataset"),
        (
            lambda one: {"issued_at": one.issued_at - 700, "expires_at": one.issued_at - 1},
            "expired",
        ),
        (
            lambda one: {"issued_at": one.issued_at + 900, "expires_at": one.issued_at + 990},
            "expired",
        ),
    ],
)
def test_questions_that_are_not_of_the_contract_are_declined(
    agent: TestedAgent, change: Callable[[CohortQuestion], dict[str, object]], word: str
) -> None:
    question = agent.world.question()
    changed = msgspec.structs.replace(question, **change(question))
    assert declined_as(agent, agent.world.order(changed)) == word


def test_another_contract_from_the_gateway_is_not_taken(world: World, tmp_path: Path) -> None:
    weak = msgspec.structs.replace(world.contract, colluding=0)
    agent = TestedAgent.make(world, tmp_path, contracts=lambda _: weak.encoded())
    assert declined_as(agent, world.order(world.question())) == "contract"


def test_a_weak_contract_that_asker_and_gateway_agree_on_is_not_the_pinned_one(
    world: World, tmp_path: Path
) -> None:
    weak = World(authority=world.authority, round_key=world.round_key)
    weak.contract = msgspec.structs.replace(world.contract, colluding=0)
    order = weak.order(weak.question())
    pinned = {DATASET: DatasetPolicy(contract=world.contract.digest)}
    agent = TestedAgent.make(weak, tmp_path / "a", policy=local_policy(datasets=pinned))
    assert declined_as(agent, order) == "contract"
    floors = {DATASET: DatasetPolicy(colluding=1)}
    agent = TestedAgent.make(weak, tmp_path / "b", policy=local_policy(datasets=floors))
    assert declined_as(agent, order) == "terms"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"refused_purposes": ("credit.statistics",)}, "purpose"),
        ({"refused_askers": (ASKER,)}, "asker"),
        ({"peers": {"lender-b": "b", "lender-c": "c"}}, "asker"),
        ({"cost_a_question": 99_999}, "cost"),
        ({"datasets": {"credit.cards": DatasetPolicy()}}, "dataset"),
        ({"datasets": {DATASET: DatasetPolicy(minimum_cohort=21)}}, "terms"),
        ({"minimum_groups": 5}, "peers"),
    ],
)
def test_the_local_policy_refuses_and_the_reply_says_nothing(
    world: World, tmp_path: Path, changes: dict[str, object], word: str
) -> None:
    agent = TestedAgent.make(world, tmp_path, policy=local_policy(**changes))
    order = world.order(world.question())
    assert declined_as(agent, order) == word
    assert agent.rounds.follow(order) == SendDecline(round_of(order))
    assert agent.data.asked == []


def test_what_the_data_declines_is_declined_for_good(world: World, tmp_path: Path) -> None:
    agent = TestedAgent.make(world, tmp_path, data=FixedData(word=DataWord.OVERLAP))
    order = world.order(world.question())
    assert declined_as(agent, order) == "data"
    agent.data.word = None
    assert isinstance(agent.again().rounds.follow(order), SendDecline)
