"""The consents of a round, read beside the writer: many, some at a time, while others have theirs.

Owns what a large round's transactions need not read again: ``ConsentsSeen``. Nothing is held while
it is read. It is sound because every change of a consent's state stands in the log, at a place
behind the log's size that was read first: the transaction looks at those changes alone. What else
a consent's standing depends on is the time, whose bounds are carried along, and the count of uses,
where the terms limit it: those consents are named, to be read again.

Refuses to decide: a consent that does not stand is named as doubtful, and the transaction says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

import msgspec

from gateway.adapters.committer.aggregates.consents import (
    DIRECTLY,
    MAX_CONSENTS,
    MOST_LIMITED,
    is_limited,
)
from gateway.adapters.committer.aggregates.messages import ConsentsSeen
from gateway.adapters.store.reader import Row, StoreReader
from gateway.application.ports.aggregates import RoundState
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.domain.consent import ConsentState, ConsentTerms, Standing
from gateway.domain.policy.round_consents import ConsentNeed, unmet
from gateway.domain.reasons import ErrorReason, refuse

_AT_A_TIME: Final = 500
"""Consents in one statement, and between two turns of the event loop."""
_CONSENTS: Final = (
    "SELECT id, terms, state, uses, use_window, window_uses FROM consent WHERE id IN ({})"
)
_SIZE: Final = "SELECT size FROM log_head WHERE id=1"
_NEED: Final = "SELECT need FROM aggregate_round WHERE id=?"
_PART: Final = (
    "SELECT first_row, ids FROM aggregate_consents WHERE round_id=? AND first_row>=?"
    " ORDER BY first_row LIMIT 1"
)
_UNCOUNTED: Final = (
    "SELECT DISTINCT r.id FROM aggregate_consents c JOIN aggregate_round r ON r.id=c.round_id"
    " WHERE r.state=?"
)
_LATEST: Final = 1 << 62
_terms: Final = msgspec.msgpack.Decoder(ConsentTerms).decode
_need: Final = msgspec.msgpack.Decoder(ConsentNeed).decode
_ids: Final = msgspec.msgpack.Decoder(tuple[str, ...]).decode
_encode: Final = msgspec.msgpack.Encoder().encode


class OpeningConsents(msgspec.Struct, frozen=True):
    """What an opening says of its consents: few by their ids, many stored in parts and seen."""

    root: bytes
    ids: tuple[str, ...] = ()
    parts: tuple[bytes, ...] = ()
    seen: ConsentsSeen | None = None


class ConsentReading:
    """Reads the consents of rounds. At most ``directly`` are left to the transaction itself."""

    def __init__(
        self, reader: StoreReader, clock: Callable[[], float], directly: int = DIRECTLY
    ) -> None:
        """Take a reader of what is committed; ``clock`` gives Unix seconds."""
        self._reader = reader
        self._clock = clock
        self._directly = directly

    async def to_open(self, ids: tuple[str, ...], need: ConsentNeed | None) -> OpeningConsents:
        """Return what opens a round that rests on these consents, in order.

        Raises ``Refused``: AGGREGATE_QUESTION_INVALID, STORE_UNAVAILABLE.
        """
        if len(ids) > MAX_CONSENTS or len(set(ids)) != len(ids):
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "consents")
        edge = CompactRange()
        for part in _cut(ids, _AT_A_TIME):
            edge = edge.extend([leaf_hash(one.encode()) for one in part])
            await asyncio.sleep(0)
        root = edge.root() if ids else b""
        if need is None or len(ids) <= self._directly:
            return OpeningConsents(root, ids)
        parts = tuple(_encode(part) for part in _cut(ids, min(DIRECTLY, self._directly)))
        return OpeningConsents(root, (), parts, await self._seen(_given(ids), need))

    async def to_release(self, round_id: str) -> ConsentsSeen | None:
        """Return what was seen of a stored round's consents, None where there are few or none.

        Raises ``Refused``: STORE_UNAVAILABLE.
        """
        rows = await self._reader.rows(_NEED, (round_id,))
        if not rows or not rows[0][0] or not await self._reader.rows(_PART, (round_id, 0)):
            return None
        return await self._seen(self._stored(round_id), _need(rows[0][0]))

    async def uncounted(self) -> tuple[str, ...]:
        """Return the released rounds with uses that are still to be counted."""
        rows = await self._reader.rows(_UNCOUNTED, (RoundState.RELEASED.value,))
        return tuple(round_id for (round_id,) in rows)

    async def _stored(self, round_id: str) -> AsyncIterator[tuple[str, ...]]:
        first = 0
        while rows := await self._reader.rows(_PART, (round_id, first)):
            first = rows[0][0] + 1
            for part in _cut(_ids(rows[0][1]), _AT_A_TIME):
                yield part

    async def _seen(self, parts: AsyncIterator[tuple[str, ...]], need: ConsentNeed) -> ConsentsSeen:
        # Before the first consent is read: what changes from here on is at this place or behind.
        ((size,),) = await self._reader.rows(_SIZE)
        view = _View(need, int(self._clock()))
        async for part in parts:
            query = _CONSENTS.format(",".join("?" * len(part)))
            rows = {row[0]: row[1:] for row in await self._reader.rows(query, part)}
            for one in part:
                view.add(one, rows.get(one))
            if view.enough:
                # It will be refused: what is left need not be read.
                break
            await asyncio.sleep(0)
        return view.seen(size)


class _View:
    """What was seen so far."""

    def __init__(self, need: ConsentNeed, now: int) -> None:
        self._need, self._now = need, now
        self._count = 0
        self._from, self._until = 0, _LATEST
        self._limited: list[str] = []
        self._doubtful: list[str] = []

    def add(self, name: str, row: Row | None) -> None:
        """Take a consent's row, None where there is none."""
        self._count += 1
        if row is None or not self._stands(name, *row):
            self._doubtful.append(name)

    @property
    def enough(self) -> bool:
        """Return whether too many do not stand, or are limited."""
        return len(self._doubtful) >= DIRECTLY or len(self._limited) > MOST_LIMITED

    def _stands(
        self, name: str, stored: bytes, state: str, uses: int, window: int, used: int
    ) -> bool:
        terms, standing = _terms(stored), Standing(ConsentState(state), uses, window, used)
        self._from = max(self._from, terms.valid_from)
        self._until = min(self._until, terms.valid_until)
        if is_limited(terms):
            self._limited.append(name)
        return unmet(terms, standing, self._need, self._now) is None

    def seen(self, size: int) -> ConsentsSeen:
        """Return it."""
        return ConsentsSeen(
            *(
                size,
                self._count,
                self._from,
                self._until,
                tuple(self._limited),
                tuple(self._doubtful),
            )
        )


async def _given(ids: tuple[str, ...]) -> AsyncIterator[tuple[str, ...]]:
    for part in _cut(ids, _AT_A_TIME):
        yield part


def _cut(ids: tuple[str, ...], size: int) -> list[tuple[str, ...]]:
    return [ids[at : at + size] for at in range(0, len(ids), size)]
