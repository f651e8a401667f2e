"""Residues modulo n that nobody could choose: SHA-512, expanded by counters.

Owns the one way in which this package turns bytes into residues. Every part is preceded by its
length, so no two lists of parts hash alike; 128 bits beyond the length of n are hashed, so a
residue is uniform to within 2^-128. Refuses nothing.
"""

from __future__ import annotations

from hashlib import sha512

__all__ = ["as_bytes", "hashed_residue"]

_SLACK = 128
_BLOCK = 512


def hashed_residue(n: int, *parts: bytes) -> int:
    """A residue modulo n that is determined by n and the parts."""
    seed = sha512()
    for part in (as_bytes(n), *parts):
        seed.update(len(part).to_bytes(4, "big") + part)
    digest = seed.digest()
    blocks = -(-(n.bit_length() + _SLACK) // _BLOCK)
    expanded = (sha512(digest + block.to_bytes(4, "big")).digest() for block in range(blocks))
    return int.from_bytes(b"".join(expanded), "big") % n


def as_bytes(number: int) -> bytes:
    """The shortest big-endian bytes of a number that is not negative."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
