"""Revocations against releases: a round of the race over two connections, and its judgement.

Owns the calls of a round and what its outcome must be. Each round has a consent of its own; the
reads go over one connection, grant and revocation over another.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import cycle
from typing import Any
from uuid import uuid4

import grpc
import grpc.aio
from google.rpc import error_details_pb2, status_pb2

from clients.cli.local.demo_data.dataset import applicants
from clients.cli.local.home import LENDER_A
from clients.sdk import ClientProfile
from clients.sdk.codecs import common as codec
from support.faults_serving import STRUCTURED
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, underwriting_consent
from veilgate.v1 import consent_pb2, consent_pb2_grpc, exchange_pb2, exchange_pb2_grpc

READS = 3
AT_ONCE = 16
_SPREAD_S = 0.006
_TIMEOUT_S = 30
_MAX_DETAILS_SIZE = 64 * 1024
"""Bytes of trailing metadata, as in the SDK: a denial's findings exceed gRPC's 8 KiB."""
REVOKED = "CONSENT_REVOKED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a read ended: released at an index of the log, or refused for a reason."""

    released_at: int | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """The revocation's index, the reads begun before its answer, and the one begun after it."""

    revoked_at: int
    before: tuple[Outcome, ...]
    after: Outcome

    @property
    def mixed(self) -> bool:
        """Whether the revocation fell between the reads, which is what a race is about."""
        return len({one.released_at is None for one in self.before}) == 2

    def violations(self) -> Iterator[str]:
        """What must never be, in words."""
        for one in (*self.before, self.after):
            if one.released_at is not None and one.released_at > self.revoked_at:
                yield f"released at {one.released_at}, revoked at {self.revoked_at}"
            if one.released_at is None and one.refused != REVOKED:
                yield f"refused with {one.refused}"
        if self.after.released_at is not None:
            yield "released to a call that began after the revocation was acknowledged"


def secure_channel(profile: ClientProfile) -> grpc.aio.Channel:
    """A connection of its own with the profile's certificate."""
    credentials = grpc.ssl_channel_credentials(
        profile.ca.read_bytes(), profile.key.read_bytes(), profile.certificate.read_bytes()
    )
    options = [
        ("grpc.use_local_subchannel_pool", 1),
        ("grpc.max_metadata_size", _MAX_DETAILS_SIZE),
        ("grpc.absolute_max_metadata_size", _MAX_DETAILS_SIZE),
    ]
    return grpc.aio.secure_channel(profile.gateway, credentials, options)


async def run_races(
    gateway: LiveGateway,
    rounds: int,
    others: Sequence[LiveGateway] = (),
    spread_s: float = _SPREAD_S,
) -> list[Round]:
    """Run rounds, some at a time, and return them all.

    ``others`` serve the same store: reads and revocations go to all of them in turn. All of a round
    begin within ``spread_s``: longer than a read takes there, or the race is hardly run.
    """
    profiles = [one.profile(LENDER_A) for one in (gateway, *others)]
    async with AsyncExitStack() as stack:
        reads, writes = [
            [await stack.enter_async_context(secure_channel(one)) for one in profiles]
            for _ in range(2)
        ]
        race = _Race(profiles[0], reads, writes, spread_s)
        some = asyncio.Semaphore(AT_ONCE)

        async def bounded(number: int) -> Round:
            async with some:
                return await race.run(number)

        return list(await asyncio.gather(*(bounded(number) for number in range(rounds))))


class _Race:
    def __init__(
        self,
        profile: ClientProfile,
        reads: list[grpc.aio.Channel],
        writes: list[grpc.aio.Channel],
        spread_s: float,
    ) -> None:
        self._spread_s = spread_s
        self._profile = profile
        exchanges: list[Any] = [exchange_pb2_grpc.ExchangeServiceStub(one) for one in reads]
        consents: list[Any] = [consent_pb2_grpc.ConsentServiceStub(one) for one in writes]
        self._exchanges, self._consents = cycle(exchanges), cycle(consents)

    async def run(self, number: int) -> Round:
        applicant = applicants()[number % len(applicants())]
        signed = underwriting_consent(self._profile, applicant)
        consent_id = consent_pb2.ConsentArtefact.FromString(signed.artefact).consent_id
        request = exchange_pb2.GetRecordRequest(
            subject=codec.encode_subject(applicant.identity_type, applicant.identity_number),
            dataset=DATASET,
            purpose=UNDERWRITING,
            fields=STRUCTURED,
            consent_id=consent_id,
        )
        grant = consent_pb2.GrantConsentRequest(consent=signed)
        await next(self._consents).GrantConsent(grant, timeout=_TIMEOUT_S)
        reads = [asyncio.create_task(self._read_soon(request)) for _ in range(READS)]
        revocation = await self._revoke_soon(consent_id)
        after = await self._read(request)
        return Round(revocation, tuple(await asyncio.gather(*reads)), after)

    async def _revoke_soon(self, consent_id: str) -> int:
        await asyncio.sleep(random.uniform(0, self._spread_s))
        request = consent_pb2.RevokeConsentRequest(consent_id=consent_id)
        answer = await next(self._consents).RevokeConsent(request, timeout=_TIMEOUT_S)
        return int(answer.log_index)

    async def _read_soon(self, request: exchange_pb2.GetRecordRequest) -> Outcome:
        await asyncio.sleep(random.uniform(0, self._spread_s))
        return await self._read(request)

    async def _read(self, template: exchange_pb2.GetRecordRequest) -> Outcome:
        request = exchange_pb2.GetRecordRequest()
        request.CopyFrom(template)
        request.request_id = str(uuid4())
        try:
            answer = await next(self._exchanges).GetRecord(request, timeout=_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            return Outcome(refused=reason_of(error))
        return Outcome(released_at=int(answer.log_index))


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The refusal's reason, or the code where the gateway gave none."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for packed in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if packed.Unpack(info):
                    return str(info.reason)
    return str(error.code())
