"""Streams of one job: opened again by the command, taken over, bounded in number."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from clients.keyholder.binning.kept import JobTalk
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.run import PAUSES_S, BinnedFigures, BinningRun
from clients.sdk.codecs.status_details import StatusDetails
from clients.sdk.errors import TransportFailure, VeilgateError
from clients.sdk.reasons import ErrorReason as Reason
from gateway.application.aggregate import binning_begin
from gateway.domain.reasons import ErrorReason, Refused
from support.binning_world import BinningWorld
from veilgate.v1 import aggregate_pb2 as pb

FEATURES = ["housing"]
ROWS = range(300)
GONE = TransportFailure(grpc.StatusCode.UNAVAILABLE, StatusDetails())


class Streams:
    """A gateway whose streams break as told: after how many updates, with which error."""

    def __init__(self, world: BinningWorld, breaks: list[tuple[int, VeilgateError]]) -> None:
        self._world, self._breaks = world, breaks
        self.opened = 0
        self.paused: list[float] = []

    def __call__(self, requests: Iterator[pb.BinRequest]) -> Iterator[pb.BinUpdate]:
        self.opened += 1
        after, error = self._breaks.pop(0) if self._breaks else (1_000_000, GONE)
        for number, update in enumerate(self._world.lender_stream(requests)):
            if number == after:
                raise error
            yield update

    def run(self, opened: OpenJob) -> BinnedFigures:
        run = BinningRun(
            *(self._world.identity(), opened, self._world.rounds, time.time, lambda *_: None, 1),
            talk=JobTalk(),
            pause=self.paused.append,
        )
        return run(self)


def test_a_stream_that_breaks_is_opened_again(tmp_path: Path) -> None:
    lost = VeilgateError(
        grpc.StatusCode.ABORTED, StatusDetails(reason=Reason.CONTRIBUTOR_LOST.value)
    )
    with BinningWorld(tmp_path) as world:
        streams = Streams(world, [(1, GONE), (2, lost), (3, GONE)])
        opened = world.opened(world.rows(ROWS), FEATURES)
        assert streams.run(opened).consents == len(ROWS)
        assert world.store.kinds().count("OPEN") == 1
    assert streams.opened == 4
    assert streams.paused == list(PAUSES_S[:3])


def test_it_is_not_opened_for_ever_nor_after_a_refusal(tmp_path: Path) -> None:
    no = VeilgateError(
        grpc.StatusCode.FAILED_PRECONDITION, StatusDetails(reason=Reason.AGGREGATE_REFUSED.value)
    )
    with BinningWorld(tmp_path) as world:
        cases: tuple[tuple[VeilgateError, int], ...] = ((GONE, len(PAUSES_S) + 1), (no, 1))
        for error, opened in cases:
            streams = Streams(world, [(0, error)] * 20)
            with pytest.raises(VeilgateError) as raised:
                streams.run(world.opened(world.rows(ROWS), FEATURES))
            assert raised.value is error
            assert streams.opened == opened


def test_whoever_goes_on_ends_the_stream_before(tmp_path: Path) -> None:
    """A lender's machine that was cut off: its old stream may look alive to the gateway."""
    with BinningWorld(tmp_path) as world:
        there, go_on = threading.Event(), threading.Event()
        world.on_lender = _stopping_at("channel", there, go_on)
        talk, opened = JobTalk(), world.opened(world.rows(ROWS), FEATURES)
        ends: list[BaseException] = []
        first = threading.Thread(target=_run, args=(lambda: world.run(opened, talk), ends))
        first.start()
        assert there.wait(60)
        assert world.run(opened, JobTalk(talk.kept, talk.secrets)).consents == len(ROWS)
        go_on.set()
        first.join(60)
        assert world.store.kinds().count("AGGREGATE_RELEASED") == 1
    # Nothing more comes of the first.
    assert len(ends) == 1


def _run(work: Callable[[], object], ends: list[BaseException]) -> None:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - the test looks at it
        ends.append(error)


def _stopping_at(part: str, there: threading.Event, go_on: threading.Event) -> Callable[[Any], Any]:
    def look(one: Any) -> Any:
        if one.WhichOneof("part") == part and not there.is_set():
            there.set()
            go_on.wait(60)
        return one

    return look


def test_a_job_is_talked_about_so_often_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binning_begin, "MOST_TALKS", 2)
    with BinningWorld(tmp_path) as world:
        talk, opened = JobTalk(), world.opened(world.rows(ROWS), FEATURES)

        def cut(one: Any) -> Any:
            raise ConnectionError("gone")

        world.on_lender = cut
        for _ in range(2):
            with pytest.raises(ConnectionError):
                world.run(opened, talk)
        world.on_lender = lambda one: one
        with pytest.raises(Refused) as refused:
            world.run(opened, talk)
        assert refused.value.reason is ErrorReason.RATE_LIMITED
