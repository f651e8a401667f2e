"""Calls as values: what is sent, how the answer is read, and whether it may be sent again.

Owns the description of a call apart from the connection that makes it, so that the synchronous and
the asynchronous client share every word of it. Refuses a deadline that is not a positive number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from google.protobuf.message import Message

from clients.sdk.failure import RequestError

T = TypeVar("T")
Answer = TypeVar("Answer", bound=Message)

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds, for a whole call: every attempt and every wait between two of them."""
Flow = Generator["Call[Any]", Any, T]
"""Steps that end in a value: a generator that yields calls and is sent what they gave."""


@dataclass(frozen=True, slots=True)
class Rpc(Generic[Answer]):
    """A method of the gateway. ``safe``: the same request again has no second effect."""

    path: str
    answer: type[Answer]
    safe: bool


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request to one method; ``yield from`` a call in a flow to get its value.

    ``read`` makes the value from the answer; ``timeout`` is in seconds; ``request_id`` is named by
    errors.

    Raises:
        RequestError: the timeout is not a positive number.
    """

    rpc: Rpc[Any]
    request: Message
    read: Callable[[Any], T]
    timeout: float
    request_id: str = ""

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not 0 < self.timeout < math.inf:
            raise RequestError("a timeout is a positive number of seconds", "Give one, such as 10.")

    def __iter__(self) -> Flow[T]:
        """Yield the call once; its value is what comes back."""
        value: T = yield self
        return value


@dataclass(frozen=True, slots=True)
class Stream(Generic[T]):
    """Many requests over one call, answered in their order; never made again by itself.

    Raises:
        RequestError: the timeout is not a positive number.
    """

    rpc: Rpc[Any]
    requests: Iterable[Message]
    read: Callable[[Any], T]
    timeout: float

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not 0 < self.timeout < math.inf:
            raise RequestError("a timeout is a positive number of seconds", "Give one, such as 10.")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, and the token of the next part; empty at the end."""

    items: tuple[T, ...]
    next_token: str


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A list that comes in pages: ``page`` gives the call for a token, empty for the first."""

    page: Callable[[str], Call[Page[T]]]
