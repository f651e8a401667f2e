"""A sibling that is replaced: calls fail at once meanwhile, and the listener hears of it all."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.adapters.processes import restarting_sibling
from gateway.adapters.processes.batch_channel import SiblingGone
from gateway.adapters.processes.restarting_sibling import RestartingSibling
from gateway.adapters.processes.sibling_process import SiblingFailed
from support.faults_serving import wait_until

LONG_S = 30.0
PAUSE_S = 10_000.0
PROGRAM = """
import os, pathlib, sys, time
from gateway.adapters.processes.batch_server import BatchServer
from gateway.adapters.processes.sibling_process import child_main

def answers(batch):
    if -1 in batch:
        os._exit(7)
    if -2 in batch:
        time.sleep(600)
    return [2 * number for number in batch]

def run(sockets, argument):
    starts = pathlib.Path(argument)
    with starts.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    if (starts.parent / "broken").exists():
        raise LookupError("broken")
    return {"starts": 1}, BatchServer(sockets, int, answers).serve

child_main(run)
"""
DIES, HANGS = -1, -2
Begin = Callable[..., RestartingSibling[int, int]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "a_doubler.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))
    return tmp_path


class Rig:
    """A sibling that doubles numbers, and what its listener heard."""

    def __init__(self, folder: Path, timeout_s: float = LONG_S) -> None:
        self.folder, self.heard = folder, list[bool]()
        starts = str(folder / "starts")
        self.sibling: RestartingSibling[int, int] = RestartingSibling(
            "a_doubler", starts, int, timeout_s
        )

    def open(self) -> None:
        self.sibling.open(self.heard.append)

    @property
    def starts(self) -> list[int]:
        """The process ids of all that were started."""
        return [int(line) for line in (self.folder / "starts").read_text().split()]

    async def until_back(self) -> None:
        await asyncio.to_thread(wait_until, lambda: self.heard[-1:] == [True], "another sibling")


async def test_a_sibling_that_dies_is_replaced(folder: Path) -> None:
    rig = Rig(folder)
    rig.open()
    assert await rig.sibling.call(4) == 8
    first = rig.sibling.pid
    with pytest.raises(SiblingGone) as caught:
        await rig.sibling.call(DIES)
    assert not caught.value.timed_out
    with pytest.raises(SiblingGone):
        await rig.sibling.call(4)
    assert rig.heard == [False]
    await rig.until_back()
    assert await rig.sibling.call(5) == 10
    assert rig.starts == [first, rig.sibling.pid]
    rig.sibling.close()


async def test_a_sibling_that_hangs_is_killed_before_another_is_started(folder: Path) -> None:
    rig = Rig(folder, timeout_s=0.5)
    rig.open()
    hung = rig.sibling.pid
    assert hung is not None
    with pytest.raises(SiblingGone) as caught:
        await rig.sibling.call(HANGS)
    assert caught.value.timed_out
    await rig.until_back()
    with pytest.raises(ProcessLookupError):
        os.kill(hung, 0)
    assert await rig.sibling.call(5) == 10
    rig.sibling.close()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that are asked for; none of them is made."""
    asked: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        asked.append(seconds)
        await real(0)

    monkeypatch.setattr(restarting_sibling, "RESTART_PAUSE_S", PAUSE_S)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return asked


async def test_it_is_tried_again_until_it_starts_and_not_without_a_pause(
    folder: Path, pauses: list[float]
) -> None:
    rig = Rig(folder)
    rig.open()
    (folder / "broken").touch()
    with pytest.raises(SiblingGone):
        await rig.sibling.call(DIES)
    await asyncio.to_thread(wait_until, lambda: len(rig.starts) >= 4, "three attempts")
    (folder / "broken").unlink()
    await rig.until_back()
    assert rig.heard[:3] == [False] * 3
    assert await rig.sibling.call(1) == 2
    first, *others = pauses
    assert first == 0
    assert all(PAUSE_S - LONG_S < one <= PAUSE_S for one in others)
    rig.sibling.close()


async def test_one_that_dies_again_and_again_is_not_started_without_a_pause(
    folder: Path, pauses: list[float]
) -> None:
    rig = Rig(folder)
    rig.open()
    for _ in range(3):
        with pytest.raises(SiblingGone):
            await rig.sibling.call(DIES)
        await rig.until_back()
    first, *others = pauses
    assert (first, len(others)) == (0, 2)
    assert all(PAUSE_S - LONG_S < one <= PAUSE_S for one in others)
    rig.sibling.close()


async def test_closing_ends_the_process_and_what_waits(folder: Path) -> None:
    rig = Rig(folder)
    rig.open()
    pid = rig.sibling.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    waiting = rig.sibling.call(1)
    os.kill(pid, signal.SIGCONT)
    rig.sibling.close()
    with pytest.raises(SiblingGone):
        await waiting
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(SiblingGone):
        await rig.sibling.call(1)


async def test_closing_while_it_is_replaced_starts_no_other(folder: Path) -> None:
    rig = Rig(folder)
    rig.open()
    (folder / "broken").touch()
    with pytest.raises(SiblingGone):
        await rig.sibling.call(DIES)
    rig.sibling.close()
    (folder / "broken").unlink()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    async with asyncio.timeout(LONG_S):
        await asyncio.gather(*tasks, return_exceptions=True)
    # Nothing is under way any more that could start one.
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert rig.sibling.pid is None
    assert True not in rig.heard


def test_a_sibling_that_does_not_start_at_first_is_an_error(folder: Path) -> None:
    (folder / "broken").touch()
    with pytest.raises(SiblingFailed, match="broken"):
        Rig(folder)
