"""Values that no honest party sends: ciphertexts, keys and moduli, each with what is wrong with it.

Owns making them. The maker of a modulus knows its factors and proves what can be proven: its roots
are n-th roots wherever there are any.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from math import prod
from typing import NamedTuple

import gmpy2
import msgspec

from gateway.crypto.elgamal.curve import FIELD
from gateway.crypto.paillier import KeyProof, PrivateKey
from gateway.crypto.paillier.root_proof import ROOTS, _residue, prove_roots
from gateway.domain.aggregate.question import AskerKey, key_context, proof_text
from support.paillier_forger import best_blum
from support.paillier_keys import key as paillier_key

RESIDUE = 768
"""Bytes of a ciphertext modulo the square of 3072 bits."""
POINT_KINDS = (
    *("infinity", "infinity twice", "off the curve", "beyond the field", "uncompressed"),
    *("hybrid", "no prefix", "short", "long", "empty"),
)
RESIDUE_KINDS = (
    *("zero", "n", "kn", "square", "beyond the square", "negative", "not invertible"),
    *("all ones", "short", "long", "empty"),
)
_MERSENNE = (1 << 3217) - 1


class Hostile(NamedTuple):
    """What is wrong, and the bytes."""

    kind: str
    content: bytes


def hostile_points(good: bytes, drawn: random.Random, count: int) -> Iterator[Hostile]:
    """What stands where a ciphertext of two compressed points should."""
    for at in range(count):
        kind = POINT_KINDS[at % len(POINT_KINDS)]
        yield Hostile(kind, _points(kind, good, drawn))


def _points(kind: str, good: bytes, drawn: random.Random) -> bytes:
    first, second = good[:33], good[33:]
    if kind in ("infinity twice", "short", "long", "empty"):
        return {
            "infinity twice": bytes(66),
            "short": good[: drawn.randrange(1, 66)],
            "long": good + drawn.randbytes(drawn.randrange(1, 66)),
            "empty": b"",
        }[kind]
    bad = {
        "infinity": lambda: bytes(33),
        "off the curve": lambda: bytes([drawn.choice((2, 3))]) + _no_x(drawn),
        "beyond the field": lambda: b"\x02" + (FIELD + drawn.randrange(900)).to_bytes(32, "big"),
        "uncompressed": lambda: b"\x04" + first[1:],
        "hybrid": lambda: bytes([drawn.choice((6, 7))]) + first[1:],
        "no prefix": lambda: bytes([drawn.choice((0, 1, 5, 8, 255))]) + first[1:],
    }[kind]()
    return bad + second if drawn.random() < 0.5 else first + bad


def _no_x(drawn: random.Random) -> bytes:
    """An x that is on no point of secp256k1."""
    while True:
        x = drawn.randrange(1, FIELD)
        if gmpy2.jacobi(x**3 + 7, FIELD) == -1:
            return x.to_bytes(32, "big")


def hostile_residues(key: PrivateKey, drawn: random.Random, count: int) -> Iterator[Hostile]:
    """What stands where a residue modulo n^2 should."""
    n = key.public_key.n
    numbers: dict[str, Callable[[], int]] = {
        "zero": lambda: 0,
        "n": lambda: n,
        "kn": lambda: n * drawn.randrange(2, n),
        "square": lambda: n * n,
        "beyond the square": lambda: n * n + drawn.randrange(1, n),
        # As two's complement has it.
        "negative": lambda: (1 << 8 * RESIDUE) - drawn.randrange(1, n),
        "not invertible": lambda: drawn.choice((key.p, key.q)) * drawn.randrange(1, n),
        "all ones": lambda: (1 << 8 * RESIDUE) - 1,
    }
    for at in range(count):
        kind = RESIDUE_KINDS[at % len(RESIDUE_KINDS)]
        if kind in numbers:
            yield Hostile(kind, numbers[kind]().to_bytes(RESIDUE, "big"))
        else:
            lengths = {"short": (1, RESIDUE), "long": (RESIDUE + 1, 2 * RESIDUE), "empty": (0, 1)}
            yield Hostile(kind, drawn.randbytes(drawn.randrange(*lengths[kind])))


def hostile_moduli(asker: str) -> Iterator[tuple[str, AskerKey]]:
    """Keys of Paillier with the best proof that whoever made them could give."""
    for kind, primes in _FACTORED.items():
        yield kind, _modulus(primes(), asker)
    for kind, shaped in MISSHAPEN.items():
        yield kind, _modulus(shaped, asker, whole=True)
    good = paillier_key("veilgate_3072")
    roots = prove_roots(good, key_context(asker))
    proof = proof_text("paillier", KeyProof(roots, None).encode(good.public_key.n))
    even = _hex(good.public_key.n + 1)
    yield "even", AskerKey(scheme="paillier", key=even, proof=proof)
    for kind, text in {"zero in front": "00" + _hex(good.public_key.n), "no number": "00"}.items():
        yield kind, AskerKey(scheme="paillier", key=text, proof=proof)


SMOOTH = (4, 102)
"""Multipliers that make primes: found by trial, as what is added below."""
_S, _T = (3 << 519) + 635, (5 << 1270) + 99
"""Primes that no effort splits off: not Mersenne's, of which 2 has a small order."""
_FACTORED: dict[str, Callable[[], tuple[int, ...]]] = {
    "small": lambda: (paillier_key().p, paillier_key().q),
    "prime": lambda: (_MERSENNE,),
    "square": lambda: (paillier_key("veilgate_3072").p,) * 2,
    "factor 3": lambda: (3, _MERSENNE),
    "factor 65537": lambda: (65_537, _MERSENNE),
    "smooth": lambda: _many_small(),
    "smooth less one": lambda: tuple(int(gmpy2.primorial(1109)) * k + 1 for k in SMOOTH),
    "s P Q, s divides P - 1": lambda: (_S, _S * ((3 << 770) + 138) + 1, _T),
    "p q, p divides q - 1": lambda: (_T, _T * ((3 << 530) + 2246) + 1),
}


MISSHAPEN = {
    "three primes": ((7 << 1021) + 309, (15 << 1020) + 1627, (31 << 1019) + 1875),
    "primes 1 modulo 4": ((3 << 1534) + 1837, (7 << 1533) + 3069),
}
"""Moduli of which all n-th roots exist, and half of the square roots."""


def _many_small() -> tuple[int, ...]:
    primes = [65_539]
    while prod(primes).bit_length() < 3080:
        primes.append(int(gmpy2.next_prime(primes[-1])))
    return tuple(primes)


@cache
def _modulus(primes: tuple[int, ...], asker: str, *, whole: bool = False) -> AskerKey:
    n, context = prod(primes), key_context(asker)
    roots = tuple(_root(n, primes, context, place) for place in range(ROOTS))
    shape = best_blum(primes, context)[0] if whole else None
    proof = proof_text("paillier", KeyProof(roots, shape).encode(n))
    return AskerKey(scheme="paillier", key=_hex(n), proof=proof)


def _root(n: int, primes: tuple[int, ...], context: bytes, place: int) -> int:
    """The n-th root of a residue where there is one modulo each prime."""
    root, modulus = 0, 1
    for p in dict.fromkeys(primes):
        exponent = gmpy2.invert(n // gmpy2.gcd(n, p - 1), p - 1) if p > 2 else 1
        part = int(gmpy2.powmod(_residue(n, context, place), exponent, p))
        root += modulus * (part - root) * int(gmpy2.invert(modulus, p)) % (modulus * p)
        modulus *= p
    return root % n or 1


def hostile_curve_keys(good: AskerKey) -> Iterator[tuple[str, AskerKey]]:
    """Keys of ElGamal that are no points, or whose owner is another or nobody."""
    drawn = random.Random(7)
    x = good.key[2:]
    keys = {
        "infinity": "00" * 33,
        "off the curve": "02" + _no_x(drawn).hex(),
        "beyond the field": "02" + (FIELD + 1).to_bytes(32, "big").hex(),
        "uncompressed": "04" + x * 2,
        "hybrid": "06" + x * 2,
        "short": good.key[:-2],
        "long": good.key + "00",
        "the negative": ("03" if good.key[:2] == "02" else "02") + x,
        "a modulus": paillier_hex(),
    }
    for kind, key in keys.items():
        yield kind, msgspec.structs.replace(good, key=key)
    for kind, proof in {
        "no proof": "00" * 64,
        "a short proof": good.proof[:-2],
        "a long proof": good.proof + "00",
        "an altered proof": good.proof[:-1] + ("0" if good.proof[-1] != "0" else "1"),
    }.items():
        yield kind, msgspec.structs.replace(good, proof=proof)


def paillier_hex() -> str:
    """A good modulus."""
    return _hex(paillier_key("veilgate_3072").public_key.n)


def _hex(n: int) -> str:
    return n.to_bytes((n.bit_length() + 7) // 8, "big").hex()
