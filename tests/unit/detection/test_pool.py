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
    TextDetector,
    Wanted,
)
from gateway.detection.pool import ProcessTextDetector

OBEDIENT = "support.slow_analyser:build"
LONG_S = 60.0


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ProcessTextDetector]:
    detector = ProcessTextDetector(factory=OBEDIENT, timeout_s=0.3)
    await detector.start()
    yield detector
    await detector.close()


async def _ask(detector: TextDetector, text: str) -> str:
    """Return the process that answered, and in brackets what it was asked."""
    (one,) = await detector.analyse(text, (), Wanted())
    return f"{one.recogniser} [{one.why}]"


async def _reason(detector: TextDetector, text: str) -> DetectionFailure:
    with pytest.raises(DetectionFailed) as failed:
        await detector.analyse(text, (), Wanted())
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
        "from gateway.application.ports.detection import KnownValue, Wanted\n"
        "from gateway.detection.pool import ProcessTextDetector\n"
        "async def main():\n"
        "    pool = ProcessTextDetector()\n"
        "    await pool.start()\n"
        "    known = (KnownValue('NAME', '张伟'),)\n"
        "    found = await pool.analyse('张伟 13800138000', known, Wanted())\n"
        "    print([one.type for one in found])\n"
        "    await pool.close()\n"
        "    print(sorted(m for m in sys.modules if m.split('.')[0] in HEAVY))\n"
        "HEAVY = {'presidio_analyzer', 'presidio_anonymizer', 'spacy', 'phonenumbers'}\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.splitlines() == ["['NAME', 'CN_MOBILE_NUMBER']", "[]"], run.stderr


def test_a_pool_process_loads_no_table_of_phrases() -> None:
    script = (
        "import os, sys\n"
        "from gateway.detection import worker\n"
        "worker.initialise('builtins:object', os.getppid())\n"
        "from gateway.detection.subject_values.names import name_forms\n"
        "forms = {one.needle for one in name_forms('张伟')}\n"
        "tables = {'pypinyin.pinyin_dict', 'pypinyin.phrases_dict'} & set(sys.modules)\n"
        "print('zhangwei' in forms, *tables)\n"
    )
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "pypinyin.pinyin_dict"]


async def test_a_hung_process_is_replaced_and_the_next_call_works(
    pool: ProcessTextDetector,
) -> None:
    (hung,) = pool.pids
    assert await _reason(pool, "hang") is DetectionFailure.TIMEOUT
    answer = await _ask(pool, "next")
    assert answer == f"{pool.pids[0]} [next]"
    assert pool.pids != (hung,)
    assert not _runs(hung)


async def test_a_crashed_process_is_replaced_and_the_next_call_works(
    pool: ProcessTextDetector,
) -> None:
    assert await _reason(pool, "die") is DetectionFailure.CRASHED
    assert (await _ask(pool, "next")).endswith("[next]")


async def test_a_process_killed_from_outside_costs_no_later_call(
    pool: ProcessTextDetector,
) -> None:
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    await asyncio.to_thread(_wait_until_gone, pid)
    results = await asyncio.gather(_ask(pool, "a"), _ask(pool, "b"), return_exceptions=True)
    assert all(isinstance(result, str | DetectionFailed) for result in results)
    assert (await _ask(pool, "next")).endswith("[next]")


async def test_errors_inside_are_values_and_quote_nothing(
    pool: ProcessTextDetector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (pid,) = pool.pids
    assert await _reason(pool, "raise") is DetectionFailure.RECOGNISER_ERROR
    assert await _reason(pool, "refuse") is DetectionFailure.RESIDUE
    assert await _ask(pool, "next") == f"{pid} [next]"
    assert "138" not in caplog.text


async def test_only_the_text_at_fault_fails_of_those_asked_together(
    pool: ProcessTextDetector,
) -> None:
    texts = ["first", "a", "die", "b", "raise", *(f"t{number}" for number in range(40))]
    answers = await asyncio.gather(*(_ask(pool, text) for text in texts), return_exceptions=True)
    for text, answer in zip(texts, answers, strict=True):
        if text in {"die", "raise"}:
            assert isinstance(answer, DetectionFailed)
        else:
            assert isinstance(answer, str)
            assert answer.endswith(f"[{text}]")


async def test_a_caller_that_leaves_does_not_disturb_the_next(
    pool: ProcessTextDetector,
) -> None:
    leaving = asyncio.create_task(_ask(pool, "hang"))
    queued = asyncio.create_task(_ask(pool, "die"))
    await asyncio.sleep(0)
    leaving.cancel()
    queued.cancel()
    assert (await _ask(pool, "next")).endswith("[next]")


async def test_what_is_over_a_limit_is_refused_before_it_reaches_a_process() -> None:
    detector = ProcessTextDetector(factory=OBEDIENT, max_waiting=1, max_bytes=8)
    await detector.start()
    try:
        assert await _reason(detector, "123456789") is DetectionFailure.OVERSIZE
        results = await asyncio.gather(
            *(_ask(detector, "a") for _ in range(3)), return_exceptions=True
        )
        reasons = [result.reason for result in results if isinstance(result, DetectionFailed)]
        assert reasons == [DetectionFailure.OVERLOADED] * 2
    finally:
        await detector.close()


async def test_a_closed_pool_leaves_no_process_and_answers_nobody() -> None:
    detector = ProcessTextDetector(processes=2, factory=OBEDIENT, timeout_s=LONG_S)
    assert await _reason(detector, "early") is DetectionFailure.NOT_RUNNING
    await detector.start()
    pids = detector.pids
    assert len(set(pids)) == 2
    under_way = [asyncio.create_task(_ask(detector, "hang")) for _ in range(5)]
    await asyncio.sleep(0.05)
    await detector.close()
    await detector.close()
    failures = await asyncio.gather(*under_way, return_exceptions=True)
    assert [getattr(failure, "reason", None) for failure in failures] == [
        DetectionFailure.NOT_RUNNING
    ] * 5
    assert not any(_runs(pid) for pid in pids)
    assert await _reason(detector, "late") is DetectionFailure.NOT_RUNNING


async def test_a_pool_that_cannot_be_built_does_not_start() -> None:
    detector = ProcessTextDetector(factory="support.slow_analyser:build_broken")
    with pytest.raises(DetectionFailed) as failed:
        await detector.start()
    assert failed.value.reason is DetectionFailure.CRASHED
    assert detector.pids == ()
    assert await _reason(detector, "text") is DetectionFailure.NOT_RUNNING


async def test_the_implementation_is_the_port() -> None:
    port: TextDetector = ProcessTextDetector(factory=OBEDIENT)
    with pytest.raises(DetectionFailed):
        await port.analyse("text", (KnownValue("NAME", "张伟"),), Wanted())


def test_pool_processes_do_not_outlive_a_killed_parent() -> None:
    script = (
        "import asyncio\n"
        "from gateway.application.ports.detection import Wanted\n"
        "from gateway.detection.pool import ProcessTextDetector\n"
        "async def main():\n"
        f"    pool = ProcessTextDetector(2, {LONG_S}, factory={OBEDIENT!r})\n"
        "    await pool.start()\n"
        "    print(*pool.pids, flush=True)\n"
        "    await pool.analyse('hang', (), Wanted())\n"
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
