"""Binning between a lender and a bureau (protocol B), as far as the gateway has a part in it.

Owns a job's way: consents and subjects checked and the job charged, the manifest signed, the bureau
ordered and given what opens the manifest's rows, sealed parts passed on, the bureau's contribution
checked, every consent read again in the release transaction, the result signed. Refuses rows whose
consents are not those of the signed job. It knows whom the rows are about, as it does of any
consent, and reads neither labels nor counts, nor which rows match: they are sealed between the
parties.

A talk cannot be taken up again: keys and elements are of one talk. Who hangs up ends the job, which
stays charged; a new job has a new key for everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from gateway.application.aggregate.admission import Admission
from gateway.application.aggregate.binning_session import Session, taken
from gateway.application.aggregate.binning_steps import BinningSteps, BureauPart
from gateway.application.aggregate.bound_rows import BoundRows, JobRows
from gateway.application.aggregate.kinds import Accepted, Request
from gateway.application.aggregate.orders import Shown, shown_to
from gateway.application.aggregate.round import Phase, Round
from gateway.application.aggregate.rounds import Rounds
from gateway.application.ports.aggregates import Signed
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.domain.aggregate.binning_talk import RowManifest
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse


class JobOpening(msgspec.Struct, frozen=True):
    """What a lender begins with: signed job and channel key, and the rows in order."""

    job: Signed
    channel: Signed
    rows: JobRows


class ManifestUpdate(msgspec.Struct, frozen=True):
    """The gateway's statement over the rows."""

    manifest: Signed


class ChannelUpdate(msgspec.Struct, frozen=True):
    """The other party's signed channel key."""

    channel: Signed


class BindingsUpdate(msgspec.Struct, frozen=True):
    """What opens the manifest's rows, of all of them in order; only the bureau gets it."""

    bindings: bytes


class SealedUpdate(msgspec.Struct, frozen=True):
    """A part from the other party."""

    sealed: bytes


class VoidUpdate(msgspec.Struct, frozen=True):
    """The job is over without a result: delete what belongs to it."""


LenderUpdate = ManifestUpdate | ChannelUpdate | SealedUpdate | Shown
BureauUpdate = ChannelUpdate | BindingsUpdate | SealedUpdate | Shown | VoidUpdate


@dataclass
class _Job:
    """A job under way."""

    round: Round
    session: Session


class Binnings:
    """Jobs of this gateway. ``clock`` gives Unix seconds; ``stopping`` ends all waits."""

    def __init__(
        self,
        admission: Admission,
        rounds: Rounds,
        steps: BinningSteps,
        tree: ContributionTree,
        stopping: asyncio.Event,
        clock: Callable[[], float],
    ) -> None:
        """Take what jobs are checked, kept and finished by."""
        self._admission = admission
        self._rounds = rounds
        self._steps = steps
        self._tree = tree
        self._stopping = stopping
        self._clock = clock
        self._jobs: dict[str, _Job] = {}

    async def ask(
        self, lender: Principal, opening: JobOpening, sealed: AsyncIterator[bytes]
    ) -> AsyncIterator[LenderUpdate]:
        """Yield what the lender gets; the result, then the parts that were kept back, last.

        Raises ``Refused``: as ``Admission`` and ``AggregateLedger.open``, REQUEST_ID_REUSED,
        RATE_LIMITED, CONTRIBUTORS_MISSING, CONTRIBUTOR_LOST, AGGREGATE_REFUSED, ROUND_VOID.
        """
        job = await self._opened(lender, opening)
        del opening
        one, session = job.round, job.session
        passing = asyncio.create_task(_pass_on(sealed, session))
        watching: asyncio.Task[None] | None = None
        try:
            if one.roster is not None:
                yield ManifestUpdate(one.roster)
            await self._joined(job)
            watching = asyncio.create_task(session.watch(self._steps.idle_s))
            if session.bureau_channel is not None:
                yield ChannelUpdate(session.bureau_channel)
            while part := await taken(session.to_lender, session.contributed, session.over):
                yield SealedUpdate(part)
            await self._steps.finish(one, session)
            yield shown_to(one, self._tree)
            for part in session.kept:
                yield SealedUpdate(part)
        except Refused as refused:
            raise await self._steps.stopped(one, refused) from None
        finally:
            for task in filter(None, (passing, watching)):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self._ended(job)

    async def answer(
        self, bureau: Principal, channel: Signed, parts: AsyncIterator[BureauPart]
    ) -> AsyncIterator[BureauUpdate]:
        """Yield what the bureau gets; the result or the job's end last.

        Raises ``Refused``: STATEMENT_REFUSED, ROUND_NOT_FOUND, ROUND_MESSAGE_REFUSED.
        """
        name = self._steps.channel_of(bureau, channel, "").job
        job = self._jobs.get(name)
        if job is None or bureau.institution not in job.round.accepted.contributors:
            raise refuse(ErrorReason.ROUND_NOT_FOUND)
        one, session = job.round, job.session
        self._steps.channel_of(bureau, channel, one.digest)
        session.join(channel)
        one.readies[bureau.institution] = channel
        one.changed()
        receiving = asyncio.create_task(self._steps.receive(bureau, one, session, parts))
        try:
            yield ChannelUpdate(session.lender_channel)
            yield BindingsUpdate(session.bindings)
            while part := await taken(session.to_bureau, session.over):
                yield SealedUpdate(part)
            if receiving.done() or session.contributed.is_set():
                await receiving
            released = one.phase is Phase.RELEASED
            yield shown_to(one, self._tree, bureau.institution) if released else VoidUpdate()
        finally:
            receiving.cancel()
            with suppress(asyncio.CancelledError, Refused):
                await receiving
            session.over.set()

    async def _opened(self, lender: Principal, opening: JobOpening) -> _Job:
        """Check, charge and store a job, and sign its manifest."""
        digest = sha256(opening.job.payload).digest()
        try:
            asked = self._admission.signed_by(lender, opening.job)
            if self._rounds.find(asked.id) is not None:
                raise refuse(ErrorReason.REQUEST_ID_REUSED)
            rows = opening.rows
            request = Request(opening.job, consents=rows.consents, subjects=rows.subjects)
            accepted = await self._admission.accept(lender, asked, request)
            bound = _bound(accepted)
            # The round outlives the talk; what opens its rows does not.
            one = Round(lender, opening.job, msgspec.structs.replace(accepted, rows=None))
            self._steps.channel_of(lender, opening.channel, one.digest)
            self._rounds.require_room(lender.institution, accepted.most_bytes)
            self._rounds.add(one)
            one.start()
        except Refused as refused:
            await self._steps.denied(lender, digest, refused)
            raise
        try:
            manifest = self._manifest(one, bound)
            await self._steps.open(one, manifest, opening.channel)
        except Refused as refused:
            one.stop(refused)
            self._rounds.drop(one)
            await self._steps.denied(lender, digest, refused)
            raise
        job = _Job(one, Session(one.id, opening.channel, bound.bindings))
        self._jobs[one.id] = job
        # From here on the bureau has an order.
        one.changed()
        return job

    def _manifest(self, one: Round, rows: BoundRows) -> RowManifest:
        return RowManifest(
            round=one.id,
            question=one.digest,
            bureau=one.accepted.contributors[0],
            rows=len(rows.leaves),
            row_root=self._tree.root(rows.leaves).hex(),
            row_set=rows.row_set.hex(),
            issued_at=int(self._clock()),
        )

    async def _joined(self, job: _Job) -> None:
        """Wait for the bureau. Raises ``Refused``: CONTRIBUTORS_MISSING, AGGREGATE_REFUSED."""
        one, session = job.round, job.session
        reached = await one.until(
            lambda: one.declined or session.joined.is_set() or self._stopping.is_set(),
            self._steps.patience(one),
        )
        if one.declined:
            raise refuse(ErrorReason.AGGREGATE_REFUSED)
        if not reached or self._stopping.is_set():
            raise refuse(ErrorReason.CONTRIBUTORS_MISSING)

    async def _ended(self, job: _Job) -> None:
        one = job.round
        self._jobs.pop(one.id, None)
        if not one.ended:
            # The lender hung up: nobody else can open the answer.
            await self._steps.stopped(one, refuse(ErrorReason.CONTRIBUTOR_LOST))
        job.session.over.set()


def _bound(accepted: Accepted) -> BoundRows:
    if accepted.rows is None:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
    return accepted.rows


async def _pass_on(sealed: AsyncIterator[bytes], session: Session) -> None:
    """Pass the lender's parts on; its end of sending is not the job's end."""
    try:
        async for part in sealed:
            await session.from_lender(part)
    except Refused:
        session.over.set()
