"""A round over the wire whose combination an agent's own code makes again, log and all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from clients.agent.context import Trust
from clients.agent.errors import Refused, Word
from clients.agent.link import Link
from clients.agent.messages import read_order
from clients.agent.orders import ResultOrder, RosterOrder
from clients.agent.outcome.combination import Combination
from clients.agent.outcome.recompute import require_whole
from clients.agent.outcome.results import read_result, require_logged
from clients.agent.profile import AgentProfile
from clients.cli.local.home import make_home
from support.aggregate_live import ASKER, Asking, Serving, agents_of, serving, stub_of
from support.live_gateway import LiveGateway, serve_home
from support.postgres_server import shared_server

OWN = "lender-b"
MOST = 1 << 20


def fetched(gateway: LiveGateway, profile: AgentProfile, round_id: str) -> Combination:
    """What an agent fetches of a round from a gateway."""
    link = Link(replace(profile.connection(), gateway=gateway.profile(ASKER).gateway))
    try:
        return link.contributions(round_id, MOST)
    finally:
        link.close()


def orders_of(one: Serving) -> tuple[RosterOrder, ResultOrder]:
    """The roster and the result that an agent was given."""
    found = [read_order(order) for order in one.orders]
    (roster,) = [order for order in found if isinstance(order, RosterOrder)]
    (result,) = [order for order in found if isinstance(order, ResultOrder)]
    return roster, result


def word_of(
    trust: Trust, question: bytes, roster: RosterOrder, result: ResultOrder, shown: Combination
) -> Word:
    with pytest.raises(Refused) as refused:
        require_whole(trust, question, roster, result, shown)
    return refused.value.word


def test_an_agent_makes_the_combination_of_a_killed_gateway_again_and_finds_it_in_the_log(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path / "home", "localhost:0", development=True)
    store = shared_server().create()
    gateway = serve_home(home, store=store)
    profile = AgentProfile.load(gateway.home.agent(OWN))
    trust = Trust(
        institution=OWN,
        anchors=profile.read_anchors(),
        round_key=profile.read_round_key(),
        policy=profile.policy,
        own_key=profile.read_statement_key,
    )
    agents = agents_of(gateway, 9)
    try:
        with stub_of(gateway, ASKER, "keyholder") as stub, serving(*agents):
            question = (asking := Asking(stub, gateway)).question()
            updates = asking.ask(question)
            assert all(one.result.wait(10) for one in agents)
    finally:
        gateway.kill()
    roster, result = orders_of(agents[2])
    # Another process over the same database: it has not seen the round.
    after = serve_home(home, store=store)
    try:
        shown = fetched(after, profile, read_result(trust, result.result).round)
    finally:
        after.stop()
    found = require_whole(trust, question.payload, roster, result, shown)
    assert sorted(found) == sorted(one.agent.institution for one in agents)
    assert shown.released == b"".join(one.ciphertexts for one in updates)
    log_key = profile.read_log_key()
    assert log_key is not None
    require_logged(log_key, read_result(trust, result.result), result)
    # The asker gets no proof: without the contributions it is none to it.
    (told,) = [one.result for one in updates if one.HasField("result")]
    assert told.combination_proof == b""
    assert told.result.payload == result.result.payload
    less = replace(shown, contributions=shown.contributions[1:])
    assert word_of(trust, question.payload, roster, result, less) is Word.RESULT
    other = replace(result, proof=bytes(len(result.proof)))
    assert word_of(trust, question.payload, roster, other, shown) is Word.RESULT
