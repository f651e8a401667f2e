"""A talk that breaks is gone on with under the same keys and by the same bytes, or not at all."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.binning.kept import ANSWERS, HEARD, JobTalk, TalkSecrets
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.rows import LabelledRows
from clients.keyholder.errors import ResultRefused, Wrong
from clients.sdk.kept_parts import PartsFolder
from gateway.application.ports.aggregates import RoundState
from gateway.domain.reasons import ErrorReason, Refused, refuse
from support.binning_pair import clear_text, contract
from support.binning_world import BinningWorld
from support.said_of import SaidOf
from veilgate.v1 import aggregate_pb2 as pb

FEATURES = ["housing"]
ROWS = range(300)
DP = {"mode": "dp", "cost": 1_000_000}


class Gone(Exception):
    """Somebody was killed."""


def talk_in(folder: Path) -> JobTalk:
    return JobTalk(PartsFolder(folder), TalkSecrets.fresh(b""))


def again(talk: JobTalk) -> JobTalk:
    """What a new process finds of it."""
    return JobTalk(talk.kept, talk.secrets)


class Wire:
    """What was sent to whom, by kind; breaks at a message."""

    def __init__(self, world: BinningWorld) -> None:
        self.world = world
        self.sent: dict[str, list[list[Any]]] = {"lender": [], "bureau": []}
        self.counts: dict[str, int] = defaultdict(int)
        self.break_at: tuple[str, str, int] | None = None
        world.on_lender = lambda one: self._see("lender", one)
        world.on_bureau = lambda one: self._see("bureau", one)

    def _see(self, who: str, one: Any) -> Any:
        part = one.WhichOneof("part")
        self.counts[f"{who} {part}"] += 1
        if self.break_at == (who, part, self.counts[f"{who} {part}"]):
            self.break_at = None
            raise Gone
        self.sent[who].append([part, one.SerializeToString(deterministic=True)])
        return one

    def all(self, who: str, part: str) -> list[bytes]:
        return [content for name, content in self.sent[who] if name == part]


def require_clear_text(figures: Any) -> None:
    terms = contract().binning
    assert terms is not None
    features = {one.name: one for one in terms.features}
    for one in figures.features:
        spans = [(part.first, part.last) for part in one.bins]
        expected, value = clear_text(ROWS, features[one.name], spans)
        assert [(part.rows, part.events) for part in one.bins] == [row[:2] for row in expected]
        assert one.information_value == pytest.approx(value, abs=1e-9)


def broken(world: BinningWorld, opened: OpenJob, talk: JobTalk) -> None:
    with pytest.raises((Gone, Refused)):
        world.run(opened, talk)


@pytest.mark.parametrize(
    ("who", "part", "at", "gateway_too"),
    [
        ("lender", "channel", 1, True),
        ("lender", "result", 1, True),
        ("bureau", "bindings", 1, True),
        ("bureau", "sealed", 3, True),
        ("lender", "sealed", 2, False),
        ("bureau", "sealed", 1, False),
        ("bureau", "result", 1, False),
    ],
)
def test_whoever_is_killed_wherever_the_job_comes_to_its_one_end(
    tmp_path: Path, who: str, part: str, at: int, gateway_too: bool
) -> None:
    with BinningWorld(tmp_path) as world:
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        wire.break_at = (who, part, at)
        if (who, part) == ("bureau", "result"):
            # The lender has everything by then.
            require_clear_text(world.run(opened, talk))
        else:
            broken(world, opened, talk)
            if gateway_too:
                world.restart()
            if who == "bureau":
                world.restart_bureau()
            require_clear_text(world.run(opened, again(talk)))
        kinds = world.store.kinds()
        assert [kinds.count(one) for one in ("OPEN", "ROSTER", "AGGREGATE_RELEASED")] == [1, 1, 1]
        # Every party said the same as before, to the byte.
        for name in ("lender", "bureau"):
            for message in ("manifest", "channel"):
                assert len(set(wire.all(name, message))) <= 1
        assert len({*wire.all("lender", "ciphertexts")}) == 1
        assert len(set(wire.all("lender", "sealed"))) == 2
        assert not (tmp_path / "talk").exists()


def test_a_gateway_that_ends_between_charge_and_manifest_charges_once(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        talk, opened = talk_in(tmp_path / "talk"), world.opened(world.rows(ROWS), FEATURES)
        world.store.failing["fix_roster"] = refuse(ErrorReason.STORE_UNAVAILABLE)
        broken(world, opened, talk)
        world.store.failing.clear()
        world.restart()
        require_clear_text(world.run(opened, again(talk)))
        assert world.store.kinds().count("OPEN") == 1


def test_noise_is_drawn_once(tmp_path: Path) -> None:
    with BinningWorld(tmp_path, **DP) as world:  # type: ignore[arg-type]
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        for breaks in (("lender", "result", 1), ("lender", "ciphertexts", 1)):
            wire.break_at = breaks
            broken(world, opened, again(talk))
            wire.counts.clear()
            world.restart()
            world.restart_bureau()
        world.run(opened, again(talk))
        assert len(set(wire.all("lender", "ciphertexts"))) == 1
        (account,) = world.store.accounts.values()
        assert account.spent == DP["cost"]


def test_behind_the_release_nobody_is_asked(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        wire.break_at = ("lender", "result", 1)
        broken(world, opened, talk)
        world.restart()
        world.joins = False
        require_clear_text(world.run(opened, again(talk)))
        # What was opened stays the only one.
        with pytest.raises(ResultRefused) as refused:
            world.run(opened, again(talk_with(talk, wire)))
        assert refused.value.wrong is Wrong.ALREADY_OPENED


def talk_with(talk: JobTalk, wire: Wire) -> JobTalk:
    """A folder that was put back from a copy, with what it needs to hear the counts."""
    talk.kept.keep(ANSWERS, [b"x"])
    talk.kept.keep(HEARD, [(1).to_bytes(8, "big")])
    for name, kind in (("own-channel", "bureau"), ("bureau-channel", "lender")):
        content = wire.all(kind, "channel")[0]
        cls = pb.AnswerBinUpdate if kind == "bureau" else pb.BinUpdate
        one = cls.FromString(content).channel
        talk.kept.keep(name, (one.payload, one.signature, *one.chain))
    return talk


def test_a_withdrawal_between_the_talks_voids(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        rows = world.rows(ROWS)
        opened = world.opened(rows, FEATURES)
        wire.break_at = ("lender", "sealed", 1)
        broken(world, opened, talk)
        world.store.withdrawn.add(rows.consents[5])
        for _ in range(2):
            with pytest.raises(Refused) as refused:
                world.run(opened, again(talk))
            assert refused.value.reason is ErrorReason.ROUND_VOID
        assert world.store.rounds[opened.job.id].state is RoundState.VOID
        assert not wire.all("lender", "ciphertexts")


# What a lender may try with a second talk.


def test_another_key_or_other_rows_are_no_going_on(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        wire.break_at = ("lender", "sealed", 1)
        broken(world, opened, talk)
        other = replace(opened, rows=world.rows([*ROWS[1:], 300]))
        cases = (
            (opened, talk_in(tmp_path / "other"), ErrorReason.REQUEST_ID_REUSED),
            (other, again(talk), ErrorReason.AGGREGATE_QUESTION_INVALID),
        )
        for restart in (False, True):
            for job, one, reason in cases:
                with pytest.raises(Refused) as refused:
                    world.run(job, one)
                assert refused.value.reason is reason
            if restart:
                world.restart()
        require_clear_text(world.run(opened, again(talk)))


def test_rows_other_than_those_that_were_answered_end_the_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Having seen the bureau's people, a lender sends other rows under the same keys."""
    with BinningWorld(tmp_path) as world:
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        wire.break_at = ("lender", "sealed", 1)
        broken(world, opened, talk)
        changed = tuple(reversed(opened.rows.identifiers))
        lying = replace(opened, rows=told_of_others(changed, opened.rows))
        fresh = JobTalk(PartsFolder(tmp_path / "copy"), talk.secrets)
        for name in ("own-channel", "bureau-channel"):
            known = talk.statement(name)
            assert known is not None
            fresh.keep_statement(name, known)
        with pytest.raises(Refused) as refused:
            world.run(lying, fresh)
        assert refused.value.reason is ErrorReason.AGGREGATE_REFUSED
    assert "declined: talk" in caplog.text
    assert world.store.rounds[opened.job.id].state is RoundState.REFUSED


def told_of_others(aligned: tuple[bytes, ...], honest: LabelledRows) -> SaidOf:
    """The gateway is told of the honest rows, the alignment gets these."""
    return SaidOf(aligned, honest.labels, honest.consents, told=tuple(ROWS))


def test_a_bureau_with_another_key_is_not_talked_to(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        wire, talk = Wire(world), talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        wire.break_at = ("lender", "sealed", 1)
        broken(world, opened, talk)
        for path in (tmp_path / "binning" / "talks").glob("*"):
            for file in path.iterdir():
                file.unlink()
            path.rmdir()
        with pytest.raises(BinningRefused) as refused:
            world.run(opened, again(talk))
        assert refused.value.wrong is BinWrong.BUREAU


def test_a_crash_between_history_and_answer_ends_the_job(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The one moment that is not gone on with: noise was drawn, and nobody has it."""
    with BinningWorld(tmp_path) as world:
        talk = talk_in(tmp_path / "talk")
        opened = world.opened(world.rows(ROWS), FEATURES)
        world.store.failing["keep_result ROSTER"] = refuse(ErrorReason.STORE_UNAVAILABLE)
        broken(world, opened, talk)
        world.store.failing.clear()
        (answer,) = (tmp_path / "binning" / "talks").glob("*/answer")
        answer.unlink()
        with pytest.raises(Refused) as refused:
            world.run(opened, again(talk))
        assert refused.value.reason is ErrorReason.AGGREGATE_REFUSED
    assert "declined: repeated" in caplog.text
    assert world.store.rounds[opened.job.id].state is RoundState.REFUSED


def test_talks_whose_time_is_over_are_deleted(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        wire = Wire(world)
        opened = world.opened(world.rows(ROWS), FEATURES)
        wire.break_at = ("lender", "sealed", 1)
        broken(world, opened, talk_in(tmp_path / "talk"))
        talks = tmp_path / "binning" / "talks"
        (folder,) = talks.iterdir()
        (folder / "until").write_bytes(len(b"1").to_bytes(4, "big") + b"1")
        world.run(world.opened(world.rows(ROWS), FEATURES))
        assert not folder.exists()
