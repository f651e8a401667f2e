"""What agents send: ready, not willing, a contribution.

Owns the checks of each, before anything of the round changes. Refuses a statement that another made
than who sends it, one of another question or roster, and whatever the round does not wait for;
what is refused is recorded by its digest. A contribution's bytes are bounded before they are read.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import TypeVar

import msgspec

from gateway.application.aggregate.kept import Contributed
from gateway.application.aggregate.permission import require_agent
from gateway.application.aggregate.round import Phase, Round
from gateway.application.aggregate.rounds import Rounds
from gateway.application.ports.aggregates import (
    AggregateLedger,
    CiphertextRefused,
    Combiner,
    Signed,
    StatementChecker,
    StatementRefused,
)
from gateway.domain.aggregate.question import Statement
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    READY_TYPE,
    Contribution,
    Ready,
    digest_of,
)
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse

S = TypeVar("S", bound=Statement)


class Messages:
    """Messages of agents to the rounds of this gateway."""

    def __init__(
        self,
        rounds: Rounds,
        statements: StatementChecker,
        ledger: AggregateLedger,
        combiner: Combiner,
        upload_s: float,
    ) -> None:
        """Take the rounds, and who checks statements and ciphertexts and records refusals.

        ``upload_s``: seconds that the bytes of one contribution may take.
        """
        self._rounds = rounds
        self._statements = statements
        self._ledger = ledger
        self._combiner = combiner
        self._upload_s = upload_s
        self._uploads: dict[tuple[str, str], bytearray] = {}

    async def ready(self, agent: Principal, signed: Signed) -> None:
        """Take a readiness.

        Raises ``Refused``: AGGREGATE_NOT_PERMITTED, STATEMENT_REFUSED, ROUND_NOT_FOUND,
        ROUND_MESSAGE_REFUSED.
        """
        require_agent(agent)
        async with self._recorded(agent, signed.payload):
            ready = self._read(agent, READY_TYPE, signed, Ready)
            one = self._round(agent, ready.round)
            if ready.contributor != agent.institution or ready.question != one.digest:
                raise refuse(ErrorReason.STATEMENT_REFUSED)
            self._require_masking_key(ready)
            one.take_ready(agent.institution, ready, signed)

    async def decline(self, agent: Principal, round_id: str) -> None:
        """Take it that the agent is not willing.

        Raises ``Refused``: AGGREGATE_NOT_PERMITTED, ROUND_NOT_FOUND, ROUND_MESSAGE_REFUSED.
        """
        require_agent(agent)
        async with self._recorded(agent, round_id.encode()):
            self._round(agent, round_id).decline(agent.institution)

    async def contribute(
        self, agent: Principal, signed: Signed, parts: AsyncIterator[bytes]
    ) -> None:
        """Take a contribution; the same again is fine.

        Raises ``Refused``: AGGREGATE_NOT_PERMITTED, STATEMENT_REFUSED, ROUND_NOT_FOUND,
        ROUND_MESSAGE_REFUSED, CIPHERTEXT_REFUSED (the member may still send a valid one),
        DEADLINE_EXCEEDED.
        """
        require_agent(agent)
        async with self._recorded(agent, signed.payload):
            said = self._read(agent, CONTRIBUTION_TYPE, signed, Contribution)
            one = self._round(agent, said.round)
            self._require_fitting(one, agent, said)
            if one.has(agent.institution, signed):
                return
            if agent.institution in one.contributions or one.phase is not Phase.COLLECTING:
                raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
            ciphertexts = await self._gather(one, agent.institution, parts)
            await self._require_valid(one, said, ciphertexts)
            one.take_contribution(agent.institution, Contributed(signed, ciphertexts))

    def _read(self, agent: Principal, payload_type: str, signed: Signed, kind: type[S]) -> S:
        try:
            signer = self._statements.institution(payload_type, signed)
            said = msgspec.json.decode(signed.payload, type=kind)
        except (StatementRefused, msgspec.MsgspecError, UnicodeDecodeError):
            raise refuse(ErrorReason.STATEMENT_REFUSED) from None
        if signer != agent.institution:
            raise refuse(ErrorReason.STATEMENT_REFUSED)
        return said

    def _require_masking_key(self, ready: Ready) -> None:
        try:
            self._statements.require_masking_key(ready.masking_key)
        except StatementRefused:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED) from None

    def _round(self, agent: Principal, round_id: str) -> Round:
        one = self._rounds.find(round_id)
        # A round of others and no round look alike.
        if one is None or agent.institution not in one.accepted.contributors:
            raise refuse(ErrorReason.ROUND_NOT_FOUND)
        return one

    def _require_fitting(self, one: Round, agent: Principal, said: Contribution) -> None:
        if said.contributor != agent.institution:
            raise refuse(ErrorReason.STATEMENT_REFUSED)
        if agent.institution not in one.members or one.roster is None:
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        if said.roster != digest_of(one.roster.payload):
            raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
        if said.ciphertexts != one.due:
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED)

    async def _gather(self, one: Round, member: str, parts: AsyncIterator[bytes]) -> bytes:
        """Return the parts' bytes; a member that begins again ends what it began before."""
        most = one.accepted.contribution_bytes(len(one.members))
        mine, key = bytearray(), (one.id, member)
        if (before := self._uploads.get(key)) is not None:
            before.clear()
        self._uploads[key] = mine
        try:
            async with asyncio.timeout(self._upload_s):
                async for part in parts:
                    if self._uploads.get(key) is not mine:
                        raise refuse(ErrorReason.ROUND_MESSAGE_REFUSED)
                    mine += part
                    if len(mine) > most:
                        raise refuse(ErrorReason.CIPHERTEXT_REFUSED)
        except TimeoutError:
            raise refuse(ErrorReason.DEADLINE_EXCEEDED) from None
        finally:
            if self._uploads.get(key) is mine:
                del self._uploads[key]
        return bytes(mine)

    async def _require_valid(self, one: Round, said: Contribution, ciphertexts: bytes) -> None:
        if sha256(ciphertexts).hexdigest() != said.digest:
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED)
        try:
            await self._combiner.require_valid(one.accepted.question.key, ciphertexts, one.due)
        except CiphertextRefused:
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED) from None

    @asynccontextmanager
    async def _recorded(self, agent: Principal, payload: bytes) -> AsyncIterator[None]:
        try:
            yield
        except Refused as refused:
            await self._ledger.deny(agent, sha256(payload).digest(), refused.reason.value)
            raise
