"""The gRPC server: TLS, limits, health, reflection, and the services it is given.

Owns binding the port and the state of the health service. Refuses a port that is taken, and a call
beyond the limit of concurrent ones (RESOURCE_EXHAUSTED).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio
from grpc_reflection.v1alpha import reflection

from gateway.servicers import (
    aggregate,
    audit,
    catalogue,
    consent,
    deid,
    directory,
    exchange,
    subject,
)
from gateway.servicers.transport import TransportError, TransportLimits

MAX_ANSWER_BYTES: Final = 17 * 1024 * 1024
"""A bundle of 256 log entries, each at its largest, fits."""
SERVICES: Final = (
    exchange.NAME,
    consent.NAME,
    audit.NAME,
    subject.NAME,
    catalogue.NAME,
    directory.NAME,
    deid.NAME,
    aggregate.NAME,
)


class GatewayServer:
    """A grpc.aio server that is not started yet."""

    def __init__(
        self,
        listen: str,
        credentials: grpc.ServerCredentials,
        handlers: Sequence[grpc.GenericRpcHandler],
        max_concurrent_calls: int,
        limits: TransportLimits | None = None,
    ) -> None:
        """Build the server and bind its port; raises ``TransportError`` if it is taken."""
        limits = limits or TransportLimits(send_message_bytes=MAX_ANSWER_BYTES)
        self._server = grpc.aio.server(
            options=limits.to_channel_args(), maximum_concurrent_rpcs=max_concurrent_calls
        )
        self._server.add_generic_rpc_handlers(tuple(handlers))
        self._showing: set[asyncio.Future[None]] = set()
        self._health = health_aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        names = (*SERVICES, "grpc.health.v1.Health", reflection.SERVICE_NAME)
        reflection.enable_server_reflection(names, self._server)
        try:
            self._port = self._server.add_secure_port(listen, credentials)
        except RuntimeError as error:
            raise TransportError(f"{listen} cannot be bound: is another gateway there?") from error

    async def start(self, providers: Iterable[str] = ()) -> int:
        """Start serving, each provider taken to be well; return the port."""
        await self._server.start()
        await self._set(True, *("", *SERVICES), *map(_provider, providers))
        return self._port

    def set_serving(self, ok: bool) -> None:
        """Show the store's state in the health service."""
        self._show(ok, "", *SERVICES)

    def set_provider(self, institution: str, ok: bool) -> None:
        """Show in the health service, as ``provider/<id>``, whether a provider is asked."""
        self._show(ok, _provider(institution))

    def _show(self, ok: bool, *names: str) -> None:
        showing = asyncio.ensure_future(self._set(ok, *names))
        # The event loop itself keeps only a weak reference.
        self._showing.add(showing)
        showing.add_done_callback(self._showing.discard)

    async def stop(self, grace_s: float) -> None:
        """Refuse new calls, give those under way ``grace_s`` seconds, and end."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)

    async def _set(self, ok: bool, *names: str) -> None:
        status = health_pb2.HealthCheckResponse
        for name in names:
            await self._health.set(name, status.SERVING if ok else status.NOT_SERVING)


def _provider(institution: str) -> str:
    return f"provider/{institution}"
