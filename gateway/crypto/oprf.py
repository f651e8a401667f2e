"""VOPRF(ristretto255, SHA-512) of RFC 9497, evaluated by the holder of the key.

Owns the output that a subject is known by: what a client that blinds its input would finalise
to. Refuses to be used as a general hash (inputs have a bound) and to print a key. Blinded
evaluation and its proofs are not part of this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha512

from gateway.crypto.errors import CryptoError, KeyMaterialError
from gateway.crypto.ristretto import IDENTITY, ORDER, SCALAR_SIZE, group

SEED_SIZE = 32
OUTPUT_SIZE = 64
MAX_INPUT_SIZE = 0xFFFF

_CONTEXT = b"OPRFV1-" + b"\x01" + b"-ristretto255-SHA512"
_UNIFORM_BYTES = 64


class OprfError(CryptoError):
    """The input cannot be evaluated."""


@dataclass(frozen=True, slots=True, eq=False)
class OprfSecretKey:
    """A non-zero scalar, 32 bytes little-endian, below the group's order.

    Raises:
        KeyMaterialError: it is not.
    """

    scalar: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(self.scalar) != SCALAR_SIZE:
            raise KeyMaterialError("an OPRF key is 32 bytes")
        if not 0 < int.from_bytes(self.scalar, "little") < ORDER:
            raise KeyMaterialError("an OPRF key is a non-zero scalar of the group")


@dataclass(frozen=True, slots=True, eq=False)
class OprfKeyPair:
    """A secret key and its public element (32 bytes)."""

    secret_key: OprfSecretKey
    public_key: bytes


def derive_key_pair(seed: bytes, info: bytes) -> OprfKeyPair:
    """DeriveKeyPair of RFC 9497, section 3.2.1, in mode VOPRF.

    Raises:
        KeyMaterialError: the seed is not 32 bytes, `info` exceeds 65,535, or (with a
            probability below 2**-60000) no scalar is found.
    """
    if len(seed) != SEED_SIZE or len(info) > MAX_INPUT_SIZE:
        raise KeyMaterialError("an OPRF seed is 32 bytes and its info at most 65,535")
    message = seed + _prefixed(info)
    for counter in range(256):
        uniform = _expand(message + bytes([counter]), b"DeriveKeyPair" + _CONTEXT)
        scalar = group().crypto_core_ristretto255_scalar_reduce(uniform)
        if any(scalar):
            public = group().crypto_scalarmult_ristretto255_base(scalar)
            return OprfKeyPair(OprfSecretKey(scalar), public)
    raise KeyMaterialError("the seed gives no OPRF key")


def evaluate(secret_key: OprfSecretKey, message: bytes) -> bytes:
    """Evaluate of RFC 9497, section 3.3.1, in mode VOPRF: 64 bytes.

    Raises:
        OprfError: the input exceeds 65,535 bytes, or maps to the identity (which nobody can
            bring about).
    """
    if len(message) > MAX_INPUT_SIZE:
        raise OprfError("an OPRF input is at most 65,535 bytes")
    uniform = _expand(message, b"HashToGroup-" + _CONTEXT)
    element = group().crypto_core_ristretto255_from_hash(uniform)
    if element == IDENTITY:
        raise OprfError("the OPRF input maps to the identity")
    issued = group().crypto_scalarmult_ristretto255(secret_key.scalar, element)
    return sha512(_prefixed(message) + _prefixed(issued) + b"Finalize").digest()


def _prefixed(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def _expand(message: bytes, tag: bytes) -> bytes:
    """expand_message_xmd with SHA-512 to 64 bytes, which is one block (RFC 9380, section 5.3.1)."""
    suffix = tag + bytes([len(tag)])
    block_0 = sha512(
        bytes(128) + message + _UNIFORM_BYTES.to_bytes(2, "big") + b"\x00" + suffix
    ).digest()
    return sha512(block_0 + b"\x01" + suffix).digest()
