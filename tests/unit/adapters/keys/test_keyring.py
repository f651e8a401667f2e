"""The key files and the keys derived from them: private, whole, and of one use each."""

import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.adapters.keys.keyring import (
    LOG_KEY_FILE,
    MASTER_FILE,
    KeyFileError,
    Keyring,
    create_keyring,
    load_keyring,
)
from gateway.crypto.envelope import DataKey
from gateway.crypto.errors import CryptoError
from gateway.domain.subject import SubjectIdentifier
from gateway.domain.vocabulary import IdentifierType

LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
ANN = SubjectIdentifier(IdentifierType.US_SSN, "900010001")
BOB = SubjectIdentifier(IdentifierType.US_SSN, "900010002")


def _pem(key: object, encryption: serialization.KeySerializationEncryption) -> bytes:
    assert hasattr(key, "private_bytes")
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
    assert isinstance(pem, bytes)
    return pem


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    create_keyring(tmp_path / "keys")
    return tmp_path / "keys"


def test_new_keys_are_private_and_never_twice_the_same(keys: Path, tmp_path: Path) -> None:
    assert keys.stat().st_mode & 0o777 == 0o700
    for name in (MASTER_FILE, LOG_KEY_FILE):
        assert (keys / name).stat().st_mode & 0o777 == 0o600
    create_keyring(tmp_path / "other")
    first, other = load_keyring(keys), load_keyring(tmp_path / "other")
    assert first.lookup(ANN) == load_keyring(keys).lookup(ANN)
    assert first.lookup(ANN) != other.lookup(ANN)
    assert first.log_key.public_key() != other.log_key.public_key()


def test_keys_are_never_overwritten(keys: Path) -> None:
    before = {path.name: path.read_bytes() for path in keys.iterdir()}
    with pytest.raises(KeyFileError, match="not overwritten"):
        create_keyring(keys)
    assert {path.name: path.read_bytes() for path in keys.iterdir()} == before


@pytest.mark.parametrize("name", [MASTER_FILE, LOG_KEY_FILE])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_that_others_can_use_is_refused(keys: Path, name: str, mode: int) -> None:
    (keys / name).chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600") as caught:
        load_keyring(keys)
    assert str(keys / name) in str(caught.value)


@pytest.mark.parametrize("name", [MASTER_FILE, LOG_KEY_FILE])
def test_a_missing_key_says_what_to_do(keys: Path, name: str) -> None:
    (keys / name).unlink()
    with pytest.raises(KeyFileError, match="veilgate init"):
        load_keyring(keys)


MALFORMED = {
    "empty master": (MASTER_FILE, b""),
    "short master": (MASTER_FILE, b"ab" * 31),
    "long master": (MASTER_FILE, b"ab" * 33),
    "no hex": (MASTER_FILE, b"xy" * 32),
    "odd hex": (MASTER_FILE, b"a" * 63),
    "no text": (MASTER_FILE, b"\xff" * 64),
    "empty log key": (LOG_KEY_FILE, b""),
    "no pem": (LOG_KEY_FILE, b"ab" * 32),
    "cut pem": (LOG_KEY_FILE, _pem(LOG_KEY, serialization.NoEncryption())[:-40]),
    "another kind": (
        LOG_KEY_FILE,
        _pem(generate_private_key(SECP256R1()), serialization.NoEncryption()),
    ),
    "with a password": (
        LOG_KEY_FILE,
        _pem(LOG_KEY, serialization.BestAvailableEncryption(b"password")),
    ),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_key_is_refused_and_not_shown(keys: Path, case: str) -> None:
    name, content = MALFORMED[case]
    (keys / name).write_bytes(content)
    with pytest.raises(KeyFileError) as caught:
        load_keyring(keys)
    assert str(keys) in str(caught.value)
    assert not content or content.decode("latin-1") not in str(caught.value)


def test_white_space_around_the_master_key_does_not_matter(keys: Path) -> None:
    before = load_keyring(keys).lookup(ANN)
    path = keys / MASTER_FILE
    path.write_bytes(b"\n " + path.read_bytes().upper() + b"\r\n")
    assert load_keyring(keys).lookup(ANN) == before


def test_no_key_is_shown(keys: Path) -> None:
    keyring = load_keyring(keys)
    master = (keys / MASTER_FILE).read_text().strip()
    shown = f"{keyring!r} {keyring}"
    assert shown.startswith("Keyring(version='1')")
    assert master not in shown
    assert keyring.lookup(ANN).hex() not in shown


def test_each_use_has_a_key_of_its_own() -> None:
    keyring = Keyring.derive(os.urandom(32), LOG_KEY)
    data = ANN.encoded()
    found = [keyring.lookup(ANN), keyring.subject_id(ANN), keyring.body_digest(data)]
    assert [len(one) for one in found] == [32, 32, 32]
    assert len(set(found)) == 3
    assert keyring.lookup(ANN) != keyring.lookup(BOB)
    assert keyring.subject_id(ANN) != keyring.subject_id(BOB)
    assert keyring.body_digest(b"ab", b"c") != keyring.body_digest(b"a", b"bc")


def test_the_version_changes_every_key() -> None:
    master = os.urandom(32)
    one, two = Keyring.derive(master, LOG_KEY, "1"), Keyring.derive(master, LOG_KEY, "2")
    assert one.lookup(ANN) != two.lookup(ANN)
    assert one.subject_id(ANN) != two.subject_id(ANN)
    assert one.body_digest(b"x") != two.body_digest(b"x")
    assert (one.kek.kek_id, two.kek.kek_id) == ("kek-1", "kek-2")


@pytest.mark.parametrize("length", [0, 16, 31])
def test_a_master_key_that_is_too_short_is_refused(length: int) -> None:
    with pytest.raises(CryptoError):
        Keyring.derive(bytes(length), LOG_KEY)


def test_a_subject_opens_under_its_own_id_and_keys_only() -> None:
    keyring = Keyring.derive(os.urandom(32), LOG_KEY)
    key, secret = DataKey.generate(), os.urandom(32)
    ann, bob = keyring.subject_id(ANN), keyring.subject_id(BOB)
    wrapped, sealed = keyring.kek.wrap(key, ann), keyring.seal_secret(key, secret)
    assert keyring.open_subject(ann, wrapped, sealed).secret == secret
    other_key = keyring.kek.wrap(DataKey.generate(), ann)
    stranger = Keyring.derive(os.urandom(32), LOG_KEY)
    flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for ring, subject, key_, secret_ in (
        (keyring, bob, wrapped, sealed),
        (keyring, ann, other_key, sealed),
        (keyring, ann, wrapped, flipped),
        (stranger, ann, wrapped, sealed),
    ):
        with pytest.raises(CryptoError):
            ring.open_subject(subject, key_, secret_)
