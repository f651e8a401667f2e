"""How much may be under way: rounds, of an institution, bytes; and that every wait ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.application.aggregate import finish
from gateway.application.aggregate.assembly import Limits
from gateway.application.aggregate.drive import Waits
from gateway.application.aggregate.orders import RosterOrder
from gateway.application.aggregate.rounds import Bounds
from gateway.application.ports.aggregates import Signed
from gateway.domain.reasons import ErrorReason
from support.aggregate_parties import Asker
from support.aggregate_world import QUICK, World, principal, reason, round_of, scripted, until

R = ErrorReason
LONG = Waits(ready_s=20, contribution_s=20)


def asked(world: World, asker: Asker) -> Signed:
    world.store.keys.add((asker.institution, asker.key_id))
    return asker.sign(asker.question(world.terms))


async def opened(world: World, count: int) -> None:
    await until(lambda: world.store.kinds().count("OPEN") == count)


async def test_an_institution_s_fifth_round_is_refused_before_it_is_charged() -> None:
    world = World(limits=Limits(LONG))
    # A budget of ten questions; three are charged, the fourth is as well.
    for count in range(1, 5):
        world.asking(asked(world, world.asker))
        await opened(world, count)
    assert await reason(world.ask(asked(world, world.asker))) is R.RATE_LIMITED
    assert world.store.accounts[("lender-z", "credit.loans")].spent == 400_000
    other = Asker("lender-y")
    asking = world.ask(asked(world, other), principal("lender-y", "keyholder"))
    task = asyncio.ensure_future(asking)
    await opened(world, 5)
    task.cancel()


async def test_the_gateway_s_rounds_are_bounded_whoever_asks() -> None:
    world = World(limits=Limits(LONG, Bounds(open=2)))
    world.asking(asked(world, world.asker))
    world.asking(asked(world, world.asker))
    await opened(world, 2)
    question = asked(world, Asker("lender-y"))
    assert await reason(world.ask(question, principal("lender-y"))) is R.RATE_LIMITED


async def test_many_at_once_do_not_pass_the_bound() -> None:
    world = World(limits=Limits(LONG))
    questions = [asked(world, world.asker) for _ in range(20)]
    tasks = [world.asking(question) for question in questions]
    await until(lambda: sum(task.done() for task in tasks) == 16)
    assert world.store.kinds().count("OPEN") == 4


async def test_rounds_that_stand_still_make_room_and_go_on_when_asked_again() -> None:
    world = World(limits=Limits(QUICK.waits, Bounds(of_an_institution=1)))
    first, second = asked(world, world.asker), asked(world, world.asker)
    assert await reason(world.ask(first)) is R.CONTRIBUTORS_MISSING
    assert await reason(world.ask(second)) is R.CONTRIBUTORS_MISSING
    assert world.parts.rounds.find(round_of(first)) is None
    world.serving(*scripted())
    assert (await world.ask(first)).shown is not None
    assert (await world.ask(second)).shown is not None


async def test_contributions_take_no_more_memory_than_there_is() -> None:
    size = 2 * 4 * 6 * 66
    world = World(limits=Limits(LONG, Bounds(contribution_bytes=size)))
    world.serving(*scripted())
    first, second = asked(world, world.asker), asked(world, world.asker)
    assert (await world.ask(first)).shown is not None
    # What was released takes no room: its contributions are in the store.
    assert (await world.ask(second)).shown is not None
    for one in (first, second):
        assert len((await world.fetched("lender-a", round_of(one)))[0]) == 4
    assert all(not one.contributions for one in world.parts.rounds.all())


async def test_contributions_go_to_the_store_some_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All at once they would be one message to the committer, and too long for it."""
    size = 6 * 66
    monkeypatch.setattr(finish, "IN_FLIGHT", 2 * size)
    world = World(limits=Limits(LONG, Bounds()))
    world.serving(*scripted())
    keep, under_way, most = world.store.keep_contribution, 0, 0

    async def noted(*given: Any) -> None:
        nonlocal under_way, most
        under_way += len(given[2])
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        await keep(*given)
        under_way -= len(given[2])

    world.store.keep_contribution = noted  # type: ignore[assignment, method-assign]
    questions = [asked(world, world.asker) for _ in range(2)]
    got = await asyncio.gather(*map(world.ask, questions))
    assert all(one.shown is not None for one in got)
    for one in questions:
        assert len((await world.fetched("lender-a", round_of(one)))[0]) == 4
    assert most == 2 * size


async def test_a_question_that_could_never_fit_is_refused_uncharged() -> None:
    world = World(limits=Limits(LONG, Bounds(contribution_bytes=1000)))
    assert await reason(world.ask(asked(world, world.asker))) is R.AGGREGATE_QUESTION_INVALID
    assert not world.store.accounts


async def test_a_contributor_that_stops_sending_is_not_waited_for() -> None:
    world = World(limits=Limits(Waits(ready_s=20, contribution_s=0.3)))
    agents = scripted()
    for one in agents:
        one.contributes = False
    world.serving(*agents)
    question = asked(world, world.asker)
    asking = world.asking(question)
    await until(lambda: all(one.told(RosterOrder) for one in agents))
    (order,) = [one for one in agents[0].orders if isinstance(one, RosterOrder)]
    agent = agents[0].agent
    sent = agent.masked(question, order.roster, order.readies)

    async def stalled() -> AsyncIterator[bytes]:
        yield sent[:66]
        await asyncio.Event().wait()

    said = agent.contribution(order.roster, sent)
    sending = world.parts.messages.contribute(principal(agent.institution), said, stalled())
    assert await reason(sending) is R.DEADLINE_EXCEEDED
    assert await reason(asking) is R.CONTRIBUTOR_LOST


async def test_a_member_that_begins_again_ends_what_it_began() -> None:
    world, agents = World(), scripted()
    for one in agents:
        one.contributes = False
    world.serving(*agents)
    question = asked(world, world.asker)
    world.asking(question)
    await until(lambda: all(one.told(RosterOrder) for one in agents))
    (order,) = [one for one in agents[0].orders if isinstance(one, RosterOrder)]
    agent, go = agents[0].agent, asyncio.Event()
    sent = agent.masked(question, order.roster, order.readies)
    said = agent.contribution(order.roster, sent)

    async def hanging() -> AsyncIterator[bytes]:
        yield sent[:66]
        await go.wait()
        yield sent[66:]

    who = principal(agent.institution)
    hung = asyncio.create_task(world.parts.messages.contribute(who, said, hanging()))
    await asyncio.sleep(0.02)
    await world.send(agent, said, sent)
    go.set()
    assert await reason(hung) is R.ROUND_MESSAGE_REFUSED
    found = world.parts.rounds.find(round_of(question))
    assert found is not None
    assert list(found.contributions) == [agent.institution]
