"""One binning from a lender's rows to its figures, over one stream to the gateway.

Owns the order: job, consents and subjects go out, the manifest comes and is checked, the bureau's
key comes and is checked, the talk goes on, the result comes and is checked; then the job is marked
as spent on the disk, and only then the key is used. Refuses what comes out of that order, and a
bureau that comes back with another key.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final

from clients.keyholder.binning.checks import verified_channel, verified_manifest, verified_result
from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.binning.kept import BUREAU, OWN, JobTalk
from clients.keyholder.binning.lender import Lender, LenderSetup
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.identity import Identity
from clients.keyholder.rounds import RoundStore
from clients.sdk.errors import VeilgateError
from clients.sdk.reasons import ErrorReason
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning import FeatureFigures
from gateway.domain.aggregate.binning_talk import (
    CHANNEL_TYPE,
    IDENTIFIERS,
    LABEL,
    ChannelStatement,
    context_of,
)
from gateway.domain.aggregate.question import BinningJob
from veilgate.v1 import aggregate_pb2 as pb

ROWS_A_PART: Final = 400
_FIRST_ROWS: Final = 100
"""A message has 64 KiB: a row 112 bytes at most, and the first part the job besides."""
PAUSES_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Between a stream that broke and the next."""
_LOST: Final = frozenset({ErrorReason.CONTRIBUTOR_LOST, ErrorReason.CONTRIBUTORS_MISSING})
Talk = Callable[[Iterator[pb.BinRequest]], Iterator[pb.BinUpdate]]
"""Opens the stream."""
OnStep = Callable[[str, int, int], None]
"""Told what is done, how far, of how much."""


@dataclass(frozen=True, kw_only=True)
class BinnedFigures:
    """What came of a job."""

    job: BinningJob
    features: tuple[FeatureFigures, ...]
    log_index: int
    event_id: str
    consents: int


class BinningRun:
    """One run of a job. A stream that breaks is opened again, and goes on by the same bytes."""

    def __init__(
        self,
        identity: Identity,
        opened: OpenJob,
        rounds: RoundStore,
        clock: Callable[[], float],
        on_step: OnStep,
        processes: int,
        talk: JobTalk | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._identity = identity
        self._opened = opened
        self._rounds = rounds
        self._clock = clock
        self._on_step = on_step
        self._processes = processes
        self._talk = JobTalk() if talk is None else talk
        self._pause = pause
        self._begin()

    def _begin(self) -> None:
        """Forget what came of the stream before: all of it comes again."""
        self._out: SimpleQueue[Iterator[pb.BinRequest] | None] = SimpleQueue()
        self._manifest: SignedStatement | None = None
        self._lender: Lender | None = None
        self._result: pb.RoundResult | None = None
        self._ciphertexts = bytearray()
        self._parts = 0

    def __call__(self, talk: Talk) -> BinnedFigures:
        """Run the job.

        Raises:
            BinningRefused: what came is not of this job, or broke off.
            ResultRefused: the result does not hold, or was opened before.
            VeilgateError: the gateway refuses, or does not come back.
        """
        for pause_s in (*PAUSES_S, None):
            try:
                return self._once(talk)
            except VeilgateError as error:
                over = self._clock() >= self._opened.job.expires_at
                if pause_s is None or over or not goes_on(error):
                    raise
            self._on_step("broke off, goes on", 0, 0)
            self._pause(pause_s)
            self._begin()
        raise AssertionError("the last pause is none")

    def _once(self, talk: Talk) -> BinnedFigures:
        self._out.put(self._opening())
        try:
            for update in talk(self._requests(self._out)):
                self._take(update)
        finally:
            self._out.put(None)
        figures = self._figures()
        self._talk.kept.drop()
        return figures

    def _requests(
        self, out: SimpleQueue[Iterator[pb.BinRequest] | None]
    ) -> Iterator[pb.BinRequest]:
        for requests in iter(out.get, None):
            yield from requests

    def _opening(self) -> Iterator[pb.BinRequest]:
        opened, of = self._opened, len(self._opened.rows.consents)
        first = self._rows(0, _FIRST_ROWS)
        first.job.CopyFrom(_message(opened.statement))
        first.channel.CopyFrom(_message(self._channel()))
        yield pb.BinRequest(job=first)
        for at in range(_FIRST_ROWS, of, ROWS_A_PART):
            self._on_step("rows", at, of)
            yield pb.BinRequest(job=self._rows(at, at + ROWS_A_PART))
        # An empty part says that the rows are whole.
        yield pb.BinRequest(sealed=b"")

    def _channel(self) -> SignedStatement:
        known = self._talk.statement(OWN)
        if known is None:
            said = ChannelStatement(
                job=self._opened.job.id,
                question=self._opened.digest,
                contributor=self._identity.institution,
                channel_key=self._talk.secrets.channel_key.public_key().hex(),
            )
            signed = self._identity.signer.sign(CHANNEL_TYPE, said.encoded())
            self._talk.keep_statement(OWN, signed)
            # What was kept first stands: another process may go on with the same job.
            known = self._talk.statement(OWN) or signed
        return known

    def _rows(self, first: int, end: int) -> pb.BinJob:
        rows = self._opened.rows
        return pb.BinJob(
            consents=rows.consents[first:end], first_row=first, subjects=rows.subjects(first, end)
        )

    def _take(self, update: pb.BinUpdate) -> None:
        match update.WhichOneof("part"):
            case "manifest" if self._manifest is None:
                self._take_manifest(_statement(update.manifest))
            case "channel" if self._manifest is not None and self._lender is None:
                self._take_channel(_statement(update.channel), self._manifest)
            case "sealed" if self._lender is not None:
                self._parts += 1
                self._on_step("talking", self._parts, 0)
                self._send(self._lender.receive(update.sealed))
            case "result" if self._manifest is not None and self._result is None:
                self._take_result(update.result, self._manifest)
            case "ciphertexts" if self._result is not None:
                self._ciphertexts += update.ciphertexts
                if len(self._ciphertexts) > sum(self._opened.plan.bins) * LABEL:
                    raise BinningRefused(BinWrong.CIPHERTEXTS)
            case _:
                raise BinningRefused(BinWrong.TALK)

    def _take_result(self, result: pb.RoundResult, manifest: SignedStatement) -> None:
        known = self._talk.statement(BUREAU)
        if self._lender is None and known is not None:
            # It was released before the stream broke: the counts come behind it.
            self._lender = self._joined(known, manifest)
            self._lender.rejoin()
        if self._lender is None:
            raise BinningRefused(BinWrong.TALK)
        self._on_step("released", 1, 1)
        self._result = result

    def _take_manifest(self, signed: SignedStatement) -> None:
        opened, trusted = self._opened, self._identity.trusted
        bureau = opened.plan.terms.bureau
        verified_manifest(signed, opened.job, opened.digest, bureau, trusted)
        self._manifest = signed
        self._on_step("charged, consents checked", 1, 1)

    def _take_channel(self, signed: SignedStatement, manifest: SignedStatement) -> None:
        known = self._talk.statement(BUREAU)
        if known is not None and known.payload != signed.payload:
            # Another key in the same talk: what was sealed for one is not sent to the other.
            raise BinningRefused(BinWrong.BUREAU)
        self._lender = self._joined(signed, manifest)
        self._talk.keep_statement(BUREAU, signed)
        self._on_step("bureau is there", 1, 1)
        self._send(self._lender.start())

    def _joined(self, signed: SignedStatement, manifest: SignedStatement) -> Lender:
        opened, trusted, talk = self._opened, self._identity.trusted, self._talk
        bureau, now = opened.plan.terms.bureau, int(self._clock())
        other = verified_channel(signed, opened.job, opened.digest, bureau, trusted, now)
        context = context_of(opened.statement.payload, manifest.payload)
        setup = LenderSetup(
            job=opened.job,
            plan=opened.plan,
            context=context,
            kind=IDENTIFIERS,
            identifiers=opened.rows.identifiers,
            labels=opened.rows.labels,
            secret=opened.secret,
            processes=self._processes,
        )
        channel = talk.secrets.channel_key.open(other, context, first=True)
        return Lender(setup, channel, talk.kept, talk.secrets.alignment_key)

    def _send(self, parts: Iterator[bytes]) -> None:
        self._out.put(pb.BinRequest(sealed=part) for part in parts)

    def _figures(self) -> BinnedFigures:
        opened, lender, result, manifest = self._opened, self._lender, self._result, self._manifest
        if lender is None or result is None or manifest is None:
            raise BinningRefused(BinWrong.TALK)
        ciphertexts = bytes(self._ciphertexts)
        checked, event = verified_result(
            opened.job,
            opened.digest,
            manifest,
            _statement(result.result),
            (result.checkpoint, result.release_event, tuple(result.inclusion)),
            ciphertexts,
            self._identity.trusted,
            int(self._clock()),
        )
        counts = lender.counts(ciphertexts)
        self._rounds.claim(opened.job.id)
        return BinnedFigures(
            job=opened.job,
            features=lender.open(counts, ciphertexts),
            log_index=checked.log_index,
            event_id=str(event.says.get("id", "")),
            consents=checked.consents,
        )


def goes_on(error: VeilgateError) -> bool:
    """Return whether a stream that ended so may be opened again."""
    return error.retryable or error.reason in _LOST


def _message(statement: SignedStatement) -> pb.SignedStatement:
    return pb.SignedStatement(
        payload=statement.payload, signature=statement.signature, chain=statement.chain
    )


def _statement(message: pb.SignedStatement) -> SignedStatement:
    return SignedStatement(message.payload, message.signature, tuple(message.chain))
