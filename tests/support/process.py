"""Real processes for the fault tests: start one, wait for its word, kill it with all it started.

Owns the session that each process gets of its own, and its output, which goes to a file: a full
pipe never blocks the process, and all that it wrote stays readable after a kill. Refuses to wait
without a limit. What starts a session of its own (setsid) has left the group and is not seen here.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).parents[2]
_POLL_S = 0.02
_REAP_S = 30


class ProcessError(Exception):
    """A process did not do what the test waits for; the message ends with its last output."""


class LoggedProcess(subprocess.Popen[bytes]):
    """A process in a session of its own, standard output and error together in one file."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        # Open as long as this object lives: a killed process's output can still be read.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        weakref.finalize(self, self._log.close)
        self._scanned = 0
        super().__init__(
            argv,
            env=_environment(env or {}),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def output(self) -> str:
        """All that the process and its children have written so far."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode("utf-8", "replace")

    def next_match(self, pattern: str) -> re.Match[str] | None:
        """The next whole line that has `pattern` in it, past the line matched before."""
        text = self.output()
        for line in re.compile(r"(.*)\n").finditer(text, self._scanned):
            if found := re.search(pattern, line[1]):
                self._scanned = line.end()
                return found
        return None


def run_veilgate(
    args: Sequence[str],
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> LoggedProcess:
    """Start `veilgate ARGS` of this working copy; `env` is added to this process's environment."""
    return LoggedProcess([sys.executable, "-m", "clients.cli.main", *args], env, cwd)


def wait_for_line(proc: LoggedProcess, pattern: str, timeout: float) -> re.Match[str]:
    """The match of `pattern` in the next line that has it, waited for up to `timeout` seconds.

    Each call goes on after the line that the call before it returned.

    Raises:
        ProcessError: the process ended, or the time ran out, before such a line.
    """
    deadline = time.monotonic() + timeout
    while True:
        # Asked before reading, so that a process's last words are read before it counts as ended.
        ended = proc.poll() is not None
        if found := proc.next_match(pattern):
            return found
        if ended:
            raise _failure(proc, f"ended with {proc.returncode} before a line like {pattern!r}")
        if time.monotonic() >= deadline:
            raise _failure(proc, f"wrote no line like {pattern!r} within {timeout} s")
        time.sleep(_POLL_S)


def kill_group(proc: LoggedProcess) -> None:
    """SIGKILL to the process and all in its group, then reap it; a group that is gone is fine."""
    with suppress(ProcessLookupError):
        os.killpg(proc.pid, signal.SIGKILL)
    proc.wait(timeout=_REAP_S)


def assert_no_children_left(pgid: int, timeout: float = 5.0) -> None:
    """Wait up to `timeout` seconds until the group has no live member; zombies do not count.

    Raises:
        AssertionError: members are alive after that; it names their process ids.
    """
    deadline = time.monotonic() + timeout
    while alive := _live_members(pgid):
        if time.monotonic() >= deadline:
            raise AssertionError(f"group {pgid} still has the processes {alive}")
        time.sleep(_POLL_S)


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago; another process may take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    paths = [str(PROJECT), str(PROJECT / "protos"), os.environ.get("PYTHONPATH", "")]
    python_path = os.pathsep.join(path for path in paths if path)
    return {**os.environ, "PYTHONPATH": python_path, "PYTHONUNBUFFERED": "1", **extra}


def _failure(proc: LoggedProcess, what: str) -> ProcessError:
    last = "\n".join(proc.output().splitlines()[-20:])
    return ProcessError(f"process {proc.pid} {what}; its last output:\n{last}")


def _live_members(pgid: int) -> list[int]:
    listing = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listing.stdout.splitlines())
    return [int(pid) for pid, group, state, *_ in rows if int(group) == pgid and state[0] != "Z"]
