"""A proof that n has exactly two prime factors, both 3 modulo 4.

Owns the protocol of van de Graaf and Peralta (A Simple and Secure Way to Show the Validity of Your
Public Key, CRYPTO 1987): for each of 128 residues y of Jacobi symbol +1, hashed from n and a
context, one of y and -y has a square root. If n has no square factor and is not prime, but has
three prime factors or one that is 1 modulo 4, then at most half of these residues have one, because
the squares and their negatives are at most half of the residues of that symbol: 128 bits of
soundness, a forger computes 2^128 hashes. It is why a table of `fixed_base` may be used under a
stranger's key: the shape that its assumption is about is shown, not believed. (That
gcd(p - 1, q - 1) = 2 is not shown; an owner who broke that rule weakens its own key's hiding only.)

A root s travels as one number u below the square root of n, with s u = v (mod n) for a v below it,
too (Bleichenbacher, Compressing Rabin Signatures, CT-RSA 2004): then y u^2 or -y u^2 is v^2 modulo
n, and who sees u has s. That halves the proof to 24 KB at 3072 bits. Of the four roots of a residue
always the same one is shown, the one that is a square itself: two would be the factors.

Assumes that SHA-512 is a random oracle. Refuses wrong counts and ranges, and a u that shares a
factor with n, which would stand for a root modulo the other factors. That n has no square factor is
for `root_proof`, that it is not prime for `require_modulus`: the verifier has called both. Costs
some 0.1 ms for each residue at 3072 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import gmpy2

from gateway.crypto.paillier.errors import ProofError, Reason
from gateway.crypto.paillier.hashing import hashed_residue
from gateway.crypto.paillier.private_key import PrivateKey

__all__ = ["RESIDUES", "is_blum", "prove_blum", "verify_blum"]

RESIDUES = 128
_LABEL = b"veilgate paillier square roots 1"


def is_blum(key: PrivateKey) -> bool:
    """Whether the key can be proven to be of this shape; python-paillier's need not be."""
    return key.p % 4 == 3 and key.q % 4 == 3


def prove_blum(key: PrivateKey, context: bytes) -> tuple[int, ...]:
    """Prove it, in some 0.5 s at 3072 bits: 128 numbers below the square root of n.

    Raises:
        ProofError: PROOF_WRONG: it is not so.
    """
    if not is_blum(key):
        raise ProofError(Reason.PROOF_WRONG, "a prime of the key is 1 modulo 4")
    n = key.public_key.n
    return tuple(_half(n, _rooted(key, y)) for y in _residues(n, context))


def verify_blum(n: int, context: bytes, halves: tuple[int, ...]) -> None:
    """Check it; n has passed `require_modulus` and `verify_roots`.

    Raises:
        ProofError: PROOF_SHAPE or PROOF_WRONG.
    """
    bound = gmpy2.isqrt(n)
    if len(halves) != RESIDUES or not all(type(u) is int and 0 < u <= bound for u in halves):
        raise ProofError(Reason.PROOF_SHAPE, "the proof has not 128 numbers of half the length")
    for y, u in zip(_residues(n, context), halves, strict=True):
        if not _has_root(n, y, u):
            raise ProofError(Reason.PROOF_WRONG, "a square root of the proof is wrong")


def _has_root(n: int, y: int, u: int) -> bool:
    """Whether u shows that y or -y is a square modulo n: (v / u)^2 for an integer v."""
    square = gmpy2.mpz(u) ** 2 * y % n
    rooted = gmpy2.is_square(square) or gmpy2.is_square(n - square)
    return bool(rooted) and gmpy2.gcd(u, n) == 1


def _rooted(key: PrivateKey, y: int) -> int:
    """The square root of y or -y that is a square itself."""
    return key.square_root(y if gmpy2.jacobi(y, key.p) == 1 else key.public_key.n - y)


def _half(n: int, root: int) -> int:
    """The u of a root: Euclid's algorithm for n and the root, stopped half-way.

    The remainder before the last is above the square root of n, so u, which is at most n over it,
    is below; and so is v, the last.
    """
    bound = gmpy2.isqrt(n)
    before, last = gmpy2.mpz(n), gmpy2.mpz(root)
    skipped, u = gmpy2.mpz(0), gmpy2.mpz(1)
    while last > bound:
        quotient, rest = gmpy2.f_divmod(before, last)
        before, last = last, rest
        skipped, u = u, skipped - quotient * u
    return int(abs(u))


def _residues(n: int, context: bytes) -> Iterator[int]:
    for place in range(RESIDUES):
        parts = (_LABEL, context, bytes([place]))
        drawn = (hashed_residue(n, *parts, attempt.to_bytes(4, "big")) for attempt in count())
        yield next(y for y in drawn if gmpy2.jacobi(y, n) == 1)
