"""A real PostgreSQL server for tests: one for each test process, a database for each store.

Owns starting it from the ``pgserver`` wheel, stopping it hard, pausing it, and starting it again.
Nothing has to be installed, and nothing listens but a socket in its own folder.
"""

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

import psycopg

_NAMES = count(1)
_START_S = 60
_AS_USER = """
import os, pwd, sys
user = pwd.getpwnam(sys.argv[1])
os.setgroups([])
os.setgid(user.pw_gid)
os.setuid(user.pw_uid)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""PostgreSQL does not run as root."""
_GUARD = """
import os, pathlib, shutil, signal, sys, time
folder = pathlib.Path(sys.argv[1])
sys.stdin.read()
try:
    main = int((folder / "postmaster.pid").read_text().split()[0])
    os.kill(main, signal.SIGCONT)
    os.kill(main, signal.SIGQUIT)
    for _ in range(500):
        os.kill(main, 0)
        time.sleep(0.02)
except (OSError, ValueError, IndexError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""
"""Stops the server and removes its folder when nobody holds the other end of its input."""


class PostgresServer:
    """A server over a folder of its own."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            # The wheel says where it keeps its lock file when XDG_RUNTIME_DIR is not set.
            warnings.simplefilter("ignore")
            from pgserver.postgres_server import get_server

            self._server = get_server(folder, cleanup_mode=None)
        self.folder = folder
        # However this process ends, the guard reads the end of its input.
        self._guard = subprocess.Popen(
            [sys.executable, "-c", _GUARD, str(folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def url(self, database: str = "postgres", host: str = "") -> str:
        """The address of a database, directly or by way of another socket folder."""
        return f"postgresql://postgres@/{database}?host={host or self.folder}"

    def create(self) -> str:
        """Make an empty database; return its address."""
        return self.url(self.copy("template0"))

    def copy(self, template: str) -> str:
        """Make a copy of a database that nobody uses; return the copy's name."""
        name = f"store_{os.getpid()}_{next(_NAMES)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Remove a database, and who uses it."""
        self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def pids(self) -> list[int]:
        """The postmaster and all its children."""
        main = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(main)], capture_output=True, text=True, check=False
        )
        return [main, *(int(one) for one in listed.stdout.split())]

    def stop(self) -> None:
        """Stop without writing anything back, as a crash does."""
        self._ctl("stop", "-m", "immediate", "-w")

    def start(self) -> None:
        """Start again and wait until it answers."""
        options = f'-h "" -k {self.folder}'
        self._ctl("start", "-w", "-o", options, "-l", str(self.folder / "log"))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop every process of the server where it is; they go on at the end."""
        stopped = self.pids()
        _signal(stopped, signal.SIGSTOP)
        try:
            yield
        finally:
            _signal([*stopped, *self.pids()], signal.SIGCONT)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Crash, and start again at the end."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def close(self) -> None:
        """Stop it and remove its folder."""
        self._guard.communicate(timeout=_START_S)

    def _ctl(self, *arguments: str) -> None:
        import pgserver

        program = Path(pgserver.__file__).parent / "pginstall" / "bin" / "pg_ctl"
        command = [str(program), "-D", str(self.folder), *arguments]
        if self._server.system_user:
            # By way of a process of its own: forking from one with gRPC's threads may crash.
            command = [sys.executable, "-c", _AS_USER, self._server.system_user, *command]
        subprocess.run(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_START_S,
            check=True,
        )


def own_server() -> PostgresServer:
    """A server of the caller's own; close it at the end."""
    return PostgresServer(Path(tempfile.mkdtemp(prefix="veilgate-pg-")))


@cache
def shared_server() -> PostgresServer:
    """This process's server, ended with the process; nobody stops or pauses it."""
    return own_server()


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
