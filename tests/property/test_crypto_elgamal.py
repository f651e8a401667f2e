"""Sums under encryption are sums, forgeries fail, and masks vanish in whole rosters only."""

from itertools import combinations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.crypto.elgamal import Ciphertext, ElGamalError, SecretKey, curve, sum_many
from gateway.crypto.elgamal.column import CiphertextColumn
from gateway.crypto.elgamal.curve import FIELD, ORDER
from gateway.crypto.elgamal.fixed_base import digits_of, scalar_of
from gateway.crypto.elgamal.or_proof import BitStatement
from gateway.crypto.masks import MaskingKey, MaskRoster, apply_masks

quick = settings(max_examples=60, deadline=None)
SECRET = SecretKey(2**251 - 9)
KEY = SECRET.public_key()
KEY.prepare()
BOUND = 1 << 20
SMALL = st.integers(-BOUND, BOUND)
SCALAR = st.integers(1, ORDER - 1)


@given(st.lists(SMALL, min_size=1, max_size=8))
@quick
def test_sums_are_read_back(numbers: list[int]) -> None:
    ciphertexts = KEY.encrypt_many(numbers)
    total = sum(numbers)
    sums = [sum_many(ciphertexts), CiphertextColumn(ciphertexts).sum_rows(range(len(numbers)))]
    step = ciphertexts[0]
    for one in ciphertexts[1:]:
        step = step.plus(one)
    for encrypted in (*sums, step, KEY.rerandomise(step)):
        carried = Ciphertext.from_bytes(encrypted.to_bytes())
        assert SECRET.decrypt(carried, -8 * BOUND, 8 * BOUND) == total
        assert SECRET.is_zero(carried) == (total == 0)


@given(SMALL, SMALL, SMALL)
@quick
def test_a_range_is_kept_to_the_number(m: int, a: int, b: int) -> None:
    low, high = sorted((a, b))
    ciphertext = KEY.encrypt(m)
    if low <= m <= high:
        assert SECRET.decrypt(ciphertext, low, high) == m
    else:
        with pytest.raises(ElGamalError, match="out_of_bound"):
            SECRET.decrypt(ciphertext, low, high)


@given(st.lists(st.integers(0, ORDER - 1), min_size=2, max_size=5))
@quick
def test_masked_numbers_wrap_around_the_order(masks: list[int]) -> None:
    masks[-1] = (masks[-1] - sum(masks)) % ORDER
    values = [7 * place for place in range(len(masks))]
    masked = apply_masks(values, masks, ORDER)
    assert SECRET.decrypt(sum_many(KEY.encrypt_many(masked)), 0, 100) == sum(values)


@given(SCALAR, SCALAR)
@quick
def test_tables_multiply_as_the_library_does(left: int, right: int) -> None:
    assert scalar_of(digits_of(left)) == left
    assert KEY.times(left) == curve.multiply(KEY.point, left)
    if (left + right) % ORDER:
        expected = curve.base((left + right) % ORDER)
        assert curve.add(curve.base(left), curve.base(right)) == expected


@given(
    st.binary(min_size=33, max_size=33)
    | st.integers(0, 2**256 - 1).map(lambda x: b"\x02" + x.to_bytes(32, "big"))
)
@settings(max_examples=400, deadline=None)
def test_33_bytes_are_a_point_exactly_if_they_lie_on_the_curve(encoded: bytes) -> None:
    x = int.from_bytes(encoded[1:], "big")
    right = (x**3 + 7) % FIELD
    good = encoded[0] in (2, 3) and x < FIELD and pow(right, (FIELD - 1) // 2, FIELD) == 1
    if good:
        assert curve.encode(curve.decode(encoded)) == encoded
    else:
        with pytest.raises(ElGamalError):
            curve.decode(encoded)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=3), st.binary(max_size=40), st.data())
@settings(max_examples=25, deadline=None)
def test_proofs_verify_and_no_altered_transcript_does(
    bits: list[int], job: bytes, data: st.DataObject
) -> None:
    statement = BitStatement(KEY, job)
    rows = statement.encrypt_bits(bits)
    statement.verify_all(rows)
    row = data.draw(st.integers(0, len(bits) - 1))
    ciphertext, proof = rows[row]
    transcript = ciphertext.to_bytes() + proof
    flipped = bytearray(transcript)
    for bit in data.draw(st.sets(st.integers(0, 8 * len(transcript) - 1), min_size=1, max_size=3)):
        flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ElGamalError):
        statement.verify(Ciphertext.from_bytes(bytes(flipped[:66])), row, bytes(flipped[66:]))


@given(SCALAR, st.sampled_from([0, 1]), SCALAR, SCALAR, SCALAR, SCALAR)
@settings(max_examples=40, deadline=None)
def test_a_proof_made_of_chosen_numbers_fails(
    k: int, y: int, c0: int, c1: int, z0: int, z1: int
) -> None:
    proof = b"".join(value.to_bytes(32, "big") for value in (c0, c1, z0, z1))
    with pytest.raises(ElGamalError):
        BitStatement(KEY, b"job").verify(KEY.encrypt_with(y, k), 0, proof)


ROSTERS = st.lists(st.binary(min_size=32, max_size=32), min_size=2, max_size=6, unique=True)
MODULUS = st.sampled_from([ORDER, (1 << 3071) + 12345, (1 << 64) - 59])


@given(ROSTERS, MODULUS, st.integers(0, 3), st.text("abc", max_size=3))
@quick
def test_masks_vanish_over_the_roster_and_over_no_part_of_it(
    secrets: list[bytes], modulus: int, count: int, label: str
) -> None:
    keys = [MaskingKey(secret) for secret in secrets]
    members = tuple(key.public_key() for key in keys)
    # Two secrets may be one key: clamping drops five bits.
    assume(len(set(members)) == len(members))
    roster = MaskRoster(bytes(32), b"r" * 32, members)
    masks = [roster.masks(key, place, label, modulus, count) for place, key in enumerate(keys)]
    assert all(0 <= mask < modulus for row in masks for mask in row)
    columns = list(zip(*masks, strict=True))
    assert [sum(column) % modulus for column in columns] == [0] * count
    for column in columns:
        for size in range(1, len(keys)):
            for part in combinations(column, size):
                assert sum(part) % modulus != 0
