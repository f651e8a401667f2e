"""What a round is after a loss: of an agent, of the asker, of the gateway, of the store."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from gateway.application.aggregate.kept import Kept
from gateway.application.aggregate.orders import QuestionOrder, ResultOrder, RosterOrder
from gateway.application.ports.aggregates import RoundState, Signed
from gateway.domain.reasons import ErrorReason, Refused, refuse
from support.aggregate_parties import Asker, contract
from support.aggregate_world import (
    QUICK,
    Scripted,
    World,
    principal,
    reason,
    round_of,
    scripted,
    until,
)

R = ErrorReason
LOST = refuse(R.STORE_UNAVAILABLE)


def asked(world: World) -> Signed:
    return world.asker.sign(world.asker.question(world.terms))


def rosters(one: Scripted) -> list[bytes]:
    return [order.roster.payload for order in one.orders if isinstance(order, RosterOrder)]


async def test_too_few_are_no_roster_and_the_same_question_goes_on_uncharged() -> None:
    world = World(limits=QUICK)
    first, second, third, _ = agents = scripted()
    world.serving(first, second)
    question = asked(world)
    assert await reason(world.ask(question)) is R.CONTRIBUTORS_MISSING
    assert world.store.kinds() == ["OPEN", "FAILED"]
    world.serving(third)
    got = await world.ask(question)
    assert got.shown is not None
    assert world.store.kinds() == ["OPEN", "FAILED", "ROSTER", "RELEASE"]
    # Whoever was ready before is not asked again.
    assert [one.told(QuestionOrder) for one in agents] == [1, 1, 1, 0]


async def test_the_asker_s_own_agent_does_not_make_a_roster_large_enough() -> None:
    world = World(limits=QUICK, asker=Asker("lender-a"))
    first, own, third, fourth = scripted()
    world.serving(first, own, third)
    question = asked(world)
    # Three are ready: two besides the asker, who could take its own share off.
    assert await reason(world.ask(question)) is R.CONTRIBUTORS_MISSING
    assert "ROSTER" not in world.store.kinds()
    world.serving(fourth)
    assert (await world.ask(question)).shown is not None


async def test_a_lost_contributor_never_makes_a_smaller_roster() -> None:
    world = World(limits=QUICK)
    *others, lost = agents = scripted()
    lost.contributes = False
    world.serving(*agents)
    question = asked(world)
    for _ in range(2):
        assert await reason(world.ask(question)) is R.CONTRIBUTOR_LOST
    assert "RELEASE" not in world.store.kinds()
    lost.contributes = True
    got = await world.ask(question)
    assert got.shown is not None
    sums = world.asker.read(got.shown.sealed.prepared.ciphertexts, 1 << 20)
    assert sums == [4 * value for value in lost.agent.values]
    assert len(set(rosters(lost))) == 1
    assert len(rosters(lost)) == 3
    # Who has contributed is not asked again.
    assert {len(rosters(one)) for one in others} == {1}


async def test_a_gateway_that_comes_back_goes_on_with_the_stored_roster() -> None:
    world = World(limits=QUICK)
    *others, lost = agents = scripted()
    lost.contributes = False
    world.serving(*agents)
    question = asked(world)
    assert await reason(world.ask(question)) is R.CONTRIBUTOR_LOST
    stored = world.store.rounds[round_of(question)].roster
    world.parts = world.gateway()
    lost.contributes = True
    world.serving(*agents)
    got = await world.ask(question)
    assert got.shown is not None
    assert stored is not None
    assert got.shown.roster.payload == stored.payload
    assert world.store.kinds() == ["OPEN", "ROSTER", "FAILED", "RELEASE"]
    # The same bytes were sent a second time.
    assert all(len(rosters(one)) == 2 for one in others)


async def test_a_gateway_that_comes_back_asks_again_for_readiness() -> None:
    world = World(limits=QUICK)
    agents = scripted("bureau-a", "lender-a")
    world.serving(*agents)
    question = asked(world)
    assert await reason(world.ask(question)) is R.CONTRIBUTORS_MISSING
    world.parts = world.gateway()
    world.serving(*agents, *scripted("lender-b"))
    assert (await world.ask(question)).shown is not None
    assert [one.told(QuestionOrder) for one in agents] == [2, 2]


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    "step", ["open", "fix_roster", "keep_result ROSTER", "release", "keep_result RELEASED"]
)
async def test_a_store_that_fails_at_any_step_costs_neither_the_charge_nor_the_round(
    step: str, restarted: bool
) -> None:
    world, agents = World(limits=QUICK), scripted()
    world.serving(*agents)
    world.store.failing[step] = LOST
    question = asked(world)
    assert await reason(world.ask(question)) is R.STORE_UNAVAILABLE
    world.store.failing.clear()
    if restarted:
        world.parts = world.gateway()
        world.serving(*agents)
    got = await world.ask(question)
    assert got.shown is not None
    sums = world.asker.read(got.shown.sealed.prepared.ciphertexts, 1 << 20)
    assert sums == [4 * value for value in agents[0].agent.values]
    kinds = [kind for kind in world.store.kinds() if kind != "DENIED"]
    assert kinds == ["OPEN", "ROSTER", "RELEASE"]
    assert world.store.accounts[("lender-z", "credit.loans")].spent == 100_000


async def test_a_combination_is_made_once_even_where_the_release_is_not_known() -> None:
    world, agents = World(limits=QUICK), scripted()
    world.serving(*agents)
    world.store.failing["release"] = LOST
    question = asked(world)
    assert await reason(world.ask(question)) is R.STORE_UNAVAILABLE
    kept = world.store.rounds[round_of(question)].result
    world.store.failing.clear()
    world.parts = world.gateway()
    got = await world.ask(question)
    assert world.combiner.combined == 1
    assert got.shown is not None
    assert got.shown.sealed.prepared.ciphertexts in kept


async def test_what_is_in_the_combination_may_be_sent_again_after_a_restart() -> None:
    world, agents = World(limits=QUICK), scripted()
    world.serving(*agents)
    world.store.failing["release"] = LOST
    question = asked(world)
    assert await reason(world.ask(question)) is R.STORE_UNAVAILABLE
    world.parts = world.gateway()
    # In memory again, and standing still again.
    assert await reason(world.ask(question)) is R.STORE_UNAVAILABLE
    one = world.parts.rounds.find(round_of(question))
    assert one is not None
    assert one.roster is not None
    agent, sent = agents[0].agent, agents[0].sent[round_of(question)]
    await world.send(agent, agent.contribution(one.roster, sent), sent)
    other = sent[66:] + sent[:66]
    again = world.send(agent, agent.contribution(one.roster, other), other)
    assert await reason(again) is R.ROUND_MESSAGE_REFUSED


async def test_agents_get_the_result_that_was_released_before_the_loss() -> None:
    world, agents = World(limits=QUICK), scripted()
    world.serving(*agents)
    world.store.failing["keep_result RELEASED"] = LOST
    question = asked(world)
    assert await reason(world.ask(question)) is R.STORE_UNAVAILABLE
    assert world.store.rounds[round_of(question)].state is RoundState.RELEASED
    assert not any(one.told(ResultOrder) for one in agents)
    world.store.failing.clear()
    await world.ask(question)
    await until(lambda: all(one.told(ResultOrder) for one in agents))


async def test_members_get_a_stored_result_from_a_gateway_that_came_back() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = asked(world)
    shown = (await world.ask(question)).shown
    world.parts = world.gateway()
    again = scripted()
    world.serving(*again)
    assert (await world.ask(question)).shown == shown
    await until(lambda: all(one.told(ResultOrder) for one in again))
    assert not any(one.told(QuestionOrder) or one.told(RosterOrder) for one in again)


async def test_a_stored_result_is_given_again_even_after_the_question_is_out_of_date() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = asked(world)
    first = await world.ask(question)
    world.parts = world.gateway()
    expires_at = msgspec.json.decode(question.payload)["expires_at"]
    world.clock = lambda: expires_at + 1.0
    world.parts = world.gateway()
    again = await world.ask(question)
    assert again.shown == first.shown
    assert again.stages == []


async def test_a_round_ends_with_its_question() -> None:
    world = World()
    now = [0.0]
    world.clock = lambda: now[0]
    asker = world.asker.question(world.terms)
    now[0] = asker.expires_at - 0.3
    world.parts = world.gateway()
    question = world.asker.sign(asker)
    assert await reason(world.ask(question)) is R.CONTRIBUTORS_MISSING
    now[0] = asker.expires_at + 1
    assert world.parts.rounds.find(asker.id) is None
    assert await reason(world.ask(question)) is R.STATEMENT_REFUSED


async def test_another_gateway_s_roster_in_the_store_goes_before_this_one_s() -> None:
    world = World(limits=QUICK)
    others = World(limits=QUICK, store=world.store, asker=world.asker)
    world.terms = others.terms
    one, two, three, _ = agents = scripted()
    three.contributes = False
    others.serving(one, two, three)
    question = asked(world)
    assert await reason(world.ask(question)) is R.CONTRIBUTORS_MISSING
    assert await reason(others.ask(question)) is R.CONTRIBUTOR_LOST
    # Here all four would be ready: but there is a roster already.
    three.contributes = True
    world.serving(*agents)
    got = await world.ask(question)
    assert got.shown is not None
    assert len(msgspec.json.decode(got.shown.roster.payload)["members"]) == 3


async def test_an_unexpected_error_ends_in_a_refusal_and_the_round_can_go_on() -> None:
    world, agents = World(limits=QUICK), scripted()
    world.serving(*agents)
    world.combiner.failing = RuntimeError("a secret 4111 1111")
    question = asked(world)
    with pytest.raises(Refused) as caught:
        await world.ask(question)
    assert caught.value.reason is R.INTERNAL
    assert "4111" not in str(caught.value)
    world.combiner.failing = None
    assert (await world.ask(question)).shown is not None


async def test_a_gateway_that_ends_ends_all_streams() -> None:
    world, (agent,) = World(), scripted("lender-a")
    (serving,) = world.serving(agent)
    asking = world.asking(asked(world))
    await until(lambda: agent.told(QuestionOrder) > 0)
    world.stopping.set()
    await asyncio.wait_for(serving, 5)
    assert await reason(asking) is R.STORE_UNAVAILABLE


async def test_a_new_stream_of_an_institution_ends_the_one_before() -> None:
    world = World()
    old, new = scripted("lender-a")[0], scripted("lender-a")[0]
    (first,) = world.serving(old)
    await asyncio.sleep(0.02)
    world.serving(new)
    await asyncio.wait_for(first, 5)
    assert principal("lender-a").institution == new.agent.institution


async def test_members_fetch_the_contributions_from_a_gateway_that_knows_only_the_store() -> None:
    world, agents = World(terms=contract(data_life_days=7)), scripted()
    world.serving(*agents)
    question = asked(world)
    got = await world.ask(question)
    assert got.shown is not None
    world.parts = world.gateway()
    held, released = await world.fetched("lender-b", round_of(question))
    assert [one.ciphertexts for one in held] == [one.sent[round_of(question)] for one in agents]
    assert [one.signed for one in held] == list(got.shown.sealed.prepared.contributions)
    assert released == got.shown.sealed.prepared.ciphertexts
    assert world.store.days == {round_of(question): 7}
    # Each agent's stream looks whether something ran out, once in a while.
    assert world.store.forgot == 1


async def test_nothing_is_combined_for_good_before_its_contributions_are_kept() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    world.store.failing["keep_contribution"] = LOST
    question = asked(world)
    assert await reason(world.ask(question)) is R.STORE_UNAVAILABLE
    assert world.store.rounds[round_of(question)].result == b""
    assert await reason(world.fetched("lender-b", round_of(question))) is R.ROUND_NOT_FOUND
    del world.store.failing["keep_contribution"]
    assert (await world.ask(question)).shown is not None
    assert len((await world.fetched("lender-b", round_of(question)))[0]) == len(agents)
    # Where a contract says nothing of days, its digest is what it was before it could.
    assert world.store.days == {round_of(question): 30}
    assert b"data_life_days" not in world.terms.encoded()


async def test_a_contribution_whose_days_are_over_is_found_by_nobody() -> None:
    world = World()
    world.serving(*scripted())
    question = asked(world)
    await world.ask(question)
    world.store.contributions.popitem()
    assert await reason(world.fetched("lender-b", round_of(question))) is R.ROUND_NOT_FOUND


async def test_of_a_round_where_nothing_was_combined_there_are_no_contributions() -> None:
    """Of a binning: its readies are statements of another kind, and not to be read as these."""
    world = World()
    world.serving(*scripted())
    question = asked(world)
    got = await world.ask(question)
    assert got.shown is not None
    stored = world.store.rounds[round_of(question)]
    alone = msgspec.structs.replace(got.shown.sealed.prepared, proof=b"")
    kept = Kept(sealed=msgspec.structs.replace(got.shown.sealed, prepared=alone))
    other = Signed(b'{"channel_key":""}', b"signature")
    changed = msgspec.structs.replace(stored, result=kept.encoded(), readies=(other,))
    world.store.rounds[round_of(question)] = changed
    assert await reason(world.fetched("lender-b", round_of(question))) is R.ROUND_NOT_FOUND
