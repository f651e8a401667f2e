"""The two ways to carry out calls: blocking, and awaited on an event loop.

Owns the channel and the taking of steps, one by one. Refuses to know any method and to decide
anything: what is called comes as a `Call`, when and how often is `conduct`'s.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import Any, Self, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from clients.sdk.calls.call import Call, Flow, Listing, Page, Stream
from clients.sdk.calls.conduct import Outcome, Step, Wait, advance, conduct
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.errors import VeilgateError
from clients.sdk.failure import AnswerError

T = TypeVar("T")


class BlockingConnection:
    """Carries out calls on the thread that asks; may be shared by threads."""

    def __init__(self, channel: grpc.Channel, retries: RetryPolicy) -> None:
        self._channel = channel
        self._retries = retries
        self._stubs = _Stubs(channel)

    def __enter__(self) -> Self:
        """Open: the connection is made at the first call."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, whatever happened."""
        self.close()

    def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        self._channel.close()

    def _blocking(self) -> None:
        """Tell type checkers that values come at once."""

    def _run(self, flow: Flow[T]) -> T:
        steps = conduct(flow, self._retries)
        try:
            step = next(steps)
            while True:
                step = advance(steps, self._outcome(step))
        except StopIteration as end:
            value: T = end.value
            return value

    def _outcome(self, step: Step) -> Outcome:
        if isinstance(step, Wait):
            time.sleep(step.seconds)
            return None
        try:
            answer: Message = self._stubs.of(step.call)(step.call.request, timeout=step.timeout)
        except grpc.RpcError as error:
            return error
        return answer

    def _iterate(self, listing: Listing[T]) -> Iterator[T]:
        token: str | None = ""
        while token is not None:
            page = self._run(iter(listing.page(token)))
            yield from page.items
            token = _further(token, page)

    def _stream(self, stream: Stream[T]) -> Iterator[T]:
        sent = _Sent(stream)
        answers = self._stubs.stream(stream)(iter(sent), timeout=stream.timeout)
        try:
            for answer in answers:
                yield stream.read(answer)
        except grpc.RpcError as error:
            raise sent.failed(error) from error
        finally:
            # Whoever stops reading early has no use for the rest.
            answers.cancel()


class AwaitedConnection:
    """Carries out calls on the running event loop; not to be shared by loops or threads."""

    def __init__(self, channel: grpc.aio.Channel, retries: RetryPolicy) -> None:
        self._channel = channel
        self._retries = retries
        self._stubs = _Stubs(channel)

    async def __aenter__(self) -> Self:
        """Open: the connection is made at the first call."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, whatever happened."""
        await self.close()

    async def close(self) -> None:
        """Close the connection; calls under way are cancelled."""
        await self._channel.close()

    def _awaited(self) -> None:
        """Tell type checkers that values are awaited."""

    async def _run(self, flow: Flow[T]) -> T:
        steps = conduct(flow, self._retries)
        try:
            step = next(steps)
            while True:
                step = advance(steps, await self._outcome(step))
        except StopIteration as end:
            value: T = end.value
            return value

    async def _outcome(self, step: Step) -> Outcome:
        if isinstance(step, Wait):
            await asyncio.sleep(step.seconds)
            return None
        try:
            answer: Message = await self._stubs.of(step.call)(
                step.call.request, timeout=step.timeout
            )
        except grpc.RpcError as error:
            return error
        return answer

    async def _iterate(self, listing: Listing[T]) -> AsyncIterator[T]:
        token: str | None = ""
        while token is not None:
            page = await self._run(iter(listing.page(token)))
            for item in page.items:
                yield item
            token = _further(token, page)

    async def _stream(self, stream: Stream[T]) -> AsyncIterator[T]:
        sent = _Sent(stream)
        answers = self._stubs.stream(stream)(iter(sent), timeout=stream.timeout)
        try:
            async for answer in answers:
                yield stream.read(answer)
        except grpc.RpcError as error:
            raise sent.failed(error) from error
        except asyncio.CancelledError:
            # grpc.aio ends so a call whose requests could not be made.
            if sent.error is not None:
                raise sent.error from None
            raise
        finally:
            answers.cancel()


class _Sent:
    """The requests of a stream, and the error of whoever makes them, which gRPC would only log."""

    def __init__(self, stream: Stream[Any]) -> None:
        self._requests = stream.requests
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[Message]:
        try:
            yield from self._requests
        except Exception as error:
            self.error = error
            raise

    def failed(self, error: grpc.RpcError) -> Exception:
        """What to raise where the call failed."""
        return VeilgateError.from_rpc(error) if self.error is None else self.error


class _Stubs:
    """The channel's methods, made once each."""

    def __init__(self, channel: grpc.Channel | grpc.aio.Channel) -> None:
        self._channel = channel
        self._known: dict[str, Callable[..., Any]] = {}

    def of(self, call: Call[Any]) -> Callable[..., Any]:
        path = call.rpc.path
        if path not in self._known:
            read = call.rpc.answer.FromString
            self._known[path] = self._channel.unary_unary(path, _serialised, read)
        return self._known[path]

    def stream(self, stream: Stream[Any]) -> Callable[..., Any]:
        read = stream.rpc.answer.FromString
        return self._channel.stream_stream(stream.rpc.path, _serialised, read)


def _serialised(message: Message) -> bytes:
    return message.SerializeToString()


def _further(token: str, page: Page[Any]) -> str | None:
    """The token to go on with, None at the end."""
    if page.next_token and page.next_token == token:
        raise AnswerError("leads from a page to the same page")
    return page.next_token or None
