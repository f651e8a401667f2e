"""An agent that makes the combination again sees what does not belong into it, and keeps it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import grpc
import msgspec
import pytest

from clients.agent.check import check_profile
from clients.agent.errors import Refused, Word
from clients.agent.orders import QuestionOrder, ResultOrder, RosterOrder
from clients.agent.outcome import evidence as evidence_module
from clients.agent.outcome.combination import Combination, gathered
from clients.agent.outcome.evidence import Evidence, EvidenceFolder
from clients.agent.outcome.recompute import Recomputation, require_whole
from clients.agent.profile import AgentProfile
from clients.agent.store import State
from clients.sdk.codecs.status_details import StatusDetails
from clients.sdk.errors import VeilgateError
from gateway.domain.aggregate.statements import CONTRIBUTION_TYPE, Contribution, digest_of
from support.agents import TestedAgent
from support.agents_combination import CHEATS, SWAPPED_LATER, Combining, Parts
from support.agents_contributed import contributed
from support.agents_profile import write_profile
from support.agents_steps import round_of
from support.agents_world import OWN, World
from veilgate.v1 import aggregate_pb2 as pb


@dataclass
class Finished:
    """A round that all members contributed to, seen from one of them."""

    world: World
    agent: TestedAgent
    order: QuestionOrder
    roster: RosterOrder
    parts: Parts
    asked: int = 0

    @property
    def folder(self) -> EvidenceFolder:
        return EvidenceFolder(self.agent.folder)

    @property
    def state(self) -> State:
        kept = self.agent.store.find(round_of(self.order))
        assert kept is not None
        return kept.state

    def combined(self, how: Combining | None = None) -> tuple[ResultOrder, Combination]:
        return (how or Combining())(self.world, self.order, self.roster, self.parts)

    def recompute(
        self, result: ResultOrder, shown: Combination | Exception, share: int = 1
    ) -> None:
        def fetched(_: str, most: int) -> Combination:
            self.asked += 1
            if isinstance(shown, Exception):
                raise shown
            assert sum(len(one) for _, one in shown.contributions) < most < 1 << 20
            return shown

        agent = self.agent
        Recomputation(agent.trust, agent.store, fetched, self.folder, share)(result)

    def caught(self, how: Combining) -> Word:
        """The word for a gateway that combines like this; it is in the evidence as well."""
        with pytest.raises(Refused) as refused:
            self.recompute(*self.combined(how))
        (kept,) = self.folder.all()
        assert kept.word is refused.value.word
        assert (kept.round, kept.agent) == (round_of(self.order), OWN)
        assert self.state is State.CONTRIBUTED
        return refused.value.word

    def judged(self, kept: Evidence) -> Word:
        """What somebody else makes of evidence, with nothing but the network's keys."""
        assert kept.shown is not None
        assert kept.result is not None
        with pytest.raises(Refused) as refused:
            require_whole(self.agent.trust, kept.question, kept.roster, kept.result, kept.shown)
        return refused.value.word


@pytest.fixture
def finished(world: World, tmp_path: Path) -> Finished:
    made = contributed(world, tmp_path)
    return Finished(world, made.agents[OWN], made.order, made.roster, made.parts)


def test_a_whole_round_is_made_again(finished: Finished) -> None:
    result, shown = finished.combined()
    finished.recompute(result, shown)
    finished.agent.rounds.follow(result)
    assert finished.state is State.DONE
    assert finished.folder.all() == []


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_combination_that_is_not_the_product_is_caught(
    finished: Finished, cheat: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "veilgate.agent"):
        assert finished.caught(CHEATS[cheat]) is Word.COMBINATION
    (record,) = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert record.getMessage().endswith("the gateway's combination does not hold")
    # It signed result and proof: who was not there comes to the same.
    (kept,) = finished.folder.all()
    assert finished.judged(kept) is Word.COMBINATION


@pytest.mark.parametrize("swap", SWAPPED_LATER)
def test_what_was_not_signed_is_not_called_a_false_proof(finished: Finished, swap: str) -> None:
    assert finished.caught(SWAPPED_LATER[swap]) is Word.RESULT


@pytest.mark.parametrize(
    "named", [{"question": "11" * 32}, {"roster": "11" * 32}, {"ciphertexts": 3}]
)
def test_a_result_of_something_else_is_not_even_fetched(
    finished: Finished, named: dict[str, str | int]
) -> None:
    with pytest.raises(Refused) as refused:
        finished.recompute(*finished.combined(Combining(more=named)))
    assert refused.value.word is Word.RESULT
    assert finished.asked == 0


def _missing(parts: Parts, finished: Finished) -> Parts:
    return {name: one for name, one in parts.items() if name != "lender-b"}


def _altered_bytes(parts: Parts, finished: Finished) -> Parts:
    statement, ciphertexts = parts["lender-b"]
    return {**parts, "lender-b": (statement, ciphertexts[66:] + ciphertexts[:66])}


def _another_in_its_name(parts: Parts, finished: Finished) -> Parts:
    statement, ciphertexts = parts["lender-b"]
    signer = finished.world.signer("lender-c", "agent")
    return {
        **parts,
        "lender-b": (signer.sign(CONTRIBUTION_TYPE, statement.payload), ciphertexts),
    }


def _doubled(parts: Parts, finished: Finished) -> Parts:
    return {**parts, "lender-b": parts["lender-c"]}


def _own_replaced(parts: Parts, finished: Finished) -> Parts:
    return {**parts, OWN: parts["lender-c"]}


def _rubbish(parts: Parts, finished: Finished) -> Parts:
    signer = finished.world.signer("lender-b", "agent")
    return {**parts, "lender-b": (signer.sign(CONTRIBUTION_TYPE, b"{}"), b"")}


@pytest.mark.parametrize(
    "change",
    [_missing, _altered_bytes, _another_in_its_name, _doubled, _own_replaced, _rubbish],
)
def test_what_is_not_the_rosters_is_seen(
    finished: Finished, change: Callable[[Parts, Finished], Parts]
) -> None:
    shows = Combining(shown=lambda parts: change(parts, finished))
    assert finished.caught(shows) in (Word.RESULT, Word.MALFORMED)


def test_another_contribution_in_the_own_name_is_seen(finished: Finished) -> None:
    """A second agent under the same institution's name, which this one knows nothing of."""
    statement, ciphertexts = finished.parts[OWN]
    other = ciphertexts[66:] + ciphertexts[:66]
    content = msgspec.json.decode(statement.payload, type=Contribution)
    changed = msgspec.structs.replace(content, digest=digest_of(other)).encoded()
    signed = finished.world.signer(OWN, "agent").sign(CONTRIBUTION_TYPE, changed)
    finished.parts = {**finished.parts, OWN: (signed, other)}
    assert finished.caught(Combining()) is Word.RESULT


def test_two_members_that_sign_for_each_other_are_seen(finished: Finished) -> None:
    swap = {"lender-b": "lender-c", "lender-c": "lender-b"}
    signed = {
        name: (
            finished.world.signer(name, "agent").sign(
                CONTRIBUTION_TYPE, finished.parts[other][0].payload
            ),
            finished.parts[other][1],
        )
        for name, other in swap.items()
    }
    finished.parts = {**finished.parts, **signed}
    assert finished.caught(Combining()) is Word.RESULT


def test_a_contribution_that_is_shown_twice_is_seen(finished: Finished) -> None:
    result, shown = finished.combined()
    doubled = replace(shown, contributions=(*shown.contributions, shown.contributions[0]))
    with pytest.raises(Refused) as refused:
        finished.recompute(result, doubled)
    assert refused.value.word is Word.RESULT


def test_that_nothing_is_shown_is_kept_and_the_round_goes_on(
    finished: Finished, caplog: pytest.LogCaptureFixture
) -> None:
    result, _ = finished.combined()
    details = StatusDetails(reason="ROUND_NOT_FOUND")
    finished.recompute(result, VeilgateError(grpc.StatusCode.NOT_FOUND, details))
    (kept,) = finished.folder.all()
    assert (kept.word, kept.shown) == (Word.WITHHELD, None)
    assert any(one.levelno == logging.ERROR for one in caplog.records)
    finished.agent.rounds.follow(result)
    assert finished.state is State.DONE


def test_that_too_much_is_shown_is_kept(finished: Finished) -> None:
    result, _ = finished.combined()
    with pytest.raises(Refused):
        finished.recompute(result, Refused(Word.MALFORMED))
    (kept,) = finished.folder.all()
    assert (kept.word, kept.shown) == (Word.MALFORMED, None)


def test_a_share_of_the_rounds_is_looked_at(finished: Finished) -> None:
    result, shown = finished.combined()
    for _ in range(500):
        finished.recompute(result, shown, 20)
    # Binomial with 500 and 1/20: outside with a probability of 1e-11.
    assert 1 <= finished.asked <= 90


def test_evidence_is_kept_once_and_within_bounds(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_module, "MOST", 2)
    assert finished.caught(CHEATS["no proof"]) is Word.COMBINATION
    (first,) = finished.folder.all()
    finished.folder.keep(msgspec.structs.replace(first, noticed_at=1))
    assert finished.folder.all() == [first]
    for name in ("a" * 32, "b" * 32, "c" * 32):
        finished.folder.keep(msgspec.structs.replace(first, round=name))
    assert len(finished.folder.all()) == 2
    # Those of another word have room of their own.
    finished.folder.keep(msgspec.structs.replace(first, word=Word.WITHHELD, shown=None))
    assert len(finished.folder.all()) == 3
    assert not list((finished.agent.folder / "evidence").glob("*.new"))


def test_no_more_is_read_than_a_round_has() -> None:
    part = pb.ContributionPart(ciphertexts=bytes(1000))
    begin = pb.ContributionPart(contribution=pb.SignedStatement(payload=b"{}", signature=b"x"))
    last = pb.ContributionPart(released=b"abc")
    found = gathered([begin, part, part, last, last], 2100)
    assert [len(one) for _, one in found.contributions] == [2000]
    assert found.released == b"abcabc"
    for wrong, most in (([begin, part, part], 2000), ([part], 2000)):
        with pytest.raises(Refused) as refused:
            gathered(wrong, most)
        assert refused.value.word is Word.MALFORMED


def test_a_check_of_the_profile_names_what_was_caught(
    finished: Finished, world: World, tmp_path: Path
) -> None:
    assert finished.caught(CHEATS["no proof"]) is Word.COMBINATION
    path = write_profile(world, tmp_path)
    profile = AgentProfile.load(path)
    seen = "the gateway's results"
    assert seen not in {one.name for one in check_profile(profile)}
    caught = msgspec.structs.replace(profile, state=finished.agent.folder)
    found = [one for one in check_profile(caught) if one.name == seen]
    (one,) = found
    assert not one.passed
    assert one.seen == f"round {round_of(finished.order)}: combination"
    (kept,) = finished.folder.all()
    finished.folder.keep(msgspec.structs.replace(kept, word=Word.WITHHELD, shown=None))
    assert [one for one in check_profile(caught) if one.name == seen] == found
