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

from clients.sdk.calls.call import Call, Flow, Listing, Page
from clients.sdk.calls.conduct import Outcome, Step, Wait, advance, conduct
from clients.sdk.calls.retry import RetryPolicy
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


def _serialised(message: Message) -> bytes:
    return message.SerializeToString()


def _further(token: str, page: Page[Any]) -> str | None:
    """The token to go on with, None at the end."""
    if page.next_token and page.next_token == token:
        raise AnswerError("leads from a page to the same page")
    return page.next_token or None
