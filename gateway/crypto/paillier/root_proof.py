"""A proof that gcd(n, phi(n)) = 1, by who knows the factors of n.

Owns the protocol of Goldberg, Reyzin, Sagga and Baldimtsi (Efficient Noninteractive Certification
of RSA Moduli and Beyond, ASIACRYPT 2019, section 3.2): n-th roots modulo n of residues hashed from
n and a context. Without the property, to the n-th power is at least 65,539 to one, so a hashed
residue has a root with a probability of at most 1 / 65,539; 8 of them are the 128-bit level: a
forger computes 2^128 hashes. Roots of hashed residues are uniform residues to whoever sees them.

The context is hashed in, so a proof is one of possession for this context, and for no other: to
take roots without the factors is the RSA problem with the exponent n. Assumes that SHA-512 is a
random oracle. Refuses a modulus with a factor up to 65,537 (through `require_modulus`, which the
verifier calls first), a hashed residue that shares a factor with n, wrong counts and ranges. Costs
8 powers modulo n, 60 ms at 3072 bits. Says nothing of how many factors n has: see `blum_proof`.
"""

from __future__ import annotations

import gmpy2

from gateway.crypto.paillier.errors import ProofError, Reason
from gateway.crypto.paillier.hashing import hashed_residue
from gateway.crypto.paillier.private_key import PrivateKey

__all__ = ["ROOTS", "prove_roots", "verify_roots"]

ROOTS = 8
_LABEL = b"veilgate paillier n-th roots 1"


def prove_roots(key: PrivateKey, context: bytes) -> tuple[int, ...]:
    """The roots of the residues that n and the context give."""
    n = key.public_key.n
    return tuple(key.root(_residue(n, context, place)) for place in range(ROOTS))


def verify_roots(n: int, context: bytes, roots: tuple[int, ...]) -> None:
    """Check the roots; n has passed `require_modulus`.

    Raises:
        ProofError: PROOF_SHAPE or PROOF_WRONG.
    """
    if len(roots) != ROOTS or not all(type(root) is int and 0 < root < n for root in roots):
        raise ProofError(Reason.PROOF_SHAPE, "the proof has not 8 roots below the modulus")
    for place, root in enumerate(roots):
        residue = _residue(n, context, place)
        # A residue that shares a factor with n would have a root more often than the bound says.
        if gmpy2.gcd(residue, n) != 1 or gmpy2.powmod(root, n, n) != residue:
            raise ProofError(Reason.PROOF_WRONG, "a root of the proof is wrong")


def _residue(n: int, context: bytes, place: int) -> int:
    return hashed_residue(n, _LABEL, context, bytes([place]))
