"""How a binning job begins, or is taken up again.

Owns what must be the same for a job to be gone on with: the lender, the signed job, its channel key
to the byte, and rows that come to the manifest that was signed. Everything else follows from the
store. Refuses a job id for anything else, for good, and a talk that broke too often.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from gateway.application.aggregate.admission import Admission
from gateway.application.aggregate.binning_session import Session
from gateway.application.aggregate.binning_steps import BinningSteps
from gateway.application.aggregate.bound_rows import BoundRows, JobRows, RowBinder
from gateway.application.aggregate.kept import read_kept
from gateway.application.aggregate.kinds import Accepted, Request
from gateway.application.aggregate.round import Phase, Round
from gateway.application.aggregate.rounds import Rounds
from gateway.application.ports.aggregates import RoundState, Signed, StoredRound
from gateway.domain.aggregate.binning_talk import RowManifest
from gateway.domain.aggregate.question import BinningJob
from gateway.domain.aggregate.statements import digest_of
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse

MOST_TALKS: Final = 32
"""Of one job, in one process: each binds the rows anew."""
_LEAVING_S: Final = 10.0
_ENDS: Final = {
    RoundState.VOID: ErrorReason.ROUND_VOID,
    RoundState.REFUSED: ErrorReason.AGGREGATE_REFUSED,
}


class JobOpening(msgspec.Struct, frozen=True):
    """What a lender begins with: signed job and channel key."""

    job: Signed
    channel: Signed


@dataclass
class Job:
    """A job under way."""

    round: Round
    session: Session

    async def leave(self, opening: JobOpening) -> None:
        """End the talk for another over the same job and channel key.

        Raises ``Refused``: REQUEST_ID_REUSED.
        """
        same = (self.round.signed.payload, self.session.lender_channel.payload)
        if same != (opening.job.payload, opening.channel.payload):
            raise refuse(ErrorReason.REQUEST_ID_REUSED)
        self.session.over.set()
        self.round.changed()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVING_S):
                await self.session.settled.wait()


class BinningBegin:
    """Begins jobs. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        admission: Admission,
        rounds: Rounds,
        steps: BinningSteps,
        binder: RowBinder,
        clock: Callable[[], float],
    ) -> None:
        """Take what jobs are checked, kept and bound by."""
        self._admission = admission
        self._rounds = rounds
        self._steps = steps
        self._binder = binder
        self._clock = clock

    async def __call__(
        self, lender: Principal, opening: JobOpening, rows: AsyncIterator[JobRows]
    ) -> Job:
        """Check, charge and store a job and sign its manifest, or bring it to where it was.

        Raises ``Refused``: as ``Admission``, ``RowBinder`` and ``AggregateLedger.open``,
        REQUEST_ID_REUSED, RATE_LIMITED, ROUND_VOID, AGGREGATE_REFUSED.
        """
        asked = self._admission.signed_by(lender, opening.job)
        stored = await self._steps.stored(asked.id)
        if stored is not None:
            _require_same(stored, lender, opening)
        request = Request(opening.job, rows_follow=True)
        accepted = await self._admission.accept(lender, asked, request)
        one = self._round(lender, opening, accepted)
        try:
            self._steps.channel_of(lender, opening.channel, one.digest)
            if stored is not None and stored.state is RoundState.RELEASED:
                return await self._released(one, stored, opening)
            bound = await self._bound(one, rows)
            await self._opened(one, stored, opening, bound)
        except BaseException as error:
            # Somebody who hangs up ends it as well.
            one.stop(error if isinstance(error, Refused) else refuse(ErrorReason.CONTRIBUTOR_LOST))
            self._rounds.drop(one)
            raise
        return Job(one, Session(one.id, opening.channel, bound.bindings))

    def _round(self, lender: Principal, opening: JobOpening, accepted: Accepted) -> Round:
        """Return the round, in the place of the one that is known.

        Raises ``Refused``: REQUEST_ID_REUSED, RATE_LIMITED.
        """
        one, known = Round(lender, opening.job, accepted), self._rounds.find(accepted.question.id)
        if known is not None:
            if known.running:
                raise refuse(ErrorReason.REQUEST_ID_REUSED)
            if known.attempt >= MOST_TALKS:
                raise refuse(ErrorReason.RATE_LIMITED)
            one.attempt = known.attempt + 1
            self._rounds.drop(known)
        self._rounds.require_room(lender.institution, accepted.most_bytes)
        self._rounds.add(one)
        one.start()
        return one

    async def _bound(self, one: Round, rows: AsyncIterator[JobRows]) -> BoundRows:
        job = one.accepted.question
        if not isinstance(job, BinningJob):
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
        return await self._binder.bind(job, one.accepted.contributors[0], rows)

    async def _opened(
        self, one: Round, stored: StoredRound | None, opening: JobOpening, bound: BoundRows
    ) -> None:
        manifest = self._manifest(one, bound)
        if stored is not None and stored.roster is not None:
            said = msgspec.json.decode(stored.roster.payload, type=RowManifest)
            if msgspec.structs.replace(manifest, issued_at=said.issued_at) != said:
                raise refuse(ErrorReason.REQUEST_ID_REUSED)
            one.prepared = read_kept(stored.result).prepared
            one.prepared_is_kept = one.prepared is not None
            _go_on(one, stored.roster)
            return
        one.accepted = msgspec.structs.replace(one.accepted, consents=bound.consents)
        signed = await self._steps.open(one, manifest, opening.channel)
        # The round outlives the talk; which consents it rests on is in the store.
        one.accepted = msgspec.structs.replace(one.accepted, consents=())
        _go_on(one, signed)

    async def _released(self, one: Round, stored: StoredRound, opening: JobOpening) -> Job:
        shown = await self._steps.shown(stored)
        _go_on(one, shown.roster)
        one.release(shown.sealed)
        return Job(one, Session(one.id, opening.channel, b""))

    def _manifest(self, one: Round, rows: BoundRows) -> RowManifest:
        return RowManifest(
            round=one.id,
            question=one.digest,
            bureau=one.accepted.contributors[0],
            rows=len(rows.consents),
            row_root=rows.root.hex(),
            row_set=rows.row_set.hex(),
            issued_at=int(self._clock()),
        )


def _go_on(one: Round, roster: Signed) -> None:
    one.roster, one.members = roster, one.accepted.contributors
    one.phase = Phase.COLLECTING


def _require_same(stored: StoredRound, lender: Principal, opening: JobOpening) -> None:
    """Check that a stored job is this one; raises ``Refused``."""
    own = (stored.institution, stored.digest.hex())
    channels = [opening.channel.payload] if stored.roster is not None else []
    if own != (lender.institution, digest_of(opening.job.payload)):
        raise refuse(ErrorReason.REQUEST_ID_REUSED)
    if [one.payload for one in stored.readies] != channels:
        raise refuse(ErrorReason.REQUEST_ID_REUSED)
    if stored.state in _ENDS:
        raise refuse(_ENDS[stored.state])
