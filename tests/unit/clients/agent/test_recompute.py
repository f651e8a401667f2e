"""An agent that makes the combination again sees what does not belong into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from clients.agent.errors import Refused, Word
from clients.agent.orders import QuestionOrder, ResultOrder, RosterOrder, SendContribution
from clients.agent.recompute import Recomputation
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution, digest_of
from support.agents import TestedAgent, local_policy
from support.agents_steps import ready_of
from support.agents_world import CONTRIBUTORS, GROUPS, OWN, World, path_of

Parts = dict[str, tuple[SignedStatement, bytes]]


@dataclass
class Finished:
    """A round that all members contributed to, seen from one of them."""

    world: World
    agent: TestedAgent
    order: QuestionOrder
    roster: RosterOrder
    parts: Parts

    def result(self, parts: Parts) -> ResultOrder:
        """A result over these contributions, in the order of the names."""
        names = sorted(parts)
        leaves = [leaf_hash(parts[one][0].payload) for one in names]
        root = CompactRange().extend(leaves).root().hex()
        own = self.parts[OWN][0]
        made = self.world.result(self.order, self.roster, own, contributions=root)
        return ResultOrder(made.result, path_of(leaves, names.index(OWN)))

    def recompute(self, result: ResultOrder, parts: Parts) -> None:
        shown = [parts[one] for one in sorted(parts)]
        Recomputation(self.agent.trust, self.agent.store, lambda _: shown)(result)


@pytest.fixture
def finished(world: World, tmp_path: Path) -> Finished:
    policy = {name: local_policy(own_group=GROUPS[name], peers=GROUPS) for name in CONTRIBUTORS}
    agents = {
        name: TestedAgent.make(world, tmp_path / name, institution=name, policy=policy[name])
        for name in CONTRIBUTORS
    }
    order = world.order(world.question())
    roster = world.roster(order, {name: ready_of(one, order) for name, one in agents.items()})
    parts: Parts = {}
    for name, one in agents.items():
        sent = one.rounds.follow(roster)
        assert isinstance(sent, SendContribution)
        parts[name] = sent.contribution, sent.ciphertexts
    return Finished(world, agents[OWN], order, roster, parts)


def test_a_whole_round_is_made_again(finished: Finished) -> None:
    result = finished.result(finished.parts)
    finished.recompute(result, finished.parts)
    finished.agent.rounds.follow(result)


def _missing(parts: Parts, finished: Finished) -> None:
    del parts["lender-b"]


def _altered_bytes(parts: Parts, finished: Finished) -> None:
    statement, ciphertexts = parts["lender-b"]
    parts["lender-b"] = statement, ciphertexts[66:] + ciphertexts[:66]


def _another_in_its_name(parts: Parts, finished: Finished) -> None:
    statement, ciphertexts = parts["lender-b"]
    signer = finished.world.signer("lender-c", "agent")
    parts["lender-b"] = signer.sign(CONTRIBUTION_TYPE, statement.payload), ciphertexts


def _doubled(parts: Parts, finished: Finished) -> None:
    parts["lender-b"] = parts["lender-c"]


def _own_replaced(parts: Parts, finished: Finished) -> None:
    parts[OWN] = parts["lender-c"]


@pytest.mark.parametrize(
    "change", [_missing, _altered_bytes, _another_in_its_name, _doubled, _own_replaced]
)
def test_what_is_not_the_rosters_is_seen(
    finished: Finished, change: Callable[[Parts, Finished], None]
) -> None:
    parts = dict(finished.parts)
    result = finished.result(parts)
    change(parts, finished)
    with pytest.raises(Refused) as refused:
        finished.recompute(result, parts)
    assert refused.value.word is Word.RESULT


def test_a_root_over_something_else_is_seen(finished: Finished) -> None:
    signer = finished.world.signer("lender-b", "agent")
    other = {**finished.parts, "lender-b": (signer.sign(CONTRIBUTION_TYPE, b"{}"), b"")}
    with pytest.raises(Refused):
        finished.recompute(finished.result(other), finished.parts)


def test_another_contribution_in_the_own_name_is_seen(finished: Finished) -> None:
    """A second agent under the same institution's name, which this one knows nothing of."""
    statement, ciphertexts = finished.parts[OWN]
    other = ciphertexts[66:] + ciphertexts[:66]
    content = msgspec.json.decode(statement.payload, type=Contribution)
    changed = msgspec.structs.replace(content, digest=digest_of(other)).encoded()
    signed = finished.world.signer(OWN, "agent").sign(CONTRIBUTION_TYPE, changed)
    parts = {**finished.parts, OWN: (signed, other)}
    with pytest.raises(Refused):
        finished.recompute(finished.result(parts), parts)
