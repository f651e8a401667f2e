"""Streams of one call: what ends them, and that no exception's text reaches the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NoReturn, cast

import grpc
import grpc.aio
import pytest
from google.protobuf.message import DecodeError, Message

from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import Jurisdiction
from gateway.servicers.aggregate_streams import (
    Parts,
    answered_in_parts,
    conversation,
    sent_in_parts,
)
from gateway.servicers.binding import Call, Guard, service
from gateway.servicers.decode import InvalidField
from gateway.servicers.peer import PeerRefusal, PeerRefused
from veilgate.v1 import aggregate_pb2 as pb

SECRET = "4111 1111 1111 1111"
CALLER = Principal("lender-a", "agent", frozenset(), Jurisdiction.CN)
ERRORS: list[tuple[Callable[[], Exception], str]] = [
    (lambda: refuse(ErrorReason.ROUND_NOT_FOUND), "ROUND_NOT_FOUND"),
    (lambda: InvalidField("round", "must be 32 digits"), "INVALID_FIELD"),
    (lambda: DecodeError(SECRET), "UNDECODABLE_REQUEST"),
    (lambda: PeerRefused(PeerRefusal.EXPIRED), "NOT_AUTHENTICATED"),
    (lambda: ValueError(SECRET), "INTERNAL"),
    (lambda: TimeoutError(SECRET), "INTERNAL"),
]


class Door:
    """Lets everybody in as one caller, or says why not."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    async def admit(self, _: object) -> Principal:
        if self.error is not None:
            raise self.error
        return CALLER


Ask = Callable[[list[bytes]], Any]


@asynccontextmanager
async def serving(handler: Any) -> AsyncIterator[Any]:
    """A channel to a server with one method."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((service("test.Service", {"Method": handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(0)


@asynccontextmanager
async def served(handler: Any) -> AsyncIterator[Ask]:
    """Calling returns the answers of a server with one method, or raises."""
    async with serving(handler) as channel:

        async def ask(bodies: list[bytes]) -> list[bytes]:
            return [one async for one in _call(channel, handler, bodies)]

        yield ask


async def _call(channel: Any, handler: Any, bodies: list[bytes]) -> AsyncIterator[bytes]:
    path = "/test.Service/Method"
    if handler.request_streaming and handler.response_streaming:
        async for one in channel.stream_stream(path)(iter(bodies)):
            yield one
    elif handler.request_streaming:
        yield await channel.stream_unary(path)(iter(bodies))
    else:
        async for one in channel.unary_stream(path)(bodies[0]):
            yield one


def handler_of(kind: str, door: Door, work: Callable[[], None] = lambda: None) -> Any:
    """A method that sends back the names of the rounds that it was sent."""
    guard = cast("Guard", door)

    async def answers(call: Call[pb.VoidOrder]) -> AsyncIterator[Message]:
        yield pb.VoidOrder(round=call.request.round)
        work()
        yield pb.VoidOrder(round=call.principal.institution)

    async def takes(sent: Parts[pb.VoidOrder]) -> Message:
        names = [one.round async for one in sent.parts]
        work()
        return pb.VoidOrder(round="".join(names))

    async def talks(sent: Parts[pb.VoidOrder]) -> AsyncIterator[Message]:
        async for one in sent.parts:
            work()
            yield pb.VoidOrder(round=one.round)

    if kind == "answered":
        return answered_in_parts(guard, pb.VoidOrder, answers)
    if kind == "sent":
        return sent_in_parts(guard, pb.VoidOrder, takes, idle_s=0.2)
    return conversation(guard, pb.VoidOrder, talks, idle_s=0.2)


def bodies(*names: str) -> list[bytes]:
    return [pb.VoidOrder(round=name).SerializeToString() for name in names]


def names(answers: list[bytes]) -> list[str]:
    return [pb.VoidOrder.FromString(one).round for one in answers]


async def test_each_kind_of_stream_carries_its_parts_in_order() -> None:
    async with served(handler_of("answered", Door())) as ask:
        assert names(await ask(bodies("a"))) == ["a", "lender-a"]
    async with served(handler_of("sent", Door())) as ask:
        assert names(await ask(bodies("a", "b", "c"))) == ["abc"]
        assert names(await ask([])) == [""]
    async with served(handler_of("both", Door())) as ask:
        assert names(await ask(bodies("a", "b"))) == ["a", "b"]


@pytest.mark.parametrize("kind", ["answered", "sent", "both"])
@pytest.mark.parametrize(("make", "reason"), ERRORS)
async def test_every_error_is_a_refusal_without_its_text(
    kind: str, make: Callable[[], Exception], reason: str
) -> None:
    def fail() -> NoReturn:
        raise make()

    for handler in (handler_of(kind, Door(), fail), handler_of(kind, Door(make()))):
        async with served(handler) as ask:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await ask(bodies("a"))
            error = caught.value
            assert SECRET not in f"{error.details()} {error.trailing_metadata()}"
            info = str(error.trailing_metadata())
            assert reason in info


async def drained(call: Any) -> NoReturn:
    while True:
        await call.read()


async def test_a_lasting_stream_ends_when_its_caller_may_no_longer_call() -> None:
    door = Door()

    async def endless(_: Call[pb.VoidOrder]) -> AsyncIterator[Message]:
        while True:
            yield pb.VoidOrder()

    guard = cast("Guard", door)
    handler = answered_in_parts(guard, pb.VoidOrder, endless, lasting=True)
    async with serving(handler) as channel:
        call = channel.unary_stream("/test.Service/Method")(b"")
        await call.read()
        door.error = refuse(ErrorReason.INSTITUTION_SUSPENDED)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await drained(call)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("kind", ["answered", "sent", "both"])
async def test_bytes_that_are_no_message_are_refused(kind: str) -> None:
    async with served(handler_of(kind, Door())) as ask:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await ask([b"\xff\xff"])
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.parametrize("kind", ["sent", "both"])
async def test_a_caller_that_stops_sending_is_not_waited_for(kind: str) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield bodies("a")[0]
        await asyncio.Event().wait()

    async with serving(handler_of(kind, Door())) as channel:
        method = channel.stream_stream if kind == "both" else channel.stream_unary
        call = method("/test.Service/Method")(stalled())
        async with asyncio.timeout(10):
            if kind == "both":
                await call.read()
                with pytest.raises(grpc.aio.AioRpcError):
                    await call.read()
            assert await call.code() is grpc.StatusCode.DEADLINE_EXCEEDED
