"""Binning between a lender and a bureau (protocol B), as far as the gateway has a part in it.

Owns a job's way: consents and subjects checked and the job charged, the manifest signed, the bureau
ordered and given what opens the manifest's rows, sealed parts passed on, the bureau's contribution
checked, every consent read again in the release transaction, the result signed. Refuses rows whose
consents are not those of the signed job. It knows whom the rows are about, as it does of any
consent, and reads neither labels nor counts, nor which rows match: they are sealed between the
parties.

A talk that breaks is gone on with under the same keys, or not at all: the lender sends its job, the
same channel key and the same rows once more, the bureau gets its order once more, and both send the
bytes again that they have sent. What was contributed is in the store, so that behind the release
nobody is asked anything. A job that was refused or is void stays so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from hashlib import sha256

import msgspec

from gateway.application.aggregate.admission import Admission
from gateway.application.aggregate.binning_begin import BinningBegin, Job, JobOpening
from gateway.application.aggregate.binning_session import Session, taken
from gateway.application.aggregate.binning_steps import BinningSteps, BureauPart
from gateway.application.aggregate.bound_rows import JobRows
from gateway.application.aggregate.orders import Shown, shown_to
from gateway.application.aggregate.permission import require_agent
from gateway.application.aggregate.round import Phase
from gateway.application.ports.aggregates import Signed
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse


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


class Binnings:
    """Jobs of this gateway. ``stopping`` ends all waits."""

    def __init__(
        self,
        admission: Admission,
        begin: BinningBegin,
        steps: BinningSteps,
        tree: ContributionTree,
        stopping: asyncio.Event,
    ) -> None:
        """Take what jobs are checked, begun and finished by."""
        self._admission = admission
        self._begin = begin
        self._steps = steps
        self._tree = tree
        self._stopping = stopping
        self._jobs: dict[str, Job] = {}

    async def ask(
        self,
        lender: Principal,
        opening: JobOpening,
        rows: AsyncIterator[JobRows],
        sealed: AsyncIterator[bytes],
    ) -> AsyncIterator[LenderUpdate]:
        """Yield what the lender gets; the result, then the parts that were kept back, last.

        ``sealed`` is taken up once ``rows`` are over. Raises ``Refused``: as ``Admission`` and
        ``AggregateLedger.open``, REQUEST_ID_REUSED, RATE_LIMITED, CONTRIBUTORS_MISSING,
        CONTRIBUTOR_LOST, AGGREGATE_REFUSED, ROUND_VOID.
        """
        job = await self._begun(lender, opening, rows)
        one, session = job.round, job.session
        tasks: list[asyncio.Task[None]] = []
        try:
            if one.roster is not None:
                yield ManifestUpdate(one.roster)
            if one.prepared is None and one.sealed is None:
                async for update in self._talked(job, sealed, tasks):
                    yield update
            if one.sealed is None:
                await self._steps.finish(one, session)
            shown = shown_to(one, self._tree)
            yield shown
            for part in shown.sealed.prepared.kept_back:
                yield SealedUpdate(part)
        except Refused as refused:
            raise await self._steps.stopped(one, refused) from None
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self._ended(job)

    async def _talked(
        self, job: Job, sealed: AsyncIterator[bytes], tasks: list[asyncio.Task[None]]
    ) -> AsyncIterator[LenderUpdate]:
        """Yield what comes of the talk, until the bureau has contributed or it is over."""
        session = job.session
        tasks.append(asyncio.create_task(_pass_on(sealed, session)))
        await self._joined(job)
        tasks.append(asyncio.create_task(session.watch(self._steps.idle(job.round))))
        if session.bureau_channel is not None:
            yield ChannelUpdate(session.bureau_channel)
        while part := await taken(session.to_lender, session.contributed, session.over):
            yield SealedUpdate(part)

    async def answer(
        self, bureau: Principal, channel: Signed, parts: AsyncIterator[BureauPart]
    ) -> AsyncIterator[BureauUpdate]:
        """Yield what the bureau gets; the result or the job's end last.

        A talk that broke ends without either: it may be gone on with. Raises ``Refused``:
        AGGREGATE_NOT_PERMITTED, STATEMENT_REFUSED, ROUND_NOT_FOUND, ROUND_MESSAGE_REFUSED.
        """
        require_agent(bureau)
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
            yield BindingsUpdate(session.take_bindings())
            while part := await taken(session.to_bureau, session.over):
                yield SealedUpdate(part)
            if receiving.done() or session.contributed.is_set():
                await receiving
            await session.settle()
            if one.phase is Phase.RELEASED:
                yield shown_to(one, self._tree, bureau.institution)
            elif one.ended:
                yield VoidUpdate()
        finally:
            receiving.cancel()
            with suppress(asyncio.CancelledError, Refused):
                await receiving
            session.over.set()
            one.changed()

    async def _begun(
        self, lender: Principal, opening: JobOpening, rows: AsyncIterator[JobRows]
    ) -> Job:
        """Begin a job, or take it up: whoever goes on with a talk ends the one before."""
        digest = sha256(opening.job.payload).digest()
        try:
            asked = self._admission.signed_by(lender, opening.job)
            held = self._jobs.get(asked.id)
            if held is not None:
                await held.leave(opening)
            job = await self._begin(lender, opening, rows)
        except Refused as refused:
            await self._steps.denied(lender, digest, refused)
            raise
        self._jobs[job.round.id] = job
        # From here on the bureau has an order.
        job.round.changed()
        return job

    async def _joined(self, job: Job) -> None:
        """Wait for the bureau. Raises ``Refused``: CONTRIBUTORS_MISSING, AGGREGATE_REFUSED."""
        one, session = job.round, job.session

        def settled() -> bool:
            return one.declined or session.joined.is_set() or session.over.is_set()

        reached = await one.until(
            lambda: settled() or self._stopping.is_set(), self._steps.patience(one)
        )
        if one.declined:
            raise refuse(ErrorReason.AGGREGATE_REFUSED)
        if not reached or self._stopping.is_set():
            raise refuse(ErrorReason.CONTRIBUTORS_MISSING)

    async def _ended(self, job: Job) -> None:
        one = job.round
        if self._jobs.get(one.id) is job:
            del self._jobs[one.id]
        if one.running:
            # The lender hung up: nobody else can open the answer.
            await self._steps.stopped(one, refuse(ErrorReason.CONTRIBUTOR_LOST))
        job.session.settled.set()
        job.session.over.set()


async def _pass_on(sealed: AsyncIterator[bytes], session: Session) -> None:
    """Pass the lender's parts on; its end of sending is not the job's end."""
    try:
        async for part in sealed:
            await session.from_lender(part)
    except Refused:
        session.over.set()
