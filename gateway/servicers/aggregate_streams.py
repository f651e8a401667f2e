"""Streams of one call: an answer in parts, a request in parts, or both.

Owns the same guard and the same mapping of exceptions as unary methods have (``binding``), and that
a caller that stops sending is not waited for. Where an answer is under way, a refusal ends it as
the call's status. Refuses to count a stream as load: one that waits for orders does nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final, Generic, NamedTuple, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.safe_logging import log_unexpected
from gateway.servicers.binding import Call, Guard
from gateway.servicers.decode import InvalidField
from gateway.servicers.peer import PeerRefused
from gateway.servicers.status import invalid_field_status, reason_status, refusal_status

_LOG: Final = logging.getLogger(__name__)
IDLE_S: Final = 60.0
"""Between two parts of a request, at most."""
_Context = grpc.aio.ServicerContext[bytes, bytes]
Req = TypeVar("Req", bound=Message)


class Parts(NamedTuple, Generic[Req]):
    """A request in parts, and who sends it."""

    parts: AsyncIterator[Req]
    principal: Principal


def answered_in_parts(
    guard: Guard,
    request_type: type[Req],
    method: Callable[[Call[Req]], AsyncIterator[Message]],
    *,
    lasting: bool = False,
) -> grpc.RpcMethodHandler[bytes, bytes]:
    """Return the handler of a method whose answer is a stream.

    ``lasting``: it may go on for days, so the caller is looked at again before every part.
    """

    async def handle(body: bytes, context: _Context) -> AsyncIterator[bytes]:
        try:
            principal = await guard.admit(context)
            async for one in method(Call(request_type.FromString(body), body, principal)):
                if lasting:
                    await guard.admit(context)
                yield one.SerializeToString()
            return
        except Exception as error:  # noqa: BLE001 - no exception's text may reach the wire
            status = _status(request_type, error)
        await context.abort_with_status(status)

    return grpc.unary_stream_rpc_method_handler(handle)


def sent_in_parts(
    guard: Guard,
    request_type: type[Req],
    method: Callable[[Parts[Req]], Awaitable[Message]],
    idle_s: float = IDLE_S,
) -> grpc.RpcMethodHandler[bytes, bytes]:
    """Return the handler of a method whose request is a stream."""

    async def handle(bodies: AsyncIterator[bytes], context: _Context) -> bytes:
        try:
            principal = await guard.admit(context)
            answer = await method(Parts(_decoded(request_type, bodies, idle_s), principal))
            return answer.SerializeToString()
        except Exception as error:  # noqa: BLE001 - as above
            status = _status(request_type, error)
        await context.abort_with_status(status)
        raise AssertionError("abort_with_status returned")

    return grpc.stream_unary_rpc_method_handler(handle)


def conversation(
    guard: Guard,
    request_type: type[Req],
    method: Callable[[Parts[Req]], AsyncIterator[Message]],
    idle_s: float = IDLE_S,
) -> grpc.RpcMethodHandler[bytes, bytes]:
    """Return the handler of a method whose request and answer are streams of their own pace."""

    async def handle(bodies: AsyncIterator[bytes], context: _Context) -> AsyncIterator[bytes]:
        try:
            principal = await guard.admit(context)
            parts = _decoded(request_type, bodies, idle_s)
            async for one in method(Parts(parts, principal)):
                yield one.SerializeToString()
            return
        except Exception as error:  # noqa: BLE001 - as above
            status = _status(request_type, error)
        await context.abort_with_status(status)

    return grpc.stream_stream_rpc_method_handler(handle)


async def _decoded(
    request_type: type[Req], bodies: AsyncIterator[bytes], idle_s: float
) -> AsyncIterator[Req]:
    while True:
        try:
            async with asyncio.timeout(idle_s):
                body = await anext(bodies)
        except StopAsyncIteration:
            return
        except TimeoutError:
            raise refuse(ErrorReason.DEADLINE_EXCEEDED) from None
        yield request_type.FromString(body)


def _status(request_type: type[Message], error: Exception) -> grpc.Status:
    match error:
        case Refused():
            return refusal_status(error)
        case InvalidField():
            return invalid_field_status(error)
        case DecodeError():
            return reason_status(ErrorReason.UNDECODABLE_REQUEST)
        case PeerRefused():
            _LOG.warning("a peer was refused: %s", error.reason.value)
            return reason_status(ErrorReason.NOT_AUTHENTICATED)
    log_unexpected(_LOG, f"answering {request_type.__name__}", error)
    return reason_status(ErrorReason.INTERNAL)
