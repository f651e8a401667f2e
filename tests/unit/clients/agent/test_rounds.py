"""An agent's rounds, the honest way: what is sent, stored and forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from clients.agent.errors import AgentError, Refused
from clients.agent.orders import (
    RosterOrder,
    SendContribution,
)
from clients.agent.outcome.combination import combined
from clients.agent.store import RoundStore
from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, ElGamalError, sum_many
from gateway.crypto.paillier import Packing, prove_key
from gateway.domain.aggregate.packing_plan import layout_of
from gateway.domain.aggregate.plan import require_plan
from gateway.domain.aggregate.question import AskerKey, key_context, proof_text
from gateway.domain.aggregate.statements import Contribution, Ready, digest_of
from support.agents import FixedData, TestedAgent, local_policy
from support.agents_steps import ready_of, rostered, round_of
from support.agents_world import ASKER, CONTRIBUTORS, GROUPS, OWN, World
from support.paillier_keys import key as phe_key


def test_whole_rounds_masks_vanish_in_the_sum_and_in_no_smaller_one(
    world: World, tmp_path: Path
) -> None:
    agents = [
        TestedAgent.make(
            world,
            tmp_path / name,
            institution=name,
            data=FixedData(value=100 * at),
            policy=local_policy(own_group=GROUPS[name], peers=GROUPS),
        )
        for at, name in enumerate(CONTRIBUTORS, 1)
    ]
    order = world.order(world.question())
    readies = {one.trust.institution: ready_of(one, order) for one in agents}
    roster = world.roster(order, readies)
    sent = [one.rounds.follow(roster) for one in agents]
    parts = [one.ciphertexts for one in sent if isinstance(one, SendContribution)]
    assert len(parts) == 4
    columns = [[part[at : at + CIPHERTEXT_SIZE] for part in parts] for at in (0, CIPHERTEXT_SIZE)]
    opened = [
        world.secret.decrypt(sum_many([Ciphertext.from_bytes(c) for c in column]), 0, 10_000)
        for column in columns
    ]
    assert opened == [1000, 1004]
    partial = sum_many([Ciphertext.from_bytes(c) for c in columns[0][:3]])
    with pytest.raises(ElGamalError, match="out_of_bound"):
        world.secret.decrypt(partial, -100_000, 100_000)


def test_a_contribution_says_what_it_is(agent: TestedAgent) -> None:
    _, roster = rostered(agent)
    reply = agent.rounds.follow(roster)
    assert isinstance(reply, SendContribution)
    content = msgspec.json.decode(reply.contribution.payload, type=Contribution)
    assert content.roster == digest_of(roster.roster.payload)
    assert content.contributor == OWN
    assert content.digest == digest_of(reply.ciphertexts)
    assert content.ciphertexts * CIPHERTEXT_SIZE == len(reply.ciphertexts) > 0


def test_the_same_orders_again_give_the_same_bytes(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    first = agent.rounds.follow(order), agent.rounds.follow(roster)
    assert (agent.rounds.follow(order), agent.rounds.follow(roster)) == first
    restarted = agent.again()
    assert (restarted.rounds.follow(order), restarted.rounds.follow(roster)) == first
    assert agent.data.asked == [GROUPS[ASKER]]


def test_every_question_has_a_fresh_masking_key(agent: TestedAgent) -> None:
    world = agent.world
    questions = [world.question() for _ in range(3)]
    keys = {
        msgspec.json.decode(ready_of(agent, world.order(one)).payload, type=Ready).masking_key
        for one in questions
    }
    assert len(keys) == 3


def test_nothing_secret_is_left_once_the_contribution_is_stored(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    round_id = round_of(order)
    sealed = agent.store._database.execute("SELECT masking_key, figures FROM round").fetchone()
    clear = agent.store.secrets(round_id).masking_key
    agent.rounds.follow(roster)
    with pytest.raises(LookupError):
        agent.store.secrets(round_id)
    for file in agent.folder.iterdir():
        content = file.read_bytes()
        assert clear not in content
        assert all(one not in content for one in sealed), file.name


def test_secrets_are_sealed_while_they_are_kept(agent: TestedAgent) -> None:
    order, _ = rostered(agent)
    secrets = agent.store.secrets(round_of(order))
    agent.store._forget_pages()
    database = (agent.folder / "state.db").read_bytes()
    assert secrets.masking_key not in database
    assert msgspec.json.encode(secrets.kept) not in database


def test_many_threads_and_one_roster_make_one_contribution(agent: TestedAgent) -> None:
    _, roster = rostered(agent)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(agent.rounds.follow, [roster] * 16))
    assert len({one.ciphertexts for one in replies if isinstance(one, SendContribution)}) == 1
    assert len(agent.data.settled) == 1


def test_of_two_rosters_at_once_one_is_followed(agent: TestedAgent) -> None:
    order, roster = rostered(agent)
    fewer = {
        one: ready
        for one, ready in zip(CONTRIBUTORS, roster.readies, strict=True)
        if one != "lender-c"
    }
    rosters = [roster, agent.world.roster(order, fewer)]

    def follow(one: RosterOrder) -> str:
        try:
            reply = agent.rounds.follow(one)
        except Refused as refused:
            return refused.word.value
        assert isinstance(reply, SendContribution)
        return reply.contribution.payload.decode()

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(follow, rosters * 8))
    assert len(seen) == 2
    assert "second_roster" in seen


def test_a_second_process_on_the_folder_is_refused(agent: TestedAgent) -> None:
    with pytest.raises(AgentError, match="another process"):
        RoundStore.open(agent.folder)


def test_a_paillier_round_goes_the_same_way(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range that no discrete logarithm is read from."""
    owner = phe_key("veilgate_3072")
    n = owner.public_key.n
    proof = proof_text("paillier", prove_key(owner, key_context(ASKER)).encode(n))
    wide = World(authority=world.authority, round_key=world.round_key)
    terms = msgspec.structs.replace(wide.contract.cohort, people_at_most=10**9)  # type: ignore[type-var]
    wide.contract = msgspec.structs.replace(wide.contract, cohort=terms)
    monkeypatch.setattr(
        wide, "asker_key", lambda: AskerKey(scheme="paillier", key=f"{n:x}", proof=proof)
    )
    agents = [
        TestedAgent.make(
            wide,
            tmp_path / name,
            institution=name,
            policy=local_policy(own_group=GROUPS[name], peers=GROUPS),
        )
        for name in CONTRIBUTORS
    ]
    order = wide.order(wide.question())
    roster = wide.roster(order, {one.trust.institution: ready_of(one, order) for one in agents})
    sent = [one.rounds.follow(roster) for one in agents]
    parts = [one.ciphertexts for one in sent if isinstance(one, SendContribution)]
    assert {len(one) for one in parts} == {768}
    product = combined(wide.asker_key(), parts, 1)
    plan = require_plan(wide.question(), wide.contract)
    layout = layout_of(plan, wide.asker_key(), 4)
    packing = Packing(layout.modulus_bits, 4, layout.lowest, layout.highest)
    total = owner.decrypt_raw(int.from_bytes(product, "big"))
    assert packing.unpack([total], layout.length) == [4 * (7 + at) for at in range(layout.length)]
