"""Suspensions against releases: rounds of one institution, and what must hold of each.

Owns the calls and the judgement. A round suspends while records are asked for, asks again once the
suspension is acknowledged, and reactivates. Releases go over connections of their own.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc.aio

from clients.cli.local.demo_data.dataset import Applicant
from clients.sdk import ClientProfile
from clients.sdk.codecs import common as codec
from support.faults_race import Outcome, reason_of
from support.faults_serving import STRUCTURED
from support.live_gateway import DATASET, UNDERWRITING
from veilgate.v1 import directory_pb2, exchange_pb2

SUSPENDED = "INSTITUTION_SUSPENDED"
READS = 4
AFTER = 2
_SPREAD_S = 0.01
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Suspension:
    """Its place in the log, the reads begun before its acknowledgement, and those begun after."""

    suspended_at: int
    before: tuple[Outcome, ...]
    after: tuple[Outcome, ...]

    @property
    def mixed(self) -> bool:
        """Whether the suspension fell between the reads, which is what a race is about."""
        return len({one.released_at is None for one in self.before}) == 2

    def violations(self) -> Iterator[str]:
        """What must never be, in words."""
        for one in (*self.before, *self.after):
            if one.released_at is not None and one.released_at > self.suspended_at:
                yield f"released at {one.released_at}, suspended at {self.suspended_at}"
            if one.released_at is None and one.refused != SUSPENDED:
                yield f"refused with {one.refused}"
        if any(one.released_at is not None for one in self.after):
            yield "released to a call that began after the suspension was acknowledged"


@dataclass(frozen=True, slots=True)
class Suspender:
    """One institution that is suspended and asks: its channel, and an operator's stub."""

    profile: ClientProfile
    applicant: Applicant
    exchange: Any
    operator: Any

    async def rounds(self, number: int) -> list[Suspension]:
        """Run rounds one after the other."""
        return [await self._round() for _ in range(number)]

    async def _round(self) -> Suspension:
        before = [asyncio.create_task(self._read_soon()) for _ in range(READS)]
        await asyncio.sleep(random.uniform(0, _SPREAD_S))
        request = directory_pb2.SuspendInstitutionRequest(institution=self.profile.institution)
        answer = await self.operator.SuspendInstitution(request, timeout=_TIMEOUT_S)
        after = await asyncio.gather(*(self._read() for _ in range(AFTER)))
        again = directory_pb2.ReactivateInstitutionRequest(institution=self.profile.institution)
        await self.operator.ReactivateInstitution(again, timeout=_TIMEOUT_S)
        return Suspension(int(answer.log_index), tuple(await asyncio.gather(*before)), tuple(after))

    async def _read_soon(self) -> Outcome:
        await asyncio.sleep(random.uniform(0, 2 * _SPREAD_S))
        return await self._read()

    async def _read(self) -> Outcome:
        one = self.applicant
        request = exchange_pb2.GetRecordRequest(
            request_id=str(uuid4()),
            subject=codec.encode_subject(one.identity_type, one.identity_number),
            dataset=DATASET,
            purpose=UNDERWRITING,
            fields=STRUCTURED,
        )
        try:
            answer = await self.exchange.GetRecord(request, timeout=_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            return Outcome(refused=reason_of(error))
        return Outcome(released_at=int(answer.log_index))
