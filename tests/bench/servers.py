"""The two servers of the exchange benchmark, on the same cores with the same certificates."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clients.cli.local.home import LENDER_A, Home
from support.postgres_server import PostgresServer, own_server

HERE = Path(__file__).parent
TICKS = os.sysconf("SC_CLK_TCK")


def cores() -> tuple[set[int], set[int]]:
    """Return the server's and the clients' cores; the same where there are fewer than four."""
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < 4:
        return set(usable), set(usable)
    half = len(usable) // 2
    return set(usable[:half][:2]), set(usable[half:][:2])


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, its process, and the method that the load calls."""

    address: str
    process: subprocess.Popen[bytes]
    method: str
    store: PostgresServer | None = None

    def cpu_seconds(self) -> float:
        """Return the CPU time so far of the server's process, its siblings and its store."""
        pids = [self.process.pid, *_children(self.process.pid)]
        return sum(_cpu(pid) for pid in [*pids, *(self.store.pids() if self.store else ())])


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in listed]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@contextmanager
def postgres() -> Iterator[PostgresServer]:
    """Run a PostgreSQL server on the server's cores."""
    server = own_server()
    for pid in server.pids():
        os.sched_setaffinity(pid, cores()[0])
    try:
        yield server
    finally:
        server.close()


@contextmanager
def gateway(home: Home, store: PostgresServer | None = None) -> Iterator[Server]:
    """Run the gateway of a home, over PostgreSQL if there is a server."""
    if store is not None:
        home.config.write_text(f'store = "{store.create()}"\n{home.config.read_text()}')
    log = home.folder / "gateway.log"
    with log.open("wb") as output:
        process = _start([sys.executable, "-m", "gateway", str(home.config)], output.fileno())
    try:
        port = _logged_port(log, process)
        method = "/veilgate.v1.ExchangeService/GetRecord"
        yield Server(f"localhost:{port}", process, method, store)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def echo(home: Home, answer_bytes: int) -> Iterator[Server]:
    """Run the bare echo with the home's certificates."""
    tls = home.folder / "tls"
    files = [str(tls / name) for name in ("gateway.key", "gateway.pem", "client-authorities.pem")]
    command = [sys.executable, str(HERE / "echo.py"), *files, str(answer_bytes)]
    process = _start(command, subprocess.PIPE)
    if process.stdout is None:
        raise RuntimeError("the echo has no output")
    try:
        port = int(process.stdout.readline())
        yield Server(f"localhost:{port}", process, "/bench.Echo/Echo")
    finally:
        process.kill()
        process.wait(20)


def _start(command: list[str], output: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(command, stdout=output, stderr=output if output > 0 else None)
    os.sched_setaffinity(process.pid, cores()[0])
    return process


def _logged_port(log: Path, process: subprocess.Popen[bytes]) -> int:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        match = re.search(r"serving on port (\d+)", log.read_text())
        if match:
            # Siblings were started before the affinity was set, or with it: set it for all.
            for pid in _children(process.pid):
                os.sched_setaffinity(pid, cores()[0])
            return int(match[1])
        time.sleep(0.1)
    raise RuntimeError(f"the gateway did not start:\n{log.read_text()}")


def credentials(home: Home) -> dict[str, str]:
    """Return the client's PEM files."""
    folder = home.profile(LENDER_A).parent
    return {
        "ca": str(folder / "ca.pem"),
        "certificate": str(folder / f"{LENDER_A}.pem"),
        "key": str(folder / f"{LENDER_A}.key"),
    }
