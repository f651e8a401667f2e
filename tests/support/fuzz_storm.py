"""Storms of damaged requests: an answer or a typed refusal to each, never a crash.

Owns the damage and the check of each refusal. Refuses a code that only a bug gives.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import grpc
import grpc.aio
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_status import rpc_status

from clients.cli.local.demo_data.dataset import Applicant
from clients.sdk import export_log
from clients.sdk.identity.channel import open_channel
from gateway.crypto.log_verifier import verify_log
from support.fuzzing import damaged_bytes, damaged_message
from support.live_gateway import LiveGateway
from support.members import Member
from veilgate.v1 import consent_pb2, exchange_pb2

ALLOWED: Final = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
MAX_MESSAGE: Final = 64 * 1024
SEED: Final = 20_260_101
AT_ONCE: Final = 32
Sample = tuple[str, Message]


def damaged(sample: Sample, random: Random) -> tuple[str, bytes]:
    """The sample's method, and its request with some fields and bytes changed."""
    method, good = sample
    message = type(good).FromString(good.SerializeToString())
    if isinstance(message, exchange_pb2.GetRecordRequest) and random.random() < 0.8:
        message.request_id = str(UUID(int=random.getrandbits(128)))
    if isinstance(message, consent_pb2.GrantConsentRequest) and random.random() < 0.5:
        _damage_artefact(message, random)
    elif message.DESCRIPTOR.fields and random.random() < 0.6:
        for _ in range(random.randint(1, 3)):
            damaged_message(message, random)
    body = message.SerializeToString()
    return method, damaged_bytes(body, random) if random.random() < 0.4 else body


def _damage_artefact(message: consent_pb2.GrantConsentRequest, random: Random) -> None:
    artefact = consent_pb2.ConsentArtefact.FromString(message.consent.artefact)
    damaged_message(artefact, random)
    body = artefact.SerializeToString()
    message.consent.artefact = damaged_bytes(body, random) if random.random() < 0.3 else body


async def _code(channel: grpc.aio.Channel, method: str, body: bytes) -> grpc.StatusCode:
    """The code of a call, whose refusal must have a reason other than INTERNAL."""
    call = channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
    try:
        await call(body, timeout=30)
    except grpc.aio.AioRpcError as error:
        refusal = error
    else:
        return grpc.StatusCode.OK
    assert refusal.code() in ALLOWED, f"{refusal.code()} for {method} {body.hex()}"
    if len(body) <= MAX_MESSAGE:
        _require_reason(refusal, method, body)
    return refusal.code()


def _require_reason(error: grpc.aio.AioRpcError, method: str, body: bytes) -> None:
    # The async call has code, details and trailing metadata, which is all that is read.
    status = rpc_status.from_call(error)  # type: ignore[arg-type, unused-ignore]
    info = error_details_pb2.ErrorInfo()
    assert status is not None, f"no details for {method} {body.hex()}"
    assert status.details[0].Unpack(info)
    assert info.reason not in ("", "INTERNAL", "UNSPECIFIED"), f"{method} {body.hex()}"


async def storm(
    gateway: LiveGateway, institution: str, samples: list[Sample], calls: int
) -> Counter[grpc.StatusCode]:
    """Send damaged forms of the samples as that institution; return how the calls ended."""
    random, met = Random(SEED), Counter[grpc.StatusCode]()
    profile = gateway.profile(institution)
    credentials = grpc.ssl_channel_credentials(
        profile.ca.read_bytes(), profile.key.read_bytes(), profile.certificate.read_bytes()
    )
    options = [("grpc.absolute_max_metadata_size", 65_536), ("grpc.max_metadata_size", 65_536)]
    left = iter(range(calls))

    async def caller(channel: grpc.aio.Channel) -> None:
        for _ in left:
            method, body = damaged(random.choice(samples), random)
            met[await _code(channel, method, body)] += 1

    async with grpc.aio.secure_channel(profile.gateway, credentials, options) as channel:
        await asyncio.gather(*(caller(channel) for _ in range(AT_ONCE)))
    return met


def assert_well(gateway: LiveGateway, lender: Member, applicant: Applicant, folder: Path) -> None:
    """The gateway serves, releases, logged no surprise, and its log verifies."""
    with open_channel(lender.profile) as channel:
        answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    lender.grant(applicant)
    assert lender.get(applicant).fields
    assert "unexpected" not in gateway.process.output()
    with gateway.client("auditor") as auditor:
        exported = export_log(auditor, folder)
    key = lender.profile.log_verifier_key
    assert key is not None
    note = (folder / "checkpoint").read_bytes()
    verified = verify_log(note, key, lambda path: (folder / path).read_bytes())
    assert verified.size == exported.size
