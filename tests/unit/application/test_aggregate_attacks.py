"""What a round refuses: others' statements, altered ones, late ones, replays, a second roster."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Any

import msgspec
import pytest

from gateway.application.aggregate.kinds import Request
from gateway.application.aggregate.orders import QuestionOrder, RosterOrder
from gateway.application.aggregate.round import Phase, Round
from gateway.application.ports.aggregates import Signed
from gateway.crypto.elgamal import Ciphertext, sum_many
from gateway.crypto.elgamal.curve import negate
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    ROSTER_TYPE,
)
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_parties import (
    AGENTS,
    Agent,
    contract,
    encrypted,
    key_of,
    signed,
)
from support.aggregate_world import (
    QUICK,
    Scripted,
    VoidOrder,
    World,
    parts_of,
    principal,
    reason,
    scripted,
    until,
)

R = ErrorReason


async def collecting(world: World) -> tuple[Signed, Round, list[Scripted]]:
    """A round with its roster, for which nobody has contributed."""
    agents = scripted()
    for one in agents:
        one.contributes = False
    world.serving(*agents)
    question = world.asker.sign(world.asker.question(world.terms))
    world.asking(question).add_done_callback(lambda done: done.cancelled() or done.exception())
    name = msgspec.json.decode(question.payload)["id"]
    await until(lambda: all(one.told(RosterOrder) for one in agents))
    found = world.parts.rounds.find(name)
    assert found is not None
    return question, found, agents


async def heard_of(world: World, question: Signed) -> list[object]:
    """What an asker hears before the refusal."""
    heard: list[object] = []
    who = principal(world.asker.institution, "keyholder")
    with suppress(Refused):
        async for update in world.parts.ask(who, Request(question)):
            heard.append(update)
    return heard


def contribution_of(question: Signed, one: Round, agent: Agent) -> tuple[Signed, bytes]:
    assert one.roster is not None
    sent = agent.masked(question, one.roster, tuple(one.readies.values()))
    return agent.contribution(one.roster, sent), sent


async def test_an_invented_contributor_gets_no_orders_and_cannot_be_ready() -> None:
    world = World()
    stranger = Agent("lender-x")
    assert await reason(anext(world.parts.orders.stream(principal("lender-x"), None))) is (
        R.AGGREGATE_NOT_PERMITTED
    )
    world = World(limits=QUICK)
    question = world.asker.sign(world.asker.question(world.terms))
    asking = world.asking(question)
    await until(lambda: world.store.kinds() == ["OPEN"])
    sent = world.parts.messages.ready(principal("lender-x"), stranger.ready(question))
    assert await reason(sent) is R.ROUND_NOT_FOUND
    posing = stranger.ready(question, contributor="lender-a")
    sent = world.parts.messages.ready(principal("lender-x"), posing)
    assert await reason(sent) is R.ROUND_NOT_FOUND
    assert await reason(asking) is R.CONTRIBUTORS_MISSING


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"contributor": "lender-b"}, R.STATEMENT_REFUSED),
        ({"question": "0" * 64}, R.STATEMENT_REFUSED),
        ({"round": "0" * 32}, R.ROUND_NOT_FOUND),
    ],
)
async def test_a_readiness_for_somebody_or_something_else_is_refused(
    changes: dict[str, str], expected: ErrorReason
) -> None:
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    world.asking(question)
    await until(lambda: world.store.kinds() == ["OPEN"])
    ready = Agent("lender-a").ready(question, **changes)
    assert await reason(world.parts.messages.ready(principal("lender-a"), ready)) is expected
    assert world.store.denied == [("lender-a", expected.value)]


async def test_an_agent_answers_for_its_own_institution_only() -> None:
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    world.asking(question)
    await until(lambda: world.store.kinds() == ["OPEN"])
    ready = Agent("lender-b").ready(question)
    stolen = world.parts.messages.ready(principal("lender-a"), ready)
    assert await reason(stolen) is R.STATEMENT_REFUSED


async def test_a_statement_in_one_s_name_that_another_signed_is_refused() -> None:
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    world.asking(question)
    await until(lambda: world.store.kinds() == ["OPEN"])
    # Taken, it would make a roster that every careful agent refuses.
    forged = Agent("lender-b").ready(question, contributor="lender-a")
    sent = world.parts.messages.ready(principal("lender-a"), forged)
    assert await reason(sent) is R.STATEMENT_REFUSED


async def test_a_copied_or_a_second_masking_key_is_refused() -> None:
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    world.asking(question)
    await until(lambda: world.store.kinds() == ["OPEN"])
    first = Agent("lender-a")
    ready = world.parts.messages.ready
    await ready(principal("lender-a"), first.ready(question))
    copied = first.posing_as("lender-b").ready(question)
    assert await reason(ready(principal("lender-b"), copied)) is R.ROUND_MESSAGE_REFUSED
    second = Agent("lender-a").ready(question)
    assert await reason(ready(principal("lender-a"), second)) is R.ROUND_MESSAGE_REFUSED
    # The same key under a fresh signature is the same statement.
    await ready(principal("lender-a"), first.ready(question))


@pytest.mark.parametrize("spoiled", ["of low order", "spelled in another way"])
async def test_a_masking_key_that_would_spoil_the_roster_is_refused(spoiled: str) -> None:
    """Agents refuse a roster with it: the round would be lost, and charged to its asker."""
    world = World()
    question = world.asker.sign(world.asker.question(world.terms))
    world.asking(question)
    await until(lambda: world.store.kinds() == ["OPEN"])
    agent = Agent("lender-a")
    own = int.from_bytes(agent.masking.public_key(), "little")
    key = (1 if spoiled == "of low order" else own + 2**255).to_bytes(32, "little")
    ready = world.parts.messages.ready
    sent = ready(principal("lender-a"), agent.ready(question, masking_key=key.hex()))
    assert await reason(sent) is R.ROUND_MESSAGE_REFUSED
    await ready(principal("lender-a"), agent.ready(question))


async def test_another_certificate_of_the_institution_is_not_its_agent() -> None:
    """Of an online system, say: it would take the agent's orders, or decline in its name."""
    world = World()
    question, one, _ = await collecting(world)
    other, messages = principal("lender-a", "integrator"), world.parts.messages
    contribution = Signed(b"{}", b"", ())
    orders = world.parts.orders.stream(other, None)
    refused = [
        anext(orders),
        messages.ready(other, Agent("lender-a").ready(question)),
        messages.decline(other, one.id),
        messages.contribute(other, contribution, parts_of(b"")),
        world.parts.reads.combination(other, one.id),
    ]
    for sent in refused:
        assert await reason(sent) is R.AGGREGATE_NOT_PERMITTED
    assert one.phase is Phase.COLLECTING
    assert not one.declined


async def test_nobody_is_ready_after_the_roster() -> None:
    world = World(limits=QUICK)
    agents = scripted("bureau-a", "lender-a", "lender-b")
    agents[0].contributes = False
    world.serving(*agents)
    question = world.asker.sign(world.asker.question(world.terms))
    asking = world.asking(question)
    await until(lambda: agents[0].told(RosterOrder) > 0)
    late = world.parts.messages.ready(principal("lender-c"), Agent("lender-c").ready(question))
    assert await reason(late) is R.ROUND_MESSAGE_REFUSED
    outside = scripted("lender-c")[0]
    world.serving(outside)
    await until(lambda: outside.told(VoidOrder) > 0)
    assert await reason(asking) is R.CONTRIBUTOR_LOST


async def test_a_contribution_of_a_stranger_or_an_outsider_of_the_roster_is_refused() -> None:
    world = World()
    question, one, agents = await collecting(world)
    said, sent = contribution_of(question, one, agents[0].agent)
    outsider = agents[0].agent.posing_as("lender-x")
    assert one.roster is not None
    theirs = outsider.contribution(one.roster, sent)
    assert await reason(world.send(outsider, theirs, sent)) is R.ROUND_NOT_FOUND
    # Somebody else's statement, sent by a member.
    assert await reason(world.send(agents[1].agent, said, sent)) is R.STATEMENT_REFUSED


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"contributor": "lender-b"}, R.STATEMENT_REFUSED),
        ({"roster": "0" * 64}, R.ROUND_MESSAGE_REFUSED),
        ({"round": "0" * 32}, R.ROUND_NOT_FOUND),
        ({"ciphertexts": 5}, R.CIPHERTEXT_REFUSED),
        ({"ciphertexts": 7}, R.CIPHERTEXT_REFUSED),
        ({"digest": "0" * 64}, R.CIPHERTEXT_REFUSED),
    ],
)
async def test_a_contribution_must_say_what_it_is(
    changes: dict[str, str | int], expected: ErrorReason
) -> None:
    world = World()
    question, one, agents = await collecting(world)
    agent = agents[1].agent
    assert one.roster is not None
    sent = agent.masked(question, one.roster, tuple(one.readies.values()))
    said = agent.contribution(one.roster, sent, **changes)
    assert await reason(world.send(agent, said, sent)) is expected
    assert (agent.institution, expected.value) in world.store.denied
    # The member may still send the right one.
    await world.send(agent, *contribution_of(question, one, agent))
    assert list(one.contributions) == [agent.institution]


async def test_too_many_bytes_are_not_even_gathered() -> None:
    world = World()
    question, one, agents = await collecting(world)
    said, sent = contribution_of(question, one, agents[0].agent)
    seen = 0

    async def endless() -> Any:
        nonlocal seen
        while True:
            seen += 1
            yield sent

    who = principal(agents[0].agent.institution)
    sending = world.parts.messages.contribute(who, said, endless())
    assert await reason(sending) is R.CIPHERTEXT_REFUSED
    assert seen == 2


async def test_the_same_contribution_again_is_fine_and_another_one_is_refused() -> None:
    world = World()
    question, one, agents = await collecting(world)
    agent = agents[0].agent
    first = contribution_of(question, one, agent)
    await world.send(agent, *first)
    await world.send(agent, *first)
    said, other = contribution_of(question, one, agent)
    assert other != first[1]
    bytes_of_it = parts_of(other)
    sending = world.parts.messages.contribute(principal(agent.institution), said, bytes_of_it)
    assert await reason(sending) is R.ROUND_MESSAGE_REFUSED
    # Its bytes are not even read.
    assert await anext(bytes_of_it) == other
    assert one.contributions[agent.institution].ciphertexts == first[1]
    assert (agent.institution, R.ROUND_MESSAGE_REFUSED.value) in world.store.denied


async def test_a_contribution_to_one_round_is_none_to_another() -> None:
    world = World()
    question, one, agents = await collecting(world)
    other_question = world.asker.sign(world.asker.question(world.terms))
    world.asking(other_question)
    name = msgspec.json.decode(other_question.payload)["id"]
    await until(
        lambda: (found := world.parts.rounds.find(name)) is not None and found.members != ()
    )
    other = world.parts.rounds.find(name)
    assert other is not None
    agent = agents[0].agent
    said, sent = contribution_of(question, one, agent)
    replayed = signed(
        agent.key,
        CONTRIBUTION_TYPE,
        said.payload.replace(one.id.encode(), other.id.encode()),
    )
    assert await reason(world.send(agent, replayed, sent)) is R.ROUND_MESSAGE_REFUSED
    assert not other.contributions


async def test_hostile_points_harm_neither_the_round_nor_the_others() -> None:
    world = World()
    question, one, agents = await collecting(world)
    hostile, *honest = [each.agent for each in agents]
    assert one.roster is not None
    for each in honest:
        await world.send(each, *contribution_of(question, one, each))
    _, sent = contribution_of(question, one, hostile)
    for bad in (
        bytes(len(sent)),
        b"\x04" + sent[1:],
        sent[:33] + (b"\x05" + secrets.token_bytes(32)) * 11,
    ):
        said = hostile.contribution(one.roster, bad)
        assert await reason(world.send(hostile, said, bad)) is R.CIPHERTEXT_REFUSED
    assert sorted(one.contributions) == sorted(each.institution for each in honest)
    await world.send(hostile, *contribution_of(question, one, hostile))
    await until(lambda: one.phase is Phase.RELEASED)
    assert one.sealed is not None
    assert world.asker.read(one.sealed.prepared.ciphertexts, 1 << 20)[1] == 120


async def test_points_that_add_up_to_infinity_give_no_result() -> None:
    world = World()
    question, one, agents = await collecting(world)
    last, *honest = [each.agent for each in agents]
    columns: list[list[Ciphertext]] = [[] for _ in range(6)]
    for each in honest:
        said, sent = contribution_of(question, one, each)
        await world.send(each, said, sent)
        for at in range(6):
            columns[at].append(Ciphertext.from_bytes(sent[66 * at : 66 * at + 66]))
    # Whoever is last and sees the others' points could send the negative of their sum.
    sums = [sum_many(column) for column in columns]
    negative = b"".join(Ciphertext(negate(total.c1), negate(total.c2)).to_bytes() for total in sums)
    assert one.roster is not None
    await world.send(last, last.contribution(one.roster, negative), negative)
    await until(lambda: one.outcome is not None)
    assert one.outcome is not None
    assert one.outcome.reason is R.CIPHERTEXT_REFUSED
    assert "RELEASE" not in world.store.kinds()


async def test_after_the_combination_nothing_changes_a_round() -> None:
    world, agents = World(), scripted()
    world.serving(*agents)
    question = world.asker.sign(world.asker.question(world.terms))
    await world.ask(question)
    one = world.parts.rounds.find(msgspec.json.decode(question.payload)["id"])
    assert one is not None
    assert one.roster is not None
    agent = agents[0].agent
    other = encrypted(world.asker.key, [1] * 6)
    said = agent.contribution(one.roster, other)
    assert await reason(world.send(agent, said, other)) is R.ROUND_MESSAGE_REFUSED
    declined = world.parts.messages.decline(principal("lender-a"), one.id)
    assert await reason(declined) is R.ROUND_MESSAGE_REFUSED
    assert (await world.ask(question)).shown is not None


async def test_a_declining_agent_ends_the_round_for_all_and_is_not_named() -> None:
    world = World()
    unwilling, *others = scripted()
    unwilling.willing = False
    world.serving(unwilling, *others)
    question = world.asker.sign(world.asker.question(world.terms))
    with pytest.raises(Refused) as caught:
        await world.ask(question)
    (finding,) = caught.value.findings
    assert (finding.reason, finding.element) == (R.AGGREGATE_REFUSED, "")
    assert world.store.kinds() == ["OPEN", "REFUSED"]
    await until(lambda: all(one.told(VoidOrder) for one in others))
    # The charge stays, it is counted once, and asking again tells nothing new.
    assert await reason(world.ask(question)) is R.AGGREGATE_REFUSED
    assert world.store.kinds().count("REFUSED") == 1


async def test_a_refusal_does_not_come_sooner_where_one_declines_at_once() -> None:
    world = World()
    unwilling, slow, *others = scripted()
    unwilling.willing = False
    world.serving(unwilling, *others)
    question = world.asker.sign(world.asker.question(world.terms))
    asking = world.asking(question)
    await until(lambda: all(one.told(QuestionOrder) for one in (unwilling, *others)))
    await asyncio.sleep(0.1)
    assert world.store.kinds() == ["OPEN"]
    world.serving(slow)
    assert await reason(asking) is R.AGGREGATE_REFUSED


async def test_what_an_asker_hears_before_a_refusal_does_not_say_how_many_were_willing() -> None:
    heard = []
    for unwilling in (1, 3):
        world, agents = World(), scripted()
        for one in agents[:unwilling]:
            one.willing = False
        world.serving(*agents)
        question = world.asker.sign(world.asker.question(world.terms))
        heard.append(await heard_of(world, question))
    assert heard[0] == heard[1]


async def test_a_consent_withdrawn_before_the_release_voids_the_round_for_good() -> None:
    world = World()
    question, one, agents = await collecting(world)
    one.accepted = msgspec.structs.replace(one.accepted, consents=("c",))
    costs = world.store._costs
    costs[one.id] = msgspec.structs.replace(costs[one.id], consents=("c",))
    world.store.withdrawn.add("c")
    for each in agents:
        await world.send(each.agent, *contribution_of(question, one, each.agent))
    await until(lambda: one.phase is Phase.VOID)
    assert not one.contributions
    assert one.prepared is None
    await until(lambda: all(each.told(VoidOrder) for each in agents))
    world.store.withdrawn.clear()
    assert await reason(world.ask(question)) is R.ROUND_VOID
    world.parts = world.gateway()
    assert await reason(world.ask(question)) is R.ROUND_VOID


async def test_a_contract_that_changed_meanwhile_is_not_released_under() -> None:
    world = World()
    question, one, agents = await collecting(world)
    changed_contract = contract(snapshot="2026-11-30")
    tables = {changed_contract.dataset: changed_contract}
    world.policy.current = msgspec.structs.replace(world.policy.current, aggregates=tables)
    for each in agents:
        await world.send(each.agent, *contribution_of(question, one, each.agent))
    await until(lambda: one.outcome is not None)
    assert one.outcome is not None
    assert one.outcome.reason is R.AGGREGATE_QUESTION_INVALID
    assert "RELEASE" not in world.store.kinds()


async def test_the_gateway_takes_no_statement_of_its_own_kind_from_others() -> None:
    world = World()
    question = world.asker.question(world.terms)
    forged = signed(key_of("lender-a", "agent"), ROSTER_TYPE, question.encoded())
    sent = world.parts.messages.ready(principal("lender-a"), forged)
    assert await reason(sent) is R.STATEMENT_REFUSED


def test_the_attacks_are_played_on_the_contract_of_all() -> None:
    assert contract().contributors == tuple(sorted(AGENTS))
