"""The rounds of this gateway: which there are, and what they may take.

Owns the bounds: so many open rounds, so many of one institution, so many bytes of contributions.
What goes first when room is needed can be had again: contributions of released rounds, then rounds
that stand still (the store has their roster, agents send their contributions again). Refuses a
round beyond the bounds before it is charged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from gateway.application.aggregate.round import Round
from gateway.domain.reasons import ErrorReason, refuse

MOST_ENDED: Final = 256
"""Ended rounds that are remembered, for agents that come back."""


class Bounds(msgspec.Struct, frozen=True):
    """What all rounds together may take."""

    open: int = 64
    of_an_institution: int = 4
    contribution_bytes: int = 1 << 28


class Rounds:
    """By id. ``clock`` gives Unix seconds."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        """Start with none."""
        self._bounds = bounds
        self._clock = clock
        self._rounds: dict[str, Round] = {}
        self._news = asyncio.Event()

    def find(self, round_id: str) -> Round | None:
        """Return a round whose question is not out of date."""
        self._sweep()
        return self._rounds.get(round_id)

    def all(self) -> Iterable[Round]:
        """Return every round, the oldest first."""
        self._sweep()
        return tuple(self._rounds.values())

    def news(self) -> asyncio.Event:
        """Return an event that the next added round, or change of one, sets."""
        return self._news

    def tell(self) -> None:
        """Wake whoever waits for news."""
        event, self._news = self._news, asyncio.Event()
        event.set()

    def require_room(self, institution: str, size: int) -> None:
        """Make room for a round of an institution, or raise ``Refused`` (RATE_LIMITED)."""
        self._sweep()
        if size > self._bounds.contribution_bytes:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "group_by")
        own = [one for one in self._open() if one.asker.institution == institution]
        self._drop_still(own, len(own) - self._bounds.of_an_institution + 1)
        self._drop_still(self._open(), len(self._open()) - self._bounds.open + 1)
        for one in self.all():
            if self._held() + size <= self._bounds.contribution_bytes:
                break
            if one.ended:
                one.forget()
            elif not one.running:
                del self._rounds[one.id]
        if self._held() + size > self._bounds.contribution_bytes:
            raise refuse(ErrorReason.RATE_LIMITED)

    def add(self, one: Round) -> None:
        """Remember a round, for which there is room."""
        self._rounds[one.id] = one
        one.tell = self.tell
        self.tell()

    def drop(self, one: Round) -> None:
        """Forget a round: the store knows better how it stands."""
        self._rounds.pop(one.id, None)

    def _open(self) -> list[Round]:
        return [one for one in self._rounds.values() if not one.ended]

    def _drop_still(self, rounds: list[Round], excess: int) -> None:
        still = [one for one in rounds if not one.running]
        if excess > len(still):
            raise refuse(ErrorReason.RATE_LIMITED)
        for one in still[: max(0, excess)]:
            self.drop(one)

    def _held(self) -> int:
        """Return the bytes that contributions have or may come to have."""
        return sum(
            sum(len(held.ciphertexts) for held in one.contributions.values())
            if one.ended
            else one.accepted.most_bytes
            for one in self._rounds.values()
        )

    def _sweep(self) -> None:
        now = self._clock()
        over = [
            one
            for one in self._rounds.values()
            if one.accepted.question.expires_at <= now and not one.running
        ]
        ended = [one for one in self._rounds.values() if one.ended and one not in over]
        for one in (*over, *ended[: max(0, len(ended) - MOST_ENDED)]):
            self.drop(one)
