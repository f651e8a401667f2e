"""Who gets through mutual TLS, row by row, over real sockets on loopback.

Every row says where it ends: in the TLS handshake, in the peer check before any work, or answered.
A server that asks for no client certificate is run as a control: it must change the outcome.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import grpc
import grpc.aio
import pytest

from clients.cli.local.dev_authority import (
    DevAuthority,
    Issued,
    LeafRequest,
    Usage,
    self_signed,
    spiffe_uri,
)
from gateway.servicers.peer import PeerRefusal
from gateway.servicers.tls_floor import CIPHER_VARIABLE
from gateway.servicers.transport import server_credentials
from support.certificates import Pki, channel, make_pki
from support.echo_server import METHOD, Echo, echo_stub, serving
from support.raw_http2 import answer_data, unary_request

HANDSHAKE = "refused in the handshake"
OK = "answered"
Outcome = PeerRefusal | str
LENDER = LeafRequest.institution("lender-a")
DEADLINE = 10.0


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


async def _outcome(echo: Echo, port: int, roots: bytes, identity: Issued | None) -> Outcome:
    async with channel(port, roots, identity) as client:
        return await _call(echo, client)


async def _call(echo: Echo, client: grpc.aio.Channel) -> Outcome:
    refused, answered = len(echo.refusals), len(echo.answered)
    call = echo_stub(client)(b"hello", timeout=DEADLINE)
    code = await call.code()
    if code is grpc.StatusCode.OK:
        assert await call == b"hello"
        assert len(echo.answered) == answered + 1
        return OK
    assert len(echo.answered) == answered, "a refused call must not reach the work"
    if code is grpc.StatusCode.UNAUTHENTICATED:
        assert len(echo.refusals) == refused + 1
        assert await call.details() == echo.refusals[-1].name
        return echo.refusals[-1]
    assert code is grpc.StatusCode.UNAVAILABLE
    assert len(echo.refusals) == refused, "the handler was entered"
    return HANDSHAKE


def _lax_credentials(pki: Pki) -> grpc.ServerCredentials:
    """The mistake that the matrix must notice: grpcio's default asks for no client certificate."""
    return grpc.ssl_server_credentials(
        [(pki.gateway.private_key, pki.gateway.certificate)],
        root_certificates=pki.authority.certificate,
        require_client_auth=False,
    )


def _run(
    pki: Pki, identity: Issued | None, credentials: grpc.ServerCredentials | None = None
) -> Outcome:
    async def row() -> Outcome:
        echo = Echo()
        async with serving(echo, credentials or server_credentials(pki.tls)) as port:
            outcome = await _outcome(echo, port, pki.authority.certificate, identity)
            if credentials is None:
                # The refusal was of this client: the same server answers a good one.
                good = pki.institutions["lender-a"]
                assert await _outcome(echo, port, pki.authority.certificate, good) is OK
            return outcome

    return asyncio.run(row())


def _issue(request: LeafRequest) -> Callable[[Pki], Issued]:
    return lambda pki: pki.authority.issue(request)


ROWS: dict[str, tuple[Callable[[Pki], Issued | None], Outcome]] = {
    "valid": (lambda pki: pki.institutions["lender-a"], OK),
    "no certificate": (lambda pki: None, HANDSHAKE),
    "self-signed": (lambda pki: self_signed(LENDER), HANDSHAKE),
    "other authority of the same name": (
        lambda pki: DevAuthority.create().issue(LENDER),
        HANDSHAKE,
    ),
    "other authority of another name": (
        lambda pki: DevAuthority.create("Elsewhere").issue(LENDER),
        HANDSHAKE,
    ),
    "expired": (_issue(replace(LENDER, starts_in=-timedelta(days=2))), HANDSHAKE),
    "not yet valid": (_issue(replace(LENDER, starts_in=timedelta(hours=1))), HANDSHAKE),
    "server usage only": (_issue(replace(LENDER, usages=(Usage.SERVER,))), HANDSHAKE),
    "no usage at all": (_issue(replace(LENDER, usages=())), PeerRefusal.WRONG_USAGE),
    "the gateway's own certificate": (lambda pki: pki.gateway, HANDSHAKE),
    "no SAN": (_issue(replace(LENDER, uris=())), PeerRefusal.WRONG_NAME),
    "DNS name only": (
        _issue(replace(LENDER, uris=(), dns_names=("lender-a.example",))),
        PeerRefusal.WRONG_NAME,
    ),
    "two URIs": (
        _issue(replace(LENDER, uris=(*LENDER.uris, spiffe_uri("bureau-b", "integrator")))),
        PeerRefusal.WRONG_NAME,
    ),
    "other trust domain": (
        _issue(replace(LENDER, uris=(spiffe_uri("lender-a", "integrator", "elsewhere.example"),))),
        PeerRefusal.FOREIGN_TRUST_DOMAIN,
    ),
    "other path": (
        _issue(replace(LENDER, uris=("spiffe://veilgate.example/admin",))),
        PeerRefusal.WRONG_NAME,
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_client_ends_where_its_certificate_says(pki: Pki, name: str) -> None:
    make_identity, expected = ROWS[name]
    assert _run(pki, make_identity(pki)) == expected


@pytest.mark.parametrize("name", ["no certificate", "self-signed", "expired", "valid"])
def test_control_a_server_without_client_certificates_changes_the_outcome(
    pki: Pki, name: str
) -> None:
    make_identity, expected = ROWS[name]
    outcome = _run(pki, make_identity(pki), _lax_credentials(pki))
    assert outcome is PeerRefusal.NO_CERTIFICATE
    assert outcome != expected


def test_an_open_connection_does_not_outlive_its_certificate(pki: Pki) -> None:
    async def row() -> None:
        now = time.time()
        echo = Echo(clock=lambda: now)
        async with serving(echo, server_credentials(pki.tls)) as port:
            identity = pki.institutions["lender-a"]
            async with channel(port, pki.authority.certificate, identity) as client:
                assert await _call(echo, client) is OK
                now = echo.answered[0].not_after + 1.0
                assert await _call(echo, client) is PeerRefusal.EXPIRED

    asyncio.run(row())


def test_institutions_on_one_server_are_told_apart(pki: Pki) -> None:
    async def row() -> list[str]:
        echo, roots = Echo(), pki.authority.certificate
        async with serving(echo, server_credentials(pki.tls)) as port:
            for name in ("lender-a", "bureau-b", "lender-a"):
                assert await _outcome(echo, port, roots, pki.institutions[name]) is OK
        return [peer.institution_id for peer in echo.answered]

    assert asyncio.run(row()) == ["lender-a", "bureau-b", "lender-a"]


def test_a_plaintext_client_is_not_answered(pki: Pki) -> None:
    async def row() -> Outcome:
        echo = Echo()
        async with (
            serving(echo, server_credentials(pki.tls)) as port,
            grpc.aio.insecure_channel(f"localhost:{port}") as client,
        ):
            return await _call(echo, client)

    assert asyncio.run(row()) is HANDSHAKE


def test_a_client_refuses_a_gateway_of_another_authority(pki: Pki) -> None:
    async def row() -> Outcome:
        echo, roots = Echo(), DevAuthority.create().certificate
        async with serving(echo, server_credentials(pki.tls)) as port:
            return await _outcome(echo, port, roots, pki.institutions["lender-a"])

    assert asyncio.run(row()) is HANDSHAKE


def test_a_client_refuses_an_institution_that_poses_as_the_gateway(pki: Pki) -> None:
    async def row() -> Outcome:
        impostor = pki.institutions["bureau-b"]
        posing = replace(
            pki.tls, private_key=impostor.private_key, certificate_chain=impostor.certificate
        )
        echo = Echo()
        async with serving(echo, server_credentials(posing)) as port:
            good = pki.institutions["lender-a"]
            return await _outcome(echo, port, pki.authority.certificate, good)

    assert asyncio.run(row()) is HANDSHAKE


class ServerProcess:
    """An echo server in a fresh interpreter, since the TLS floor is settled when gRPC loads."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = int(self.next_line().removeprefix("port "))

    def next_line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def _server_process(pki: Pki, *, floor: bool) -> Iterator[ServerProcess]:
    install = "from gateway.servicers.tls_floor import *; install_tls13_floor(); " if floor else ""
    program = f"{install}from support.echo_server import main; main({str(pki.directory)!r})"
    environment = {k: v for k, v in os.environ.items() if k != CIPHER_VARIABLE}
    environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield ServerProcess(process)
        finally:
            process.communicate(timeout=DEADLINE)


def _connect(pki: Pki, port: int, version: ssl.TLSVersion) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(pki.directory / "authority.pem")
    context.load_cert_chain(pki.directory / "lender-a.pem", pki.directory / "lender-a.key")
    context.set_alpn_protocols(["h2"])
    context.minimum_version = context.maximum_version = version
    plain = socket.create_connection(("127.0.0.1", port), timeout=DEADLINE)
    return context.wrap_socket(plain, server_hostname="localhost")


def test_tls_1_2_fails_in_the_handshake(pki: Pki) -> None:
    with _server_process(pki, floor=True) as server:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            _connect(pki, server.port, ssl.TLSVersion.TLSv1_2)
        with _connect(pki, server.port, ssl.TLSVersion.TLSv1_3) as connection:
            connection.sendall(unary_request(METHOD, b"hello"))
            assert answer_data(connection).endswith(b"hello")
        assert server.next_line() == "answered lender-a"


def test_without_the_floor_the_peer_check_refuses_tls_1_2(pki: Pki) -> None:
    with _server_process(pki, floor=False) as server:
        with _connect(pki, server.port, ssl.TLSVersion.TLSv1_2) as connection:
            assert connection.version() == "TLSv1.2"
            connection.sendall(unary_request(METHOD, b"hello"))
            assert answer_data(connection) == b""
        assert server.next_line() == "refused TLS_VERSION"
