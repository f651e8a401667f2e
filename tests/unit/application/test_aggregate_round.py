"""A round from the question to the signed combination, and what agents are told of it."""

from __future__ import annotations

import asyncio
from hashlib import sha256

import msgspec
import pytest

from gateway.application.aggregate.orders import QuestionOrder, ResultOrder, RosterOrder
from gateway.crypto.dsse import pae
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.domain.aggregate.statements import RESULT_TYPE, ROSTER_TYPE, Result, Roster, digest_of
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_parties import AGENTS
from support.aggregate_world import QUICK, World, scripted, until


async def test_four_agents_contribute_and_only_the_sum_can_be_read() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = world.asker.question(world.terms)
    signed = world.asker.sign(question)
    asked = await world.ask(signed)
    assert asked.stages == ["OPENED", "READY", "ROSTER", *["CONTRIBUTED"] * 4, "COMBINED"]
    assert asked.shown is not None
    sealed = asked.shown.sealed
    sums = world.asker.read(sealed.prepared.ciphertexts, 1 << 20)
    assert sums == [4 * value for value in agents[0].agent.values]
    for one in agents:
        # Masked: no single contribution can be read, for its value lies anywhere.
        assert sealed.prepared.ciphertexts != one.sent[question.id]


async def test_the_result_says_what_it_is_made_of_and_is_signed() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    signed = world.asker.sign(world.asker.question(world.terms))
    shown = (await world.ask(signed)).shown
    assert shown is not None
    key = world.keyring.round_key.public_key
    key.verify(shown.roster.signature, pae(ROSTER_TYPE, shown.roster.payload))
    key.verify(shown.sealed.result.signature, pae(RESULT_TYPE, shown.sealed.result.payload))
    result = msgspec.json.decode(shown.sealed.result.payload, type=Result)
    roster = msgspec.json.decode(shown.roster.payload, type=Roster)
    assert result.question == digest_of(signed.payload)
    assert result.roster == digest_of(shown.roster.payload)
    assert result.digest == sha256(shown.sealed.prepared.ciphertexts).hexdigest()
    assert result.ciphertexts == 6
    assert [one.contributor for one in roster.members] == sorted(AGENTS)
    assert [one.ready for one in roster.members] == [
        digest_of(one.payload) for one in shown.readies
    ]
    event = msgspec.json.decode(shown.sealed.event)
    assert (event["digest"], event["contributions"]) == (result.digest, result.contributions)


async def test_every_member_gets_the_path_of_its_own_contribution() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    shown = (await world.ask(world.asker.sign(world.asker.question(world.terms)))).shown
    await until(lambda: all(one.told(ResultOrder) for one in agents))
    assert shown is not None
    root = bytes.fromhex(msgspec.json.decode(shown.sealed.result.payload)["contributions"])
    for place, one in enumerate(agents):
        (order,) = [order for order in one.orders if isinstance(order, ResultOrder)]
        payload = shown.sealed.prepared.contributions[place].payload
        assert msgspec.json.decode(payload)["contributor"] == one.agent.institution
        verify_inclusion(place, len(agents), leaf_hash(payload), order.shown.path, root)


async def test_members_alone_can_fetch_the_contributions_and_combine_them_again() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = world.asker.question(world.terms)
    shown = (await world.ask(world.asker.sign(question))).shown
    held, _ = await world.fetched("lender-b", question.id)
    assert [one.ciphertexts for one in held] == [one.sent[question.id] for one in agents]
    for stranger in (world.asker.institution, "lender-x"):
        with pytest.raises(Refused) as caught:
            await world.fetched(stranger, question.id)
        assert caught.value.reason is ErrorReason.ROUND_NOT_FOUND
    sent = [one.ciphertexts for one in held]
    product = (await world.combiner.combine(question.key, sent, 6, b"")).ciphertexts
    assert shown is not None
    # Randomised anew: the same numbers in other points.
    assert product != shown.sealed.prepared.ciphertexts
    assert world.asker.read(product, 1 << 20) == world.asker.read(
        shown.sealed.prepared.ciphertexts, 1 << 20
    )


async def test_the_question_is_charged_once_and_in_the_log_before_an_agent_hears_of_it() -> None:
    world = World()
    agents = scripted()
    asking = world.asking(world.asker.sign(world.asker.question(world.terms)))
    await asyncio.sleep(0.05)
    assert world.store.kinds() == ["OPEN"]
    world.serving(*agents)
    await asking
    assert world.store.kinds() == ["OPEN", "ROSTER", "RELEASE"]
    (account,) = world.store.accounts.values()
    assert account.spent == 100_000


async def test_three_of_four_suffice_when_the_time_is_over() -> None:
    world = World(limits=QUICK)
    agents = scripted("bureau-a", "lender-a", "lender-c")
    world.serving(*agents)
    shown = (await world.ask(world.asker.sign(world.asker.question(world.terms)))).shown
    assert shown is not None
    roster = msgspec.json.decode(shown.roster.payload, type=Roster)
    assert [one.contributor for one in roster.members] == ["bureau-a", "lender-a", "lender-c"]
    sums = world.asker.read(shown.sealed.prepared.ciphertexts, 1 << 20)
    assert sums == [3 * value for value in agents[0].agent.values]


async def test_an_agent_is_told_everything_once_and_again_on_another_stream() -> None:
    world = World()
    late, *others = scripted()
    late.contributes = False
    world.serving(late, *others)
    question = world.asker.sign(world.asker.question(world.terms))
    asking = world.asking(question)
    await until(lambda: late.told(RosterOrder) > 0)
    assert late.told(QuestionOrder) == 1
    again = scripted(late.agent.institution)[0]
    world.serving(again)
    await until(lambda: again.told(RosterOrder) > 0)
    assert again.told(QuestionOrder) == 0
    asking.cancel()


async def test_the_asker_may_leave_and_come_back_for_the_result() -> None:
    world, agents = World(), scripted()
    question = world.asker.sign(world.asker.question(world.terms))
    asking = world.asking(question)
    await asyncio.sleep(0.05)
    asking.cancel()
    world.serving(*agents)
    shown = (await world.ask(question)).shown
    again = (await world.ask(question)).shown
    assert shown is not None
    assert again is not None
    assert again.sealed == shown.sealed
    assert world.store.kinds().count("OPEN") == world.store.kinds().count("RELEASE") == 1


async def test_one_asker_s_two_calls_with_one_question_are_one_round() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = world.asker.sign(world.asker.question(world.terms))
    first, second = await asyncio.gather(world.ask(question), world.ask(question))
    assert first.shown == second.shown
    assert world.combiner.combined == 1
