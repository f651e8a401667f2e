"""The key of consent receipts: its own for each master key, and bound to a payload type."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.sdk.models.consents import RECEIPT_TYPE
from gateway.adapters.keys.keyring import Keyring, create_keyring, load_keyring
from gateway.adapters.keys.receipt_signing import PAYLOAD_TYPE, KeyedReceipts
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import SignatureError

LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"\x05" * 32)


def receipts(master: bytes = b"\x01" * 32, version: str = "1") -> KeyedReceipts:
    return KeyedReceipts(Keyring.derive(master, LOG_KEY, version))


def test_what_is_signed_verifies_with_the_key_that_is_told() -> None:
    signed = receipts().sign(b'{"a":1}')
    key = PublicKey(bytes.fromhex(receipts().public_key))
    key.verify(signed.signature, pae(RECEIPT_TYPE, signed.receipt))
    assert (signed.receipt, signed.key_id) == (b'{"a":1}', "receipt-1")
    with pytest.raises(SignatureError):
        key.verify(signed.signature, signed.receipt)
    with pytest.raises(SignatureError):
        key.verify(signed.signature, pae("application/json", signed.receipt))


def test_client_and_gateway_mean_the_same_type() -> None:
    assert PAYLOAD_TYPE == RECEIPT_TYPE


def test_each_master_key_and_version_has_its_own_key() -> None:
    keys = {
        receipts().public_key,
        receipts(b"\x02" * 32).public_key,
        receipts(version="2").public_key,
    }
    assert len(keys) == 3
    assert LOG_KEY.public_key().public_bytes_raw().hex() not in keys
    assert receipts(version="2").key_id == "receipt-2"


def test_the_key_is_the_same_at_every_start_and_shows_nowhere(tmp_path: Path) -> None:
    create_keyring(tmp_path / "keys")
    first, second = (load_keyring(tmp_path / "keys") for _ in range(2))
    assert KeyedReceipts(first).public_key == KeyedReceipts(second).public_key
    assert first.receipt_key.seed().hex() not in repr(first) + repr(first.receipt_key)
