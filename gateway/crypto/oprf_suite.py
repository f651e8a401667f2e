"""The ciphersuite ristretto255-SHA512 of RFC 9497 in mode VOPRF (sections 2.1, 3 and 4.1).

Owns hashing to the group and to scalars, and the checks that every element and scalar from
outside passes before it is used. Refuses encodings that are not canonical, the identity, and
scalars that are zero or not below the group's order.

What runs in constant time: multiplication, hashing to the group, and the arithmetic of scalars,
all in libsodium. What does not: hashing takes as long as its input is, so a message's length
shows; the range check of a scalar compares integers of Python, which shows no more than that the
scalar is in range; and Python neither wipes secrets nor keeps them from being copied.
"""

from __future__ import annotations

from hashlib import sha512

from gateway.crypto.errors import CryptoError
from gateway.crypto.ristretto import ELEMENT_SIZE, IDENTITY, ORDER, SCALAR_SIZE, group

MAX_INPUT_SIZE = 0xFFFF
"""Bytes: an input's length is a uint16 in what is hashed."""
OUTPUT_SIZE = 64

CONTEXT = b"OPRFV1-" + b"\x01" + b"-ristretto255-SHA512"
_UNIFORM_BYTES = 64


class OprfError(CryptoError):
    """An input, element, scalar or proof is not one that the protocol lets pass."""


def require_element(value: bytes) -> None:
    """DeserializeElement: canonical and not the identity (RFC 9497, section 4.1).

    Raises:
        OprfError: it is not the encoding of an element, or the identity's.
    """
    if len(value) != ELEMENT_SIZE:
        raise OprfError("an OPRF element is 32 bytes")
    # libsodium ignores the highest bit, and would let each element pass in two encodings.
    canonical = value[-1] < 0x80 and group().crypto_core_ristretto255_is_valid_point(value)
    if value == IDENTITY or not canonical:
        raise OprfError("an OPRF element is canonical and not the identity")


def require_scalar(value: bytes) -> None:
    """DeserializeScalar (RFC 9497, section 4.1), and not zero.

    Raises:
        OprfError: it is not 32 bytes, zero, or not below the group's order.
    """
    if len(value) != SCALAR_SIZE:
        raise OprfError("an OPRF scalar is 32 bytes")
    if not 0 < int.from_bytes(value, "little") < ORDER:
        raise OprfError("an OPRF scalar is not zero and below the group's order")


def multiply(scalar: bytes, element: bytes) -> bytes:
    """The product of a checked scalar and a checked element.

    Raises:
        OprfError: it is the identity, as for a scalar of zero.
    """
    try:
        return group().crypto_scalarmult_ristretto255(scalar, element)
    except RuntimeError:
        raise OprfError("an OPRF element became the identity") from None


def hash_to_group(message: bytes) -> bytes:
    """HashToGroup for an input of at most 65,535 bytes.

    Raises:
        OprfError: the input is longer, or maps to the identity (which nobody can bring about).
    """
    if len(message) > MAX_INPUT_SIZE:
        raise OprfError("an OPRF input is at most 65,535 bytes")
    element = group().crypto_core_ristretto255_from_hash(expand(message, b"HashToGroup-" + CONTEXT))
    if element == IDENTITY:
        raise OprfError("the OPRF input maps to the identity")
    return element


def hash_to_scalar(message: bytes) -> bytes:
    """HashToScalar: 32 bytes."""
    return reduce_scalar(expand(message, b"HashToScalar-" + CONTEXT))


def reduce_scalar(uniform: bytes) -> bytes:
    """The 32-byte scalar of 64 uniform bytes."""
    return group().crypto_core_ristretto255_scalar_reduce(uniform)


def output(message: bytes, issued: bytes) -> bytes:
    """The last step of Finalize and of Evaluate: 64 bytes from the input and its element."""
    return sha512(prefixed(message, issued) + b"Finalize").digest()


def prefixed(*values: bytes) -> bytes:
    """Each value of at most 65,535 bytes after its length as a big-endian uint16."""
    return b"".join([len(value).to_bytes(2, "big") + value for value in values])


def expand(message: bytes, tag: bytes) -> bytes:
    """expand_message_xmd with SHA-512 to 64 bytes, which is one block (RFC 9380, section 5.3.1)."""
    suffix = tag + bytes([len(tag)])
    block_0 = sha512(
        bytes(128) + message + _UNIFORM_BYTES.to_bytes(2, "big") + b"\x00" + suffix
    ).digest()
    return sha512(block_0 + b"\x01" + suffix).digest()
