"""The audit log through its service: events, checkpoints, proofs, tiles, and a verified export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from clients.sdk import export_log
from gateway.crypto.checkpoint import open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.log_verifier import LogMismatch, verify_log
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.crypto.note_key import VerifierKey
from support.faults_serving import checkpoint
from support.live_gateway import LiveGateway, running_gateway
from support.members import Member, fresh_applicant
from support.refusals import denied, refused

RECORDS = 15


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("audit") / "home") as running:
        for name in ("lender-a", "lender-b"):
            with Member(running, name) as lender:
                for _ in range(RECORDS):
                    raw = fresh_applicant()
                    lender.grant(raw)
                    lender.get(raw)
        yield running


@pytest.fixture(scope="module")
def auditor(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "auditor") as member:
        yield member


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, "lender-a") as member:
        yield member


def _events(auditor: Member) -> list[dict[str, str]]:
    return [json.loads(entry.event) for entry in auditor.client.list_events(0, 500).entries]


def test_events_come_in_order_page_by_page(auditor: Member) -> None:
    size = auditor.client.list_events(0, 1).size
    seen: list[int] = []
    start = 0
    while start < size:
        page = auditor.client.list_events(start, 7)
        assert len(page.entries) <= 7
        seen += [entry.index for entry in page.entries]
        start = page.next
    assert seen == list(range(size))
    beyond = auditor.client.list_events(size + 10, 7)
    assert (beyond.entries, beyond.size) == ((), size)


def test_events_say_who_what_for_and_by_which_rule(auditor: Member) -> None:
    events = _events(auditor)
    releases = [event for event in events if event["kind"] == "RELEASE"]
    intents = {event["id"]: event for event in events if event["kind"] == "INTENT"}
    assert len(releases) == 2 * RECORDS
    assert {event["institution"] for event in releases} == {"lender-a", "lender-b"}
    for event in releases:
        assert event["intent"] in intents
        assert event["rule"] == "underwriting-applicant"
        assert "identity_number:mask" in event["released"]
        assert "card_cvn:C3" in event["withheld"]
    kinds = [event["kind"] for event in events]
    assert kinds[kinds.index("GATEWAY_STARTED") + 1] == "POLICY_LOADED"
    assert len({event["id"] for event in events}) == len(events)
    times = [event["time"] for event in events]
    assert times == sorted(times)


def test_no_two_events_refer_to_a_subject_or_a_consent_alike(auditor: Member) -> None:
    for part in ("subject", "consent", "request"):
        references = [event[part] for event in _events(auditor) if event.get(part)]
        assert len(references) >= RECORDS
        assert len(set(references)) == len(references)


def test_the_checkpoint_verifies_with_the_key_of_the_home(
    gateway: LiveGateway, lender: Member
) -> None:
    signed = lender.client.checkpoint()
    key = gateway.home.log_verifier_key
    assert signed.verifier_key == key
    opened = open_checkpoint(signed.note, VerifierKey.parse(key))
    assert opened.origin == "veilgate.example/log"
    assert opened.size >= 6 * RECORDS
    altered = signed.note.replace(str(opened.size).encode(), b"1", 1)
    with pytest.raises(CryptoError):
        open_checkpoint(altered, VerifierKey.parse(key))


def test_every_entry_is_proved_in_the_tree(gateway: LiveGateway, auditor: Member) -> None:
    events = auditor.client.list_events(0, 500).entries
    for entry in events:
        proof = auditor.client.inclusion_proof(entry.index)
        assert proof.event == entry.event
        assert proof.verify(gateway.home.log_verifier_key).size > entry.index


def test_every_entry_is_proved_in_earlier_trees(auditor: Member) -> None:
    """At one size, all proofs must lead from their own entries to one and the same root."""
    events = [entry.event for entry in auditor.client.list_events(0, 500).entries]
    for size in (1, 2, 3, 7, 8, 33, len(events)):
        root = _root(events[:size])
        for index in {0, 1, size // 2, size - 1} & set(range(size)):
            proof = auditor.client.inclusion_proof(index, size)
            assert (proof.tree_size, proof.checkpoint) == (size, b"")
            leaf = leaf_hash(events[index])
            verify_inclusion(index, size, leaf, proof.hashes, root)
            with pytest.raises(CryptoError):
                verify_inclusion(index, size, leaf_hash(b"other"), proof.hashes, root)


def _root(events: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, as it is written there."""
    from hashlib import sha256

    if len(events) == 1:
        return sha256(b"\x00" + events[0]).digest()
    half = 1 << (len(events) - 1).bit_length() - 1
    return sha256(b"\x01" + _root(events[:half]) + _root(events[half:])).digest()


@pytest.mark.parametrize(("index", "size"), [(5, 5), (0, 2**40), (2**40, 0)])
def test_what_is_not_in_the_log_has_no_proof(auditor: Member, index: int, size: int) -> None:
    with refused("LOG_ENTRY_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        auditor.client.inclusion_proof(index, size)


def test_an_institution_gets_proofs_of_its_own_events_only(
    gateway: LiveGateway, auditor: Member, lender: Member
) -> None:
    for index, event in enumerate(_events(auditor)):
        if event.get("institution") == "lender-a":
            proof = lender.client.inclusion_proof(index)
            proof.verify(gateway.home.log_verifier_key)
        else:
            with denied("ROLE_MISSING"):
                lender.client.inclusion_proof(index)


def test_only_an_auditor_reads_the_whole_log(lender: Member) -> None:
    with denied("ROLE_MISSING"):
        lender.client.list_events()
    with denied("ROLE_MISSING"):
        lender.client.tile("tile/0/000.p/1")
    with denied("ROLE_MISSING"):
        lender.client.tile("tile/entries/000.p/1")


def test_partial_tiles_are_served_at_every_width(auditor: Member) -> None:
    events = [entry.event for entry in auditor.client.list_events(0, 500).entries]
    for width in (1, 2, len(events) - 1, len(events)):
        hashes = b"".join(leaf_hash(event) for event in events[:width])
        assert auditor.client.tile(f"tile/0/000.p/{width}") == hashes
        bundle = b"".join(len(event).to_bytes(2, "big") + event for event in events[:width])
        assert auditor.client.tile(f"tile/entries/000.p/{width}") == bundle
    with refused("LOG_ENTRY_NOT_FOUND", grpc.StatusCode.NOT_FOUND):
        auditor.client.tile(f"tile/0/000.p/{len(events) + 1}")


def test_an_export_verifies_grows_and_shows_a_change(
    gateway: LiveGateway, auditor: Member, lender: Member, tmp_path: Path
) -> None:
    key = gateway.home.log_verifier_key

    def read(path: str) -> bytes:
        return (tmp_path / path).read_bytes()

    first = export_log(auditor.client, tmp_path)
    before = read("checkpoint")
    assert verify_log(before, key, read).size == first.size
    # Beyond 256 entries, so that a full tile, a second one and an upper one take part.
    raw = fresh_applicant()
    for _ in range(260):
        lender.explain(raw) if _ < 50 else lender.client.get_consent(lender.grant(raw).consent_id)
    checkpoint(gateway)
    second = export_log(auditor.client, tmp_path)
    verified = verify_log(read("checkpoint"), key, read, before)
    assert (verified.size, verified.consistent_from) == (second.size, first.size)
    assert second.size > 256
    bundle = tmp_path / "tile" / "entries" / "000"
    content = bytearray(bundle.read_bytes())
    at = content.index(b'"kind":"RELEASE"')
    content[at + 8] ^= 1
    bundle.write_bytes(content)
    with pytest.raises(LogMismatch) as caught:
        verify_log(read("checkpoint"), key, read, before)
    kinds = [event["kind"] for event in _events(auditor)]
    assert caught.value.first_bad_entry == kinds.index("RELEASE")
