"""Envelope encryption of personal values at rest: AES-256-GCM under a key per subject.

Owns sealing under a data key and wrapping that key under a key-encryption key: deleting the
wrapped key erases the subject. Refuses to open anything in another context than it was sealed
in, and to show key material. (NIST SP 800-38D; 96-bit random nonces, so a key seals fewer than
2**32 values.)
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.crypto.errors import CryptoError, KeyMaterialError
from gateway.crypto.keyed import length_prefixed

KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16
OVERHEAD = 1 + NONCE_SIZE + TAG_SIZE
"""Bytes by which a sealed value is longer than its plaintext."""

_VERSION = b"\x01"


class SealError(CryptoError):
    """A sealed value was altered, or belongs to another key or context."""


@dataclass(frozen=True, slots=True, eq=False)
class DataKey:
    """A subject's 32-byte key, as it is used in memory.

    Raises:
        KeyMaterialError: it is not 32 bytes.
    """

    _key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        _require_key(self._key)

    @classmethod
    def generate(cls) -> DataKey:
        """A fresh key from the operating system's random source."""
        return cls(os.urandom(KEY_SIZE))


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key sealed for storage, and the id of the key that opens it."""

    kek_id: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class KeyEncryptionKey:
    """The 32-byte key that wraps data keys; its id is stored beside each of them.

    Raises:
        KeyMaterialError: the id is empty or the key not 32 bytes.
    """

    kek_id: str
    _key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        _require_key(self._key)
        if not self.kek_id:
            raise KeyMaterialError("a key-encryption key has an id")

    def wrap(self, data_key: DataKey, subject_id: bytes) -> WrappedKey:
        """Seal a data key so that it opens for this subject only."""
        sealed = _seal(self._key, data_key._key, self._context(subject_id))
        return WrappedKey(self.kek_id, sealed)

    def unwrap(self, wrapped: WrappedKey, subject_id: bytes) -> DataKey:
        """Open a subject's data key.

        Raises:
            SealError: it was wrapped for another subject or under another key, or altered.
        """
        if wrapped.kek_id != self.kek_id:
            raise SealError("the data key is wrapped under another key-encryption key")
        return DataKey(_open(self._key, wrapped.sealed, self._context(subject_id)))

    def _context(self, subject_id: bytes) -> bytes:
        return length_prefixed(b"veilgate data key v1", self.kek_id.encode(), subject_id)


def seal(data_key: DataKey, plaintext: bytes, context: bytes) -> bytes:
    """Seal a value: version byte, 12-byte nonce, ciphertext, 16-byte tag.

    `context` says where the value stands (table, row, column) and is authenticated, not stored:
    a value that was moved does not open.
    """
    return _seal(data_key._key, plaintext, length_prefixed(b"veilgate value v1", context))


def open_(data_key: DataKey, sealed: bytes, context: bytes) -> bytes:
    """Open what `seal` made.

    Raises:
        SealError: it was altered, or sealed under another key or in another context.
    """
    return _open(data_key._key, sealed, length_prefixed(b"veilgate value v1", context))


def _seal(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    nonce = os.urandom(NONCE_SIZE)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, _VERSION + associated)


def _open(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    if len(sealed) < OVERHEAD or sealed[:1] != _VERSION:
        raise SealError("this is not a sealed value")
    nonce, body = sealed[1 : 1 + NONCE_SIZE], sealed[1 + NONCE_SIZE :]
    try:
        return AESGCM(key).decrypt(nonce, body, _VERSION + associated)
    except InvalidTag as error:
        raise SealError("the sealed value was altered or belongs elsewhere") from error


def _require_key(key: bytes) -> None:
    if len(key) != KEY_SIZE:
        raise KeyMaterialError("an AES-256 key is 32 bytes")
