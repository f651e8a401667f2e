"""AggregateService's two methods of binning: decode, call the use case, encode.

Owns the order of a stream's first parts: a lender's job and its rows' consents and subjects come
before anything sealed, a bureau's channel before anything else. Rows are passed on as they come.
Refuses rows beyond those that a job may have, gaps between them, and parts larger than a sealed
part may be.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Final

import grpc

from gateway.application.aggregate.binning import (
    BindingsUpdate,
    Binnings,
    BureauUpdate,
    ChannelUpdate,
    LenderUpdate,
    ManifestUpdate,
    SealedUpdate,
    VoidUpdate,
)
from gateway.application.aggregate.binning_begin import JobOpening
from gateway.application.aggregate.binning_kind import MOST_ROWS
from gateway.application.aggregate.binning_session import MAX_SEALED
from gateway.application.aggregate.binning_steps import BureauPart
from gateway.application.aggregate.bound_rows import JobRows
from gateway.application.aggregate.orders import Shown
from gateway.domain.subject import SubjectKey
from gateway.servicers import aggregate_messages as wire
from gateway.servicers import decode
from gateway.servicers.aggregate_streams import Parts, conversation
from gateway.servicers.binding import Guard
from gateway.servicers.decode import InvalidField
from veilgate.v1 import aggregate_pb2 as pb

CONSENTS_A_PART: Final = 1000
IDLE_S: Final = 3600.0
"""A party may wait for the other's work without a word, for as long as a job lives."""


class BinningServicer:
    """What lenders and bureaus call."""

    def __init__(self, binnings: Binnings) -> None:
        """Take the use case."""
        self._binnings = binnings

    async def bin(self, sent: Parts[pb.BinRequest]) -> AsyncIterator[pb.BinUpdate]:
        """Answer Bin."""
        first = await anext(sent.parts, None)
        if first is None or first.WhichOneof("part") != "job":
            raise InvalidField("job", "must be the first part")
        job, channel = first.job.job, first.job.channel
        opening = JobOpening(wire.signed(job, "job.job"), wire.signed(channel, "job.channel"))
        parts = _LenderParts(first, sent.parts)
        async for one in self._binnings.ask(sent.principal, opening, parts.rows(), parts.sealed()):
            for message in _for_lender(one):
                yield message

    async def answer_bin(
        self, sent: Parts[pb.AnswerBinRequest]
    ) -> AsyncIterator[pb.AnswerBinUpdate]:
        """Answer AnswerBin."""
        first = await anext(sent.parts, None)
        if first is None or first.WhichOneof("part") != "channel":
            raise InvalidField("channel", "must be the first part")
        channel = wire.signed(first.channel, "channel")
        async for one in self._binnings.answer(sent.principal, channel, _answered(sent.parts)):
            for message in _for_bureau(one):
                yield message


def binning_methods(
    guard: Guard, servicer: BinningServicer
) -> dict[str, grpc.RpcMethodHandler[bytes, bytes]]:
    """Bind the methods, for ``aggregate_service``."""
    return {
        "Bin": conversation(guard, pb.BinRequest, servicer.bin, IDLE_S),
        "AnswerBin": conversation(guard, pb.AnswerBinRequest, servicer.answer_bin, IDLE_S),
    }


class _LenderParts:
    """A lender's stream: rows up to the first part that is none, then sealed parts."""

    def __init__(self, first: pb.BinRequest, parts: AsyncIterator[pb.BinRequest]) -> None:
        self._next: pb.BinRequest | None = first
        self._parts = parts

    async def rows(self) -> AsyncIterator[JobRows]:
        reached = 0
        while self._next is not None and self._next.WhichOneof("part") == "job":
            job = self._next.job
            consents = tuple(_consents(job, reached))
            reached += len(consents)
            yield JobRows(consents, tuple(_subjects(job)))
            self._next = await anext(self._parts, None)
        if self._next is None:
            raise InvalidField("sealed", "must follow the consents")

    async def sealed(self) -> AsyncIterator[bytes]:
        while self._next is not None and self._next.WhichOneof("part") == "sealed":
            # An empty part says that the rows are whole.
            if self._next.sealed:
                yield self._next.sealed
            self._next = await anext(self._parts, None)


def _subjects(job: pb.BinJob) -> Iterator[SubjectKey]:
    if len(job.subjects) != len(job.consents):
        raise InvalidField("job.subjects", "must be as many as the consents")
    return (_subject(one) for one in job.subjects)


def _subject(row: pb.RowSubject) -> SubjectKey:
    match row.WhichOneof("subject"):
        case "identifier":
            return decode.subject(row.identifier, "job.subjects")
        case "reference":
            return decode.subject_reference(row.reference, "job.subjects")
        case _:
            raise InvalidField("job.subjects", "must be an identifier or a reference each")


def _consents(job: pb.BinJob, reached: int) -> Iterator[str]:
    if job.first_row != reached or not 1 <= len(job.consents) <= CONSENTS_A_PART:
        raise InvalidField("job.consents", f"must be 1 to {CONSENTS_A_PART} rows in order")
    if reached + len(job.consents) > MOST_ROWS:
        raise InvalidField("job.consents", f"must be at most {MOST_ROWS} in all")
    return (decode.uuid(one, "job.consents") for one in job.consents)


async def _answered(parts: AsyncIterator[pb.AnswerBinRequest]) -> AsyncIterator[BureauPart]:
    async for part in parts:
        match part.WhichOneof("part"):
            case "sealed":
                yield part.sealed
            case "contribution":
                yield wire.signed(part.contribution, "contribution")
            case "ciphertexts":
                yield (part.ciphertexts,)
            case _:
                raise InvalidField("part", "must be sealed, contribution or ciphertexts")


def _for_lender(one: LenderUpdate) -> Iterator[pb.BinUpdate]:
    match one:
        case ManifestUpdate(manifest):
            # The gateway's own statement, which has no chain.
            yield pb.BinUpdate(manifest=wire.statement(manifest))
        case ChannelUpdate(channel):
            yield pb.BinUpdate(channel=wire.statement(channel))
        case SealedUpdate(sealed):
            yield pb.BinUpdate(sealed=sealed)
        case Shown():
            yield pb.BinUpdate(result=wire.result(one))
            for part in wire.parts(one.sealed.prepared.ciphertexts):
                yield pb.BinUpdate(ciphertexts=part)


def _for_bureau(one: BureauUpdate) -> Iterator[pb.AnswerBinUpdate]:
    match one:
        case ChannelUpdate(channel):
            yield pb.AnswerBinUpdate(channel=wire.statement(channel))
        case BindingsUpdate(bindings):
            for at in range(0, len(bindings), MAX_SEALED):
                yield pb.AnswerBinUpdate(bindings=bindings[at : at + MAX_SEALED])
        case SealedUpdate(sealed):
            yield pb.AnswerBinUpdate(sealed=sealed)
        case Shown():
            yield pb.AnswerBinUpdate(result=wire.result(one))
        case VoidUpdate():
            yield pb.AnswerBinUpdate(void=True)
