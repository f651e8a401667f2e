"""Witnesses at a gateway: who counts, when a checkpoint does, and what is refused."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import grpc
import pytest

from clients.cli.local.home import AUDITOR, LENDER_A
from clients.sdk.logs.verification import VerificationError
from clients.sdk.witnesses.policy import verify_witnessed
from clients.sdk.witnesses.witness import REFRESH_S
from gateway.crypto import base64_strict
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.cosignature import Cosigner, cosign, verify_cosignature
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.signed_note import SignedNote
from support.live_gateway import LiveGateway
from support.refusals import denied, refused
from support.witness_world import (
    NAMES,
    Trio,
    grow,
    grown,
    make_witnessed_home,
    published,
    serving,
    size_of,
)

INVALID = ("COSIGNATURE_INVALID", grpc.StatusCode.INVALID_ARGUMENT)
UNKNOWN = ("CHECKPOINT_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
UNWITNESSED = ("CHECKPOINT_NOT_WITNESSED", grpc.StatusCode.FAILED_PRECONDITION)


@pytest.fixture(scope="module")
def gateway(trio: Trio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = make_witnessed_home(tmp_path_factory.mktemp("witnessed") / "home", trio)
    with serving(home) as running:
        grow(running, 3)
        yield running


@pytest.fixture(scope="module")
def trio(tmp_path_factory: pytest.TempPathFactory) -> Trio:
    return Trio(tmp_path_factory.mktemp("trio"))


def line(note: bytes, cosigner: Cosigner, at: float | None = None) -> str:
    signed = cosign(SignedNote.parse(note), cosigner, int(time.time() if at is None else at))
    return signed.encode().removesuffix("\n")


def test_a_checkpoint_counts_once_two_of_three_have_cosigned(
    gateway: LiveGateway, trio: Trio
) -> None:
    note = grown(gateway)
    key = gateway.home.log_verifier_key
    with gateway.client(AUDITOR) as auditor:
        before = auditor.checkpoint()
        assert (before.cosignatures, before.required) == (0, 2)
        with pytest.raises(VerificationError, match="0 of 3 witnesses"):
            verify_witnessed(before.note, key, trio.policy)
        first = trio.look(gateway, 0)
        assert (first.cosigned, first.cosignatures, first.required) == (True, 1, 2)
        with pytest.raises(VerificationError, match="1 of 3 witnesses"):
            verify_witnessed(auditor.checkpoint().note, key, trio.policy)
        second = trio.look(gateway, 2)
        assert (second.checkpoint, second.cosignatures) == (first.checkpoint, 2)
        shown, witnessed = auditor.checkpoint(), auditor.checkpoint(witnessed=True)
        assert shown == witnessed
        assert (witnessed.cosignatures, witnessed.required) == (2, 2)
        assert verify_witnessed(witnessed.note, key, trio.policy) == first.checkpoint
        assert SignedNote.parse(witnessed.note).text == SignedNote.parse(note).text
        # The log goes on, and what counts stays behind until the witnesses have been there.
        latest = grown(gateway)
        assert auditor.checkpoint(witnessed=True) == witnessed
        trio.look(gateway, 1)
        assert auditor.checkpoint(witnessed=True) == witnessed
        trio.look(gateway, 0)
        assert size_of(auditor.checkpoint(witnessed=True).note) == size_of(latest)


def test_a_witness_counts_once_however_often_it_cosigns(gateway: LiveGateway, trio: Trio) -> None:
    note = grown(gateway)
    now = time.time()
    with gateway.client(NAMES[1]) as client:
        for at in (now - 30, now - 20, now - 20, now - 25, now):
            counted = client.add_cosignature(size_of(note), line(note, trio.cosigners[1], at))
            assert (counted.cosignatures, counted.required) == (1, 2)
        kept = SignedNote.parse(client.checkpoint().note)
        assert verify_cosignature(kept, trio.cosigners[1].verifier_key) == int(now)
        assert len(kept.signatures) == 2


def test_an_older_cosignature_that_is_sent_again_takes_no_place(
    gateway: LiveGateway, trio: Trio
) -> None:
    note = grown(gateway)
    key = trio.cosigners[0].verifier_key
    now = int(time.time())
    with gateway.client(NAMES[0]) as client:
        client.add_cosignature(size_of(note), line(note, trio.cosigners[0], now))
        client.add_cosignature(size_of(note), line(note, trio.cosigners[0], now - 600))
        assert verify_cosignature(SignedNote.parse(client.checkpoint().note), key) == now


@pytest.mark.parametrize(("shift", "taken"), [(-3_500, True), (-3_700, False), (400, False)])
def test_a_cosignature_is_of_now(gateway: LiveGateway, trio: Trio, shift: int, taken: bool) -> None:
    note = grown(gateway)
    cosignature = line(note, trio.cosigners[0], time.time() + shift)
    with gateway.client(NAMES[0]) as client:
        if taken:
            assert client.add_cosignature(size_of(note), cosignature).cosignatures == 1
        else:
            with refused(*INVALID):
                client.add_cosignature(size_of(note), cosignature)
            assert client.checkpoint().cosignatures == 0


def test_only_the_policys_witnesses_with_their_own_keys_cosign(
    gateway: LiveGateway, trio: Trio
) -> None:
    earlier, note = grown(gateway), grown(gateway)
    size, own = size_of(note), trio.cosigners[0]
    stranger = Cosigner(own.name, SigningKey.generate())
    named = Cosigner("witness.example/nobody", own.signing_key)
    log_line = note.decode().splitlines()[-1]
    with gateway.client(NAMES[0]) as client:
        for wrong in (
            line(note, trio.cosigners[1]),
            line(note, stranger),
            line(note, named),
            line(earlier, own),
            log_line,
            line(note, own)[:-8],
            f"{line(note, own)}\n",
            "nonsense",
            "\N{EM DASH} witness.example/witness-1 AAAAAAAA",
        ):
            with refused(*INVALID):
                client.add_cosignature(size, wrong)
        for other in (size + 1, size - 1, 0, 2**40):
            if other != size_of(earlier):
                with refused(*UNKNOWN):
                    client.add_cosignature(other, line(note, own))
        assert client.checkpoint().cosignatures == 0
    for name in (LENDER_A, AUDITOR):
        with gateway.client(name) as client, denied("ROLE_MISSING"):
            client.add_cosignature(size, line(note, own))


def test_fields_are_bounded(gateway: LiveGateway) -> None:
    with gateway.client(NAMES[0]) as client:
        for size, text in ((2**63, "x"), (1, ""), (1, "x" * 401)):
            with refused("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT):
                client.add_cosignature(size, text)


def test_a_witness_that_has_nothing_new_to_say_says_nothing(
    gateway: LiveGateway, trio: Trio
) -> None:
    grown(gateway)
    first = trio.look(gateway, 0)
    again = trio.look(gateway, 0)
    assert (first.cosigned, again.cosigned) == (True, False)
    assert again.previous_size == again.checkpoint.size == first.checkpoint.size
    assert again.cosignatures == 1
    # After a while it says so again, with a later time.
    later = trio.look(gateway, 0, clock=lambda: time.time() - REFRESH_S - 60)
    assert later.cosigned


def test_no_event_of_the_log_is_about_checkpoints(gateway: LiveGateway, trio: Trio) -> None:
    """Else a log would never rest: each cosignature would make a new checkpoint to cosign."""
    size = size_of(grown(gateway))
    for number in (0, 1, 2):
        trio.look(gateway, number)
    with gateway.client(AUDITOR) as auditor:
        assert auditor.list_events(0, 1).size == size
        assert size_of(auditor.checkpoint(witnessed=True).note) == size


def test_everybody_sees_the_same_checkpoints_one_a_second(gateway: LiveGateway) -> None:
    seen: dict[str, set[str]] = {name: set() for name in (AUDITOR, LENDER_A, NAMES[0])}

    def ask(name: str) -> None:
        with gateway.client(name) as client:
            while len(seen[name]) < 4:
                seen[name].add(SignedNote.parse(client.checkpoint().note).text)
                grow(gateway)

    with ThreadPoolExecutor(len(seen)) as pool:
        for asked in [pool.submit(ask, name) for name in seen]:
            asked.result(timeout=60)
    with closing(sqlite3.connect(gateway.home.folder / "data" / "veilgate.db")) as store:
        rows = store.execute("SELECT note, published_at FROM checkpoint").fetchall()
    assert set().union(*seen.values()) <= {SignedNote.parse(note).text for note, _ in rows}
    assert max(Counter(at for _, at in rows).values()) == 1


def test_a_proof_comes_with_a_published_checkpoint(gateway: LiveGateway) -> None:
    """The newest event, asked for at once: else the next checkpoint could be a smaller one."""
    published(gateway)
    for _ in range(3):
        grow(gateway)
        with gateway.client(AUDITOR) as auditor:
            newest = auditor.list_events(0, 1).size - 1
            proof = auditor.inclusion_proof(newest)
            signed = proof.verify(gateway.home.log_verifier_key)
            assert signed.size == proof.tree_size > newest
            later = Checkpoint.parse(SignedNote.parse(auditor.checkpoint().note).text)
            assert later.size >= signed.size
            if later.size == signed.size:
                assert later == signed


def test_a_line_that_was_put_into_the_store_by_hand_does_not_count(
    gateway: LiveGateway, trio: Trio
) -> None:
    note = grown(gateway)
    trio.look(gateway, 0)
    key = trio.cosigners[1].verifier_key
    stranger = Cosigner(key.name, SigningKey.generate())
    forged = line(note, stranger, time.time() - 60).split(" ")[-1]
    named = base64_strict.encode(key.key_id + base64_strict.decode(forged)[4:])
    row = (size_of(note), f"{key.name}+{key.key_id.hex()}", f"\N{EM DASH} {key.name} {named}")
    with closing(sqlite3.connect(gateway.home.folder / "data" / "veilgate.db")) as store, store:
        store.execute("INSERT INTO cosignature VALUES (?,?,?,0)", row)
    with gateway.client(AUDITOR) as auditor:
        assert row[2] in auditor.checkpoint().note.decode()
        assert auditor.checkpoint().cosignatures == 1
        with refused(*UNWITNESSED):
            auditor.checkpoint(witnessed=True)
    # The witness itself has not been there yet: its own cosignature takes the place.
    assert trio.look(gateway, 1).cosignatures == 2


def test_without_a_policy_nothing_is_witnessed(tmp_path: Path) -> None:
    trio = Trio(tmp_path / "trio")
    with serving(make_witnessed_home(tmp_path / "home", None)) as gateway:
        note = grown(gateway)
        with gateway.client(NAMES[0]) as client:
            assert (client.checkpoint().cosignatures, client.checkpoint().required) == (0, 0)
            with refused(*INVALID):
                client.add_cosignature(size_of(note), line(note, trio.cosigners[0]))
            with refused(*UNWITNESSED):
                client.checkpoint(witnessed=True)
