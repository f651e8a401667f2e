"""A provider's gRPC server: mutual TLS 1.3, two methods, health.

Owns binding and limits. Refuses every caller but the pinned gateways, and answers nothing that was
not decoded and checked; no exception's text reaches the wire.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import grpc
import grpc.aio
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_health.v1.health import aio as health_aio

from clients.provider.base import Answering, ProviderBase
from clients.provider.errors import ProviderError
from clients.provider.messages import MalformedRequest, description, read_inquiries
from clients.provider.peer import PeerRefused, require_gateway
from clients.provider.profile import ProviderProfile
from clients.provider.tls_floor import VARIABLE, tls13_floor_stands
from veilgate.v1 import provider_pb2 as pb

_LOG: Final = logging.getLogger("veilgate.provider")
SERVICE: Final = "veilgate.v1.ProviderService"
_BUDGET_SHARE: Final = 0.9
"""Of the time that is left: the rest is for the way back."""
_GRACE_S: Final = 2.0
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.max_concurrent_streams", 128),
    ("grpc.so_reuseport", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
)
Context = grpc.aio.ServicerContext[bytes, bytes]
Method = Callable[[bytes, Context], Awaitable[Message]]


class ProviderServer:
    """A server that is not started yet; make it on the event loop that it will run on."""

    def __init__(self, provider: ProviderBase, profile: ProviderProfile) -> None:
        """Bind the port.

        Raises:
            ProviderError: a file cannot be read, or the address is taken.
        """
        self._provider = provider
        self._profile = profile
        self._answering = Answering(provider, profile.max_concurrent)
        self._server = grpc.aio.server(options=_OPTIONS)
        methods = {"FetchRecords": self._fetch, "DescribeProvider": self._describe}
        handlers = {name: self._guarded(method) for name, method in methods.items()}
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, handlers),)
        )
        self._health = health_aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        key, certificate, authorities = profile.read_tls()
        credentials = grpc.ssl_server_credentials(
            [(key, certificate)], root_certificates=authorities, require_client_auth=True
        )
        try:
            self._port = self._server.add_secure_port(profile.listen, credentials)
        except RuntimeError as error:
            raise ProviderError(
                f"{profile.listen} cannot be bound", "Is another server there?"
            ) from error

    async def start(self) -> int:
        """Start serving; return the port."""
        await self._server.start()
        for name in ("", SERVICE):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return self._port

    async def stop(self, grace_s: float = _GRACE_S) -> None:
        """Refuse new calls, give those under way ``grace_s`` seconds, and end."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)
        self._answering.close()

    async def _fetch(self, body: bytes, context: Context) -> Message:
        inquiries = read_inquiries(pb.FetchRecordsRequest.FromString(body))
        limit = self._profile.timeout_ms / 1000
        left = context.time_remaining()
        budget = _BUDGET_SHARE * (limit if left is None else min(left, limit))
        return pb.FetchRecordsResponse(answers=await self._answering.answers(inquiries, budget))

    async def _describe(self, body: bytes, context: Context) -> Message:  # noqa: ARG002
        pb.DescribeProviderRequest.FromString(body)
        return description(self._provider.provider, self._provider.datasets)

    def _guarded(self, method: Method) -> grpc.RpcMethodHandler[bytes, bytes]:
        async def handle(body: bytes, context: Context) -> bytes:
            profile = self._profile
            try:
                require_gateway(context.auth_context(), profile.trust_domain, profile.gateways)
                return (await method(body, context)).SerializeToString()
            except PeerRefused as refused:
                _LOG.warning("a caller was refused: %s", refused)
                await _abort(
                    context, grpc.StatusCode.UNAUTHENTICATED, "no gateway of this provider"
                )
            except MalformedRequest as malformed:
                await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, str(malformed))
            except DecodeError:
                await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, "undecodable")
            except Exception as error:  # noqa: BLE001 - its text may hold a value
                _LOG.error("a call raised %s", type(error).__name__)
                await _abort(context, grpc.StatusCode.INTERNAL, "internal")

        return grpc.unary_unary_rpc_method_handler(handle)


async def _abort(context: Context, code: grpc.StatusCode, details: str) -> NoReturn:
    await context.abort(code, details)
    raise AssertionError("abort returned")


def serve(provider: ProviderBase, profile: ProviderProfile) -> None:
    """Serve until SIGTERM or SIGINT; says the port in a log line.

    Raises:
        ProviderError: it cannot be started.
    """
    if not tls13_floor_stands():
        raise ProviderError(
            "TLS 1.2 cannot be ruled out in this process",
            f"Import clients.provider before gRPC, and leave {VARIABLE} unset.",
        )
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    asyncio.run(_serve(provider, profile))


async def _serve(provider: ProviderBase, profile: ProviderProfile) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = ProviderServer(provider, profile)
    _LOG.info("serving %s on port %d", provider.provider, await server.start())
    await stop.wait()
    await server.stop()
