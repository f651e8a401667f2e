"""python-paillier's numbers, one by one, and what this project derives from a modulus.

The small key and its ciphertext are those of phe's own tests (paillier_test.py,
testRawEncryptDecryptRegression0 and testEncryptIsRandom).
"""

from hashlib import sha256, sha512
from math import isqrt
from typing import Any

import pytest
from gmpy2 import mpz, powmod

from gateway.crypto.paillier import PrivateKey, PublicKey, Randomiser
from gateway.crypto.paillier.fixed_base import hashed_base
from gateway.crypto.paillier.jwk import (
    export_private,
    export_public,
    import_private,
    import_public,
)
from gateway.crypto.paillier.prime_part import PrimePart
from gateway.crypto.paillier.root_proof import prove_roots, verify_roots
from support.paillier_keys import key, vectors

NAMES = sorted(vectors()["keys"])
OWN = [name for name in NAMES if name.startswith("veilgate")]


def number(text: str) -> int:
    return int(text, 16)


def cases(kind: str) -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{place}")
        for name in NAMES
        for place, case in enumerate(vectors()["keys"][name][kind])
    ]


def randomiser(n: int, r: int) -> Randomiser:
    return Randomiser(n, powmod(r, n, n * n))


@pytest.mark.parametrize(("name", "case"), cases("encryptions"))
def test_a_ciphertext_is_the_one_that_phe_makes(name: str, case: dict[str, str]) -> None:
    m, c, n = number(case["m"]), number(case["c"]), key(name).public_key.n
    fixed = randomiser(n, number(case["r"]))
    assert key(name).public_key.encrypt_with(fixed, m) == c
    assert key(name).decrypt(c) == m
    assert key(name).decrypt_raw(c) == m % n
    assert key(name).decrypt(c, abs(m)) == m


@pytest.mark.parametrize(("name", "case"), cases("sums"))
def test_a_sum_is_the_one_that_phe_makes(name: str, case: dict[str, str]) -> None:
    total = key(name).public_key.add(number(case["a"]), number(case["b"]))
    assert total == number(case["sum"])
    assert key(name).decrypt(total) == number(case["m"])


@pytest.mark.parametrize(("name", "case"), cases("products"))
def test_a_product_is_the_one_that_phe_makes(name: str, case: dict[str, str]) -> None:
    product = key(name).public_key.multiply(number(case["a"]), number(case["k"]))
    assert product == number(case["product"])
    assert key(name).decrypt(product) == number(case["m"])


def test_the_small_key_of_phes_own_tests() -> None:
    """293 * 433 is no key to be let in; the engine's halves give its numbers all the same."""
    small, p, q = 126_869, 293, 433
    public = object.__new__(PublicKey)
    object.__setattr__(public, "n", small)
    assert public.encrypt_with(randomiser(small, 74_384), 10_100) == 935_906_717
    assert public.encrypt_with(randomiser(small, 1), 1) == 126_870
    assert PrimePart(p, q).decrypted(mpz(935_906_717)) == 10_100 % p
    assert PrimePart(q, p).decrypted(mpz(935_906_717)) == 10_100 % q


@pytest.mark.parametrize("name", OWN)
def test_the_base_is_minus_a_hashed_square(name: str) -> None:
    """Spelt out again from the description: SHA-512 of lengths and parts, expanded by counters."""
    n = key(name).public_key.n
    parts = [n.to_bytes(-(-n.bit_length() // 8), "big"), b"veilgate paillier base 1", bytes(4)]
    seed = sha512(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).digest()
    count = -(-(n.bit_length() + 128) // 512)
    wide = b"".join(sha512(seed + i.to_bytes(4, "big")).digest() for i in range(count))
    x = int.from_bytes(wide, "big") % n
    assert hashed_base(n) == n - x * x % n == number(vectors()["keys"][name]["h"])
    assert isqrt(n - hashed_base(n)) ** 2 != n - hashed_base(n)


@pytest.mark.parametrize("name", OWN)
def test_the_roots_of_a_proof_are_determined(name: str) -> None:
    case, private = vectors()["keys"][name]["roots"], key(name)
    size = private.public_key.n.bit_length() // 8
    roots = prove_roots(private, case["context"].encode())
    verify_roots(private.public_key.n, case["context"].encode(), roots)
    assert roots[0] == number(case["first"])
    encoded = b"".join(root.to_bytes(size, "big") for root in roots)
    assert sha256(encoded).hexdigest() == case["sha256_of_all"]


def test_keys_of_pheutil_come_in_and_go_out() -> None:
    texts = vectors()["pheutil"]
    private, public = import_private(texts["private"], 2048), import_public(texts["public"], 2048)
    expected: PrivateKey = key("pheutil_2048")
    assert (private.p, private.q, private.public_key) == (expected.p, expected.q, public)
    again = import_private(export_private(private, "again"), 2048)
    assert (again.p, again.q) == (expected.p, expected.q)
    assert import_public(export_public(public), 2048) == public
