"""``veilgate pii`` as a real process: many processes, their death, an interrupt, flat memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.process import PROJECT

COMMAND = (sys.executable, "-m", "clients.cli.main", "pii")
MOBILE = "13800138000"
LINE = f"第一行 电话{MOBILE}，" + "no more of it in this line. " * 8 + "\n"
WAIT_S = 60
TEXTS = 1500


def run(*words: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *words], input=stdin, capture_output=True, cwd=PROJECT, timeout=WAIT_S
    )


def children(pid: int) -> set[int]:
    """The worker processes of a process: Python's resource tracker is none."""
    found = set()
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            words = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in words:
                found.add(int(child))
    return found


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


@contextmanager
def fed(out: Path, jobs: int = 2) -> Iterator[subprocess.Popen[bytes]]:
    """A masking run that is fed lines until it ends."""
    process = subprocess.Popen(
        [*COMMAND, "mask", "--out", str(out), "--jobs", str(jobs)],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=PROJECT, start_new_session=True,
    )  # fmt: skip
    feeder = threading.Thread(target=_feed, args=(process,), daemon=True)
    feeder.start()
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(WAIT_S)
        feeder.join(WAIT_S)


def _feed(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    try:
        while process.poll() is None:
            process.stdin.write(LINE.encode() * 200)
    except OSError:
        return


@pytest.mark.parametrize("format_", ["text", "jsonl", "csv"])
def test_several_processes_write_what_one_does(tmp_path: Path, format_: str) -> None:
    path = tmp_path / "in"
    with path.open("w", encoding="utf-8") as file:
        for number in range(TEXTS):
            text = f"{number} 电话{13_800_000_000 + number}，" + "plain words " * 60
            known = json.dumps(
                {"text": text, "known": {"name": "somebody else"}}, ensure_ascii=False
            )
            file.write(f"{known if format_ == 'jsonl' else text}\n")
    outs = [tmp_path / f"out{jobs}" for jobs in (1, 3)]
    for jobs, out in zip((1, 3), outs, strict=True):
        words = ("mask", str(path), "--format", format_, "--out", str(out), "--jobs", str(jobs))
        done = run(*words)
        assert done.returncode == 0, done.stderr
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert outs[0].read_bytes().count(b"<CN_MOBILE_NUMBER>") == TEXTS
    assert outs[0].read_bytes().count(b"\n") == TEXTS


def test_a_process_that_dies_ends_the_run_with_an_error(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with fed(out) as process:
        until(lambda: len(children(process.pid)) == 2, "the processes come up")
        victim, other = sorted(children(process.pid))
        os.kill(victim, signal.SIGKILL)
        assert process.wait(WAIT_S) == 1
        assert process.stderr is not None
        told = process.stderr.read().decode()
        assert "a process ended before its work was done" in told
        assert "\nnext: " in told
        until(lambda: gone(other), "the other process ends")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_ends_the_run_and_its_processes(tmp_path: Path) -> None:
    with fed(tmp_path / "out") as process:
        until(lambda: len(children(process.pid)) == 2, "the processes come up")
        workers = children(process.pid)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(WAIT_S) != 0
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
        until(lambda: all(map(gone, workers)), "the processes end")
    assert list(tmp_path.iterdir()) == []


def test_no_process_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    with fed(tmp_path / "out") as process:
        until(lambda: len(children(process.pid)) == 2, "the processes come up")
        workers = children(process.pid)
        process.kill()
        until(lambda: all(map(gone, workers)), "the processes end")


def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    """Peaks of the parent: at a sixth of the input, and at its end."""
    sample = ("a line without any data of persons in it, of some length. " * 60 + "\n").encode()
    process = subprocess.Popen(
        [*COMMAND, "mask", "--by-line", "--jobs", "1", "--quiet"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=PROJECT,
    )  # fmt: skip
    assert process.stdin is not None
    peaks = []
    with process.stdin as stdin:
        for _ in range(6):
            for _ in range(600):
                stdin.write(sample)
            stdin.flush()
            peaks.append(peak_kib(process.pid))
    assert process.wait(WAIT_S) == 0
    fed_kib = 5 * 600 * len(sample) // 1024
    assert fed_kib > 10_000
    assert peaks[-1] - peaks[0] < fed_kib / 4


def peak_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def test_a_reader_that_goes_away_is_no_crash() -> None:
    words = " ".join([*COMMAND, "mask", "--quiet", "--jobs", "1"])
    feed = f"yes '{LINE.strip()}' | head -c 3000000 | {words} | head -c 100"
    done = subprocess.run(["bash", "-c", feed], capture_output=True, cwd=PROJECT, timeout=WAIT_S)
    assert b"Traceback" not in done.stderr
    assert len(done.stdout) == 100
