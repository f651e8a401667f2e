"""Rounds of encrypted aggregates over gRPC: a gateway process, certificates, scripted agents."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest

from gateway.crypto.checkpoint import open_checkpoint
from gateway.crypto.dsse import pae
from gateway.crypto.elgamal.possession import prove_possession
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.crypto.note_key import VerifierKey
from gateway.domain.aggregate.statements import RESULT_TYPE, Result, digest_of
from gateway.domain.reasons import ErrorReason
from support.aggregate_live import ASKER, Asking, agents_of, serving, stub_of
from support.live_gateway import LiveGateway, running_gateway, serve_home, start_gateway
from support.refusals import read_refusal
from veilgate.v1 import aggregate_pb2 as pb


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("aggregates") / "home"
    with running_gateway(
        folder, aggregate_ready_timeout_ms=3000, aggregate_contribution_timeout_ms=3000
    ) as running:
        yield running


@pytest.fixture
def asking(gateway: LiveGateway) -> Iterator[Asking]:
    with stub_of(gateway, ASKER, "keyholder") as stub:
        yield Asking(stub, gateway)


def test_a_round_over_the_wire_gives_the_sum_with_its_proofs(
    gateway: LiveGateway, asking: Asking
) -> None:
    agents = agents_of(gateway, 9)
    with serving(*agents):
        question = asking.question()
        updates = asking.ask(question)
        for one in agents:
            assert one.result.wait(10)
    stages = [one.stage for one in updates]
    assert all(earlier <= later for earlier, later in pairwise(stages))
    assert stages[0] == pb.ROUND_STAGE_OPENED
    (told,) = [one.result for one in updates if one.HasField("result")]
    ciphertexts = b"".join(one.ciphertexts for one in updates)
    result = msgspec.json.decode(told.result.payload, type=Result)
    assert result.digest == sha256(ciphertexts).hexdigest()
    assert result.question == digest_of(question.payload)
    asking.round_key.verify(told.result.signature, pae(RESULT_TYPE, told.result.payload))
    assert asking.asker.read(ciphertexts, 1 << 20) == [4 * value for value in range(9)]
    verifier = VerifierKey.parse(gateway.home.log_verifier_key)
    checkpoint = open_checkpoint(told.checkpoint, verifier)
    verify_inclusion(
        *(result.log_index, checkpoint.size, leaf_hash(told.release_event)),
        *(tuple(told.inclusion), checkpoint.root),
    )


def test_a_lost_contributor_is_an_error_and_the_same_question_goes_on_with_the_same_roster(
    gateway: LiveGateway, asking: Asking
) -> None:
    agents = agents_of(gateway, 9)
    agents[2].contributes = False
    question = asking.question()
    with serving(*agents):
        assert asking.refusal(question) == ErrorReason.CONTRIBUTOR_LOST.value
        spent = asking.spent()
        agents[2].contributes = True
        updates = asking.ask(question)
    assert asking.asker.read(b"".join(one.ciphertexts for one in updates), 1 << 20)[3] == 12
    rosters = [one.roster.roster.payload for one in agents[2].orders if one.HasField("roster")]
    assert len(rosters) == 2
    assert rosters[0] == rosters[1]
    assert asking.spent() == spent


def test_a_declined_question_is_refused_and_everybody_deletes(
    gateway: LiveGateway, asking: Asking
) -> None:
    willing, *_ = agents_of(gateway, 9)
    question = asking.question()
    round_id = msgspec.json.decode(question.payload)["id"]
    with serving(willing), stub_of(gateway, "lender-b", "agent") as other:
        decline = threading.Timer(0.5, lambda: other.Decline(pb.DeclineRequest(round=round_id)))
        decline.start()
        assert asking.refusal(question) == ErrorReason.AGGREGATE_REFUSED.value
        decline.join()
        assert willing.void.wait(10)


def test_an_institution_that_contributes_nothing_gets_no_orders(gateway: LiveGateway) -> None:
    with stub_of(gateway, "auditor", "") as stub, pytest.raises(grpc.RpcError) as caught:
        next(stub.Orders(pb.OrdersRequest(), timeout=10))
    assert read_refusal(caught.value).reason == ErrorReason.AGGREGATE_NOT_PERMITTED.value


def test_a_key_with_another_institution_s_proof_is_refused(asking: Asking) -> None:
    proof = prove_possession(asking.secret, b"veilgate/aggregate-key/v1|lender-b")
    stolen = msgspec.structs.replace(asking.asker.key, proof=proof.hex())
    with pytest.raises(grpc.RpcError) as caught:
        asking.stub.RegisterKey(pb.RegisterKeyRequest(key=msgspec.json.encode(stolen)))
    assert read_refusal(caught.value).reason == ErrorReason.AGGREGATE_KEY_REFUSED.value


def test_a_killed_gateway_goes_on_with_the_stored_roster_and_charge(tmp_path: Path) -> None:
    waits: dict[str, Any] = {
        "aggregate_ready_timeout_ms": 3000,
        "aggregate_contribution_timeout_ms": 2000,
    }
    before = start_gateway(tmp_path / "home", **waits)
    try:
        with stub_of(before, ASKER, "keyholder") as stub:
            first = Asking(stub, before)
            agents = agents_of(before, 9)
            agents[1].contributes = False
            question = first.question()
            with serving(*agents):
                assert first.refusal(question) == ErrorReason.CONTRIBUTOR_LOST.value
            spent = first.spent()
    finally:
        before.kill()
    after = serve_home(before.home, **waits)
    try:
        with stub_of(after, ASKER, "keyholder") as stub:
            again = Asking(stub, after, first.secret)
            for one in agents:
                one.gateway, one.contributes = after, True
            with serving(*agents):
                updates = again.ask(question)
            assert again.spent() == spent
            # And once more, of the result that is stored.
            assert again.ask(question)[-1] == updates[-1]
    finally:
        after.stop()
    ciphertexts = b"".join(one.ciphertexts for one in updates)
    assert again.asker.read(ciphertexts, 1 << 20) == [4 * value for value in range(9)]
    rosters = {one.roster.roster.payload for one in agents[1].orders if one.HasField("roster")}
    assert len(rosters) == 1
