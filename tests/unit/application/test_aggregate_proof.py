"""The proof of a combination in a round: signed, kept, and shown to the members only."""

from __future__ import annotations

from hashlib import sha256

import msgspec
import pytest

from clients.agent.outcome.combination import Claim, require_combination
from gateway.application.aggregate.orders import ResultOrder
from gateway.domain.aggregate.statements import Result, combination_context, digest_of
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_world import World, scripted, until


async def test_members_get_a_proof_that_holds_and_the_asker_its_digest() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = world.asker.question(world.terms)
    signed = world.asker.sign(question)
    shown = (await world.ask(signed)).shown
    assert shown is not None
    assert shown.proof == b""
    await until(lambda: all(one.told(ResultOrder) for one in agents))
    result = msgspec.json.decode(shown.sealed.result.payload, type=Result)
    root = digest_of(signed.payload), digest_of(shown.roster.payload), result.contributions
    context = combination_context(question.id, *root)
    for one in agents:
        (order,) = [order for order in one.orders if isinstance(order, ResultOrder)]
        assert sha256(order.shown.proof).hexdigest() == result.proof
        sent, released = await world.fetched(one.agent.institution, question.id)
        held = [each.ciphertexts for each in sent]
        assert sha256(released).hexdigest() == result.digest
        claim = Claim(question.key, result.ciphertexts, context, held, released)
        require_combination(claim, order.shown.proof)


def test_a_context_is_of_everything_that_it_names() -> None:
    named = ("0" * 32, "1" * 64, "2" * 64, "3" * 64)
    other = {combination_context(*named)}
    for at in range(4):
        changed = [one[::-1] + "4" if at == place else one for place, one in enumerate(named)]
        other.add(combination_context(*changed))
    assert len(other) == 5


async def test_strangers_and_the_asker_do_not_get_the_combination_here() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = world.asker.question(world.terms)
    await world.ask(world.asker.sign(question))
    for stranger in (world.asker.institution, "lender-x"):
        with pytest.raises(Refused) as caught:
            await world.fetched(stranger, question.id)
        assert caught.value.reason is ErrorReason.ROUND_NOT_FOUND


async def test_a_gateway_that_starts_again_signs_the_proof_that_was_kept() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    signed = world.asker.sign(world.asker.question(world.terms))
    first = (await world.ask(signed)).shown
    world.parts = world.gateway()
    again = (await world.ask(signed)).shown
    assert first is not None
    assert again is not None
    assert again.sealed.prepared.proof == first.sealed.prepared.proof != b""
    assert again.sealed.result == first.sealed.result
    assert world.combiner.combined == 1
