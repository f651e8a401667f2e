"""A server of one method that echoes bytes to authenticated peers and counts what happened.

Run in a process of its own, it prints its port, and then a line for every call that reached it.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import grpc.aio

from gateway.servicers.peer import PeerCertificate, PeerRefusal, PeerRefused, peer_certificate
from gateway.servicers.transport import TlsFiles, TransportLimits, server_credentials

METHOD = "/veilgate.test.Echo/Echo"


@dataclass(slots=True)
class Echo:
    """The handler, with what it saw: refusals by the peer check, and calls it answered."""

    clock: Callable[[], float] = time.time
    refusals: list[PeerRefusal] = field(default_factory=list)
    answered: list[PeerCertificate] = field(default_factory=list)
    report: Callable[[str], None] = lambda line: None

    async def answer(
        self, request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> bytes:
        try:
            peer = peer_certificate(context.auth_context(), self.clock())
        except PeerRefused as refused:
            self.refusals.append(refused.reason)
            self.report(f"refused {refused.reason.name}")
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, refused.reason.name)
        self.answered.append(peer)
        self.report(f"answered {peer.institution_id}")
        return request


def echo_stub(channel: grpc.aio.Channel) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
    """The client's side of the one method."""
    stub: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(METHOD)
    return stub


@asynccontextmanager
async def serving(
    echo: Echo, credentials: grpc.ServerCredentials, limits: TransportLimits | None = None
) -> AsyncIterator[int]:
    """Serve ``echo`` on a free loopback port, which is the value."""
    server = grpc.aio.server(options=(limits or TransportLimits()).to_channel_args())
    service, method = METHOD.strip("/").split("/")
    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(echo.answer)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(service, {method: handler}),)
    )
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield port
    finally:
        await server.stop(grace=None)


async def _serve_until_stdin_closes(tls: TlsFiles) -> None:
    async with serving(Echo(report=_say), server_credentials(tls)) as port:
        _say(f"port {port}")
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(directory: str) -> None:
    """Serve with the certificates that ``make_pki`` wrote to ``directory``, until stdin closes."""
    folder = Path(directory)
    asyncio.run(
        _serve_until_stdin_closes(
            TlsFiles(folder / "gateway.key", folder / "gateway.pem", folder / "authority.pem")
        )
    )
