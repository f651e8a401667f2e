"""Keys, tags, commitments, pseudonyms and sealed values at their limits."""

import hashlib
import hmac

import pytest

from gateway.crypto.envelope import (
    OVERHEAD,
    DataKey,
    KeyEncryptionKey,
    SealError,
    open_,
    seal,
)
from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.keyed import commitment, derive_key, tag
from gateway.crypto.pseudonym import PseudonymError, Pseudonymiser, PseudonymScope

MASTER = bytes(range(32))
SCOPE = PseudonymScope("bank-a", "underwriting", "mobile")


def test_derived_keys_are_hkdf() -> None:
    """RFC 5869, sections 2.2 and 2.3, written out for one block of output."""
    extracted = hmac.digest(bytes(32), MASTER, "sha256")
    expected = hmac.digest(extracted, b"veilgate/v1/store" + b"\x01", "sha256")
    assert derive_key(MASTER, "store") == expected


def test_a_tag_is_hmac_over_lengths_and_parts() -> None:
    encoded = b"\0\0\0\0\0\0\0\x01a" + bytes(8) + b"\0\0\0\0\0\0\0\x02bc"
    assert tag(MASTER, b"a", b"", b"bc") == hmac.digest(MASTER, encoded, "sha256")


def test_a_commitment_is_sha256_over_lengths_and_parts() -> None:
    salt = bytes(32)
    encoded = b"\0\0\0\0\0\0\0\x01l" + b"\0\0\0\0\0\0\0\x20" + salt + b"\0\0\0\0\0\0\0\x01a"
    assert commitment(b"l", salt, b"a") == hashlib.sha256(encoded).digest()
    assert commitment(b"l", b"\x01" * 32, b"a") != commitment(b"l", salt, b"a")


def test_weak_inputs_are_refused() -> None:
    with pytest.raises(KeyMaterialError):
        derive_key(MASTER[:31], "store")
    with pytest.raises(KeyMaterialError):
        derive_key(MASTER, "")
    with pytest.raises(KeyMaterialError):
        tag(b"short", b"part")
    for salt in (b"", bytes(31), bytes(33)):
        with pytest.raises(KeyMaterialError):
            commitment(b"label", salt, b"artefact")


def test_a_pseudonym_depends_on_its_key() -> None:
    one = Pseudonymiser.derive(MASTER, "v1").pseudonym("phone", SCOPE, b"13800138000")
    assert one == Pseudonymiser.derive(MASTER, "v1").pseudonym("phone", SCOPE, b"13800138000")
    assert one != Pseudonymiser.derive(MASTER, "v2").pseudonym("phone", SCOPE, b"13800138000")
    assert one.startswith("phone_")
    assert len(one) == len("phone_") + 32


@pytest.mark.parametrize("prefix", ["", "Phone", "1a", "a_b", "a" * 17, "\u00e9", "a\n"])
def test_prefixes_out_of_form_are_refused(prefix: str) -> None:
    with pytest.raises(PseudonymError):
        Pseudonymiser.derive(MASTER, "v1").pseudonym(prefix, SCOPE, b"x")


@pytest.mark.parametrize("parts", [("", "b", "c"), ("a", "", "c"), ("a", "b", "")])
def test_a_scope_is_complete(parts: tuple[str, str, str]) -> None:
    with pytest.raises(PseudonymError):
        PseudonymScope(*parts)


def test_sealing_twice_gives_different_bytes() -> None:
    key = DataKey.generate()
    one, two = seal(key, b"value", b""), seal(key, b"value", b"")
    assert one != two
    assert len(one) == len(b"value") + OVERHEAD
    assert open_(key, one, b"") == open_(key, two, b"") == b"value"


def test_another_subject_s_key_does_not_open() -> None:
    with pytest.raises(SealError):
        open_(DataKey.generate(), seal(DataKey.generate(), b"value", b""), b"")


def test_a_wrapped_key_is_no_value_and_a_value_no_wrapped_key() -> None:
    """One key used for both would still keep the two apart."""
    raw = b"\x06" * 32
    wrapped = KeyEncryptionKey("kek-1", raw).wrap(DataKey.generate(), b"subject")
    with pytest.raises(SealError):
        open_(DataKey(raw), wrapped.sealed, b"subject")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_keys_are_32_bytes(length: int) -> None:
    with pytest.raises(KeyMaterialError):
        DataKey(bytes(length))
    with pytest.raises(KeyMaterialError):
        KeyEncryptionKey("kek-1", bytes(length))


def test_a_key_encryption_key_has_an_id() -> None:
    with pytest.raises(KeyMaterialError):
        KeyEncryptionKey("", bytes(32))


def test_keys_do_not_print_themselves() -> None:
    raw = b"KEYMATERIAL-KEYMATERIAL-KEYMATER"
    kek = KeyEncryptionKey("kek-1", raw)
    wrapped = kek.wrap(DataKey(raw), b"subject")
    with pytest.raises(SealError) as caught:
        kek.unwrap(wrapped, b"stranger")
    shown = [repr(kek), repr(DataKey(raw)), repr(Pseudonymiser(raw)), repr(wrapped)]
    shown += [str(caught.value), repr(caught.value)]
    assert not any("KEYMATERIAL" in text or raw.hex() in text for text in shown)
    assert wrapped.sealed.hex() not in repr(wrapped)
