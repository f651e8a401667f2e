"""What is no ciphertext, or no number to encrypt, is refused with its reason, wherever it enters.

python-paillier decrypts 0, n, p, n^2 and negative numbers to rubbish without an error.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any

import gmpy2
import numpy as np
import pytest

from gateway.crypto.paillier import CiphertextError, PlaintextError, PublicKey, Reason
from support.paillier_keys import key, named

KEY = key()
PUBLIC = PublicKey(KEY.public_key.n, least_bits=2048)
N, SQUARE = PUBLIC.n, PUBLIC.n**2
CIPHERTEXT = KEY.encrypt(11)
LARGEST = PUBLIC.max_int


def divisible(random: Random) -> tuple[int, Reason]:
    factor = random.choice((KEY.p, KEY.q, N, KEY.p**2, KEY.q**2))
    return factor * random.randrange(1, SQUARE // factor), Reason.CIPHERTEXT_NOT_INVERTIBLE


def not_positive(random: Random) -> tuple[int, Reason]:
    value = random.choice((0, -1, -N, -SQUARE, -random.getrandbits(4000), -(1 << 100_000)))
    return value, Reason.CIPHERTEXT_NOT_POSITIVE


def too_large(random: Random) -> tuple[int, Reason]:
    value = random.choice((0, 1, N, CIPHERTEXT, random.getrandbits(5000), 1 << 100_000))
    return SQUARE + value, Reason.CIPHERTEXT_TOO_LARGE


def wrong_type(random: Random) -> tuple[Any, Reason]:
    values = (None, True, "5", b"5", 5.0, [5], gmpy2.mpz(5), np.int64(5), float("nan"), Decimal(5))
    return random.choice(values), Reason.WRONG_TYPE


KINDS = (divisible, not_positive, too_large, wrong_type)


def hostile(seed: int) -> Iterator[tuple[Any, Reason]]:
    random = Random(seed)
    yield from ((N, Reason.CIPHERTEXT_NOT_INVERTIBLE), (SQUARE, Reason.CIPHERTEXT_TOO_LARGE))
    while True:
        yield random.choice(KINDS)(random)


def refused(call: Callable[[], object]) -> Reason:
    with pytest.raises(CiphertextError) as caught:
        call()
    return caught.value.reason


def entries(value: Any) -> list[Callable[[], object]]:
    """Every way in that looks at all of a ciphertext."""
    return [
        lambda: PUBLIC.require(value),
        lambda: PUBLIC.multiply(value, 3),
        lambda: PUBLIC.rerandomise(value),
        lambda: PUBLIC.total([CIPHERTEXT, value, CIPHERTEXT], 11),
        lambda: KEY.decrypt(value),
        lambda: KEY.decrypt(value, 5),
        lambda: KEY.decrypt_raw(value),
        lambda: KEY.rerandomise(value),
    ]


def check(count: int, seed: int) -> None:
    for value, reason in islice(hostile(seed), count):
        for call in entries(value):
            assert refused(call) is reason
        if reason is not Reason.CIPHERTEXT_NOT_INVERTIBLE:
            assert refused(lambda: PUBLIC.add(value, CIPHERTEXT)) is reason  # noqa: B023
            assert refused(lambda: PUBLIC.add(CIPHERTEXT, value)) is reason  # noqa: B023
            assert refused(lambda: PUBLIC.add_plain(value, 1)) is reason  # noqa: B023


def test_hostile_ciphertexts_are_refused() -> None:
    check(400, 1)


@pytest.mark.long
def test_ten_thousand_hostile_ciphertexts_are_refused() -> None:
    check(10_000, 2)


def test_a_divisor_that_was_added_shows_in_the_sum() -> None:
    for factor in (KEY.p, KEY.q, N):
        total = PUBLIC.add_plain(PUBLIC.add(factor, CIPHERTEXT), 5)
        assert refused(lambda: KEY.decrypt(total)) is Reason.CIPHERTEXT_NOT_INVERTIBLE  # noqa: B023
        assert refused(lambda: PUBLIC.require(total)) is Reason.CIPHERTEXT_NOT_INVERTIBLE  # noqa: B023


def test_another_ciphertext_is_not_harmed_by_a_refused_one() -> None:
    for value, _ in islice(hostile(3), 20):
        refused(lambda: KEY.decrypt(value))  # noqa: B023
        assert KEY.decrypt(CIPHERTEXT) == 11


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (LARGEST + 1, Reason.PLAINTEXT_RANGE),
        (-LARGEST - 1, Reason.PLAINTEXT_RANGE),
        (N, Reason.PLAINTEXT_RANGE),
        (1 << 100_000, Reason.PLAINTEXT_RANGE),
        (1.0, Reason.WRONG_TYPE),
        (np.float64(1.0), Reason.WRONG_TYPE),
        (np.True_, Reason.WRONG_TYPE),
        (True, Reason.WRONG_TYPE),
        (Decimal(1), Reason.WRONG_TYPE),
        (Fraction(2), Reason.WRONG_TYPE),
        ("1", Reason.WRONG_TYPE),
        (None, Reason.WRONG_TYPE),
        (np.array([1, 2]), Reason.WRONG_TYPE),
    ],
    ids=named,
)
def test_what_cannot_be_encrypted_is_refused(value: Any, reason: Reason) -> None:
    spare = next(PUBLIC.randomisers(1))
    for call in (
        lambda: PUBLIC.encrypt(value),
        lambda: PUBLIC.encrypt_many([1, value]),
        lambda: PUBLIC.encrypt_with(spare, value),
        lambda: PUBLIC.add_plain(CIPHERTEXT, value),
        lambda: PUBLIC.multiply(CIPHERTEXT, value),
        lambda: KEY.encrypt(value),
    ):
        with pytest.raises(PlaintextError) as caught:
            call()
        assert caught.value.reason is reason
    # A refused plaintext does not spend the randomiser.
    assert KEY.decrypt(PUBLIC.encrypt_with(spare, 1)) == 1


@pytest.mark.parametrize("value", [np.int64(-7), np.uint8(7), np.int32(0), gmpy2.mpz(-7)])
def test_exact_integers_of_other_libraries_are_taken(value: Any) -> None:
    assert KEY.decrypt(KEY.encrypt(value)) == int(value)
    assert KEY.decrypt(PUBLIC.add_plain(CIPHERTEXT, value)) == 11 + int(value)
    assert KEY.decrypt(PUBLIC.multiply(CIPHERTEXT, value)) == 11 * int(value)


@pytest.mark.parametrize("residue", [-1, N, N + 1, 1 << 100_000], ids=named)
def test_a_residue_is_below_the_modulus(residue: int) -> None:
    with pytest.raises(PlaintextError) as caught:
        PUBLIC.encrypt_raw(residue)
    assert caught.value.reason is Reason.PLAINTEXT_RANGE
    spare = next(PUBLIC.randomisers(1))
    with pytest.raises(PlaintextError):
        PUBLIC.encrypt_raw_with(spare, residue)


def test_no_refusal_repeats_the_number() -> None:
    with pytest.raises(PlaintextError) as caught:
        PUBLIC.encrypt(10**800)
    assert "0000" not in str(caught.value)
    assert refused(lambda: PUBLIC.require(0))
    with pytest.raises(CiphertextError) as other:
        PUBLIC.require(-987_654_321)
    assert "987" not in str(other.value)
