"""Ed25519 keys (RFC 8032), as every signature of the gateway uses them.

Owns checked public keys and a signing key that does not print itself. Refuses public keys of
small order: one signature under such a key fits many messages, so it binds its holder to none.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from gateway.crypto.errors import KeyMaterialError, SignatureError

KEY_SIZE = 32
SIGNATURE_SIZE = 64

_FIELD = 2**255 - 19
_ORDER_8 = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
# The y of each point whose order divides 8, with the encodings at or above the field's prime.
_SMALL_ORDER_Y = frozenset({0, 1, _FIELD - 1, _FIELD, _FIELD + 1, _ORDER_8, _FIELD - _ORDER_8})


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A 32-byte Ed25519 public key.

    Raises:
        KeyMaterialError: the length is not 32 bytes, or the point has small order.
    """

    raw: bytes

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(self.raw) != KEY_SIZE:
            raise KeyMaterialError("an Ed25519 public key is 32 bytes")
        if int.from_bytes(self.raw, "little") & (2**255 - 1) in _SMALL_ORDER_Y:
            raise KeyMaterialError("the Ed25519 public key has small order")

    def verify(self, signature: bytes, message: bytes) -> None:
        """Check a 64-byte signature over `message`.

        Raises:
            SignatureError: it does not verify.
        """
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature as error:
            raise SignatureError("the Ed25519 signature does not verify") from error


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """An Ed25519 private key; its `repr` shows the public half only."""

    _private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key from the operating system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """The key of a 32-byte RFC 8032 seed.

        Raises:
            KeyMaterialError: the seed is not 32 bytes.
        """
        if len(seed) != KEY_SIZE:
            raise KeyMaterialError("an Ed25519 seed is 32 bytes")
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public_key(self) -> PublicKey:
        """The public half."""
        return PublicKey(self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """A deterministic 64-byte signature."""
        return self._private.sign(message)

    def seed(self) -> bytes:
        """The secret 32 bytes, for the caller's key store."""
        return self._private.private_bytes_raw()

    def __repr__(self) -> str:
        """Show the public half only."""
        return f"SigningKey(public_key={self.public_key.raw.hex()})"
