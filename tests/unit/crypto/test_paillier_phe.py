"""The arithmetic cases of python-paillier's own tests (paillier_test.py of 1.5.0), on our engine.

Where they have an EncryptedNumber, here stands its raw ciphertext with exponent 0; what they do
with floats has no counterpart, because floats are refused.
"""

from functools import reduce

import pytest
from phe import EncryptedNumber

from gateway.crypto.paillier import CiphertextError, PlaintextError, Reason
from support.paillier_keys import key, phe_number, phe_pair

KEY, PUBLIC = key(), key().public_key
LARGEST = PUBLIC.max_int
NUMBERS = [123456789, 314159265359, 271828182846, -987654321, -161803398874, -1414213562373095]
SENT = [PUBLIC.encrypt(number) for number in NUMBERS]


def test_the_bound_is_that_of_phe() -> None:
    assert phe_pair(KEY)[0].max_int == LARGEST


@pytest.mark.parametrize("value", [15, -15, 2**140, -(2**140), LARGEST, -LARGEST, 0], ids=repr)
def test_integers_come_back(value: int) -> None:
    assert KEY.decrypt(PUBLIC.encrypt(value)) == value
    assert KEY.decrypt(KEY.encrypt(value)) == value


def test_raw_plaintexts_up_to_n() -> None:
    for value in (123456789123456789123456789123456789, PUBLIC.n - 1, 0, 1):
        assert KEY.decrypt_raw(PUBLIC.encrypt_raw(value)) == value
    # phe wraps n to 0 and n + 1 to 1; here they are refused.
    for value in (PUBLIC.n, PUBLIC.n + 1):
        with pytest.raises(PlaintextError):
            PUBLIC.encrypt_raw(value)


@pytest.mark.parametrize("value", [LARGEST + 1, 2**3071, -LARGEST - 1, -(2**3071)], ids=bool)
def test_too_large_ones_are_refused(value: int) -> None:
    with pytest.raises(PlaintextError) as refused:
        PUBLIC.encrypt(value)
    assert refused.value.reason is Reason.PLAINTEXT_RANGE


@pytest.mark.parametrize(("left", "right"), [(-15, 1), (15, 1), (-15, -1), (15, -1)])
def test_two_are_added(left: int, right: int) -> None:
    c = PUBLIC.encrypt(left)
    assert KEY.decrypt(PUBLIC.add(c, PUBLIC.encrypt(right))) == left + right
    assert KEY.decrypt(PUBLIC.add_plain(c, right)) == left + right


def test_differences() -> None:
    fifteen, one = PUBLIC.encrypt(15), PUBLIC.encrypt(1)
    assert KEY.decrypt(PUBLIC.add(fifteen, PUBLIC.multiply(one, -1))) == 14
    assert KEY.decrypt(PUBLIC.add_plain(fifteen, -2)) == 13
    assert KEY.decrypt(PUBLIC.add_plain(PUBLIC.multiply(fifteen, -1), 20)) == 5


@pytest.mark.parametrize("part", [slice(0, 3), slice(3, 6), slice(0, 5), slice(0, 6)], ids=str)
def test_many_are_added(part: slice) -> None:
    expected = sum(NUMBERS[part])
    assert KEY.decrypt(reduce(PUBLIC.add, SENT[part])) == expected
    assert KEY.decrypt(PUBLIC.total(SENT[part], 2**60)) == expected


def test_sums_reach_the_bounds() -> None:
    up, down = PUBLIC.total(SENT[:5], 2**60), PUBLIC.total(SENT, 2**60)
    to_top = PUBLIC.encrypt(LARGEST - sum(NUMBERS[:5]))
    to_bottom = PUBLIC.encrypt(-LARGEST - sum(NUMBERS))
    assert KEY.decrypt(PUBLIC.add(up, to_top)) == LARGEST
    assert KEY.decrypt(PUBLIC.add(down, to_bottom)) == -LARGEST


@pytest.mark.parametrize("sign", [1, -1])
def test_affine_maps(sign: int) -> None:
    value, b = sign * 123456789123456789123456789123456789, 111111110111111110111111110111111110
    c = PUBLIC.encrypt(value)
    for a, shift in [(2, b), (0, b), (1, b), (2, 0), (0, 0)]:
        mapped = PUBLIC.add_plain(PUBLIC.multiply(c, a), shift)
        assert KEY.decrypt(mapped) == a * value + shift


@pytest.mark.parametrize(("value", "factor"), [(-3, -25), (3, -25), (-13, 1), (-13, -2), (3, 0)])
def test_products(value: int, factor: int) -> None:
    assert KEY.decrypt(PUBLIC.multiply(PUBLIC.encrypt(value), factor)) == value * factor


@pytest.mark.parametrize("sign", [1, -1])
def test_an_overflow_is_an_error(sign: int) -> None:
    over = PUBLIC.add(PUBLIC.encrypt(sign * LARGEST), PUBLIC.encrypt(sign))
    with pytest.raises(PlaintextError) as refused:
        KEY.decrypt(over)
    assert refused.value.reason is Reason.PLAINTEXT_OVERFLOW


def test_the_overflow_that_phe_cannot_see_is_refused_before_it_happens() -> None:
    """Three times `max_int` comes round to -5 to -3 (phe's testUndetectableAddOverflow)."""
    sent = [PUBLIC.encrypt(LARGEST) for _ in range(3)]
    assert -5 <= KEY.decrypt(reduce(PUBLIC.add, sent)) <= -3
    with pytest.raises(PlaintextError) as refused:
        PUBLIC.total(sent, LARGEST)
    assert refused.value.reason is Reason.PLAINTEXT_RANGE
    assert KEY.decrypt(PUBLIC.total(sent[:1], LARGEST)) == LARGEST


@pytest.mark.parametrize("bound", [-1, LARGEST // 2])
def test_a_bound_is_kept_by_sums_and_results(bound: int) -> None:
    c = PUBLIC.encrypt(5)
    with pytest.raises(PlaintextError):
        PUBLIC.total([c] * 3, bound)
    assert KEY.decrypt(c, 5) == 5
    assert KEY.decrypt(PUBLIC.encrypt(-5), 5) == -5
    for value in (6, -6, 2**900, -(2**1500), LARGEST):
        with pytest.raises(PlaintextError) as refused:
            KEY.decrypt(PUBLIC.encrypt(value), 5)
        assert refused.value.reason is Reason.PLAINTEXT_OVERFLOW
    assert KEY.decrypt(PUBLIC.encrypt(-(2**1500)), 2**1500) == -(2**1500)


def test_a_plaintext_that_one_prime_cannot_tell_apart_is_not_believed_at_its_bound() -> None:
    """p + 3 is 3 modulo p; under a bound near p it must be decrypted by both primes."""
    c = PUBLIC.encrypt(KEY.p + 3)
    assert KEY.decrypt(c, KEY.p + 3) == KEY.p + 3
    with pytest.raises(PlaintextError):
        KEY.decrypt(c, KEY.p // 4)
    with pytest.raises(PlaintextError):
        KEY.decrypt(c, 2 ** (KEY.p.bit_length() - 129))


def test_nothing_is_no_sum() -> None:
    with pytest.raises(Exception, match="one ciphertext") as refused:
        PUBLIC.total([], 5)
    assert getattr(refused.value, "reason", None) is Reason.NOTHING_TO_ADD


def test_phe_and_we_take_turns_on_one_sum() -> None:
    theirs, private = phe_pair(KEY)
    mixed = phe_number(theirs, PUBLIC.encrypt(40)) + theirs.encrypt(-50)
    c = PUBLIC.add(mixed.ciphertext(), KEY.encrypt(7))
    assert private.decrypt(phe_number(theirs, c)) == -3
    assert KEY.decrypt(c) == -3


def test_an_encrypted_number_of_phe_is_taken_if_it_has_no_exponent() -> None:
    theirs, _ = phe_pair(KEY)
    assert KEY.decrypt(PUBLIC.take_phe(theirs.encrypt(-31))) == -31
    other, _ = phe_pair(key("pheutil_2048"))
    cases = [
        (theirs.encrypt(0.5), Reason.EXPONENT),
        (EncryptedNumber(theirs, 5, 10**9), Reason.EXPONENT),
        (EncryptedNumber(theirs, 5, -1), Reason.EXPONENT),
        (EncryptedNumber(theirs, 5, False), Reason.EXPONENT),
        (other.encrypt(1), Reason.OTHER_KEY),
        (EncryptedNumber(theirs, 0, 0), Reason.CIPHERTEXT_NOT_POSITIVE),
        (EncryptedNumber(theirs, KEY.p, 0), Reason.CIPHERTEXT_NOT_INVERTIBLE),
    ]
    for number, reason in cases:
        with pytest.raises(CiphertextError) as refused:
            PUBLIC.take_phe(number)
        assert refused.value.reason is reason
