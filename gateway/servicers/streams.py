"""Streams of many small requests, each answered by itself and in the order they came.

Owns the window: at most so many are under way at once, so a caller that sends faster than it reads
is slowed down and costs no memory. An item that is refused has its refusal in its place; only what
concerns the caller (its certificate, its institution) ends the stream. When the caller is gone,
what is under way is cancelled.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.safe_logging import log_unexpected
from gateway.servicers.binding import Call, Guard
from gateway.servicers.decode import InvalidField
from gateway.servicers.peer import PeerRefused
from gateway.servicers.status import reason_status, refusal_status

_LOG: Final = logging.getLogger(__name__)
WINDOW: Final = 16
_WAIT_S: Final = 0.05
"""How long an item waits before it asks again for room within the rate limit."""
_Context = grpc.aio.ServicerContext[bytes, bytes]
Req = TypeVar("Req", bound=Message)


class Refusal(Exception):
    """Why one item has no answer: the reason, and the field at fault if there is one."""

    def __init__(self, reason: ErrorReason, field: str = "") -> None:
        """Take both."""
        super().__init__(reason.value)
        self.reason = reason
        self.field = field


def stream(
    guard: Guard,
    request_type: type[Req],
    method: Callable[[Call[Req]], Awaitable[Message]],
    refused: Callable[[Refusal], Message],
) -> grpc.RpcMethodHandler[bytes, bytes]:
    """Return the handler of one method whose requests and answers are streams.

    ``method`` answers one item as a unary method would; ``refused`` writes a refusal as an answer.
    """

    async def answer(body: bytes, context: _Context) -> bytes:
        principal = await _admitted(guard, context)
        guard.load.calls += 1
        try:
            message = await method(Call(request_type.FromString(body), body, principal))
        except Exception as error:  # noqa: BLE001 - no exception's text may reach the wire
            message = refused(_refusal(request_type, error))
        finally:
            guard.load.calls -= 1
        return message.SerializeToString()

    async def handle(bodies: AsyncIterator[bytes], context: _Context) -> AsyncIterator[bytes]:
        try:
            await _admitted(guard, context)
            async for one in _ordered(bodies, lambda body: answer(body, context)):
                yield one
            return
        except Refused as error:
            status = refusal_status(error)
        except PeerRefused as error:
            _LOG.warning("a peer was refused: %s", error.reason.value)
            status = reason_status(ErrorReason.NOT_AUTHENTICATED)
        except Exception as error:  # noqa: BLE001 - as above
            log_unexpected(_LOG, f"a stream of {request_type.__name__}", error)
            status = reason_status(ErrorReason.INTERNAL)
        await context.abort_with_status(status)

    return grpc.stream_stream_rpc_method_handler(handle)


async def _admitted(guard: Guard, context: _Context) -> Principal:
    """Return the principal; a caller over its rate waits, where a unary call would be refused."""
    while True:
        try:
            return await guard.admit(context)
        except Refused as refused:
            if refused.findings[0].reason is not ErrorReason.RATE_LIMITED:
                raise
            await asyncio.sleep(_WAIT_S)


def _refusal(request_type: type[Message], error: Exception) -> Refusal:
    match error:
        case Refused():
            first = error.findings[0]
            return Refusal(first.reason, first.element)
        case InvalidField():
            return Refusal(ErrorReason.INVALID_FIELD, error.path)
        case DecodeError():
            return Refusal(ErrorReason.UNDECODABLE_REQUEST)
    log_unexpected(_LOG, f"answering {request_type.__name__}", error)
    return Refusal(ErrorReason.INTERNAL)


async def _ordered(
    bodies: AsyncIterator[bytes], answer: Callable[[bytes], Awaitable[bytes]]
) -> AsyncIterator[bytes]:
    """Yield the answers in the order of the requests, at most ``WINDOW`` of them under way."""
    started: asyncio.Queue[asyncio.Future[bytes] | None] = asyncio.Queue(WINDOW - 1)
    under_way: set[asyncio.Future[bytes]] = set()

    async def read() -> None:
        try:
            async for body in bodies:
                one = asyncio.ensure_future(answer(body))
                under_way.add(one)
                one.add_done_callback(under_way.discard)
                await started.put(one)
        finally:
            await started.put(None)

    reader = asyncio.create_task(read())
    try:
        while (one := await started.get()) is not None:
            yield await one
        await reader
    finally:
        reader.cancel()
        for one in tuple(under_way):
            one.cancel()
        await asyncio.gather(reader, *under_way, return_exceptions=True)
