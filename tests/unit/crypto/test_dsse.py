"""DSSE: who counts as a signer, what a type binds, and what the JSON form refuses."""

import base64
import json
from typing import Any

import pytest

from gateway.crypto.dsse import DsseEnvelope, DsseError, DsseSignature, sign_payload
from gateway.crypto.dsse_json import decode_envelope, encode_envelope
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import SignatureError

TYPE = "application/vnd.veilgate.consent"
ONE, TWO, THREE = (SigningKey.from_seed(bytes([n]) * 32) for n in (1, 2, 3))
SIGNED = sign_payload(TYPE, b"artefact", "key-1", ONE)


def test_a_signed_payload_is_handed_out() -> None:
    assert SIGNED.verify(TYPE, [ONE.public_key]) == b"artefact"
    assert decode_envelope(encode_envelope(SIGNED)) == SIGNED


def test_payload_and_type_are_bound() -> None:
    with pytest.raises(DsseError):
        SIGNED.verify("application/other", [ONE.public_key])
    retyped = DsseEnvelope("application/other", SIGNED.payload, SIGNED.signatures)
    altered = DsseEnvelope(TYPE, b"artefacT", SIGNED.signatures)
    for envelope in (retyped, altered):
        with pytest.raises(SignatureError):
            envelope.verify(envelope.payload_type, [ONE.public_key])


def test_the_boundary_between_type_and_payload_is_bound() -> None:
    moved = DsseEnvelope("a b", b"c", sign_payload("a", b"b c", "", ONE).signatures)
    with pytest.raises(SignatureError):
        moved.verify("a b", [ONE.public_key])


def test_a_key_id_decides_nothing() -> None:
    renamed = DsseEnvelope(TYPE, b"artefact", (DsseSignature("key-9", SIGNED.signatures[0].sig),))
    assert renamed.verify(TYPE, [TWO.public_key, ONE.public_key]) == b"artefact"
    borrowed = sign_payload(TYPE, b"artefact", "key-1", TWO)
    with pytest.raises(SignatureError):
        borrowed.verify(TYPE, [ONE.public_key])


def test_a_threshold_counts_keys_not_signatures() -> None:
    keys = [ONE.public_key, TWO.public_key, ONE.public_key]
    thrice = SIGNED.with_signature("again", ONE).with_signature("more", ONE)
    with pytest.raises(SignatureError):
        thrice.verify(TYPE, keys, threshold=2)
    both = SIGNED.with_signature("key-3", THREE).with_signature("key-2", TWO)
    assert both.verify(TYPE, keys, threshold=2) == b"artefact"
    for threshold in (0, -1, 3):
        with pytest.raises(SignatureError):
            both.verify(TYPE, keys, threshold=threshold)


def test_nobody_trusted_verifies_nothing() -> None:
    with pytest.raises(SignatureError):
        SIGNED.verify(TYPE, [])


@pytest.mark.parametrize(
    ("kind", "payload", "count"),
    [
        ("", b"", 1),
        ("x" * 256, b"", 1),
        ("\ud800", b"", 1),
        ("x", bytes(2**20 + 1), 1),
        ("x", b"", 0),
        ("x", b"", 17),
    ],
)
def test_bounds(kind: str, payload: bytes, count: int) -> None:
    with pytest.raises(DsseError):
        DsseEnvelope(kind, payload, SIGNED.signatures * count)


@pytest.mark.parametrize(("keyid", "sig"), [("k" * 256, b"s"), ("k", b""), ("k", bytes(256))])
def test_bounds_of_a_signature(keyid: str, sig: bytes) -> None:
    with pytest.raises(DsseError):
        DsseSignature(keyid, sig)


def document() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(encode_envelope(SIGNED))
    return value


def refused(raw: bytes) -> None:
    with pytest.raises(DsseError):
        decode_envelope(raw)


@pytest.mark.parametrize(
    "changes",
    [
        {"extra": 1},
        {"payload": None},
        {"payload": "YXJ0ZWZhY3Q"},
        {"payload": "YXJ0ZWZhY3R="},
        {"payloadType": 7},
        {"signatures": {}},
        {"signatures": []},
        {"signatures": ["x"]},
        {"signatures": [{"keyid": "k"}]},
        {"signatures": [{"sig": "AAAA", "cert": "x"}]},
        {"signatures": [{"sig": "AA-+"}]},
        {"signatures": [{"sig": "AAAA", "keyid": None}]},
    ],
)
def test_members_out_of_form_are_refused(changes: dict[str, object]) -> None:
    refused(json.dumps(document() | changes).encode())


def test_members_may_not_be_left_out() -> None:
    for name in document():
        refused(json.dumps({k: v for k, v in document().items() if k != name}).encode())


def test_repeated_members_are_refused() -> None:
    raw = encode_envelope(SIGNED)
    refused(raw.replace(b'{"payload":', b'{"payload":"AAAA","payload":', 1))
    refused(raw.replace(b'{"keyid":', b'{"keyid":"x","keyid":', 1))


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"[]", b"{", b"\xff{}", b"NaN", b"[" * 100_000, b"1" * 5000, b"1.5"]
)
def test_what_is_no_envelope_at_all(raw: bytes) -> None:
    refused(raw)


def test_size_is_bounded() -> None:
    refused(encode_envelope(SIGNED) + b" " * 2**21)


def test_the_url_safe_alphabet_is_read() -> None:
    payload = b"\xfb\xff\xfe"
    envelope = sign_payload(TYPE, payload, "", ONE)
    raw = json.loads(encode_envelope(envelope))
    raw["payload"] = base64.urlsafe_b64encode(payload).decode()
    assert "-" in raw["payload"]
    assert decode_envelope(json.dumps(raw).encode()) == envelope
    assert "keyid" not in raw["signatures"][0]
