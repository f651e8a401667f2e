"""Key derivation, keyed tags and commitments over unambiguous encodings.

Owns HKDF-SHA256 (RFC 5869), HMAC-SHA256 over several parts, and salted commitments. Refuses to
concatenate without lengths: two different lists of parts never give the same bytes.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.crypto.errors import KeyMaterialError

KEY_SIZE = 32
SALT_SIZE = 32


def length_prefixed(*parts: bytes) -> bytes:
    """Each part after its length as 8 big-endian bytes: injective over lists of parts."""
    pieces: list[bytes] = []
    for part in parts:
        pieces.append(len(part).to_bytes(8, "big"))
        pieces.append(part)
    return b"".join(pieces)


def derive_key(master: bytes, label: str) -> bytes:
    """A 32-byte key for one use: HKDF-SHA256 with ``veilgate/v1/<label>`` as info (RFC 5869).

    Keys of different labels say nothing about each other or about the master key.

    Raises:
        KeyMaterialError: the master key is shorter than 32 bytes, or the label empty.
    """
    if len(master) < KEY_SIZE:
        raise KeyMaterialError("a master key is at least 32 bytes")
    if not label:
        raise KeyMaterialError("a derived key has a label")
    info = b"veilgate/v1/" + label.encode()
    return HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=info).derive(master)


def tag(secret: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA256 over the length-prefixed parts, 32 bytes (RFC 2104).

    Raises:
        KeyMaterialError: the secret is shorter than 32 bytes.
    """
    if len(secret) < KEY_SIZE:
        raise KeyMaterialError("the secret of a tag is at least 32 bytes")
    return hmac.digest(secret, length_prefixed(*parts), "sha256")


def commitment(label: bytes, salt: bytes, artefact: bytes) -> bytes:
    """SHA-256 over label, 32-byte salt and artefact, each after its length; 32 bytes.

    Hides the artefact for as long as the salt is secret.

    Raises:
        KeyMaterialError: the salt is not 32 bytes.
    """
    if len(salt) != SALT_SIZE:
        raise KeyMaterialError("the salt of a commitment is 32 bytes")
    return sha256(length_prefixed(label, salt, artefact)).digest()
