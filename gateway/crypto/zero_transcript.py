"""What proofs about a combination hash: the claim, the challenge, the weights that follow from it.

Owns the one encoding of a claim "these released ciphertexts hold what those products hold": scheme,
key, context, products and released ciphertexts, each after its length. The challenge is over claim
and commitments; every weight is drawn from the challenge, so it is known only once all of them are
fixed. Refuses nothing: forms are the schemes' to check.

Assumption: SHA-256 is a random oracle (Fiat and Shamir).
"""

from __future__ import annotations

from hashlib import sha256

from gateway.crypto.keyed import length_prefixed

CHALLENGE_SIZE = 32


def claim(scheme: bytes, key: bytes, context: bytes, products: bytes, released: bytes) -> bytes:
    """The SHA-256 of what is claimed; 32 bytes. Ciphertexts stand one after the other."""
    return _hashed(b"claim", scheme, key, context, products, released)


def challenge(claimed: bytes, commitments: bytes) -> bytes:
    """The 32 bytes that weights are drawn from."""
    return _hashed(b"challenge", claimed, commitments)


def weights(seed: bytes, count: int, size: int) -> list[bytes]:
    """So many weights of ``size`` bytes, big-endian, uniform and independent."""
    blocks = -(-count * size // CHALLENGE_SIZE)
    drawn = b"".join(_hashed(b"weights", seed, at.to_bytes(8, "big")) for at in range(blocks))
    return [drawn[at : at + size] for at in range(0, count * size, size)]


def _hashed(use: bytes, *parts: bytes) -> bytes:
    return sha256(length_prefixed(b"veilgate/zeros/v1", use, *parts)).digest()
