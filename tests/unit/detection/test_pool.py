"""The pool with real processes: hung, crashed, killed, and left behind by a killed parent."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.application.ports.detection import (
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    TextDeidentifier,
)
from gateway.detection.pool import ProcessTextDeidentifier

OBEDIENT = "support.slow_analyser:build"
LONG_S = 60.0


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ProcessTextDeidentifier]:
    deidentifier = ProcessTextDeidentifier(factory=OBEDIENT, timeout_s=0.3)
    await deidentifier.start()
    yield deidentifier
    await deidentifier.close()


async def _reason(deidentifier: TextDeidentifier, text: str) -> DetectionFailure:
    with pytest.raises(DetectionFailed) as failed:
        await deidentifier.deidentify(text, ())
    assert "138" not in f"{failed.value!r} {failed.value.__cause__!r}"
    return failed.value.reason


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def _wait_until_gone(pid: int) -> None:
    limit = time.monotonic() + LONG_S
    while _runs(pid):
        assert time.monotonic() < limit, "the process is still there"
        time.sleep(0.01)


def test_presidio_is_imported_in_the_pool_process_only() -> None:
    script = (
        "import asyncio, sys\n"
        "from gateway.application.ports.detection import KnownValue\n"
        "from gateway.detection.pool import ProcessTextDeidentifier\n"
        "async def main():\n"
        "    pool = ProcessTextDeidentifier()\n"
        "    await pool.start()\n"
        "    print(await pool.deidentify('张伟 13800138000', (KnownValue('NAME', '张伟'),)))\n"
        "    await pool.close()\n"
        "    print(sorted(m for m in sys.modules if m.split('.')[0] in HEAVY))\n"
        "HEAVY = {'presidio_analyzer', 'presidio_anonymizer', 'spacy', 'phonenumbers'}\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.splitlines() == ["<NAME> <CN_MOBILE_NUMBER>", "[]"], run.stderr


async def test_a_hung_process_is_replaced_and_the_next_call_works(
    pool: ProcessTextDeidentifier,
) -> None:
    (hung,) = pool.pids
    assert await _reason(pool, "hang") is DetectionFailure.TIMEOUT
    answer = await pool.deidentify("next", ())
    assert answer == f"{pool.pids[0]} [next]"
    assert pool.pids != (hung,)
    assert not _runs(hung)


async def test_a_crashed_process_is_replaced_and_the_next_call_works(
    pool: ProcessTextDeidentifier,
) -> None:
    assert await _reason(pool, "die") is DetectionFailure.CRASHED
    assert (await pool.deidentify("next", ())).endswith("[next]")


async def test_a_process_killed_from_outside_costs_no_later_call(
    pool: ProcessTextDeidentifier,
) -> None:
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(_wait_until_gone, pid)
    results = await asyncio.gather(
        pool.deidentify("a", ()), pool.deidentify("b", ()), return_exceptions=True
    )
    assert all(isinstance(result, str | DetectionFailed) for result in results)
    assert (await pool.deidentify("next", ())).endswith("[next]")


async def test_errors_inside_are_values_and_quote_nothing(
    pool: ProcessTextDeidentifier, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (pid,) = pool.pids
    assert await _reason(pool, "raise") is DetectionFailure.RECOGNISER_ERROR
    assert await _reason(pool, "refuse") is DetectionFailure.RESIDUE
    assert await pool.deidentify("next", ()) == f"{pid} [next]"
    assert "138" not in caplog.text


async def test_only_the_text_at_fault_fails_of_those_asked_together(
    pool: ProcessTextDeidentifier,
) -> None:
    texts = ["first", "a", "die", "b", "raise", *(f"t{number}" for number in range(40))]
    answers = await asyncio.gather(
        *(pool.deidentify(text, ()) for text in texts), return_exceptions=True
    )
    for text, answer in zip(texts, answers, strict=True):
        if text in {"die", "raise"}:
            assert isinstance(answer, DetectionFailed)
        else:
            assert isinstance(answer, str)
            assert answer.endswith(f"[{text}]")


async def test_a_caller_that_leaves_does_not_disturb_the_next(
    pool: ProcessTextDeidentifier,
) -> None:
    leaving = asyncio.create_task(pool.deidentify("hang", ()))
    queued = asyncio.create_task(pool.deidentify("die", ()))
    await asyncio.sleep(0)
    leaving.cancel()
    queued.cancel()
    assert (await pool.deidentify("next", ())).endswith("[next]")


async def test_what_is_over_a_limit_is_refused_before_it_reaches_a_process() -> None:
    deidentifier = ProcessTextDeidentifier(factory=OBEDIENT, max_waiting=1, max_bytes=8)
    await deidentifier.start()
    try:
        assert await _reason(deidentifier, "123456789") is DetectionFailure.OVERSIZE
        results = await asyncio.gather(
            *(deidentifier.deidentify("a", ()) for _ in range(3)), return_exceptions=True
        )
        reasons = [result.reason for result in results if isinstance(result, DetectionFailed)]
        assert reasons == [DetectionFailure.OVERLOADED] * 2
    finally:
        await deidentifier.close()


async def test_a_closed_pool_leaves_no_process_and_answers_nobody() -> None:
    deidentifier = ProcessTextDeidentifier(processes=2, factory=OBEDIENT, timeout_s=LONG_S)
    assert await _reason(deidentifier, "early") is DetectionFailure.NOT_RUNNING
    await deidentifier.start()
    pids = deidentifier.pids
    assert len(set(pids)) == 2
    under_way = [asyncio.create_task(deidentifier.deidentify("hang", ())) for _ in range(5)]
    await asyncio.sleep(0.05)
    await deidentifier.close()
    await deidentifier.close()
    failures = await asyncio.gather(*under_way, return_exceptions=True)
    assert [getattr(failure, "reason", None) for failure in failures] == [
        DetectionFailure.NOT_RUNNING
    ] * 5
    assert not any(_runs(pid) for pid in pids)
    assert await _reason(deidentifier, "late") is DetectionFailure.NOT_RUNNING


async def test_a_pool_that_cannot_be_built_does_not_start() -> None:
    deidentifier = ProcessTextDeidentifier(factory="support.slow_analyser:build_broken")
    with pytest.raises(DetectionFailed) as failed:
        await deidentifier.start()
    assert failed.value.reason is DetectionFailure.CRASHED
    assert deidentifier.pids == ()
    assert await _reason(deidentifier, "text") is DetectionFailure.NOT_RUNNING


async def test_the_implementation_is_the_port() -> None:
    port: TextDeidentifier = ProcessTextDeidentifier(factory=OBEDIENT)
    with pytest.raises(DetectionFailed):
        await port.deidentify("text", (KnownValue("NAME", "张伟"),))


def test_pool_processes_do_not_outlive_a_killed_parent() -> None:
    script = (
        "import asyncio\n"
        "from gateway.detection.pool import ProcessTextDeidentifier\n"
        "async def main():\n"
        f"    pool = ProcessTextDeidentifier(2, {LONG_S}, factory={OBEDIENT!r})\n"
        "    await pool.start()\n"
        "    print(*pool.pids, flush=True)\n"
        "    await pool.deidentify('hang', ())\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for pid in pids:
        _wait_until_gone(pid)
