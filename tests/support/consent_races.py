"""Races over one consent at a live gateway: for its last use, and around a pause.

Owns the calls of a round and the judgement of its outcome. Each round has a consent of its own;
callers come over two connections, changes over a third.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, Self, TypeVar
from uuid import uuid4

import grpc
import grpc.aio

from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.home import LENDER_A
from clients.sdk import ClientProfile
from clients.sdk.codecs import common as codec
from support.faults_race import Outcome, reason_of, secure_channel
from support.faults_serving import STRUCTURED
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, underwriting_consent
from veilgate.v1 import consent_pb2, consent_pb2_grpc, exchange_pb2, exchange_pb2_grpc

CALLERS = 6
AT_ONCE = 8
_SPREAD_S = 0.008
_TIMEOUT_S = 30
PAUSED = "CONSENT_PAUSED"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PauseRound:
    """Indexes of the pause and the resumption, and how the reads around them ended.

    ``early`` began before the pause was acknowledged, ``within`` after it and before the resumption
    was asked for, ``late`` after the resumption was acknowledged.
    """

    paused_at: int
    resumed_at: int
    early: tuple[Outcome, ...]
    within: Outcome
    late: Outcome

    @property
    def mixed(self) -> bool:
        """Whether the pause fell between the early reads, which is what a race is about."""
        return len({one.released_at is None for one in self.early}) == 2

    def violations(self) -> Iterator[str]:
        """What must never be, in words."""
        for one in (*self.early, self.within, self.late):
            at = one.released_at
            if at is not None and self.paused_at < at < self.resumed_at:
                yield f"released at {at}, paused from {self.paused_at} to {self.resumed_at}"
            if at is None and one.refused != PAUSED:
                yield f"refused with {one.refused}"
        if self.within.released_at is not None:
            yield "released to a call that began after the pause was acknowledged"
        if self.late.released_at is None:
            yield "refused to a call that began after the resumption was acknowledged"


class ConsentRaces:
    """Connections of one institution, and the rounds over them; use it in an ``async with``."""

    def __init__(self, gateway: LiveGateway) -> None:
        self._profile: ClientProfile = gateway.profile(LENDER_A)
        self._stack = AsyncExitStack()
        self._number = 0

    async def __aenter__(self) -> Self:
        enter = self._stack.enter_async_context
        first, second, changes = [await enter(secure_channel(self._profile)) for _ in range(3)]
        self._exchange: list[Any] = [
            exchange_pb2_grpc.ExchangeServiceStub(one) for one in (first, second)
        ]
        self._consents: Any = consent_pb2_grpc.ConsentServiceStub(changes)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def rounds(self, run: Callable[[], Awaitable[T]], count: int) -> list[T]:
        """Run so many rounds, some at a time."""
        some = asyncio.Semaphore(AT_ONCE)

        async def bounded() -> T:
            async with some:
                return await run()

        return list(await asyncio.gather(*(bounded() for _ in range(count))))

    async def last_use(self) -> Counter[str]:
        """Callers at once for a consent's only use: how often each ending came."""
        request = await self._granted(uses=1)
        reads = (self._read(request, at % 2) for at in range(CALLERS))
        return Counter(one.refused or "released" for one in await asyncio.gather(*reads))

    async def one_request(self) -> tuple[Counter[str], int]:
        """The same request from callers at once: the endings, and the uses that were counted."""
        request = await self._granted(uses=1)
        request.request_id = str(uuid4())
        reads = (self._read(request, at % 2) for at in range(CALLERS))
        endings = Counter(one.refused or "released" for one in await asyncio.gather(*reads))
        asked = consent_pb2.GetConsentRequest(consent_id=request.consent_id)
        return endings, (await self._consents.GetConsent(asked, timeout=_TIMEOUT_S)).uses

    async def pause(self) -> PauseRound:
        """Reads around a pause and a resumption."""
        request = await self._granted()
        early = [asyncio.create_task(self._soon(request, at % 2)) for at in range(CALLERS)]
        await asyncio.sleep(random.uniform(0, _SPREAD_S))
        consent_id = request.consent_id
        pause = consent_pb2.PauseConsentRequest(consent_id=consent_id)
        paused = await self._consents.PauseConsent(pause, timeout=_TIMEOUT_S)
        within = await self._read(request, 0)
        resume = consent_pb2.ResumeConsentRequest(consent_id=consent_id)
        resumed = await self._consents.ResumeConsent(resume, timeout=_TIMEOUT_S)
        late = await self._read(request, 1)
        ended = tuple(await asyncio.gather(*early))
        return PauseRound(paused.log_index, resumed.log_index, ended, within, late)

    async def _granted(self, **changes: Any) -> exchange_pb2.GetRecordRequest:
        self._number += 1
        applicant = applicants()[self._number % len(applicants())]
        signed = underwriting_consent(self._profile, applicant, **changes)
        consent_id = consent_pb2.ConsentArtefact.FromString(signed.artefact).consent_id
        grant = consent_pb2.GrantConsentRequest(consent=signed)
        await self._consents.GrantConsent(grant, timeout=_TIMEOUT_S)
        return exchange_pb2.GetRecordRequest(
            subject=codec.encode_subject(applicant.identity_type, applicant.identity_number),
            dataset=DATASET,
            purpose=UNDERWRITING,
            fields=STRUCTURED,
            consent_id=consent_id,
        )

    async def _soon(self, template: exchange_pb2.GetRecordRequest, connection: int) -> Outcome:
        await asyncio.sleep(random.uniform(0, _SPREAD_S))
        return await self._read(template, connection)

    async def _read(self, template: exchange_pb2.GetRecordRequest, connection: int) -> Outcome:
        request = exchange_pb2.GetRecordRequest()
        request.CopyFrom(template)
        request.request_id = template.request_id or str(uuid4())
        try:
            answer = await self._exchange[connection].GetRecord(request, timeout=_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            return Outcome(refused=reason_of(error))
        return Outcome(released_at=int(answer.log_index))
