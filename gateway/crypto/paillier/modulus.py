"""What a Paillier modulus must be before anything is computed with it.

Owns the checks that need no secret, each of bounded cost (under 20 ms together at 3072 bits,
`require_rough` under 1 s). Assumes that factoring a product of two primes of half its length is
hard: 3072 bits are the 128-bit level of NIST SP 800-57 part 1; 2048 bits, the 112-bit level, are
let in for tests and imported keys by an argument; shorter ones never. Refuses lengths outside the
bounds, even numbers, primes, perfect powers and numbers with a factor up to 65,537. That the
factors are large and two is not known from these checks: see `proof`.
"""

from __future__ import annotations

from functools import cache

import gmpy2

from gateway.crypto.paillier.errors import PaillierKeyError, Reason

__all__ = [
    "DEFAULT_BITS",
    "LEGACY_BITS",
    "MAX_BITS",
    "ROUGHNESS",
    "require_modulus",
    "require_rough",
]

DEFAULT_BITS = 3072
LEGACY_BITS = 2048
MAX_BITS = 4096
"""Bounds the cost of every operation: a power costs 2.4 times that of 3072 bits."""
ROUGHNESS = 65_537
"""No prime up to this one divides a modulus: the proof's soundness rests on it."""
_CHUNK = 4096


def require_modulus(n: object, least_bits: int = DEFAULT_BITS) -> int:
    """Check what can be seen of a modulus at once, cheapest first; returns it.

    Args:
        n: the modulus.
        least_bits: its smallest length, 2048 at least.

    Raises:
        PaillierKeyError: WRONG_TYPE, or the MODULUS_ reason.
    """
    if type(n) is not int or type(least_bits) is not int:
        raise PaillierKeyError(Reason.WRONG_TYPE, "a modulus is an integer")
    if not max(least_bits, LEGACY_BITS) <= n.bit_length() <= MAX_BITS or n < 0:
        raise PaillierKeyError(Reason.MODULUS_LENGTH, "the modulus has a length out of bounds")
    if n % 2 == 0:
        raise PaillierKeyError(Reason.MODULUS_EVEN, "the modulus is even")
    if gmpy2.gcd(_primorial(), n) != 1:
        raise PaillierKeyError(Reason.MODULUS_SMALL_FACTOR, "the modulus has a small factor")
    if gmpy2.is_power(n):
        raise PaillierKeyError(Reason.MODULUS_POWER, "the modulus is a perfect power")
    if gmpy2.is_prime(n):
        raise PaillierKeyError(Reason.MODULUS_PRIME, "the modulus is prime")
    return n


def require_rough(n: int) -> None:
    """Spend a bounded effort on factoring n; who can factor it with this effort has no secret.

    Pollard's p - 1 with all prime powers up to 65,537: it splits off every prime factor p whose
    p - 1 has no larger one. Products of many small primes have such factors.

    Raises:
        PaillierKeyError: MODULUS_SMOOTH.
    """
    modulus = gmpy2.mpz(n)
    power = gmpy2.mpz(2)
    for exponent in _smooth_exponents():
        power = gmpy2.powmod(power, exponent, modulus)
        # A gcd of n counts, too: every factor is then of this kind.
        if gmpy2.gcd(power - 1, modulus) != 1:
            raise PaillierKeyError(Reason.MODULUS_SMOOTH, "the modulus is easily factored")


@cache
def _primes() -> tuple[int, ...]:
    sieve = bytearray([1]) * (ROUGHNESS + 1)
    sieve[:2] = b"\0\0"
    for number in range(2, int(ROUGHNESS**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number**2, ROUGHNESS + 1, number)))
    return tuple(number for number, prime in enumerate(sieve) if prime)


@cache
def _primorial() -> gmpy2.mpz:
    return gmpy2.primorial(ROUGHNESS)


@cache
def _smooth_exponents() -> tuple[gmpy2.mpz, ...]:
    """The largest power up to 65,537 of each prime, multiplied together in parts of 4,096 bits."""
    parts, part = [], gmpy2.mpz(1)
    for prime in _primes():
        power = prime
        while power * prime <= ROUGHNESS:
            power *= prime
        part *= power
        if part.bit_length() > _CHUNK:
            parts.append(part)
            part = gmpy2.mpz(1)
    return (*parts, part)
