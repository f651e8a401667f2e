"""Sibling processes: started whole or not at all, and gone when their parent is. All are real."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gateway.adapters.processes import sibling_process
from gateway.adapters.processes.sibling_process import Sibling, SiblingFailed, start
from gateway.adapters.store.migrate import migrate
from gateway.adapters.store.postgres_store import PostgresAddress
from support.postgres_server import shared_server
from support.process import LoggedProcess, assert_no_children_left, kill_group, wait_for_line

LONG_S = 30.0
SECRET = "13800138000"
HEAD = """
import os, pathlib, sys, time
from gateway.adapters.processes.sibling_process import child_main
pathlib.Path(sys.argv[2] + ".pid").write_text(str(os.getpid()))
"""
Start = Callable[..., Sibling]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a sibling whose module is this program; its argument is a path to leave marks at."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *sys.path]))

    def begin(program: str, channels: int = 1) -> Sibling:
        (tmp_path / "a_sibling.py").write_text(HEAD + program)
        return start("a_sibling", str(tmp_path / "mark"), channels)

    return begin


def _assert_ended(tmp_path: Path) -> None:
    pid = int((tmp_path / "mark.pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


SERVE = """
def run(sockets, argument):
    def serve():
        while chunk := sockets[0].recv(100):
            {work}
    return {{"channels": len(sockets)}}, serve
child_main(run)
"""


def test_a_sibling_says_what_it_has_and_serves_every_channel(begin: Start) -> None:
    program = """
def run(sockets, argument):
    def serve():
        for sock in sockets:
            sock.sendall(sock.recv(100).upper())
    return {"channels": len(sockets)}, serve
child_main(run)
"""
    sibling = begin(program, 3)
    assert sibling.ready == {"channels": 3}
    for number, sock in enumerate(sibling.sockets):
        sock.sendall(b"abc%d" % number)
        assert sock.recv(100) == b"ABC%d" % number
    assert sibling.stop() == 0


def test_a_sibling_that_cannot_start_says_why(begin: Start, tmp_path: Path) -> None:
    with pytest.raises(SiblingFailed, match="a_sibling: LookupError: no store there"):
        begin(
            "def run(sockets, argument):\n    raise LookupError('no store there')\nchild_main(run)"
        )
    _assert_ended(tmp_path)


@pytest.mark.parametrize(
    "program",
    [
        "raise SystemExit(3)",
        "print('hello', flush=True); time.sleep(600)",
        "print('5', flush=True); time.sleep(600)",
        "print('[]', flush=True); time.sleep(600)",
        'print(\'{"size": "large"}\', flush=True); time.sleep(600)',
        "print('{\"size\": null}', flush=True); time.sleep(600)",
        "sys.stdout.buffer.write(b'\\xff\\n'); sys.stdout.flush(); time.sleep(600)",
    ],
)
def test_a_sibling_that_says_nothing_sensible_is_no_sibling(
    begin: Start, tmp_path: Path, program: str
) -> None:
    with pytest.raises(SiblingFailed, match="a_sibling: "):
        begin(program)
    _assert_ended(tmp_path)


def test_a_module_that_is_not_there_is_no_sibling() -> None:
    with pytest.raises(SiblingFailed, match=r"gateway\.nothing: "):
        start("gateway.nothing", "")


@pytest.mark.parametrize("said", ["", "print('{\"ready\"', end='', flush=True)"])
def test_a_sibling_that_hangs_is_killed(
    begin: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(sibling_process, "READY_TIMEOUT_S", 1.0)
    with pytest.raises(SiblingFailed, match="hung"):
        begin(f"{said}\ntime.sleep(600)")
    _assert_ended(tmp_path)


def test_stop_waits_for_the_batch_in_progress(begin: Start, tmp_path: Path) -> None:
    work = "pathlib.Path(argument + '.got').touch(); time.sleep(0.4);"
    work += " pathlib.Path(argument).write_bytes(chunk)"
    sibling = begin(SERVE.format(work=work))
    sibling.sockets[0].sendall(b"a batch")
    limit = time.monotonic() + LONG_S
    while not (tmp_path / "mark.got").exists():
        assert time.monotonic() < limit
        time.sleep(0.005)
    assert sibling.stop() == 0
    assert (tmp_path / "mark").read_bytes() == b"a batch"


def test_stop_kills_what_does_not_stop(begin: Start) -> None:
    sibling = begin("def run(s, a):\n    return {}, lambda: time.sleep(600)\nchild_main(run)")
    assert sibling.stop(0.1) == -signal.SIGKILL


def test_an_error_while_serving_shows_no_value(
    begin: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    sibling = begin(SERVE.format(work="raise ValueError(chunk.decode())"))
    sibling.sockets[0].sendall(SECRET.encode())
    assert sibling.process.wait(LONG_S) == 1
    assert sibling.stop() == 1
    error = capfd.readouterr().err
    assert "unexpected ValueError while serving at " in error
    assert SECRET not in error


PARENT = """
import sys, time
from gateway.adapters.processes import sibling_process
committer = sibling_process.start("gateway.adapters.committer.process", sys.argv[1], 2)
reader = sibling_process.start("gateway.adapters.store.postgres_reader_process", sys.argv[2])
print("siblings", committer.process.pid, reader.process.pid, flush=True)
time.sleep(600)
"""


def test_the_gateways_siblings_end_when_it_is_killed(tmp_path: Path) -> None:
    store = tmp_path / "veilgate.db"
    migrate(store)
    address = msgspec.json.encode(PostgresAddress(shared_server().create())).decode()
    parent = LoggedProcess([sys.executable, "-c", PARENT, str(store), address])
    try:
        found = wait_for_line(parent, r"siblings (\d+) (\d+)", LONG_S)
        for sibling in found.groups():
            os.kill(int(sibling), 0)
            # What a terminal's Ctrl-C sends to all: the parent decides when they end.
            os.kill(int(sibling), signal.SIGINT)
        parent.kill()
        parent.wait(LONG_S)
        assert_no_children_left(parent.pid, LONG_S)
    finally:
        kill_group(parent)
