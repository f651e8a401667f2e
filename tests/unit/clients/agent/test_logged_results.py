"""A gateway that shows agents another result than the asker: its log cannot have both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clients.agent.errors import AgentError, Refused, Word
from clients.agent.orders import ResultOrder
from clients.agent.outcome.evidence import EvidenceFolder
from clients.agent.outcome.recompute import Recomputation
from clients.agent.outcome.results import require_logged
from clients.agent.profile import AgentProfile
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.note_key import NoteSigner
from gateway.domain.aggregate.statements import RESULT_TYPE
from support.agents import TestedAgent
from support.agents_logged import content_of, logged
from support.agents_profile import write_profile
from support.agents_steps import contributed
from support.agents_world import World
from support.crypto_log import ORIGIN, SIGNER

OTHER = NoteSigner(ORIGIN, SigningKey.generate())


@pytest.fixture
def order(agent: TestedAgent) -> ResultOrder:
    question, roster, sent = contributed(agent)
    return agent.world.result(question, roster, sent.contribution)


def refused(order: ResultOrder) -> Word:
    with pytest.raises(Refused) as caught:
        require_logged(SIGNER.verifier_key, content_of(order), order)
    return caught.value.word


def test_a_release_in_the_pinned_log(order: ResultOrder) -> None:
    require_logged(SIGNER.verifier_key, content_of(order), logged(order))


@pytest.mark.parametrize(
    "changes",
    [
        {"result": "11" * 32},
        {"contributions": "11" * 32},
        {"roster": "11" * 32},
        {"request": "11" * 32},
        {"round": "11" * 16},
        {"kind": "AGGREGATE_OPENED"},
        {"result": None},
    ],
)
def test_an_entry_about_another_result(order: ResultOrder, changes: dict[str, Any]) -> None:
    assert refused(logged(order, **changes)) is Word.UNLOGGED


def test_an_entry_that_the_log_does_not_have(order: ResultOrder) -> None:
    good = logged(order)
    for bad in (
        order,
        logged(order, OTHER),
        replace(good, event=good.event + b" "),
        replace(good, inclusion=good.inclusion[:-1]),
        replace(good, checkpoint=logged(order, round="11" * 16).checkpoint),
    ):
        assert refused(bad) is Word.UNLOGGED


def test_a_second_result_for_the_asker_leaves_evidence(
    agent: TestedAgent, order: ResultOrder
) -> None:
    """The log has what the asker was shown; the agent gets a result of its own."""
    shown_to_asker = logged(order, result="11" * 32)

    def nothing(round_id: str, most: int) -> Any:
        raise AssertionError

    folder = EvidenceFolder(agent.folder)
    checks = Recomputation(
        *(agent.trust, agent.store, nothing, folder), log_key=SIGNER.verifier_key
    )
    with pytest.raises(Refused) as caught:
        checks(shown_to_asker)
    assert caught.value.word is Word.UNLOGGED
    (kept,) = folder.all()
    assert (kept.word, kept.result) == (Word.UNLOGGED, shown_to_asker)


def test_a_result_that_nobody_signed_leaves_none(agent: TestedAgent, order: ResultOrder) -> None:
    content = msgspec.structs.replace(content_of(order), released_at=1_800_000_001)
    forged = replace(
        order,
        result=agent.world.by_gateway(RESULT_TYPE, content.encoded(), SigningKey.generate()),
    )
    folder = EvidenceFolder(agent.folder)
    checks = Recomputation(
        *(agent.trust, agent.store, lambda *_: pytest.fail("fetched"), folder),
        log_key=SIGNER.verifier_key,
    )
    with pytest.raises(Refused) as caught:
        checks(forged)
    assert caught.value.word is Word.SIGNATURE
    assert folder.all() == []


def test_the_log_is_pinned_in_the_profile(world: World, tmp_path: Path) -> None:
    assert AgentProfile.load(write_profile(world, tmp_path)).read_log_key() is None
    line = f'log_verifier_key = "{SIGNER.verifier_key.encode()}"\nstate = "state"'
    path = write_profile(world, tmp_path, 'state = "state"', line)
    assert AgentProfile.load(path).read_log_key() == SIGNER.verifier_key
    for wrong in ("", "x", "a+b+c"):
        line = f'log_verifier_key = "{wrong}"\nstate = "state"'
        path = write_profile(world, tmp_path, 'state = "state"', line)
        with pytest.raises(AgentError, match="log_verifier_key"):
            AgentProfile.load(path).read_log_key()
