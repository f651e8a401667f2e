"""SubjectService of a live gateway: what it evaluates, refuses, proves, counts and records."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from clients.cli.local.home import LENDER_A, LENDER_B, PROVIDER
from clients.sdk import RetryPolicy, VeilgateClient, VeilgateError
from clients.sdk.failure import AnswerError, RequestError
from gateway.adapters.keys.keyring import load_keyring
from gateway.crypto.oprf import derive_key_pair, evaluate
from gateway.crypto.oprf_client import blind, finalize_batch
from gateway.crypto.oprf_suite import OprfError
from support.blinded import by_reference, run_index, write_people
from support.faults_canaries import american_person
from support.faults_serving import events, log_size
from support.live_gateway import LiveGateway, running_gateway

A_DAY = 3_000
MESSAGES = (b"CN_RESIDENT_ID|11010519491231002X", b"US_SSN|900450001")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("subjects") / "home"
    with running_gateway(folder, prepare=by_reference, evaluations_per_day=A_DAY) as gateway:
        yield gateway


def _refusal(client: VeilgateClient, elements: list[bytes]) -> VeilgateError:
    with pytest.raises(VeilgateError) as caught:
        client.evaluate(elements)
    return caught.value


def test_the_key_is_the_one_that_the_operator_gives_out(gateway: LiveGateway) -> None:
    with gateway.client(LENDER_A) as lender:
        key = lender.reference_key()
    assert key.public_key.hex() == gateway.profile(LENDER_A).reference_key
    assert key.key_version == "1"


def test_outputs_are_those_of_the_holder_of_the_key(gateway: LiveGateway) -> None:
    secret = load_keyring(gateway.home.folder / "keys").oblivious.secret_key
    blinded = [blind(message) for message in MESSAGES]
    with gateway.client(LENDER_A) as lender:
        evaluation = lender.evaluate([one.element for one in blinded])
        key = lender.reference_key().public_key
        outputs = finalize_batch(blinded, evaluation.elements, evaluation.proof, key)
        named = lender.references([("CN_RESIDENT_ID", "110105 19491231-002x")])
    assert list(outputs) == [evaluate(secret, message) for message in MESSAGES]
    assert named[0].value == outputs[0]


def test_a_proof_that_was_tampered_with_or_is_anothers_is_refused(gateway: LiveGateway) -> None:
    blinded = [blind(message) for message in MESSAGES]
    with gateway.client(LENDER_A) as lender:
        evaluation = lender.evaluate([one.element for one in blinded])
        key = lender.reference_key().public_key
    proof, elements = evaluation.proof, evaluation.elements
    other = derive_key_pair(os.urandom(32), b"another gateway").public_key
    flipped = bytes([proof[0] ^ 1]) + proof[1:]
    for bad in (
        (blinded, elements, flipped, key),
        (blinded, elements[::-1], proof, key),
        (blinded[:1], elements[:1], proof, key),
        (blinded, elements, proof, other),
    ):
        with pytest.raises(OprfError):
            finalize_batch(*bad)


def test_a_client_goes_by_its_pinned_key_and_by_no_other(gateway: LiveGateway) -> None:
    profile = gateway.profile(LENDER_A)
    other = derive_key_pair(os.urandom(32), b"another gateway").public_key.hex()
    for key, error in ((other, AnswerError), (None, RequestError)):
        changed = replace(profile, reference_key=key)
        with (
            VeilgateClient(changed, RetryPolicy.none()) as client,
            pytest.raises(error, match="pinned"),
        ):
            client.reference("US_SSN", "900-45-0001")


@pytest.mark.parametrize(
    ("elements", "path"),
    [
        ([], "blinded_elements"),
        ([bytes(32)] * 1_001, "blinded_elements"),
        ([blind(b"x").element, bytes(31)], "blinded_elements[1]"),
        ([blind(b"x").element, bytes(32)], "blinded_elements[1]"),
        ([b"\xff" * 32], "blinded_elements[0]"),
    ],
    ids=["none", "too many", "a short one", "the identity", "not canonical"],
)
def test_what_cannot_be_evaluated_is_named_by_its_path(
    elements: list[bytes], path: str, gateway: LiveGateway
) -> None:
    with gateway.client(LENDER_A) as lender:
        refused = _refusal(lender, elements)
    assert (refused.reason, refused.code) == ("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT)
    assert path in f"{refused.fields} {refused.text('en')}"


def test_the_quota_is_an_institutions_own_and_the_log_holds_counts(gateway: LiveGateway) -> None:
    before = log_size(gateway)
    elements = [blind(b"US_SSN|900450001").element] * 1_000
    with gateway.client(LENDER_B) as lender:
        left = [lender.evaluate(elements).quota_left for _ in range(A_DAY // 1_000)]
        assert left == [A_DAY - 1_000, A_DAY - 2_000, 0]
        refused = _refusal(lender, elements[:1])
        assert lender.reference_key()
    assert refused.reason == "REFERENCE_QUOTA_SPENT"
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refused.text("zh")
    log = [event for event in events(gateway, before) if event["kind"] == "REFERENCES_EVALUATED"]
    assert [(event["institution"], event["count"]) for event in log] == [(LENDER_B, 1_000)] * 3
    assert not any(key in event for event in log for key in ("subject", "request"))
    with gateway.client(LENDER_A) as lender:
        assert lender.evaluate(elements[:1]).quota_left > 0


def test_an_index_that_the_quota_ends_says_so_and_keeps_what_it_has(
    gateway: LiveGateway, tmp_path: Path
) -> None:
    rng = random.Random(11)
    write_people(tmp_path / "people.csv", [american_person(rng) for _ in range(A_DAY + 5)])
    words = ("--drop", "identity_number")
    people, out = tmp_path / "people.csv", tmp_path / "indexed.db"
    for _ in range(2):
        result = run_index(gateway, people, out, *words)
        assert result.exit_code == 1, result.output
        assert "today's quota is spent, and 5 of 3005 rows are left" in result.stderr
        assert "next: Give the same command again after midnight UTC" in result.stderr
    assert not out.exists()
    log = [event for event in events(gateway) if event["kind"] == "REFERENCES_EVALUATED"]
    mine = [event for event in log if event["institution"] == PROVIDER]
    assert sum(int(str(event["count"])) for event in mine) == A_DAY


def test_an_index_without_a_pinned_key_is_not_begun(gateway: LiveGateway, tmp_path: Path) -> None:
    write_people(tmp_path / "people.csv", [american_person(random.Random(1))])
    path = gateway.home.profile(PROVIDER)
    kept = path.read_text(encoding="utf-8")
    lines = [line for line in kept.splitlines() if not line.startswith("reference_key")]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    try:
        result = run_index(gateway, tmp_path / "people.csv", tmp_path / "indexed.csv")
    finally:
        path.write_text(kept, encoding="utf-8")
    assert result.exit_code == 2
    assert "no key of references is pinned" in result.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]
