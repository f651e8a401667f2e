"""References: blinded here, evaluated there, checked against a pinned key."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message

from clients.sdk import (
    AnswerError,
    AsyncVeilgateClient,
    ClientProfile,
    RequestError,
    SubjectReference,
    VeilgateClient,
)
from clients.sdk.calls.subjects import MAX_BATCH
from gateway.crypto.oprf import OprfKeyPair, blind_evaluate_batch, derive_key_pair, evaluate
from support.canned_network import Network
from support.identifiers import with_resident_check
from veilgate.v1 import subject_pb2

KEYS = derive_key_pair(b"\x09" * 32, b"test")
OTHERS = derive_key_pair(b"\x0a" * 32, b"test")
NUMBER = "11010519491231002X"
PEOPLE = [("CN_RESIDENT_ID", NUMBER), ("US_SSN", "123-45-6789"), ("CN_RESIDENT_ID", NUMBER.lower())]
ENCODED = [b"CN_RESIDENT_ID|" + NUMBER.encode(), b"US_SSN|123456789"]


def evaluator(keys: OprfKeyPair = KEYS) -> Any:
    def answer(asked: subject_pb2.EvaluateRequest) -> Message:
        elements, proof = blind_evaluate_batch(keys, list(asked.blinded_elements))
        return subject_pb2.EvaluateResponse(
            evaluated_elements=elements, proof=proof, key_version="1", quota_left=7
        )

    return answer


@pytest.fixture
def profile(network: Network, network_profile: ClientProfile) -> ClientProfile:
    network.answers["Evaluate"] = evaluator()
    return replace(network_profile, reference_key=KEYS.public_key.hex())


def test_a_reference_is_what_the_key_s_holder_would_compute(
    network: Network, profile: ClientProfile
) -> None:
    with VeilgateClient(profile) as client:
        reference = client.reference(*PEOPLE[0])
        batch = client.references(PEOPLE)
    assert reference == SubjectReference("1", evaluate(KEYS.secret_key, ENCODED[0]))
    assert [one.value for one in batch] == [
        evaluate(KEYS.secret_key, message) for message in (*ENCODED, ENCODED[0])
    ]
    assert reference.value.hex() not in repr(reference)


def test_the_gateway_sees_no_identifier_and_no_two_alike(
    network: Network, profile: ClientProfile
) -> None:
    with VeilgateClient(profile) as client:
        client.references(PEOPLE)
        client.references(PEOPLE)
    sent = [element for _, asked in network.asked for element in asked.blinded_elements]
    assert len(set(sent)) == 6
    wire = b"".join(asked.SerializeToString() for _, asked in network.asked)
    assert not any(part in wire for part in (b"11010519", b"123456789", b"123-45"))


def test_the_asynchronous_client_makes_the_same_reference(profile: ClientProfile) -> None:
    async def make() -> SubjectReference:
        async with AsyncVeilgateClient(profile) as client:
            return await client.reference(*PEOPLE[0])

    assert asyncio.run(make()).value == evaluate(KEYS.secret_key, ENCODED[0])


def test_a_thousand_at_once_and_no_more(network: Network, profile: ClientProfile) -> None:
    people = [
        ("CN_RESIDENT_ID", with_resident_check(f"11010519491231{number:03}"))
        for number in range(MAX_BATCH)
    ]
    with VeilgateClient(profile) as client:
        found = client.references(people, timeout=60)
        assert len({one.value for one in found}) == MAX_BATCH
        for wrong in ([], [*people, people[0]]):
            with pytest.raises(RequestError):
                client.references(wrong)
    assert network.count("Evaluate") == 1


def test_one_invalid_identifier_and_nothing_is_sent(
    network: Network, profile: ClientProfile
) -> None:
    with VeilgateClient(profile) as client:
        for wrong in (("US_SSN", "000-12-3456"), ("PASSPORT", "1")):
            with pytest.raises(RequestError):
                client.references([PEOPLE[0], wrong])
    assert network.asked == []


@pytest.mark.parametrize("key", ["", "zz", "ab" * 31])
def test_without_a_pinned_key_nothing_is_sent(
    network: Network, profile: ClientProfile, key: str
) -> None:
    with VeilgateClient(replace(profile, reference_key=None)) as client:
        with pytest.raises(RequestError):
            client.reference(*PEOPLE[0], reference_key=key)
        assert network.asked == []
        pinned = KEYS.public_key.hex()
        assert client.reference(*PEOPLE[0], reference_key=pinned).key_version == "1"


def tampered(how: str) -> Any:
    honest = evaluator()

    def answer(asked: subject_pb2.EvaluateRequest) -> Message:
        response = honest(asked)
        match how:
            case "swapped":
                first, second, *rest = response.evaluated_elements
                del response.evaluated_elements[:]
                response.evaluated_elements.extend([second, first, *rest])
            case "fewer":
                del response.evaluated_elements[-1]
            case "proof":
                response.proof = bytes([response.proof[0] ^ 1]) + response.proof[1:]
            case "version":
                response.key_version = "Ünversion"
        changed: Message = response
        return changed

    return answer


@pytest.mark.parametrize("how", ["swapped", "fewer", "proof", "version"])
def test_an_evaluation_that_is_not_proven_is_not_used(
    network: Network, profile: ClientProfile, how: str
) -> None:
    network.answers["Evaluate"] = tampered(how)
    with VeilgateClient(profile) as client, pytest.raises(AnswerError):
        client.references(PEOPLE)


def test_an_evaluation_under_a_key_for_this_client_alone_is_not_used(
    network: Network, profile: ClientProfile
) -> None:
    network.answers["Evaluate"] = evaluator(OTHERS)
    network.answers["GetReferenceKey"] = lambda asked: subject_pb2.GetReferenceKeyResponse(
        key_version="1", public_key=OTHERS.public_key
    )
    with VeilgateClient(profile) as client, pytest.raises(AnswerError, match="pinned key"):
        client.reference(*PEOPLE[0])
