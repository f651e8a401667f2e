"""AggregateService's two methods of binning: decode, call the use case, encode.

Owns the order of a stream's first parts: a lender's job and its rows' consents and subjects come
before anything sealed, a bureau's channel before anything else. Refuses rows beyond those that a
job may have, gaps between them, and parts larger than a sealed part may be.
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
    JobOpening,
    LenderUpdate,
    ManifestUpdate,
    SealedUpdate,
    VoidUpdate,
)
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
        opening, rest = await _opening(sent.parts)
        updates = self._binnings.ask(sent.principal, opening, rest)
        # A talk may take an hour; whom its rows are about is forgotten once they are bound.
        del opening
        async for one in updates:
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


async def _opening(
    parts: AsyncIterator[pb.BinRequest],
) -> tuple[JobOpening, AsyncIterator[bytes]]:
    """Read parts up to the first sealed one, or to one that says nothing more is to come."""
    first = await anext(parts, None)
    if first is None or first.WhichOneof("part") != "job":
        raise InvalidField("job", "must be the first part")
    job = wire.signed(first.job.job, "job.job")
    channel = wire.signed(first.job.channel, "job.channel")
    consents, subjects = list(_consents(first.job, 0)), list(_subjects(first.job))
    async for part in parts:
        if part.WhichOneof("part") != "job":
            rows = JobRows(tuple(consents), tuple(subjects))
            return JobOpening(job, channel, rows), _sealed(parts, part)
        consents += _consents(part.job, len(consents))
        subjects += _subjects(part.job)
    raise InvalidField("sealed", "must follow the consents")


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


async def _sealed(
    parts: AsyncIterator[pb.BinRequest], first: pb.BinRequest
) -> AsyncIterator[bytes]:
    if first.WhichOneof("part") == "sealed" and first.sealed:
        yield first.sealed
    async for part in parts:
        if part.WhichOneof("part") != "sealed":
            return
        yield part.sealed


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
