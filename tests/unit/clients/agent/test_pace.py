"""Answers go out at fixed times after their order: how long the work took is not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.agent.check import _answers
from clients.agent.gateway import Gateway
from clients.agent.link import Link
from clients.agent.orders import Order, Reply, SendContribution, SendReady
from clients.agent.pace import Pace
from clients.agent.profile import AgentProfile
from clients.agent.serving import Service
from support.agents import TestedAgent
from support.agents_gateway import WAIT_S, message_of, scripted_gateway, serving
from support.agents_profile import write_profile
from support.agents_steps import round_of
from support.agents_world import World

STEP, BEGAN = 0.25, 1000.1


class Clock:
    """Stands still but for work and waits; keeps when something was sent."""

    def __init__(self) -> None:
        self.now = BEGAN
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


class Working:
    """Rounds whose every step takes as long as it is told to."""

    def __init__(self, clock: Clock, rounds: Any, takes: Callable[[], float]) -> None:
        self._clock = clock
        self._rounds = rounds
        self._takes = takes

    def catch_up(self) -> None:
        self._rounds.catch_up()

    def follow(self, order: Order) -> Reply | None:
        reply: Reply | None = self._rounds.follow(order)
        self._clock.now += self._takes()
        return reply


@given(
    st.floats(0, 1e6, allow_nan=False),
    st.floats(0, 60, allow_nan=False),
    st.sampled_from([0.1, 0.25, 1.0]),
)
def test_an_answer_is_due_at_a_multiple_of_the_step(began: float, took: float, step: float) -> None:
    done = began + took
    due = Pace(step).due(began, done)
    steps = (due - began) / step
    assert abs(steps - round(steps)) < 1e-3
    assert round(steps) >= 1
    assert done - 1e-6 <= due < done + step + 1e-6


def test_work_of_one_step_is_all_alike() -> None:
    due = {Pace(STEP).due(7.0, 7.0 + took) for took in (0.0, 0.001, 0.13, 0.249)}
    assert due == {7.25}
    assert Pace().due(7.0, 7.1) == 7.1


@pytest.mark.parametrize("took", [0.001, 0.2])
def test_a_gateway_sees_the_same_times_whatever_the_work_took(
    world: World, tmp_path: Path, took: float
) -> None:
    clock, sent = Clock(), Queue[tuple[type[Reply], float]]()
    pace = Pace(STEP, clock, clock.sleep)
    scripted = scripted_gateway(world)
    with serving(scripted, tmp_path) as profile:
        stopping = Event()
        calls = Gateway(stopping)
        calls.take(Link(profile))
        send = calls.send

        def noted(reply: Reply) -> None:
            sent.put((type(reply), clock.now))
            send(reply)

        calls.send = noted  # type: ignore[method-assign]
        agent = TestedAgent.make(world, tmp_path / "state", contracts=calls.contract)
        rounds: Any = Working(clock, agent.rounds, lambda: took)
        service = Service(lambda: Link(profile), calls, rounds, stopping, pace=pace)
        thread = Thread(target=service.run)
        thread.start()
        try:
            order = world.order(world.question())
            stream = scripted.stream()
            stream.put(message_of(order))
            readies = world.others(order, scripted.readies.get(timeout=WAIT_S))
            stream.put(message_of(world.roster(order, readies)))
            scripted.contributions.get(timeout=WAIT_S)
        finally:
            service.stop()
            thread.join(WAIT_S)
            agent.store.close()
    ready, contribution = sent.get_nowait(), sent.get_nowait()
    assert [kind for kind, _ in (ready, contribution)] == [SendReady, SendContribution]
    assert ready[1] == pytest.approx(BEGAN + STEP)
    assert contribution[1] == pytest.approx(BEGAN + 2 * STEP)
    assert clock.waited == pytest.approx([STEP - took] * 2)


def test_a_profile_says_the_step_and_the_check_shows_it(world: World, tmp_path: Path) -> None:
    path = write_profile(world, tmp_path)
    shown = _answers(AgentProfile.load(path))
    assert shown.passed
    assert "250 ms" in shown.seen
    path.write_text("answer_step_ms = 0\n" + path.read_text())
    shown = _answers(AgentProfile.load(path))
    assert "at once" in shown.seen
    assert "answer_step_ms" in shown.advice


def test_more_orders_than_may_wait_are_all_answered(world: World, tmp_path: Path) -> None:
    """Answers that wait keep their place; those who wait for a place must not keep theirs."""
    scripted = scripted_gateway(world)
    with serving(scripted, tmp_path) as profile:
        stopping = Event()
        calls = Gateway(stopping)
        calls.take(Link(profile))
        agent = TestedAgent.make(world, tmp_path / "state", contracts=calls.contract)
        pace = Pace(0.05)
        service = Service(lambda: Link(profile), calls, agent.rounds, stopping, pace=pace)
        thread = Thread(target=service.run)
        thread.start()
        try:
            orders = [world.order(world.question(purpose="credit.collection")) for _ in range(100)]
            stream = scripted.stream()
            for order in orders:
                stream.put(message_of(order))
            declined = {scripted.declines.get(timeout=WAIT_S) for _ in orders}
        finally:
            service.stop()
            thread.join(WAIT_S)
            agent.store.close()
    assert declined == set(map(round_of, orders))
    assert not thread.is_alive()
