"""The agent over real gRPC: a round, connections that end, calls that fail, bad orders."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

import grpc
import pytest

from clients.agent.errors import Refused
from clients.agent.gateway import Gateway
from clients.agent.link import Link
from clients.agent.orders import QuestionOrder
from clients.agent.outcome.combination import Combination
from clients.agent.serving import Service
from clients.sdk.calls.retry import RetryPolicy
from gateway.crypto.statement import SignedStatement
from support.agents import TestedAgent
from support.agents_gateway import WAIT_S, ScriptedGateway, message_of, scripted_gateway, serving
from support.agents_steps import round_of
from support.agents_world import CONTRIBUTORS, OWN, World
from veilgate.v1 import aggregate_pb2 as pb

QUICK = RetryPolicy(attempts=4, first_wait=0.01, longest_wait=0.05)
UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


@dataclass
class Running:
    """An agent that serves, and the gateway that it serves."""

    agent: TestedAgent
    gateway: ScriptedGateway
    calls: Gateway
    service: Service
    thread: Thread


@pytest.fixture
def running(world: World, tmp_path: Path) -> Iterator[Running]:
    scripted = scripted_gateway(world)
    with serving(scripted, tmp_path) as profile:
        stopping = Event()
        calls = Gateway(stopping, QUICK)
        calls.take(Link(profile))
        agent = TestedAgent.make(world, tmp_path / "state", contracts=calls.contract)
        service = Service(lambda: Link(profile), calls, agent.rounds, stopping, waits=QUICK)
        thread = Thread(target=service.run)
        thread.start()
        try:
            yield Running(agent, scripted, calls, service, thread)
        finally:
            service.stop()
            thread.join(WAIT_S)
            agent.store.close()
            assert not thread.is_alive()


def contribution_of(
    running: Running,
) -> tuple[QuestionOrder, dict[str, SignedStatement], SignedStatement, bytes]:
    """Bring the agent to its contribution."""
    world, scripted = running.agent.world, running.gateway
    order = world.order(world.question())
    stream = scripted.stream()
    stream.put(message_of(order))
    readies = world.others(order, scripted.readies.get(timeout=WAIT_S))
    stream.put(message_of(world.roster(order, readies)))
    statement, ciphertexts = scripted.contributions.get(timeout=WAIT_S)
    scripted.streams.put(stream)
    return order, readies, statement, ciphertexts


def test_a_round_over_real_grpc(running: Running) -> None:
    order, _, _, ciphertexts = contribution_of(running)
    kept = running.agent.store.find(round_of(order))
    assert kept is not None
    assert kept.ciphertexts == ciphertexts


def test_calls_that_fail_are_made_again(running: Running) -> None:
    scripted = running.gateway
    scripted.fail("GetContract", UNAVAILABLE)
    scripted.fail("SendReady", UNAVAILABLE, UNAVAILABLE)
    scripted.fail("Contribute", *[UNAVAILABLE] * 6)
    contribution_of(running)


def test_a_stream_that_ends_is_opened_again_and_the_bytes_are_sent_again(running: Running) -> None:
    scripted, world = running.gateway, running.agent.world
    order, readies, statement, ciphertexts = contribution_of(running)
    scripted.fail("Orders", UNAVAILABLE)
    scripted.stream().put(None)
    again = scripted.stream()
    again.put(message_of(order))
    again.put(message_of(world.roster(order, readies)))
    assert scripted.readies.get(timeout=WAIT_S) == readies[OWN]
    assert scripted.contributions.get(timeout=WAIT_S) == (statement, ciphertexts)


def test_a_decline_says_the_round_and_nothing_else(running: Running) -> None:
    world, scripted = running.agent.world, running.gateway
    order = world.order(world.question(purpose="credit.collection"))
    scripted.stream().put(message_of(order))
    assert scripted.declines.get(timeout=WAIT_S) == round_of(order)


def test_orders_that_are_none_do_not_end_the_service(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    stream = running.gateway.stream()
    rubbish = pb.SignedStatement(payload=b"{}", signature=b"x" * 64)
    with caplog.at_level(logging.WARNING, "veilgate.agent"):
        stream.put(pb.Order())
        stream.put(pb.Order(question=pb.QuestionOrder(question=rubbish)))
        stream.put(pb.Order(roster=pb.RosterOrder(roster=rubbish)))
        stream.put(pb.Order(bin=pb.BinOrder()))
        running.gateway.streams.put(stream)
        contribution_of(running)
    words = [one.getMessage() for one in caplog.records]
    assert sorted(words) == sorted(
        [
            f"an order was not followed: {word}"
            for word in ("kind", "signature", "signature", "kind")
        ]
    )


def test_contributions_come_whole_and_in_order(running: Running) -> None:
    scripted, world = running.gateway, running.agent.world
    shown = [
        (world.signer(name, "agent").sign("some", name.encode()), bytes([at]) * 2500 * at)
        for at, name in enumerate(CONTRIBUTORS)
    ]
    scripted.shown = shown
    scripted.released = b"released" * 500
    found = running.calls.contributions("ab" * 16, 1 << 20)
    assert found == Combination(tuple(shown), scripted.released)
    with pytest.raises(Refused):
        running.calls.contributions("ab" * 16, 10_000)


def test_a_service_that_is_stopped_lets_go_of_its_connections(running: Running) -> None:
    running.gateway.stream()
    running.service.stop()
    running.thread.join(WAIT_S)
    assert not running.thread.is_alive()
    with pytest.raises(ConnectionError):
        running.calls.contract("credit.loans")


def test_lenders_jobs_do_not_keep_rounds_waiting(world: World, tmp_path: Path) -> None:
    """One job takes long, more wait, and those beyond a few are not taken."""
    scripted, stopping, go = scripted_gateway(world), Event(), Event()
    answered: list[pb.BinOrder] = []

    def answer(order: pb.BinOrder) -> None:
        answered.append(order)
        assert go.wait(WAIT_S)

    with serving(scripted, tmp_path) as profile:
        calls = Gateway(stopping, QUICK)
        agent = TestedAgent.make(world, tmp_path / "state", contracts=calls.contract)
        service = Service(
            lambda: Link(profile), calls, agent.rounds, stopping, waits=QUICK, answer_bin=answer
        )
        thread = Thread(target=service.run)
        thread.start()
        try:
            stream = scripted.stream()
            for _ in range(70):
                stream.put(pb.Order(bin=pb.BinOrder()))
            scripted.streams.put(stream)
            contribution_of(Running(agent, scripted, calls, service, thread))
        finally:
            go.set()
            service.stop()
            thread.join(WAIT_S)
            agent.store.close()
    assert not thread.is_alive()
    assert 1 <= len(answered) <= 4
