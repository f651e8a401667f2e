"""Making a Paillier key that the fixed-base table may be used with.

Owns key generation: p = q = 3 (mod 4), gcd(p - 1, q - 1) = 2, gcd(n, (p-1)(q-1)) = 1, both primes
of half the length with their two highest bits set, from the operating system's random source.
Composites pass the test of primality with a probability below 2^-100 (Baillie-PSW and 25 rounds of
Miller-Rabin in GMP). Refuses lengths under 3072 bits unless the caller names a smaller one as its
least, and under 2048 always.
"""

from __future__ import annotations

import secrets

import gmpy2

from gateway.crypto.paillier.errors import PaillierKeyError, Reason
from gateway.crypto.paillier.modulus import DEFAULT_BITS, LEGACY_BITS, MAX_BITS
from gateway.crypto.paillier.private_key import PrivateKey
from gateway.crypto.paillier.public_key import PublicKey
from gateway.crypto.paillier.randomness import Randomness

__all__ = ["generate_key"]

_ROUNDS = 49
"""Of `gmpy2.is_prime`: Baillie-PSW counts as 24 of them, 25 of Miller-Rabin follow."""


def generate_key(
    bits: int = DEFAULT_BITS,
    randomness: Randomness = Randomness.HALF,
    least_bits: int = DEFAULT_BITS,
) -> PrivateKey:
    """Make a key; some seconds at 3072 bits.

    Args:
        bits: the length of the modulus, a multiple of 16, 3072 to 4096.
        randomness: how its encryptors make their randomness.
        least_bits: 2048 allows shorter keys, for tests.

    Raises:
        PaillierKeyError: MODULUS_LENGTH.
    """
    if not max(least_bits, LEGACY_BITS) <= bits <= MAX_BITS or bits % 16:
        raise PaillierKeyError(Reason.MODULUS_LENGTH, "the key has a length out of bounds")
    while True:
        p, q = _prime(bits // 2), _prime(bits // 2)
        if _fit(p, q):
            return PrivateKey(PublicKey(p * q, randomness, least_bits=bits), p, q)


def _fit(p: int, q: int) -> bool:
    """Whether two primes of one length, 3 modulo 4, fit each other."""
    apart = abs(p - q).bit_length() > p.bit_length() - 100
    return apart and gmpy2.gcd(p - 1, q - 1) == 2 and gmpy2.gcd(p * q, (p - 1) * (q - 1)) == 1


def _prime(bits: int) -> int:
    """A uniform prime of this length that is 3 modulo 4 and begins with two ones."""
    while True:
        candidate = gmpy2.mpz(secrets.randbits(bits) | 3 | 3 << bits - 2)
        if gmpy2.is_prime(candidate, 1) and gmpy2.is_prime(candidate, _ROUNDS):
            return int(candidate)
