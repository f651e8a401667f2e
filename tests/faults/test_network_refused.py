"""A gateway and its clients with the network refused beyond loopback: all works, and nobody tries.

Python code meets a guard in each process; sockets that gRPC opens in C are watched in the kernel's
tables. Both must see what they are there to see, or this would prove nothing.
"""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clients.cli.local.home import LENDER_A, Home
from support.faults_network import Watch, foreign, guarded, lines, peers
from support.homes import development_home
from support.live_gateway import LiveGateway, serve_home
from support.process import LoggedProcess

ELSEWHERE = "192.0.2.1"
"""TEST-NET-1 (RFC 5737): an address of nobody."""
GUARDED = ("-m gateway ", "committer.process", "provider_process", "multiprocessing.spawn")
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}
_WAIT_S = 60


def _write_an_address(home: Home) -> None:
    """Presidio's own recogniser asks the internet for the list of public suffixes at an address."""
    with closing(sqlite3.connect(home.folder / "data" / "applicants.db")) as connection, connection:
        connection.execute(
            "UPDATE applicant SET remark='mail someone@shop.example.co.uk or a@b.city.kawasaki.jp'"
        )


def _run_client(gateway: LiveGateway, folder: Path, environment: dict[str, str]) -> Watch:
    client = LoggedProcess(
        [
            *(sys.executable, "-m", "support.faults_network_client"),
            *(str(gateway.home.folder), str(gateway.port), str(folder)),
        ],
        environment,
    )
    with Watch(client.pid) as watch:
        assert client.wait(_WAIT_S) == 0, client.output()
    return watch


def test_the_whole_flow_needs_no_network(tmp_path: Path) -> None:
    log = tmp_path / "network"
    home = development_home(tmp_path / "home")
    _write_an_address(home)
    gateway = serve_home(home, environment=guarded(log))
    try:
        with Watch(gateway.process.pid) as server:
            client = _run_client(gateway, tmp_path / "export", guarded(log))
        _assert_connections_are_seen(gateway)
        assert gateway.stop() == 0
    finally:
        gateway.kill()
    assert lines(log, "refused") == []
    assert foreign(server.seen | client.seen) == set()
    started = "\n".join(lines(log, "guarded"))
    assert all(one in started for one in (*GUARDED, "faults_network_client"))
    assert len(server.processes) >= len(GUARDED)


def _assert_connections_are_seen(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender:
        lender.checkpoint()
        assert peers(gateway.process.pid) & LOOPBACK, "the gateway's end is not seen"
        assert peers(os.getpid()) & LOOPBACK, "the client's end is not seen"


@pytest.mark.parametrize(
    "attempt",
    [
        f"socket.create_connection(('{ELSEWHERE}', 80), 1)",
        f"socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('{ELSEWHERE}', 9))",
        "socket.getaddrinfo('publicsuffix.org', 443)",
        "socket.gethostbyname('publicsuffix.org')",
        "__import__('urllib.request').request.urlopen('http://publicsuffix.org')",
    ],
)
def test_an_attempt_is_refused_and_written_down(attempt: str, tmp_path: Path) -> None:
    log = tmp_path / "network"
    code = f"import socket\ntry: {attempt}\nexcept OSError as error: print(error)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=guarded(log), capture_output=True, text=True, check=True
    )
    assert "beyond loopback is refused" in done.stdout
    assert len(lines(log, "refused")) >= 1


def test_a_socket_to_elsewhere_is_seen_in_the_kernels_tables() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        # To connect a datagram socket sends nothing.
        sock.connect((ELSEWHERE, 9))
        assert foreign(peers(os.getpid())) >= {ELSEWHERE}
