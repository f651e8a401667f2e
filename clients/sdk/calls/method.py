"""One description of a method for both clients: it blocks on the one and is awaited on the other.

Owns the descriptors with which the ``*_calls`` modules list their methods. A method is written
once, as a function that returns a `Flow` or a `Listing`; its parameters and its result are those
of both clients, for readers, editors and type checkers alike.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from inspect import Signature, signature
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from clients.sdk.calls.call import Flow, Listing, Stream
from clients.sdk.identity.trust import Trust

P = ParamSpec("P")
T = TypeVar("T")


class Blocking(Protocol):
    """A client whose calls block; ``_blocking`` tells it from the other."""

    def _blocking(self) -> None: ...
    def _run(self, flow: Flow[T]) -> T: ...
    def _iterate(self, listing: Listing[T]) -> Iterator[T]: ...
    def _stream(self, stream: Stream[T]) -> Iterator[T]: ...


class Awaited(Protocol):
    """A client whose calls are awaited."""

    def _awaited(self) -> None: ...
    def _run(self, flow: Flow[T]) -> Awaitable[T]: ...
    def _iterate(self, listing: Listing[T]) -> AsyncIterator[T]: ...
    def _stream(self, stream: Stream[T]) -> AsyncIterator[T]: ...


class _Described:
    """What ``help()`` shows of a method."""

    def __init__(self, build: Callable[..., Any], hidden: int = 0) -> None:
        shown = signature(build)
        parameters = list(shown.parameters.values())[hidden:]
        # What is returned differs between the clients.
        self._signature = shown.replace(parameters=parameters, return_annotation=Signature.empty)
        self._name = build.__name__.lstrip("_")
        self.__doc__ = build.__doc__

    def _bind(self, run: Callable[[Any], Any], build: Callable[..., Any]) -> Callable[..., Any]:
        bound = partial(_called, run, build)
        bound.__doc__ = self.__doc__
        # What help() reads; mypy knows no attributes of a partial.
        bound.__name__, bound.__signature__ = self._name, self._signature  # type: ignore[attr-defined]
        return bound


def _called(
    run: Callable[[Any], Any], build: Callable[..., Any], /, *args: Any, **named: Any
) -> Any:
    return run(build(*args, **named))


class Method(_Described, Generic[P, T]):
    """A method that gives one value: ``client.name(...)``, or ``await client.name(...)``."""

    def __init__(self, build: Callable[P, Flow[T]]) -> None:
        super().__init__(build)
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: Awaited, owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The method bound to a client; itself on the class."""
        return self if client is None else self._bind(client._run, self._build)


class TrustedMethod(_Described, Generic[P, T]):
    """A `Method` that is built with what the client trusts; that is not among its parameters."""

    def __init__(self, build: Callable[Concatenate[Trust, P], Flow[T]]) -> None:
        super().__init__(build, hidden=1)
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, client: Awaited, owner: type) -> Callable[P, Awaitable[T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The method bound to a client; itself on the class."""
        if client is None:
            return self
        return self._bind(client._run, partial(self._build, client._trust))


class Pages(_Described, Generic[P, T]):
    """A method that gives a list as it comes in pages: ``for`` or ``async for`` over its result."""

    def __init__(self, build: Callable[P, Listing[T]]) -> None:
        super().__init__(build)
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: Awaited, owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The method bound to a client; itself on the class."""
        return self if client is None else self._bind(client._iterate, self._build)


class Streamed(_Described, Generic[P, T]):
    """A method of many answers over one call: ``for`` or ``async for`` over its result."""

    def __init__(self, build: Callable[P, Stream[T]]) -> None:
        super().__init__(build)
        self._build = build

    @overload
    def __get__(self, client: None, owner: type) -> Self: ...
    @overload
    def __get__(self, client: Blocking, owner: type) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, client: Awaited, owner: type) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, client: Any, owner: type) -> Any:
        """The method bound to a client; itself on the class."""
        return self if client is None else self._bind(client._stream, self._build)
