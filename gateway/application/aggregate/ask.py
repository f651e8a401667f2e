"""Asking: a question is let in, charged once, and followed to its end.

Owns that the same question is one round: it attaches to the one that goes on, goes on with the one
that stands still (with the stored roster, where there is one), or gets the stored result. Refuses
another question under the same id. The round does not depend on the asker's listening.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gateway.application.aggregate.admission import Admission
from gateway.application.aggregate.drive import Drive
from gateway.application.aggregate.finish import Finish
from gateway.application.aggregate.kinds import Request
from gateway.application.aggregate.orders import Shown, shown_to
from gateway.application.aggregate.restore import restore
from gateway.application.aggregate.round import Phase, Round, Update
from gateway.application.aggregate.rounds import Rounds
from gateway.application.aggregate.waiting import first_of
from gateway.application.ports.aggregates import (
    AggregateLedger,
    AggregateReader,
    RoundState,
    StoredRound,
)
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.domain.aggregate.question import Asked
from gateway.domain.aggregate.statements import digest_of
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse


class Ask:
    """Answers askers. ``stopping`` is set when the gateway ends; it ends all waits."""

    def __init__(
        self,
        admission: Admission,
        rounds: Rounds,
        drive: Drive,
        finish: Finish,
        ledger: AggregateLedger,
        reader: AggregateReader,
        tree: ContributionTree,
        stopping: asyncio.Event,
    ) -> None:
        """Take the steps, the rounds and the store."""
        self._admission = admission
        self._rounds = rounds
        self._drive = drive
        self._finish = finish
        self._ledger = ledger
        self._reader = reader
        self._tree = tree
        self._stopping = stopping

    async def __call__(
        self, principal: Principal, request: Request
    ) -> AsyncIterator[Update | Shown]:
        """Yield what happens, the result last.

        Raises ``Refused``: as ``Admission``, ``AggregateLedger.open`` and ``Drive``, and
        REQUEST_ID_REUSED, RATE_LIMITED.
        """
        try:
            found = await self._found(principal, request)
        except Refused as refused:
            digest = bytes.fromhex(digest_of(request.question.payload))
            await self._ledger.deny(principal, digest, refused.reason.value)
            raise
        if isinstance(found, Shown):
            yield found
            return
        async for one in self._follow(found):
            yield one

    async def _found(self, principal: Principal, request: Request) -> Round | Shown:
        """Return the round of a question, which is going on then, or what came of it."""
        asked = self._admission.signed_by(principal, request.question)
        one = self._going_on(principal, asked, request)
        if one is not None:
            return one
        stored = await self._reader.round(asked.id)
        if stored is not None:
            _require_same(principal, request, stored)
            if stored.state is RoundState.RELEASED:
                return await self._released(principal, asked, request, stored)
            _require_open(stored)
        accepted = await self._admission.accept(principal, asked, request)
        # Another call with the same question may have begun meanwhile; from here on none can.
        one = self._going_on(principal, asked, request)
        if one is None:
            one = self._rounds.find(asked.id)
            if one is None or _behind(one, stored):
                self._rounds.require_room(principal.institution, accepted.most_bytes)
                one = Round(principal, request.question, accepted)
                if stored is not None:
                    restore(one, stored)
                self._rounds.add(one)
            self._drive.start(one)
        return one

    async def _released(
        self, principal: Principal, asked: Asked, request: Request, stored: StoredRound
    ) -> Shown:
        """Return a stored result, and see to it that the members get it, too."""
        shown = await self._finish.shown(stored)
        one = self._rounds.find(stored.id)
        if one is None:
            one = await self._remembered(principal, asked, request, stored)
        if one is not None and not one.running and one.sealed is None:
            one.release(shown.sealed)
        return shown

    async def _remembered(
        self, principal: Principal, asked: Asked, request: Request, stored: StoredRound
    ) -> Round | None:
        try:
            accepted = await self._admission.accept(principal, asked, request)
        except Refused:
            # Out of date, or of another contract by now: no agent waits for it any more.
            return None
        one = self._rounds.find(asked.id)
        if one is None:
            one = Round(principal, request.question, accepted)
            restore(one, stored)
            self._rounds.add(one)
        return one

    def _going_on(self, principal: Principal, asked: Asked, request: Request) -> Round | None:
        one = self._rounds.find(asked.id)
        if one is None:
            return None
        if one.asker.institution != principal.institution or (
            one.signed.payload != request.question.payload
        ):
            raise refuse(ErrorReason.REQUEST_ID_REUSED)
        return one if one.running or one.phase is Phase.RELEASED else None

    async def _follow(self, one: Round) -> AsyncIterator[Update | Shown]:
        at = 0
        while True:
            changes = one.changes()
            while at < len(one.updates):
                yield one.updates[at]
                at += 1
            if one.sealed is not None:
                yield shown_to(one, self._tree)
                return
            if not one.running and one.outcome is not None:
                raise Refused(*one.outcome.findings)
            await first_of(changes, self._stopping)
            if self._stopping.is_set():
                raise refuse(ErrorReason.STORE_UNAVAILABLE)


def _require_same(principal: Principal, request: Request, stored: StoredRound) -> None:
    digest = bytes.fromhex(digest_of(request.question.payload))
    if stored.institution != principal.institution or stored.digest != digest:
        raise refuse(ErrorReason.REQUEST_ID_REUSED)


def _require_open(stored: StoredRound) -> None:
    if stored.state is RoundState.REFUSED:
        raise refuse(ErrorReason.AGGREGATE_REFUSED)
    if stored.state is RoundState.VOID:
        raise refuse(ErrorReason.ROUND_VOID)


def _behind(one: Round, stored: StoredRound | None) -> bool:
    """Return whether the store has a roster that the round in memory does not have."""
    if stored is None or stored.roster is None:
        return False
    return one.roster is None or one.roster.payload != stored.roster.payload
