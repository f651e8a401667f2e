"""Paillier keys that are secret no more, python-paillier's answers under them, and bad moduli."""

import json
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import phe

from gateway.crypto.paillier import PrivateKey, PublicKey, Randomness, Reason

_FILE = Path(__file__).parents[1] / "vectors" / "paillier_phe.json"


@cache
def vectors() -> Any:
    return json.loads(_FILE.read_text(encoding="utf-8"))


@cache
def key(name: str = "veilgate_2048") -> PrivateKey:
    """A key of the file; those of `veilgate_` may use the table."""
    numbers = vectors()["keys"][name]
    p, q = int(numbers["p"], 16), int(numbers["q"], 16)
    own = name.startswith("veilgate")
    public = PublicKey(p * q, Randomness.HALF if own else Randomness.FULL, least_bits=2048)
    return PrivateKey(public, p, q)


def phe_pair(private: PrivateKey) -> tuple[phe.PaillierPublicKey, phe.PaillierPrivateKey]:
    public = phe.PaillierPublicKey(private.public_key.n)
    return public, phe.PaillierPrivateKey(public, private.p, private.q)


def phe_number(public: phe.PaillierPublicKey, c: int) -> phe.EncryptedNumber:
    """What phe makes of a raw ciphertext of an integer."""
    return phe.EncryptedNumber(public, c, 0)


def bad_primes(name: str) -> tuple[int, ...]:
    return tuple(int(prime, 16) for prime in vectors()["bad_moduli"][name])


def bad_modulus(name: str) -> int:
    return prod(bad_primes(name))


def named(value: object) -> str:
    """A test's name for a parameter: Python refuses to print numbers of this length."""
    return value.value if isinstance(value, Reason) else type(value).__name__
