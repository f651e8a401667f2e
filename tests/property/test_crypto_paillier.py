"""Paillier's arithmetic is that of the integers, for us and for python-paillier alike."""

from functools import reduce

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.crypto.paillier import (
    KeyProof,
    Packing,
    PackingError,
    PaillierError,
    PlaintextError,
    ProofError,
    masked,
    prove_key,
    verify_key,
)
from gateway.crypto.paillier.integers import largest, signed, unsigned
from support.paillier_keys import key, phe_number, phe_pair

KEY, PUBLIC = key(), key().public_key
N, LARGEST = PUBLIC.n, PUBLIC.max_int
PHE, PHE_PRIVATE = phe_pair(KEY)
PROOF = prove_key(KEY, b"context").encode(N)

quick = settings(max_examples=15, deadline=None)
SMALL = st.integers(-(2**64), 2**64)
EDGES = st.integers(0, 40).flatmap(
    lambda near: st.sampled_from([LARGEST - near, near - LARGEST, near, -near])
)
PLAIN = SMALL | EDGES | st.integers(-LARGEST, LARGEST)


@given(PLAIN)
@example(LARGEST)
@example(-LARGEST)
@quick
def test_what_one_encrypts_the_other_decrypts(m: int) -> None:
    c = PUBLIC.encrypt(m)
    assert PHE_PRIVATE.decrypt(phe_number(PHE, c)) == m
    assert KEY.decrypt(PHE.encrypt(m).ciphertext()) == m
    assert KEY.decrypt(c, abs(m)) == m
    assert KEY.decrypt(PUBLIC.encrypt_with(next(PUBLIC.randomisers(1)), m)) == m
    assert PHE_PRIVATE.decrypt(phe_number(PHE, KEY.encrypt(m))) == m


@given(st.integers(-4 * N, 4 * N) | EDGES.map(lambda m: 2 * m) | EDGES)
@example(LARGEST + 1)
@example(-LARGEST - 1)
@settings(max_examples=150, deadline=None)
def test_a_number_has_a_residue_or_is_refused(m: int) -> None:
    if abs(m) > LARGEST:
        with pytest.raises(PlaintextError):
            unsigned(m, N)
    else:
        residue = int(unsigned(m, N))
        assert residue == m % N
        assert signed(residue, N) == m


@given(st.integers(9, 2000), st.data())
@settings(max_examples=100, deadline=None)
def test_every_residue_of_a_small_modulus_is_signed_or_an_overflow(
    n: int, data: st.DataObject
) -> None:
    residue = data.draw(st.integers(0, n - 1))
    numbers = {m % n: m for m in range(-largest(n), largest(n) + 1)}
    assert len(numbers) == 2 * largest(n) + 1
    if residue in numbers:
        assert signed(residue, n) == numbers[residue]
    else:
        with pytest.raises(PlaintextError):
            signed(residue, n)


@given(st.lists(SMALL, min_size=1, max_size=5), SMALL, SMALL)
@quick
def test_sums_and_products_are_those_of_the_integers(ms: list[int], m: int, k: int) -> None:
    sent = PUBLIC.encrypt_many(ms)
    total = PUBLIC.total(sent, 2**64)
    assert total == reduce(PUBLIC.add, sent)
    mapped = PUBLIC.add_plain(PUBLIC.multiply(total, k), m)
    assert KEY.decrypt(mapped) == sum(ms) * k + m
    assert KEY.decrypt(PUBLIC.rerandomise(total)) == sum(ms)


@given(SMALL, SMALL)
@quick
def test_each_operation_gives_phes_ciphertext(m: int, k: int) -> None:
    a, b = PUBLIC.encrypt(m), PUBLIC.encrypt(k)
    theirs = phe_number(PHE, a)
    plain = PHE_PRIVATE.raw_decrypt
    # phe hides what it hands out; what it decrypts to is compared, and that only a mask differs.
    assert plain(PUBLIC.add(a, b)) == plain((theirs + phe_number(PHE, b)).ciphertext())
    assert plain(PUBLIC.add_plain(a, k)) == plain((theirs + k).ciphertext())
    assert plain(PUBLIC.multiply(a, k)) == plain((theirs * k).ciphertext())


@st.composite
def packings(draw: st.DrawFn) -> Packing:
    lowest = draw(st.integers(-(2**40), 2**40))
    highest = lowest + draw(st.integers(0, 2**40))
    return Packing(2048, draw(st.integers(1, 40)), lowest, highest)


@given(packings(), st.integers(1, 100), st.data())
@settings(max_examples=40, deadline=None)
def test_slots_add_up_without_touching_each_other(
    packing: Packing, count: int, data: st.DataObject
) -> None:
    value = st.sampled_from([packing.lowest, packing.highest]) | st.integers(
        packing.lowest, packing.highest
    )
    rows = [
        data.draw(st.lists(value, min_size=count, max_size=count))
        for _ in range(min(packing.contributors, 3))
    ]
    rows += [rows[0]] * (packing.contributors - len(rows))
    packed = [packing.pack(row) for row in rows]
    totals = [sum(column) for column in zip(*packed, strict=True)]
    assert all(total.bit_length() <= 2046 for total in totals)
    assert packing.unpack(totals, count) == [sum(column) for column in zip(*rows, strict=True)]


@given(packings(), st.integers(1, N - 1))
@settings(max_examples=100, deadline=None)
def test_a_mask_that_does_not_cancel_is_seen_or_keeps_the_bounds(
    packing: Packing, mask: int
) -> None:
    zeros = [packing.lowest] * packing.slots
    total = masked(packing.contributors * packing.pack(zeros)[0], [mask], N)
    try:
        sums = packing.unpack([total], packing.slots)
    except PackingError:
        return
    bounds = packing.contributors * packing.lowest, packing.contributors * packing.highest
    assert all(bounds[0] <= part <= bounds[1] for part in sums)
    assert sums != [bounds[0]] * packing.slots


@given(st.integers(0, len(PROOF) * 8 - 1))
@settings(max_examples=30, deadline=None)
def test_a_proof_with_a_changed_bit_is_refused(bit: int) -> None:
    changed = bytearray(PROOF)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ProofError):
        verify_key(N, b"context", KeyProof.decode(N, bytes(changed)), 2048)


@given(st.integers(-(2**5000), 2**5000))
@settings(max_examples=60, deadline=None)
def test_a_number_that_comes_in_is_a_ciphertext_or_refused(c: int) -> None:
    """What `require` lets pass, python-paillier and we decrypt alike."""
    try:
        PUBLIC.require(c)
    except PaillierError:
        with pytest.raises(PaillierError):
            KEY.decrypt_raw(c)
        return
    assert KEY.decrypt_raw(c) == PHE_PRIVATE.raw_decrypt(c)
