"""ListEvents: a page of the log, with or without filters.

Owns the bounds of a page: how many events, how many bytes, and how many entries are looked at for
it. A page may be empty before the end; ``next`` moves on all the same.
"""

import asyncio
from typing import Final

import msgspec

from gateway.application.ports.log import LogReader

MAX_PAGE_BYTES: Final = 1024 * 1024
MAX_LOOKED_AT: Final = 2_000
"""Entries a page that is filtered; about 5 ms of the event loop in all."""
_CHUNK: Final = 250


class _Said(msgspec.Struct, frozen=True):
    kind: str = ""
    institution: str = ""


_SAID: Final = msgspec.json.Decoder(_Said)


class EventFilter(msgspec.Struct, frozen=True):
    """Which events are wanted; what is empty leaves nothing out."""

    kinds: frozenset[str] = frozenset()
    institution: str = ""

    def __bool__(self) -> bool:
        """Return whether anything is left out."""
        return bool(self.kinds or self.institution)

    def wants(self, event: bytes) -> bool:
        """Return whether an event is wanted."""
        said = _SAID.decode(event)
        return (not self.kinds or said.kind in self.kinds) and (
            not self.institution or said.institution == self.institution
        )


class EventPage(msgspec.Struct, frozen=True):
    """(log index, event) in log order, where to go on, and the log's size."""

    entries: list[tuple[int, bytes]]
    next: int
    size: int


async def list_events(log: LogReader, start: int, limit: int, wanted: EventFilter) -> EventPage:
    """Return a page of at most ``limit`` events from ``start`` on."""
    entries: list[tuple[int, bytes]] = []
    at, total = start, 0
    end = start + (MAX_LOOKED_AT if wanted else limit)
    while at < end and len(entries) < limit:
        asked = min(_CHUNK, end - at)
        chunk = await log.events(at, asked)
        for index, event in chunk:
            if not wanted or wanted.wants(event):
                total += len(event)
                if len(entries) == limit or (entries and total > MAX_PAGE_BYTES):
                    return EventPage(entries, index, (await log.head()).size)
                entries.append((index, event))
            at = index + 1
        if len(chunk) < asked:
            break
        # Others' calls between two chunks: the look-up itself may never wait.
        await asyncio.sleep(0)
    return EventPage(entries, at, (await log.head()).size)
