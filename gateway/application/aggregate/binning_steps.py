"""The single steps of a binning job: each checked, recorded, and made durable in its order.

Owns the checks of channel keys and of the contribution, and what is recorded of an end. Refuses
statements that another made, of another job, and ciphertexts that are not valid or too many. What a
bureau declined is charged and counted, and the lender hears no reason.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from hashlib import sha256
from typing import Final, TypeVar

import msgspec

from gateway.application.aggregate.binning_session import Session
from gateway.application.aggregate.finish import Finish
from gateway.application.aggregate.kept import Contributed, Prepared
from gateway.application.aggregate.orders import Shown
from gateway.application.aggregate.round import Phase, Round, new_round
from gateway.application.ports.aggregates import (
    AggregateLedger,
    AggregateReader,
    CiphertextRefused,
    Combiner,
    Signed,
    StatementChecker,
    StatementRefused,
    StoredRound,
)
from gateway.domain.aggregate.binning_talk import CHANNEL_TYPE, LABEL, ChannelStatement, RowManifest
from gateway.domain.aggregate.question import BinningJob, Statement
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    MANIFEST_TYPE,
    Contribution,
    digest_of,
)
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
_ENDS: Final = {
    ErrorReason.AGGREGATE_REFUSED: Phase.REFUSED,
    ErrorReason.ROUND_VOID: Phase.VOID,
}
_ROW_S: Final = 0.001
S = TypeVar("S", bound=Statement)
BureauPart = bytes | Signed | tuple[bytes]
"""A sealed part, the contribution's statement, or (in a tuple) bytes of its ciphertexts."""


class BinningSteps:
    """Steps over the ports. ``clock`` gives Unix seconds; ``joining_s``: a bureau has to come."""

    def __init__(
        self,
        ledger: AggregateLedger,
        reader: AggregateReader,
        statements: StatementChecker,
        combiner: Combiner,
        finish: Finish,
        clock: Callable[[], float],
        joining_s: float,
        idle_s: float,
    ) -> None:
        """Take the ports; ``idle_s``: a party may work without a word."""
        self._idle_s = idle_s
        self._ledger = ledger
        self._reader = reader
        self._statements = statements
        self._combiner = combiner
        self._finish = finish
        self._clock = clock
        self._joining_s = joining_s

    def patience(self, one: Round) -> float:
        """Return how long a bureau is waited for: no longer than the job lives."""
        return min(self._joining_s, one.accepted.question.expires_at - self._clock())

    def idle(self, one: Round) -> float:
        """Return how long a party may work without a word: a millisecond more for each row."""
        job = one.accepted.question
        return self._idle_s + (job.rows * _ROW_S if isinstance(job, BinningJob) else 0.0)

    async def stored(self, round_id: str) -> StoredRound | None:
        """Return a job as the store has it."""
        return await self._reader.round(round_id)

    async def shown(self, stored: StoredRound) -> Shown:
        """Return a released job's result. Raises ``Refused``: STORE_UNAVAILABLE."""
        return await self._finish.shown(stored)

    def channel_of(self, party: Principal, signed: Signed, digest: str) -> ChannelStatement:
        """Return a party's channel statement, about the job of this digest unless that is empty.

        Raises ``Refused``: STATEMENT_REFUSED.
        """
        said = self._read(party, CHANNEL_TYPE, signed, ChannelStatement)
        if said.contributor != party.institution or digest not in ("", said.question):
            raise refuse(ErrorReason.STATEMENT_REFUSED, "channel")
        return said

    async def open(self, one: Round, manifest: RowManifest, channel: Signed) -> Signed:
        """Charge and store a job, read its consents, fix its manifest; returns that, signed."""
        await self._ledger.open(one.asker, new_round(one))
        signed = self._statements.sign(MANIFEST_TYPE, manifest.encoded())
        await self._ledger.fix_roster(one.asker, one.id, signed, [channel])
        return signed

    async def receive(
        self, bureau: Principal, one: Round, session: Session, parts: AsyncIterator[BureauPart]
    ) -> None:
        """Take what the bureau sends until it ends: then its contribution is checked, or lost."""
        said: Contribution | None = None
        signed, ciphertexts = Signed(b"", b""), bytearray()
        try:
            async for part in parts:
                match part:
                    case bytes():
                        await session.from_bureau(part)
                    case Signed() if said is None:
                        said, signed = self._contribution(bureau, one, part), part
                        session.contribution = Contributed(part, b"")
                    case (piece,) if said is not None and not session.kept:
                        ciphertexts += piece
                        if len(ciphertexts) > said.ciphertexts * LABEL:
                            raise refuse(ErrorReason.CIPHERTEXT_REFUSED)
                    case _:
                        raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
            if said is None:
                raise refuse(ErrorReason.CONTRIBUTOR_LOST)
            await self._require_valid(one, said, bytes(ciphertexts))
        except Refused as refused:
            await self.denied(bureau, bytes.fromhex(one.digest), refused)
            session.over.set()
            raise
        session.contribution = Contributed(signed, bytes(ciphertexts))
        one.take_contribution(bureau.institution, session.contribution)
        session.contributed.set()
        await session.over.wait()

    async def finish(self, one: Round, session: Session) -> None:
        """Release what the bureau contributed, and sign the result.

        Raises ``Refused``: CONTRIBUTOR_LOST, AGGREGATE_REFUSED, and as ``Finish``.
        """
        if one.declined:
            raise refuse(ErrorReason.AGGREGATE_REFUSED)
        if one.prepared is None:
            given = session.contribution
            if given is None or not session.contributed.is_set():
                raise refuse(ErrorReason.CONTRIBUTOR_LOST)
            # The bureau has randomised it anew; there is nothing to combine.
            count, signed = len(given.ciphertexts) // LABEL, (given.signed,)
            counts = tuple(session.kept)
            one.prepared = Prepared(given.ciphertexts, count, signed, kept_back=counts)
        await self._finish(one)

    async def stopped(self, one: Round, refused: Refused) -> Refused:
        """Record an end without a result; returns what is said of it."""
        end = _ENDS.get(refused.reason)
        try:
            if end is Phase.REFUSED:
                await self._ledger.refuse(one.asker, one.id)
            elif end is None:
                await self._ledger.fail(one.asker, one.id, refused.reason.value)
        except Refused as failed:
            refused = failed
        except Exception as error:  # noqa: BLE001 - the lender must hear of an end in any case
            log_unexpected(_LOG, "recording the end of a job", error)
            refused = refuse(ErrorReason.INTERNAL)
        # What only broke off may be gone on with, while the job lives.
        one.stop(refused, end)
        return refused

    async def denied(self, party: Principal, digest: bytes, refused: Refused) -> None:
        """Record what was not let in."""
        await self._ledger.deny(party, digest, refused.reason.value)

    def _contribution(self, bureau: Principal, one: Round, signed: Signed) -> Contribution:
        said = self._read(bureau, CONTRIBUTION_TYPE, signed, Contribution)
        if said.contributor != bureau.institution or one.roster is None:
            raise refuse(ErrorReason.STATEMENT_REFUSED)
        if said.round != one.id or said.roster != digest_of(one.roster.payload):
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        if said.ciphertexts > one.due:
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED)
        return said

    async def _require_valid(self, one: Round, said: Contribution, ciphertexts: bytes) -> None:
        right = len(ciphertexts) == said.ciphertexts * LABEL
        if not right or sha256(ciphertexts).hexdigest() != said.digest:
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED)
        if not ciphertexts:
            return
        try:
            await self._combiner.require_valid(
                one.accepted.question.key, ciphertexts, said.ciphertexts
            )
        except CiphertextRefused:
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED) from None

    def _read(self, party: Principal, payload_type: str, signed: Signed, kind: type[S]) -> S:
        try:
            signer = self._statements.institution(payload_type, signed)
            said = msgspec.json.decode(signed.payload, type=kind)
        except (StatementRefused, msgspec.MsgspecError, UnicodeDecodeError):
            raise refuse(ErrorReason.STATEMENT_REFUSED) from None
        if signer != party.institution:
            raise refuse(ErrorReason.STATEMENT_REFUSED)
        return said
