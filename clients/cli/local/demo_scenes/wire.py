"""One answer as the bytes that came over the wire, before any of our code reads them."""

from __future__ import annotations

from pathlib import Path

from clients.cli.local.demo_scenes.stage import DATASET, Person
from clients.sdk.codecs.common import encode_subject
from clients.sdk.identity.channel import open_channel
from clients.sdk.identity.profile import ClientProfile
from veilgate.v1 import exchange_pb2

GET_RECORD = "/veilgate.v1.ExchangeService/GetRecord"
_TIMEOUT_S = 10.0


def request_bytes(person: Person, purpose: str, request_id: str) -> bytes:
    """A serialised GetRecordRequest for all fields."""
    kind, value = str(person.held["identity_type"]), str(person.held["identity_number"])
    return exchange_pb2.GetRecordRequest(
        request_id=request_id,
        subject=encode_subject(kind, value),
        dataset=DATASET,
        purpose=purpose,
    ).SerializeToString()


def answer_bytes(profile: Path, person: Person, purpose: str, request_id: str) -> bytes:
    """The serialised answer to GetRecord.

    Raises:
        grpc.RpcError: the call was refused.
    """
    with open_channel(ClientProfile.load(profile)) as channel:
        call = channel.unary_unary(
            GET_RECORD,
            request_serializer=lambda body: body,
            response_deserializer=lambda body: body,
        )
        answer: bytes = call(request_bytes(person, purpose, request_id), timeout=_TIMEOUT_S)
        return answer
