"""What a worker and the reader's process say to each other: MessagePack, one list a batch."""

from typing import Any

import msgspec


class Query(msgspec.Struct, frozen=True, array_like=True):
    """One SELECT with places written ``?``; values are texts, integers, bytes and None."""

    statement: str
    values: tuple[Any, ...]


class Found(msgspec.Struct, frozen=True, array_like=True, tag="f"):
    """The rows."""

    rows: list[tuple[Any, ...]]


class Failed(msgspec.Struct, frozen=True, array_like=True, tag="n"):
    """The store did not answer, or not to this."""


Answer = Found | Failed
