"""A gateway that cheats in the combination, over the network: an agent that serves catches it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Event, Thread

import pytest

from clients.agent.errors import Word
from clients.agent.gateway import Gateway
from clients.agent.link import Link
from clients.agent.orders import QuestionOrder, RosterOrder, SendContribution
from clients.agent.outcome.evidence import EvidenceFolder
from clients.agent.outcome.recompute import Recomputation
from clients.agent.serving import Service
from clients.agent.store import State
from clients.sdk.calls.retry import RetryPolicy
from support.agents import TestedAgent, local_policy
from support.agents_combination import CHEATS, Combining, Parts
from support.agents_gateway import WAIT_S, ScriptedGateway, message_of, scripted_gateway, serving
from support.agents_steps import ready_of, round_of
from support.agents_world import CONTRIBUTORS, GROUPS, OWN, World
from veilgate.v1 import aggregate_pb2 as pb

QUICK = RetryPolicy(attempts=2, first_wait=0.01, longest_wait=0.05)


@dataclass
class Network:
    """A serving agent, three others without a network, and the gateway between them."""

    world: World
    gateway: ScriptedGateway
    own: TestedAgent
    others: dict[str, TestedAgent]
    stream: Queue[pb.Order | None]
    followed: Queue[str]

    def round(self) -> tuple[QuestionOrder, RosterOrder, Parts]:
        """A round up to every contribution."""
        order = self.world.order(self.world.question())
        self.stream.put(message_of(order))
        readies = {name: ready_of(one, order) for name, one in self.others.items()}
        readies[OWN] = self.gateway.readies.get(timeout=WAIT_S)
        roster = self.world.roster(order, readies)
        self.stream.put(message_of(roster))
        parts = {OWN: self.gateway.contributions.get(timeout=WAIT_S)}
        for name, one in self.others.items():
            sent = one.rounds.follow(roster)
            assert isinstance(sent, SendContribution)
            parts[name] = sent.contribution, sent.ciphertexts
        return order, roster, parts

    def end(self, how: Combining) -> str:
        """A round that the gateway combines like this; returns its id once the agent has seen."""
        order, roster, parts = self.round()
        result, shown = how(self.world, order, roster, parts)
        self.gateway.shown, self.gateway.released = list(shown.contributions), shown.released
        self.stream.put(message_of(result))
        assert self.followed.get(timeout=WAIT_S) == "recomputed"
        self.stream.put(pb.Order(void=pb.VoidOrder(round="f" * 32)))
        return round_of(order)

    def state(self, name: str) -> State:
        kept = self.own.store.find(name)
        assert kept is not None
        return kept.state


@pytest.fixture
def network(world: World, tmp_path: Path) -> Iterator[Network]:
    scripted, followed, stopping = scripted_gateway(world), Queue[str](), Event()
    with serving(scripted, tmp_path) as profile:
        calls = Gateway(stopping, QUICK)
        calls.take(Link(profile))
        own = TestedAgent.make(world, tmp_path / "own", contracts=calls.contract)
        check = Recomputation(own.trust, own.store, calls.contributions, EvidenceFolder(own.folder))

        def checked(order: object) -> None:
            try:
                check(order)  # type: ignore[arg-type]
            finally:
                followed.put("recomputed")

        service = Service(
            lambda: Link(profile), calls, own.rounds, stopping, waits=QUICK, on_result=checked
        )
        others = {
            name: TestedAgent.make(
                world,
                tmp_path / name,
                institution=name,
                policy=local_policy(own_group=GROUPS[name], peers=GROUPS),
            )
            for name in CONTRIBUTORS
            if name != OWN
        }
        thread = Thread(target=service.run)
        thread.start()
        try:
            yield Network(world, scripted, own, others, scripted.stream(), followed)
        finally:
            service.stop()
            thread.join(WAIT_S)
            for one in (own, *others.values()):
                one.store.close()


def test_a_cheating_combiner_is_caught_and_the_next_round_goes_on(network: Network) -> None:
    false = network.end(CHEATS["one more in a cell"])
    (kept,) = EvidenceFolder(network.own.folder).all()
    assert (kept.word, kept.round) == (Word.COMBINATION, false)
    assert kept.shown is not None
    assert len(kept.shown.contributions) == len(CONTRIBUTORS)
    assert network.state(false) is State.CONTRIBUTED
    honest = network.end(Combining())
    # What it follows next it takes up once this one is stored.
    network.round()
    for _ in range(200):
        if network.state(honest) is State.DONE:
            break
        Event().wait(0.05)
    assert network.state(honest) is State.DONE
    assert [one.round for one in EvidenceFolder(network.own.folder).all()] == [false]
