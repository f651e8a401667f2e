"""Boxes that one recipient can open: HPKE (RFC 9180), base mode.

Owns the suite, DHKEM(X25519, HKDF-SHA256) with HKDF-SHA256 and AES-256-GCM, and the raw 32-byte
form of its keys. Refuses boxes that were altered or were sealed for another key or context, without
saying which. Base mode does not say who sealed a box: the signed question around it does.

Assumption: gap Diffie-Hellman on Curve25519 and AES-256-GCM; 128 bits. A box is longer than what is
in it by 48 bytes, whatever that is.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from gateway.crypto.errors import CryptoError, KeyMaterialError

KEY_SIZE = 32
OVERHEAD = 48
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class BoxError(CryptoError):
    """A box does not open, or a key cannot be sealed for."""


def new_box_key() -> bytes:
    """Return a fresh private key, 32 bytes."""
    return X25519PrivateKey.generate().private_bytes_raw()


def box_public_key(private: bytes) -> bytes:
    """Return the public half, 32 bytes.

    Raises:
        KeyMaterialError: it is not 32 bytes.
    """
    return _private(private).public_key().public_bytes_raw()


def seal_box(content: bytes, public: bytes, context: bytes) -> bytes:
    """Seal for the holder of a key, in a context that opening must name as well.

    Raises:
        BoxError: the key is not 32 bytes, or one under which every secret is zero.
    """
    try:
        return bytes(_SUITE.encrypt(content, X25519PublicKey.from_public_bytes(public), context))
    except ValueError:
        raise BoxError("a box cannot be sealed for this key") from None


def open_box(box: bytes, private: bytes, context: bytes) -> bytes:
    """Return what is in a box.

    Raises:
        BoxError: it was altered, or sealed for another key or context.
        KeyMaterialError: the key is not 32 bytes.
    """
    try:
        return bytes(_SUITE.decrypt(box, _private(private), context))
    except (InvalidTag, ValueError):
        raise BoxError("the box does not open") from None


def _private(raw: bytes) -> X25519PrivateKey:
    if len(raw) != KEY_SIZE:
        raise KeyMaterialError("an X25519 key is 32 bytes")
    return X25519PrivateKey.from_private_bytes(raw)
