"""Receipts as their holder verifies them: everything that is wrong raises."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.sdk.consents.receipt import ReceiptError, verify_receipt
from clients.sdk.models.common import InclusionProof
from clients.sdk.models.consents import ReceiptEnvelope
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import prove_inclusion
from support.canned_gateway import event
from support.canned_receipt import (
    CONSENT_ID,
    PUBLIC_KEY,
    document,
    logged_event,
    signed,
    told_event,
)
from support.crypto_log import ATTACKER, VKEY, export_log, reference_nodes


def _proof(entry: bytes, index: int = 7) -> InclusionProof:
    """The proof of ``entry`` at ``index`` of a log of 20 entries."""
    entries = [event(at) for at in range(20)]
    entries[index] = entry
    nodes = reference_nodes([leaf_hash(one) for one in entries])
    hashes = prove_inclusion(index, 20, lambda level, at: nodes[level, at])
    return InclusionProof(index, 20, tuple(hashes), entry, export_log(entries).checkpoint)


def test_a_verified_receipt_says_what_was_signed() -> None:
    receipt = verify_receipt(signed(document()), PUBLIC_KEY)
    assert (receipt.consent_id, receipt.state) == (CONSENT_ID, "active")
    assert (receipt.controller, receipt.collector) == ("lender-a", "lender-a")
    assert (receipt.purposes, receipt.datasets) == (("credit.underwriting",), ("credit.applicant",))
    assert [one.log_index for one in receipt.events] == [7]
    assert receipt.document == document()


def test_the_file_form_comes_back_as_it_went() -> None:
    envelope = signed(document())
    assert ReceiptEnvelope.from_json(envelope.to_json()) == envelope
    assert verify_receipt(envelope.to_json(), PUBLIC_KEY).consent_id == CONSENT_ID


@given(st.integers(0), st.integers(1, 255))
def test_no_bit_of_receipt_or_signature_can_change(at: int, flip: int) -> None:
    envelope = signed(document())
    whole = bytearray(envelope.receipt + envelope.signature)
    whole[at % len(whole)] ^= flip
    size = len(envelope.receipt)
    altered = replace(envelope, receipt=bytes(whole[:size]), signature=bytes(whole[size:]))
    with pytest.raises(ReceiptError):
        verify_receipt(altered, PUBLIC_KEY)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "00" * 32,
        "zz" * 32,
        PUBLIC_KEY[:-2],
        SigningKey.from_seed(b"\x08" * 32).public_key.raw.hex(),
    ],
)
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(ReceiptError):
        verify_receipt(signed(document()), key)


def test_a_signature_for_another_type_is_refused() -> None:
    with pytest.raises(ReceiptError):
        verify_receipt(
            signed(document(), kind="application/vnd.veilgate.consent.v1+protobuf"), PUBLIC_KEY
        )


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{}", b"[]", b"no json", signed(document()).receipt,
        signed(document()).to_json().replace(b"receipt.v1+json", b"other.v1+json"),
    ],
)  # fmt: skip
def test_what_is_no_envelope_of_a_receipt_is_refused(raw: bytes) -> None:
    with pytest.raises(ReceiptError):
        verify_receipt(raw, PUBLIC_KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {"schema_version": "urn:veilgate:consent-receipt:2"},
        {"event": []},
        {"event": [told_event(event_type="CONSENT_REVOKED")]},
        {"event": [told_event(), told_event()]},
        {"event": [told_event(x_log_index=9), told_event(x_log_index=8)]},
        {"event": [told_event(x_commitment_salt="xyz")]},
        {"pii_principal_id": "00" * 32},
        {"record_id": 7},
        {"x_veilgate": {}},
    ],
)
def test_a_signed_receipt_of_another_form_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ReceiptError):
        verify_receipt(signed(document(**changes)), PUBLIC_KEY)


@pytest.mark.parametrize("raw", [b"{", b"null", b'{"a":1}', b"\xff\xfe"])
def test_signed_rubbish_is_refused(raw: bytes) -> None:
    with pytest.raises(ReceiptError):
        verify_receipt(signed(raw), PUBLIC_KEY)


def test_names_of_a_later_release_are_passed_over() -> None:
    assert verify_receipt(signed(document(x_new={"a": 1})), PUBLIC_KEY).document["x_new"] == {
        "a": 1
    }


def test_an_event_is_found_in_the_log() -> None:
    receipt = verify_receipt(signed(document()), PUBLIC_KEY)
    assert receipt.verify_event(receipt.events[0], _proof(logged_event()), VKEY).size == 20


@pytest.mark.parametrize(
    "entry",
    [
        event(7),
        b"no json",
        logged_event(kind="CONSENT_REVOKED"),
        logged_event(subject="00" * 32),
        logged_event(institution="lender-b"),
        logged_event(time="2026-01-01T00:00:08.000Z"),
        logged_event(id="e8"),
        logged_event("00000000-0000-0000-0000-000000000000"),
        logged_event(consent="é"),
    ],
)
def test_an_entry_that_is_not_the_event_is_refused(entry: bytes) -> None:
    receipt = verify_receipt(signed(document()), PUBLIC_KEY)
    with pytest.raises(ReceiptError):
        receipt.verify_event(receipt.events[0], _proof(entry), VKEY)


def test_a_proof_of_another_place_log_or_key_is_refused() -> None:
    receipt = verify_receipt(signed(document()), PUBLIC_KEY)
    (told,) = receipt.events
    with pytest.raises(ReceiptError):
        receipt.verify_event(told, _proof(logged_event(), 8), VKEY)
    with pytest.raises(ReceiptError):
        receipt.verify_event(replace(told, state="paused"), _proof(logged_event()), VKEY)
    with pytest.raises(CryptoError):
        receipt.verify_event(told, _proof(logged_event()), ATTACKER.verifier_key.encode())
    other = document()
    other["x_veilgate"] = {**other["x_veilgate"], "log_origin": "other.example/log"}
    elsewhere = verify_receipt(signed(other), PUBLIC_KEY)
    with pytest.raises(ReceiptError):
        elsewhere.verify_event(told, _proof(logged_event()), VKEY)


def test_a_salt_of_another_length_is_refused() -> None:
    receipt = verify_receipt(
        signed(document(event=[told_event(x_commitment_salt="ab")])), PUBLIC_KEY
    )
    with pytest.raises(ReceiptError, match="32 bytes"):
        receipt.verify_event(receipt.events[0], _proof(logged_event()), VKEY)


def test_nothing_of_a_receipt_shows_in_a_repr() -> None:
    envelope = signed(document())
    receipt = verify_receipt(envelope, PUBLIC_KEY)
    shown = repr(envelope) + repr(receipt)
    assert json.dumps(document())[2:20] not in shown
    assert receipt.events[0].salt.hex() not in shown
