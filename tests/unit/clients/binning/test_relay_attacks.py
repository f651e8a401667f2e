"""What a gateway in between may try on a lender and on a bureau, and what others may try."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clients.agent.errors import Refused as AgentRefused
from clients.agent.errors import Word
from clients.cli.local.dev_authority import LeafRequest
from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from gateway.crypto.sealed_channel import ChannelKey
from gateway.crypto.statement import statement_key
from gateway.domain.aggregate.binning_talk import CHANNEL_TYPE, ChannelStatement, RowManifest
from gateway.domain.aggregate.statements import MANIFEST_TYPE
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_parties import authority, key_of
from support.binning_pair import BUREAU
from support.binning_world import BinningWorld
from veilgate.v1 import aggregate_pb2 as pb

FEATURES = ["housing"]
ROWS = range(300)


def _require_refused(reason: ErrorReason, work: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        work()
    assert refused.value.reason is reason


def _require_wrong(wrong: BinWrong | Wrong, work: Callable[[], object]) -> None:
    with pytest.raises(KeyholderError) as refused:
        work()
    assert isinstance(refused.value, BinningRefused | ResultRefused)
    assert refused.value.wrong is wrong


# What a gateway may try on the lender.


def _manifest(world: BinningWorld, **changes: Any) -> Callable[[Any], Any]:
    def change(one: Any) -> Any:
        if one.WhichOneof("part") == "manifest":
            said = msgspec.json.decode(one.manifest.payload, type=RowManifest)
            forged = msgspec.structs.replace(said, **changes)
            signed = world.world.statements.sign(MANIFEST_TYPE, forged.encoded())
            one.manifest.payload, one.manifest.signature = signed.payload, signed.signature
        return one

    return change


@pytest.mark.parametrize(
    "changes",
    [{"round": "00" * 16}, {"question": "00" * 32}, {"bureau": "lender-b"}, {"rows": 299}],
)
def test_a_manifest_of_other_rows_or_another_job(tmp_path: Path, changes: dict[str, Any]) -> None:
    with BinningWorld(tmp_path) as world:
        world.on_lender = _manifest(world, **changes)
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_wrong(BinWrong.MANIFEST, lambda: world.run(opened))


def test_a_manifest_that_the_bureau_did_not_get_closes_the_channel(tmp_path: Path) -> None:
    """Two manifests for one job: both parties' contexts differ, and no part opens."""
    with BinningWorld(tmp_path) as world:
        world.on_lender = _manifest(world, row_root="11" * 32)
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_refused(ErrorReason.AGGREGATE_REFUSED, lambda: world.run(opened))


def test_a_manifest_under_another_key(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:

        def break_it(one: Any) -> Any:
            if one.WhichOneof("part") == "manifest":
                one.manifest.signature = bytes(64)
            return one

        world.on_lender = break_it
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_wrong(BinWrong.MANIFEST, lambda: world.run(opened))


def _channel(signer: Any, **changes: Any) -> Callable[[Any], Any]:
    """Puts a key of one's own in place of the bureau's."""

    def change(one: Any) -> Any:
        if one.WhichOneof("part") == "channel":
            said = msgspec.json.decode(one.channel.payload, type=ChannelStatement)
            own = ChannelKey.generate().public_key().hex()
            forged = msgspec.structs.replace(said, **{"channel_key": own, **changes})
            signed = signer().sign(CHANNEL_TYPE, forged.encoded())
            one.channel.CopyFrom(
                pb.SignedStatement(
                    payload=signed.payload, signature=signed.signature, chain=signed.chain
                )
            )
        return one

    return change


def _long_lived() -> Any:
    request = replace(LeafRequest.institution(BUREAU, "agent"), lifetime=timedelta(days=30))
    issued = authority().issue(request)
    return statement_key(load_pem_private_key(issued.private_key, None), issued.certificate)


@pytest.mark.parametrize(
    ("signer", "changes"),
    [
        (lambda: key_of("lender-b", "agent"), {}),
        (lambda: key_of("lender-b", "agent"), {"contributor": "lender-b"}),
        (lambda: key_of(BUREAU, "keyholder"), {}),
        (_long_lived, {}),
        (lambda: key_of(BUREAU, "agent"), {"job": "00" * 16}),
        (lambda: key_of(BUREAU, "agent"), {"question": "00" * 32}),
    ],
    ids=["another's", "another bureau", "another workload", "30 days", "other job", "other digest"],
)
def test_a_gateway_in_between_with_a_key_of_its_own(
    tmp_path: Path, signer: Any, changes: dict[str, Any]
) -> None:
    with BinningWorld(tmp_path) as world:
        world.on_lender = _channel(signer, **changes)
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_wrong(BinWrong.BUREAU, lambda: world.run(opened))


def test_altered_ciphertexts_or_an_altered_result_are_not_opened(tmp_path: Path) -> None:
    def ciphertexts(one: Any) -> Any:
        if one.WhichOneof("part") == "ciphertexts":
            one.ciphertexts = one.ciphertexts[66:] + one.ciphertexts[:66]
        return one

    def inclusion(one: Any) -> Any:
        if one.WhichOneof("part") == "result":
            one.result.inclusion[0] = bytes(32)
        return one

    cases: tuple[tuple[Any, BinWrong | Wrong], ...] = (
        (ciphertexts, BinWrong.CIPHERTEXTS),
        (inclusion, Wrong.NOT_IN_LOG),
    )
    with BinningWorld(tmp_path) as world:
        for spoil, wrong in cases:
            world.on_lender = spoil
            opened = world.opened(world.rows(ROWS), FEATURES)
            _require_wrong(wrong, partial(world.run, opened))
            assert world.rounds.state(opened.job.id) == "open"


def test_a_result_is_opened_once(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        opened = world.opened(world.rows(ROWS), FEATURES)
        world.rounds.claim(opened.job.id)
        _require_wrong(Wrong.ALREADY_OPENED, lambda: world.run(opened))


# What a gateway may try on the bureau.


def _order_refused(tmp_path: Path, change: Callable[[pb.BinOrder], None]) -> BaseException:
    """The bureau is given a changed order; returns what it raised."""
    with BinningWorld(tmp_path, patience_s=0.5) as world:

        def changed(order: pb.BinOrder) -> pb.BinOrder:
            change(order)
            return order

        world.order = changed
        opened = world.opened(world.rows(ROWS), FEATURES)
        with pytest.raises(Refused):
            world.run(opened)
        (error,) = world.bureau_errors
        return error


def test_an_altered_job_is_not_answered(tmp_path: Path) -> None:
    def change(order: pb.BinOrder) -> None:
        job = msgspec.json.decode(order.job.payload)
        job["key"]["key"] = "02" + "11" * 32
        order.job.payload = msgspec.json.encode(job)

    error = _order_refused(tmp_path, change)
    assert isinstance(error, AgentRefused)
    assert error.word is Word.SIGNATURE


def test_a_job_without_the_gateway_s_manifest_is_not_answered(tmp_path: Path) -> None:
    def change(order: pb.BinOrder) -> None:
        order.manifest.signature = bytes(64)

    error = _order_refused(tmp_path, change)
    assert isinstance(error, AgentRefused)
    assert error.word is Word.SIGNATURE


def test_a_gateway_s_key_in_place_of_the_lender_s_is_declined(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with BinningWorld(tmp_path) as world:
        world.on_bureau = _channel(lambda: key_of("lender-b", "keyholder"))
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_refused(ErrorReason.AGGREGATE_REFUSED, lambda: world.run(opened))
    # Before a word of the talk, not only as parts do not open.
    assert "declined: signer" in caplog.text


def test_an_expired_job_is_not_let_in(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        past = int(time.time()) - 7200
        opened = world.opened(world.rows(ROWS), FEATURES, issued_at=past, expires_at=past + 600)
        _require_refused(ErrorReason.STATEMENT_REFUSED, lambda: world.run(opened))


def test_other_institutions_do_not_answer_for_the_bureau(tmp_path: Path) -> None:
    with BinningWorld(tmp_path, poses_as="lender-b", patience_s=1.0) as world:
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_refused(ErrorReason.CONTRIBUTORS_MISSING, lambda: world.run(opened))
        (error,) = world.bureau_errors
        assert isinstance(error, Refused)
        assert error.reason is ErrorReason.STATEMENT_REFUSED
