"""Moduli and primes that no key is made of, each refused with its reason."""

import copy
from math import prod
from types import SimpleNamespace
from typing import Any

import gmpy2
import pytest

from gateway.crypto.paillier import (
    PaillierKeyError,
    PrivateKey,
    PublicKey,
    Randomness,
    Reason,
    generate_key,
)
from gateway.crypto.paillier.generation import _fit
from gateway.crypto.paillier.modulus import LEGACY_BITS, require_modulus, require_rough
from support.paillier_keys import bad_modulus, bad_primes, key, named, phe_pair

GOOD = key().public_key.n


@pytest.mark.parametrize(
    ("n", "reason"),
    [
        (0, Reason.MODULUS_LENGTH),
        (1, Reason.MODULUS_LENGTH),
        (-GOOD, Reason.MODULUS_LENGTH),
        (GOOD >> 1 | 1, Reason.MODULUS_LENGTH),
        (126_869, Reason.MODULUS_LENGTH),
        (GOOD**2 * 3, Reason.MODULUS_LENGTH),
        (1 << 1_000_000, Reason.MODULUS_LENGTH),
        (GOOD + 1, Reason.MODULUS_EVEN),
        (1 << 2047, Reason.MODULUS_EVEN),
        (bad_modulus("factor_3"), Reason.MODULUS_SMALL_FACTOR),
        (bad_modulus("factor_65537"), Reason.MODULUS_SMALL_FACTOR),
        (3**1300, Reason.MODULUS_SMALL_FACTOR),
        (bad_modulus("square"), Reason.MODULUS_POWER),
        (bad_modulus("cube"), Reason.MODULUS_POWER),
        (65_539**128, Reason.MODULUS_POWER),
        (bad_modulus("prime"), Reason.MODULUS_PRIME),
        (gmpy2.mpz(GOOD), Reason.WRONG_TYPE),
        (float(1 << 1000), Reason.WRONG_TYPE),
        (str(GOOD), Reason.WRONG_TYPE),
        (None, Reason.WRONG_TYPE),
        (True, Reason.WRONG_TYPE),
    ],
    ids=named,
)
def test_a_bad_modulus_makes_no_key(n: Any, reason: Reason) -> None:
    with pytest.raises(PaillierKeyError) as refused:
        PublicKey(n, least_bits=LEGACY_BITS)
    assert refused.value.reason is reason


def test_the_length_has_a_floor_that_no_argument_lowers() -> None:
    with pytest.raises(PaillierKeyError):
        PublicKey(GOOD)
    # Nothing but its length, 1,368 bits, is wrong with this one.
    short = prod(bad_primes("three_primes")[:2])
    for least_bits in (1024, 0, -1):
        with pytest.raises(PaillierKeyError) as refused:
            PublicKey(short, least_bits=least_bits)
        assert refused.value.reason is Reason.MODULUS_LENGTH
    PublicKey(key("veilgate_3072").public_key.n)


@pytest.mark.parametrize("name", ["smooth_less_one", "many_small_primes"])
def test_a_modulus_that_bounded_effort_factors_is_refused(name: str) -> None:
    n = bad_modulus(name)
    require_modulus(n, LEGACY_BITS)
    with pytest.raises(PaillierKeyError) as refused:
        require_rough(n)
    assert refused.value.reason is Reason.MODULUS_SMOOTH


def test_a_good_modulus_is_not_factored() -> None:
    require_rough(GOOD)


def _private(p: Any, q: Any) -> PrivateKey:
    public = PublicKey(p * q, least_bits=LEGACY_BITS)
    return PrivateKey(public, p, q)


def test_primes_of_another_modulus_are_refused() -> None:
    p, q = key().p, key().q
    for left, right in [(p, p), (p, q + 2), (1, GOOD), (GOOD, 1), (-p, -q), (0, q)]:
        with pytest.raises(PaillierKeyError) as refused:
            PrivateKey(key().public_key, left, right)
        assert refused.value.reason is Reason.PRIMES_DIFFER_FROM_MODULUS
    with pytest.raises(PaillierKeyError) as refused:
        PrivateKey(key().public_key, float(3), q)  # type: ignore[arg-type]
    assert refused.value.reason is Reason.WRONG_TYPE


def test_unsafe_primes_are_refused() -> None:
    p, other, third = bad_primes("three_primes")
    near = int(gmpy2.next_prime(key().p))
    divides, divided = bad_primes("one_divides_the_other_less_one")
    even = bad_primes("a_prime_1_modulo_4")
    # Half of a length is right here, but one half is a product of primes.
    composite = 65_539 * int(gmpy2.next_prime(1 << 1008))
    for left, right in [
        (p, other * third),
        (key().p, near),
        (divides, divided),
        (even[0], composite),
    ]:
        with pytest.raises(PaillierKeyError) as refused:
            _private(left, right)
        assert refused.value.reason is Reason.PRIMES_UNSAFE


def test_the_property_of_paillier_is_looked_at_itself() -> None:
    """Nothing else is wrong with them: without that check they would make a key."""
    p, q = bad_primes("one_divides_the_other_less_one")
    assert q == 2 * p + 1
    assert gmpy2.is_prime(p)
    assert gmpy2.is_prime(q)
    with pytest.raises(PaillierKeyError, match="divides"):
        _private(p, q)


def test_a_generated_key_has_the_shape_that_the_table_assumes() -> None:
    made = generate_key(2048, least_bits=2048)
    p, q, n = made.p, made.q, made.public_key.n
    assert n.bit_length() == 2048
    assert (p % 4, q % 4, gmpy2.gcd(p - 1, q - 1)) == (3, 3, 2)
    assert gmpy2.gcd(n, (p - 1) * (q - 1)) == 1
    assert made.public_key.randomness is Randomness.HALF
    assert made.decrypt(made.public_key.encrypt(-5)) == -5
    assert generate_key(2048, least_bits=2048).public_key != made.public_key


@pytest.mark.parametrize(
    ("bits", "least"), [(2048, 3072), (1024, 1024), (3071, 3072), (4112, 3072)]
)
def test_keys_of_other_lengths_are_not_made(bits: int, least: int) -> None:
    with pytest.raises(PaillierKeyError) as refused:
        generate_key(bits, least_bits=least)
    assert refused.value.reason is Reason.MODULUS_LENGTH


def _prime(start: int, remainder: int, modulus: int) -> int:
    p = gmpy2.next_prime(start)
    while p % modulus != remainder:
        p = gmpy2.next_prime(p)
    return int(p)


def test_a_table_needs_primes_of_the_right_shape() -> None:
    """Both 3 modulo 4, and nothing in common but 2 of p - 1 and q - 1."""
    fit = PrivateKey.from_phe(phe_pair(key())[1], 2048).with_randomness(Randomness.HALF)
    assert fit.public_key.randomness is Randomness.HALF
    assert fit.decrypt(fit.public_key.encrypt(-8)) == -8
    with pytest.raises(PaillierKeyError) as refused:
        key("pheutil_2048").with_randomness(Randomness.HALF)
    assert refused.value.reason is Reason.PRIMES_UNSAFE
    # 7 modulo 12: 3 modulo 4, and 3 divides both less one.
    p, q = _prime(3 << 1022, 7, 12), _prime(7 << 1021, 7, 12)
    common = _private(p, q)
    for kind in (Randomness.HALF, Randomness.SHORT_EXPONENT_ASSUMPTION):
        with pytest.raises(PaillierKeyError) as refused:
            common.with_randomness(kind)
        assert refused.value.reason is Reason.PRIMES_UNSAFE
    assert not _fit(p, q)


def test_primes_that_are_generated_fit_each_other() -> None:
    p, q = key().p, key().q
    assert _fit(p, q)
    assert not _fit(p, int(gmpy2.next_prime(p)))
    assert not _fit(*bad_primes("one_divides_the_other_less_one"))


def test_a_copy_of_a_public_key_does_not_carry_the_table() -> None:
    public = key().public_key
    public.encrypt(1)
    copied = copy.deepcopy(public)
    assert (copied, copied.randomness) == (public, public.randomness)
    assert set(vars(copied)) == {"n", "randomness"}


def test_a_private_key_is_neither_printed_nor_copied() -> None:
    for shown in (repr(key()), str(key())):
        assert str(key().p) not in shown
        assert str(key().q) not in shown
        assert hex(key().p)[2:] not in shown
    for copier in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copier(key())


def test_keys_of_phe_are_taken_and_randomised_in_full() -> None:
    public, private = phe_pair(key("veilgate_3072"))
    assert PublicKey.from_phe(public).randomness is Randomness.FULL
    assert PrivateKey.from_phe(private).decrypt(public.encrypt(-7).ciphertext()) == -7
    short, short_private = phe_pair(key())
    with pytest.raises(PaillierKeyError):
        PublicKey.from_phe(short)
    with pytest.raises(PaillierKeyError):
        PrivateKey.from_phe(short_private)
    assert PublicKey.from_phe(short, least_bits=2048).n == GOOD
    with pytest.raises(PaillierKeyError):
        PrivateKey.from_phe(SimpleNamespace(public_key=public, p=3, q=5))
