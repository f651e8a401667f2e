"""The helpers of the fault tests do to real processes what they say."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.process import (
    LoggedProcess,
    ProcessError,
    assert_no_children_left,
    free_port,
    kill_group,
    run_veilgate,
    wait_for_line,
)

PARENT_WITH_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("child", child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def started() -> Iterator[list[LoggedProcess]]:
    processes: list[LoggedProcess] = []
    yield processes
    for process in processes:
        kill_group(process)


def start(started: list[LoggedProcess], program: str) -> LoggedProcess:
    started.append(LoggedProcess([sys.executable, "-c", program]))
    return started[-1]


def test_lines_are_found_in_order_and_each_once(started: list[LoggedProcess]) -> None:
    proc = start(started, "for n in range(3): print('port', n)")
    assert [wait_for_line(proc, r"port (\d)", 10)[1] for _ in range(3)] == ["0", "1", "2"]
    with pytest.raises(ProcessError, match="ended with 0"):
        wait_for_line(proc, r"port (\d)", 10)


def test_standard_error_is_read_too(started: list[LoggedProcess]) -> None:
    proc = start(started, "import sys; print('to stderr', file=sys.stderr)")
    assert wait_for_line(proc, "to stderr", 10)


def test_half_a_line_does_not_match(started: list[LoggedProcess]) -> None:
    proc = start(started, "import time; print('rea', end='', flush=True); time.sleep(600)")
    with pytest.raises(ProcessError, match="no line like"):
        wait_for_line(proc, "rea", 0.3)


def test_a_process_that_ends_first_is_an_error_with_its_last_words(
    started: list[LoggedProcess],
) -> None:
    proc = start(started, "raise SystemExit('no store configured')")
    with pytest.raises(ProcessError, match=r"ended with 1 .*\n.*no store configured"):
        wait_for_line(proc, "serving", 10)


def test_more_output_than_a_pipe_holds_does_not_block(started: list[LoggedProcess]) -> None:
    proc = start(started, "print('x' * 1_000_000); print('done')")
    assert wait_for_line(proc, "^done$", 10)


def test_a_killed_group_takes_its_children_along(started: list[LoggedProcess]) -> None:
    proc = start(started, PARENT_WITH_CHILD)
    wait_for_line(proc, r"child (\d+)", 10)
    kill_group(proc)
    assert proc.returncode == -9
    assert_no_children_left(proc.pid)


def test_an_orphan_is_noticed(started: list[LoggedProcess]) -> None:
    proc = start(started, PARENT_WITH_CHILD)
    child = wait_for_line(proc, r"child (\d+)", 10)[1]
    proc.kill()
    proc.wait()
    with pytest.raises(AssertionError, match=child):
        assert_no_children_left(proc.pid, timeout=0.2)
    kill_group(proc)
    assert_no_children_left(proc.pid)


def test_killing_what_is_gone_is_no_error(started: list[LoggedProcess]) -> None:
    proc = start(started, "")
    proc.wait()
    kill_group(proc)
    kill_group(proc)


def test_veilgate_gets_its_arguments_environment_and_folder(
    started: list[LoggedProcess], tmp_path: Path
) -> None:
    # A stand-in for the command line: the folder that a module is run from comes first.
    package = tmp_path / "clients" / "cli"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "main.py").write_text(
        "import os, sys; print(sys.argv[1:], os.environ['VEILGATE_TEST'], os.getcwd())"
    )
    proc = run_veilgate(["serve", "--port", "0"], {"VEILGATE_TEST": "set"}, tmp_path)
    started.append(proc)
    found = wait_for_line(proc, r"^(\[.*\]) (\w+) (.+)$", 10)
    assert found.groups() == ("['serve', '--port', '0']", "set", str(tmp_path.resolve()))


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", free_port()))
        server.listen()


def test_the_output_of_a_running_process_can_be_read(
    started: list[LoggedProcess],
) -> None:
    proc = start(started, "import time; print('up', flush=True); time.sleep(600)")
    wait_for_line(proc, "up", 10)
    assert proc.output() == "up\n"
    assert proc.poll() is None
