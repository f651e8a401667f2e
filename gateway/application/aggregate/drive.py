"""What takes a round from its question to its end, whether or not the asker still listens.

Owns the waits, each of which has an end: for readiness, at most until the fixed time of the roster;
for contributions; for both no longer than the question lives. Refuses to draw a second roster, and
to name or count whoever declined or was lost, or to let it be seen from the time that it took.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.application.aggregate.finish import Finish
from gateway.application.aggregate.round import Phase, Round, new_round
from gateway.application.ports.aggregates import AggregateLedger, StatementChecker
from gateway.domain.aggregate.statements import ROSTER_TYPE
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
_PAUSES: Final = {
    ErrorReason.CONTRIBUTORS_MISSING,
    ErrorReason.CONTRIBUTOR_LOST,
}


class Waits(msgspec.Struct, frozen=True):
    """How long contributors have, in seconds."""

    ready_s: float = 10.0
    contribution_s: float = 60.0


class Drive:
    """Drives rounds, each in a task of its own. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        ledger: AggregateLedger,
        statements: StatementChecker,
        finish: Finish,
        waits: Waits,
        clock: Callable[[], float],
    ) -> None:
        """Take the steps."""
        self._ledger = ledger
        self._statements = statements
        self._finish = finish
        self._waits = waits
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, one: Round) -> None:
        """Begin with a round, or go on with it."""
        one.start()
        task = asyncio.create_task(self._run(one))
        # The event loop itself keeps only a weak reference.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, one: Round) -> None:
        try:
            await self._steps(one)
        except Refused as refused:
            await self._stopped(one, refused)
        except Exception as error:  # noqa: BLE001 - the asker must hear of an end in any case
            log_unexpected(_LOG, "driving a round", error)
            one.stop(refuse(ErrorReason.INTERNAL))

    async def _steps(self, one: Round) -> None:
        if one.phase is Phase.OPENING:
            await self._ledger.open(one.asker, new_round(one))
            one.opened()
        if one.phase is Phase.ASKING:
            await self._gather_readies(one)
            await self._fix_roster(one)
        if one.phase is Phase.COLLECTING:
            await self._gather_contributions(one)
        await self._finish(one)

    async def _gather_readies(self, one: Round) -> None:
        if one.roster is None:
            await one.until(lambda: one.answered, self._within(one, self._waits.ready_s))
        # Not before the others have answered: how long it took would say who declined.
        if one.declined:
            raise refuse(ErrorReason.AGGREGATE_REFUSED)
        if not one.enough or self._over(one):
            raise refuse(ErrorReason.CONTRIBUTORS_MISSING)

    async def _fix_roster(self, one: Round) -> None:
        """Draw the roster once. From then on nobody is ready any more, stored or not."""
        members = tuple(sorted(one.readies))
        if one.roster is None:
            one.roster = self._statements.sign(ROSTER_TYPE, one.draw_roster().encoded())
        readies = [one.readies[name] for name in members]
        await self._ledger.fix_roster(one.asker, one.id, one.roster, readies)
        one.fix(one.roster, members)

    async def _gather_contributions(self, one: Round) -> None:
        await one.until(lambda: one.answered, self._within(one, self._waits.contribution_s))
        if one.declined:
            raise refuse(ErrorReason.AGGREGATE_REFUSED)
        if len(one.contributions) < len(one.members):
            raise refuse(ErrorReason.CONTRIBUTOR_LOST)

    async def _stopped(self, one: Round, refused: Refused) -> None:
        """Record why, then say so. What could not be recorded is not said either."""
        end = None
        try:
            if refused.reason is ErrorReason.AGGREGATE_REFUSED:
                await self._ledger.refuse(one.asker, one.id)
                end = Phase.REFUSED
            elif refused.reason is ErrorReason.ROUND_VOID:
                end = Phase.VOID
            elif refused.reason in _PAUSES:
                await self._ledger.fail(one.asker, one.id, refused.reason.value)
            elif one.phase is Phase.OPENING:
                digest = bytes.fromhex(one.digest)
                await self._ledger.deny(one.asker, digest, refused.reason.value)
        except Refused as failed:
            refused, end = failed, None
        except Exception as error:  # noqa: BLE001 - as above
            log_unexpected(_LOG, "recording the end of a round", error)
            refused, end = refuse(ErrorReason.INTERNAL), None
        one.stop(refused, end)

    def _within(self, one: Round, seconds: float) -> float:
        return min(seconds, one.accepted.question.expires_at - self._clock())

    def _over(self, one: Round) -> bool:
        return one.accepted.question.expires_at <= self._clock()
