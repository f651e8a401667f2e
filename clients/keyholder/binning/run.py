"""One binning from a lender's rows to its figures, over one stream to the gateway.

Owns the order: job, consents and subjects go out, the manifest comes and is checked, the bureau's
key comes and is checked, the talk goes on, the result comes and is checked; then the job is marked
as spent on the disk, and only then the key is used. Refuses what comes out of that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Final

from clients.keyholder.binning.checks import verified_channel, verified_manifest, verified_result
from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.binning.lender import Lender, LenderSetup
from clients.keyholder.binning.rows import LabelledRows
from clients.keyholder.identity import Identity
from clients.keyholder.rounds import RoundStore
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.sealed_channel import ChannelKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.binning import BinningPlan, FeatureFigures
from gateway.domain.aggregate.binning_talk import (
    CHANNEL_TYPE,
    IDENTIFIERS,
    LABEL,
    ChannelStatement,
    context_of,
)
from gateway.domain.aggregate.question import BinningJob
from gateway.domain.aggregate.statements import digest_of
from veilgate.v1 import aggregate_pb2 as pb

ROWS_A_PART: Final = 400
_FIRST_ROWS: Final = 100
"""A message has 64 KiB: a row 112 bytes at most, and the first part the job besides."""
Talk = Callable[[Iterator[pb.BinRequest]], Iterator[pb.BinUpdate]]
"""Opens the stream."""
OnStep = Callable[[str, int, int], None]
"""Told what is done, how far, of how much."""


@dataclass(frozen=True, kw_only=True)
class OpenJob:
    """A signed job of one's own, and what it is about."""

    job: BinningJob
    statement: SignedStatement
    plan: BinningPlan
    rows: LabelledRows
    secret: SecretKey = field(repr=False)

    @property
    def digest(self) -> str:
        """Of the signed bytes, in hex."""
        return digest_of(self.statement.payload)


@dataclass(frozen=True, kw_only=True)
class BinnedFigures:
    """What came of a job."""

    job: BinningJob
    features: tuple[FeatureFigures, ...]
    log_index: int
    event_id: str
    consents: int


class BinningRun:
    """One run; a job is run once."""

    def __init__(
        self,
        identity: Identity,
        opened: OpenJob,
        rounds: RoundStore,
        clock: Callable[[], float],
        on_step: OnStep,
        processes: int,
    ) -> None:
        self._identity = identity
        self._opened = opened
        self._rounds = rounds
        self._clock = clock
        self._on_step = on_step
        self._processes = processes
        self._key = ChannelKey.generate()
        self._out: SimpleQueue[pb.BinRequest | None] = SimpleQueue()
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
            VeilgateError: the gateway refuses.
        """
        for request in self._opening():
            self._out.put(request)
        try:
            for update in talk(iter(self._out.get, None)):
                self._take(update)
        finally:
            self._out.put(None)
        return self._figures()

    def _opening(self) -> Iterator[pb.BinRequest]:
        opened = self._opened
        said = ChannelStatement(
            job=opened.job.id,
            question=opened.digest,
            contributor=self._identity.institution,
            channel_key=self._key.public_key().hex(),
        )
        channel = self._identity.signer.sign(CHANNEL_TYPE, said.encoded())
        first = self._rows(0, _FIRST_ROWS)
        first.job.CopyFrom(_message(opened.statement))
        first.channel.CopyFrom(_message(channel))
        yield pb.BinRequest(job=first)
        for at in range(_FIRST_ROWS, len(opened.rows.consents), ROWS_A_PART):
            yield pb.BinRequest(job=self._rows(at, at + ROWS_A_PART))
        # An empty part says that the rows are whole.
        yield pb.BinRequest(sealed=b"")

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
            case "result" if self._lender is not None and self._result is None:
                self._on_step("released", 1, 1)
                self._result = update.result
            case "ciphertexts" if self._result is not None:
                self._ciphertexts += update.ciphertexts
                if len(self._ciphertexts) > sum(self._opened.plan.bins) * LABEL:
                    raise BinningRefused(BinWrong.CIPHERTEXTS)
            case _:
                raise BinningRefused(BinWrong.TALK)

    def _take_manifest(self, signed: SignedStatement) -> None:
        opened, trusted = self._opened, self._identity.trusted
        bureau = opened.plan.terms.bureau
        verified_manifest(signed, opened.job, opened.digest, bureau, trusted)
        self._manifest = signed
        self._on_step("charged, consents checked", 1, 1)

    def _take_channel(self, signed: SignedStatement, manifest: SignedStatement) -> None:
        opened, trusted = self._opened, self._identity.trusted
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
        self._lender = Lender(setup, self._key.open(other, context, first=True))
        self._on_step("bureau is there", 1, 1)
        self._send(self._lender.start())

    def _send(self, parts: Iterator[bytes]) -> None:
        for part in parts:
            self._out.put(pb.BinRequest(sealed=part))

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


def _message(statement: SignedStatement) -> pb.SignedStatement:
    return pb.SignedStatement(
        payload=statement.payload, signature=statement.signature, chain=statement.chain
    )


def _statement(message: pb.SignedStatement) -> SignedStatement:
    return SignedStatement(message.payload, message.signature, tuple(message.chain))
