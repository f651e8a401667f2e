"""Questions about one subject: everybody answers, nobody is told apart, no other is asked about."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.errors import Refused, Unwilling, Word
from clients.agent.orders import (
    QuestionOrder,
    RosterOrder,
    SendContribution,
    SendDecline,
    SendReady,
)
from clients.agent.subject.box_keys import BoxKeys
from clients.agent.subject.tag_limit import TagLimit
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, ElGamalError, sum_many
from gateway.crypto.hpke import seal_box
from gateway.domain.aggregate.subject import COMMITMENTS_TYPE, BoxKey, SubjectFigures, box_context
from support.agents import local_policy
from support.agents_subject import (
    GROUPS,
    MEMBERS,
    Prepared,
    SubjectAgent,
    prepared,
    subject_world,
    tag_of,
)
from support.agents_world import ASKER, World

OWN = "lender-a"
Agents = Mapping[str, SubjectAgent]


@pytest.fixture(scope="module")
def world() -> World:
    return subject_world()


@pytest.fixture
def agents(world: World, tmp_path: Path) -> Agents:
    return {name: SubjectAgent.make(world, tmp_path / name, name) for name in MEMBERS}


def roster_of(asked: Prepared, agents: Agents) -> RosterOrder:
    readies = {}
    for name, one in agents.items():
        reply = one.rounds.follow(asked.order(name))
        assert isinstance(reply, SendReady)
        readies[name] = reply.ready
    return asked.world.roster(asked.order(OWN), readies)


def contributions(roster: RosterOrder, agents: Agents) -> list[bytes]:
    sent = [one.rounds.follow(roster) for one in agents.values()]
    parts = [one.ciphertexts for one in sent if isinstance(one, SendContribution)]
    assert len(parts) == len(agents)
    return parts


def sums(world: World, parts: list[bytes]) -> list[int]:
    columns = (
        [Ciphertext.from_bytes(part[at : at + CIPHERTEXT_SIZE]) for part in parts]
        for at in range(0, len(parts[0]), CIPHERTEXT_SIZE)
    )
    return [world.secret.decrypt(sum_many(column), 0, 100_000) for column in columns]


def declined(agent: SubjectAgent, order: QuestionOrder) -> str:
    reply = agent.rounds.follow(order)
    assert isinstance(reply, SendDecline)
    (word,) = agent.store._database.execute(
        "SELECT word FROM round WHERE id = ?", (reply.round,)
    ).fetchone()
    return str(word)


def test_the_sum_is_all_that_opens(world: World, agents: Agents) -> None:
    agents["lender-b"].known.people[tag_of("lender-b")] = SubjectFigures(True, 25_499, 0)
    agents["lender-d"].known.people[tag_of("lender-d")] = SubjectFigures(True, 3_500, 45)
    parts = contributions(roster_of(prepared(world, agents), agents), agents)
    assert sums(world, parts) == [2, 29, 0, 1, 0]
    with pytest.raises(ElGamalError):
        sums(world, parts[:4])


def test_nobody_is_looked_up_before_the_roster(world: World, agents: Agents) -> None:
    roster = roster_of(prepared(world, agents), agents)
    assert [one.known.asked for one in agents.values()] == [0] * 5
    contributions(roster, agents)
    assert [one.known.asked for one in agents.values()] == [1] * 5


def test_who_knows_the_subject_and_who_does_not_do_the_same(world: World, agents: Agents) -> None:
    agents["lender-b"].known.people[tag_of("lender-b")] = SubjectFigures(True, 25_000, 0)
    parts = contributions(roster_of(prepared(world, agents), agents), agents)
    assert len({len(one) for one in parts}) == 1
    assert [len(one.waits) for one in agents.values()] == [1] * 5
    assert all(0 < one.waits[0] <= 0.5 for one in agents.values())


def test_a_look_up_that_fails_names_nobody_and_opens_to_nothing(
    world: World, agents: Agents
) -> None:
    agents["lender-c"].known.broken = True
    parts = contributions(roster_of(prepared(world, agents), agents), agents)
    with pytest.raises(ElGamalError):
        sums(world, parts)


def test_the_tag_is_gone_once_the_contribution_is_stored(world: World, agents: Agents) -> None:
    asked = prepared(world, agents)
    contributions(roster_of(asked, agents), agents)
    with pytest.raises(LookupError):
        agents[OWN].store.secrets(asked.question.id)
    folder = Path(agents[OWN].keys._file).parent
    assert all(tag_of(OWN) not in one.read_bytes() for one in folder.iterdir())


def test_another_persons_tag_in_the_box(world: World, agents: Agents) -> None:
    """With one person's consent and another's tag: the gateway committed to the first's."""
    asked = prepared(world, agents, sealed="another")
    assert declined(agents[OWN], asked.order(OWN)) == "box"
    assert agents[OWN].known.asked == 0


@pytest.mark.parametrize("change", ["altered", "of another agent", "of another question", "none"])
def test_boxes_that_are_not_this_ones(world: World, agents: Agents, change: str) -> None:
    asked, other = prepared(world, agents), prepared(world, agents)
    box = asked.boxes[OWN]
    asked.boxes[OWN] = {
        "altered": box[:-1] + bytes([box[-1] ^ 1]),
        "of another agent": asked.boxes["lender-b"],
        "of another question": other.boxes[OWN],
        "none": b"",
    }[change]
    assert declined(agents[OWN], asked.order(OWN)) == "box"


@pytest.mark.parametrize(
    "changes",
    [
        {"asker": "lender-b"},
        {"consent": "ab" * 32},
        {"snapshot": "2026-09"},
        {"dataset": "credit.cards"},
        {"tags": ("ab" * 32,) * 5},
        {"expires_at": 1_700_000_000},
    ],
)
def test_commitments_of_something_else(
    world: World, agents: Agents, changes: dict[str, Any]
) -> None:
    asked = prepared(world, agents)
    assert declined(agents[OWN], asked.order(OWN, **changes)) == "commitments"


def test_no_commitments_and_commitments_under_another_key(world: World, agents: Agents) -> None:
    asked = prepared(world, agents)
    order = asked.order(OWN)
    forged = world.by_gateway(COMMITMENTS_TYPE, asked.commitments.encoded(), SigningKey.generate())
    with pytest.raises(Refused) as refused:
        agents[OWN].rounds.follow(replace(order, commitments=forged))
    assert refused.value.word is Word.SIGNATURE
    assert declined(agents[OWN], replace(order, commitments=None)) == "commitments"


def test_a_roster_without_one_contributor_ends_the_round(world: World, agents: Agents) -> None:
    """Left out, and asked again with it: the difference would be what that one holds."""
    asked = prepared(world, agents)
    roster = roster_of(asked, agents)
    readies = dict(zip(MEMBERS, roster.readies, strict=True))
    del readies["lender-d"]
    fewer = world.roster(asked.order(OWN), readies)
    assert isinstance(agents[OWN].rounds.follow(fewer), SendDecline)
    assert agents[OWN].known.asked == 0


def test_a_dataset_that_goes_on_with_fewer_does_not_for_a_subject(tmp_path: Path) -> None:
    fewer = subject_world()
    fewer.contract = msgspec.structs.replace(fewer.contract, minimum_contributors=3)
    agents = {
        name: SubjectAgent.make(
            fewer,
            tmp_path / name,
            name,
            local_policy(own_group=GROUPS[name], peers=GROUPS, subject_contributors=3),
        )
        for name in MEMBERS
    }
    asked = prepared(fewer, agents)
    readies = dict(zip(MEMBERS, roster_of(asked, agents).readies, strict=True))
    del readies["lender-d"]
    reply = agents[OWN].rounds.follow(fewer.roster(asked.order(OWN), readies))
    assert isinstance(reply, SendDecline)


def test_four_unaffiliated_contributors_are_too_few(world: World, tmp_path: Path) -> None:
    peers = {**GROUPS, "lender-d": GROUPS[ASKER]}
    policy = local_policy(own_group=GROUPS[OWN], peers=peers)
    agent = SubjectAgent.make(world, tmp_path, OWN, policy)
    asked = prepared(world, {OWN: agent})
    assert declined(agent, asked.order(OWN)) == "peers"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"purpose": "credit.marketing"}, "terms"),
        ({"tags": ("ab" * 32,) * 4}, "terms"),
        ({"contract": "ab" * 32}, "contract"),
        ({"expires_at": 1_700_000_001, "issued_at": 1_700_000_000}, "expired"),
    ],
)
def test_questions_that_are_not_of_the_contract(
    world: World, agents: Agents, changes: dict[str, Any], word: str
) -> None:
    asked = prepared(world, agents, **changes)
    assert declined(agents[OWN], asked.order(OWN)) == word


def test_a_swapped_key(world: World, agents: Agents) -> None:
    asked = prepared(world, agents, key=World().asker_key("gateway"))
    assert declined(agents[OWN], asked.order(OWN)) == "key"


def test_one_subject_three_times_a_day(world: World, agents: Agents) -> None:
    agent = agents[OWN]
    for _ in range(3):
        assert isinstance(agent.rounds.follow(prepared(world, agents).order(OWN)), SendReady)
    fourth = prepared(world, agents).order(OWN)
    assert declined(agent, fourth) == "limit"
    assert isinstance(agent.rounds.follow(fourth), SendDecline)


def test_the_count_begins_anew_each_day_and_outlives_a_restart(tmp_path: Path) -> None:
    limit = TagLimit(tmp_path)
    limit.count(b"t" * 32, 86_400.0, 1)
    limit.close()
    limit = TagLimit(tmp_path)
    with pytest.raises(Unwilling):
        limit.count(b"t" * 32, 2 * 86_400 - 1.0, 1)
    limit.count(b"u" * 32, 86_400.0, 1)
    limit.count(b"t" * 32, 2 * 86_400.0, 1)


def test_a_box_key_is_replaced_before_its_end_and_opens_for_an_hour_more(
    world: World, agents: Agents, tmp_path: Path
) -> None:
    moment = [time.time()]
    trust = replace(agents[OWN].trust, now=lambda: moment[0])
    keys = BoxKeys(trust, tmp_path / "keys")

    def public() -> bytes:
        said = msgspec.json.decode(keys.statement().payload, type=BoxKey)
        return bytes.fromhex(said.box_key)

    first = public()
    box = seal_box(bytes(64), first, box_context("ab" * 16, OWN))
    assert public() == first
    moment[0] += 2.5 * 86_400
    assert public() != first
    again = BoxKeys(trust, tmp_path / "keys")
    assert again.opened(box, "ab" * 16) == (bytes(32), bytes(32))
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0
    moment[0] += 3 * 86_400
    public()
    with pytest.raises(Unwilling):
        keys.opened(box, "ab" * 16)
