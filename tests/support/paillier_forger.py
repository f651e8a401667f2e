"""The best that a forger of a Paillier key's proof can do who knows the factors.

It takes the roots that exist. Owns the shapes of moduli that no proof should hold for.
"""

import itertools
from math import prod

import gmpy2

from gateway.crypto.paillier.blum_proof import _half, _residues
from gateway.crypto.paillier.root_proof import ROOTS, _residue
from support.paillier_keys import bad_primes, key


def best_roots(primes: tuple[int, ...], context: bytes) -> tuple[tuple[int, ...], int]:
    """The roots that exist, modulo each prime, and how many of them are true n-th roots."""
    n = prod(primes)
    roots = []
    for place in range(ROOTS):
        root, modulus = 0, 1
        for p in primes:
            exponent = gmpy2.invert(n // gmpy2.gcd(n, p - 1), p - 1)
            part = int(gmpy2.powmod(_residue(n, context, place), exponent, p))
            root += modulus * (part - root) * int(gmpy2.invert(modulus, p)) % (modulus * p)
            modulus *= p
        roots.append(root % n or 1)
    true = sum(gmpy2.powmod(root, n, n) == _residue(n, context, i) for i, root in enumerate(roots))
    return tuple(roots), true


def _square_root(value: int, p: int) -> int | None:
    """A square root modulo p, where p is 3 modulo 4 or 5 modulo 8, and if there is one."""
    if gmpy2.jacobi(value, p) != 1:
        return None
    if p % 4 == 3:
        return int(gmpy2.powmod(value, (p + 1) // 4, p))
    root = gmpy2.powmod(value, (p + 3) // 8, p)
    return int(root if root * root % p == value % p else root * gmpy2.powmod(2, p // 4, p) % p)


def _root_of(value: int, primes: tuple[int, ...]) -> int | None:
    root, modulus = 0, 1
    for p in primes:
        part = _square_root(value, p)
        if part is None:
            return None
        root += modulus * ((part - root) * int(gmpy2.invert(modulus, p)) % p)
        modulus *= p
    return root


def best_blum(primes: tuple[int, ...], context: bytes) -> tuple[tuple[int, ...], int]:
    """Square roots where they exist, and how many there are of the 128."""
    n = prod(primes)
    roots = [_root_of(y, primes) or _root_of(-y, primes) for y in _residues(n, context)]
    return tuple(_half(n, root or 1) for root in roots), sum(root is not None for root in roots)


SHAPES = ("three_primes", "three_primes_of_a_good_residue", "a_prime_1_modulo_4", "both_1_modulo_4")


def shaped(name: str) -> tuple[int, ...]:
    """Primes of another shape; a modulus of two good ones is 1 modulo 4."""
    if name == "both_1_modulo_4":
        return bad_primes("a_prime_1_modulo_4")[1], _prime_5_modulo_8(key().p)
    if name == "three_primes_of_a_good_residue":
        first, second, third = bad_primes("three_primes")
        return first, second, _prime_5_modulo_8(third)
    return bad_primes(name)


def _prime_5_modulo_8(above: int) -> int:
    candidates = itertools.count(above - above % 8 + 5, 8)
    return next(p for p in candidates if gmpy2.is_prime(p))
