"""Encrypting, adding and reading at the edges, and what keys refuse."""

import copy
import os

import pytest

from gateway.crypto.elgamal import (
    Ciphertext,
    ElGamalError,
    PublicKey,
    Refusal,
    SecretKey,
    curve,
    sum_many,
)
from gateway.crypto.elgamal.baby_steps import MAX_WIDTH, BabySteps, baby_steps
from gateway.crypto.elgamal.column import CiphertextColumn
from gateway.crypto.elgamal.curve import ORDER
from gateway.crypto.elgamal.fixed_base import FixedBase
from gateway.crypto.elgamal.possession import prove_possession, verify_possession
from gateway.crypto.elgamal.stock import RandomiserStock

SECRET = SecretKey(0xC0FFEE << 200 | 1)
PUBLIC = SECRET.public_key()
TABLED = SECRET.public_key()
TABLED.prepare()
WIDEST = 1 << 35
EDGES = [
    *[(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1), (1, 0, 0), (1, 0, 1), (2, 0, 0), (300, 0, 0)],
    *[(0, 0, WIDEST - 1), (0, 0, WIDEST)],
]
"""Widths and reaches of the table of steps, and how much more."""


def reason(caught: pytest.ExceptionInfo[ElGamalError]) -> Refusal:
    return caught.value.reason


@pytest.mark.parametrize("key", [PUBLIC, TABLED], ids=["by the library", "by tables"])
@pytest.mark.parametrize("m", [0, 1, -1, 2**39 - 1, -(2**39), 2**39, ORDER - 1, 1 - ORDER])
def test_the_point_under_a_ciphertext_is_m_times_the_generator(key: PublicKey, m: int) -> None:
    ciphertext = key.encrypt(m)
    mask = curve.multiply(ciphertext.c1, SECRET.scalar)
    if m % ORDER == 0:
        assert ciphertext.c2 == mask
    else:
        assert curve.add(ciphertext.c2, curve.negate(mask)) == curve.base(m % ORDER)


@pytest.mark.parametrize("m", [ORDER, -ORDER, 2**256])
def test_numbers_beyond_the_order_are_refused(m: int) -> None:
    with pytest.raises(ElGamalError) as caught:
        PUBLIC.encrypt(m)
    assert reason(caught) == Refusal.SCALAR_OUT_OF_RANGE


@pytest.fixture(scope="module")
def steps() -> BabySteps:
    return baby_steps(1 << 20)


@pytest.mark.parametrize(("widths", "reaches", "more"), EDGES)
def test_the_widest_range_is_read_to_both_ends(
    widths: int, reaches: int, more: int, steps: BabySteps
) -> None:
    m = widths * steps.width + reaches * steps.reach + more
    both = PUBLIC.encrypt_many([m, -m])
    assert SECRET.decrypt_many(both, -WIDEST, WIDEST) == [m, -m]


def test_a_range_that_ends_just_after_a_chunk_of_giant_steps_is_read(steps: BabySteps) -> None:
    last = 256 * steps.width + steps.reach + 1
    both = PUBLIC.encrypt_many([last, -last])
    assert SECRET.decrypt_many(both, -last, last) == [last, -last]


@pytest.mark.parametrize(
    ("m", "low", "high"),
    [
        (11, 0, 10),
        (-1, 0, 10),
        (0, 1, 10),
        (5, 0, 4),
        (WIDEST + 1, -WIDEST, WIDEST),
        (2**200, 0, 9),
    ],
)
def test_a_number_outside_its_range_is_an_error(m: int, low: int, high: int) -> None:
    with pytest.raises(ElGamalError) as caught:
        SECRET.decrypt(PUBLIC.encrypt(m), low, high)
    assert reason(caught) == Refusal.OUT_OF_BOUND


@pytest.mark.parametrize(
    ("low", "high"), [(1, 0), (0, MAX_WIDTH + 1), (ORDER // 2, ORDER // 2 + 5), (-ORDER, -ORDER)]
)
def test_bad_ranges_are_refused(low: int, high: int) -> None:
    with pytest.raises(ElGamalError) as caught:
        SECRET.decrypt(PUBLIC.encrypt(0), low, high)
    assert reason(caught) == Refusal.BAD_BOUND


def test_another_key_reads_nothing() -> None:
    with pytest.raises(ElGamalError, match="out_of_bound"):
        SecretKey.generate().decrypt(PUBLIC.encrypt(3), 0, 1000)


@pytest.mark.parametrize("wanted", [256, 257, 1024, 4096])
def test_the_table_of_baby_steps_is_whole(wanted: int) -> None:
    table = BabySteps(wanted)
    assert table.reach >= wanted
    points = [curve.base(1)]
    while len(points) < table.reach:
        points.append(curve.add(points[-1], points[0]))
    for j, point in enumerate(points, 1):
        assert j in table.look_up(curve.coordinates(point)[0])
    assert list(table.look_up(curve.coordinates(curve.base(table.reach + 1))[0])) == []


def test_a_table_of_the_process_is_never_replaced_by_a_shorter_one(steps: BabySteps) -> None:
    assert baby_steps(300) is steps
    assert baby_steps(1 << 20) is steps


def test_zero_is_told_without_a_logarithm() -> None:
    assert SECRET.is_zero(PUBLIC.encrypt(0))
    assert not SECRET.is_zero(PUBLIC.encrypt(1))


def test_ciphertexts_of_one_number_differ() -> None:
    made = {one.to_bytes() for key in (PUBLIC, TABLED) for one in key.encrypt_many([1] * 50)}
    made |= {PUBLIC.rerandomise(PUBLIC.encrypt(1)).to_bytes() for _ in range(50)}
    assert len(made) == 150
    assert {len(one) for one in made} == {66}


def test_a_thousand_numbers_build_the_tables_and_read_back() -> None:
    key = SECRET.public_key()
    numbers = [n % 7 - 3 for n in range(1000)]
    ciphertexts = key.encrypt_many(numbers)
    assert SECRET.decrypt_many(ciphertexts[:21], -3, 3) == numbers[:21]
    assert SECRET.decrypt(sum_many(ciphertexts), -3000, 3000) == sum(numbers)


def test_rerandomising_changes_both_points_and_not_the_number() -> None:
    for key in (PUBLIC, TABLED):
        before = key.encrypt_many([4, -9])
        after = key.rerandomise_many(before)
        assert SECRET.decrypt_many(after, -9, 9) == [4, -9]
        for old, new in zip(before, after, strict=True):
            assert old.c1 != new.c1
            assert old.c2 != new.c2


def test_a_sum_with_a_negative_of_itself_is_refused() -> None:
    one = PUBLIC.encrypt(1)
    opposite = Ciphertext(curve.negate(one.c1), curve.negate(one.c2))
    with pytest.raises(ElGamalError, match="infinity"):
        sum_many([one, opposite])
    with pytest.raises(ElGamalError, match="infinity"):
        one.plus(opposite)
    with pytest.raises(ElGamalError, match="empty"):
        sum_many([])


def test_a_column_sums_rows() -> None:
    numbers = [3, 1, 4, 1, 5]
    column = CiphertextColumn(PUBLIC.encrypt_many(numbers))
    assert len(column) == 5
    for rows in ([0], [4], [1, 2, 4], [0, 1, 2, 3, 4], [2, 2]):
        expected = sum(numbers[row] for row in rows)
        assert SECRET.decrypt(column.sum_rows(rows), 0, 20) == expected
    with pytest.raises(ElGamalError, match="empty"):
        column.sum_rows([])
    for beyond in (-1, 5):
        with pytest.raises(IndexError):
            column.sum_rows([beyond])


def test_what_holds_addresses_is_built_anew_or_not_copied() -> None:
    """A copy is what a worker process would get: another table, at other addresses."""
    for copied in (copy.deepcopy(TABLED), copy.copy(TABLED)):
        assert copied == TABLED
        assert "_table" not in vars(copied)
        assert SECRET.decrypt(copied.encrypt(9), 0, 9) == 9
    table = FixedBase(curve.base(3))
    assert copy.deepcopy(table).pointers(bytes(1)) != table.pointers(bytes(1))
    assert copy.deepcopy(table).times(5) == curve.base(15)
    with pytest.raises(TypeError, match="stays"):
        copy.deepcopy(CiphertextColumn([PUBLIC.encrypt(1)]))


def test_keys_are_read_back_and_not_shown() -> None:
    assert SecretKey.from_bytes(SECRET.to_bytes()).scalar == SECRET.scalar
    assert PublicKey.from_bytes(PUBLIC.to_bytes()) == PUBLIC
    assert str(SECRET.scalar) not in repr(SECRET)
    for bad in (bytes(32), ORDER.to_bytes(32, "big"), bytes(31), b""):
        with pytest.raises(ElGamalError):
            SecretKey.from_bytes(bad)


def test_possession_is_proved_for_one_key_and_one_context() -> None:
    proof = prove_possession(SECRET, b"registration 1")
    verify_possession(PUBLIC, proof, b"registration 1")
    opposite = SecretKey(ORDER - SECRET.scalar).public_key()
    for key, context in ((PUBLIC, b"registration 2"), (opposite, b"registration 1")):
        with pytest.raises(ElGamalError) as caught:
            verify_possession(key, proof, context)
        assert reason(caught) == Refusal.PROOF_FAILED
    for bad in (b"", proof + b"\0", proof[:-1]):
        with pytest.raises(ElGamalError) as caught:
            verify_possession(PUBLIC, bad, b"registration 1")
        assert reason(caught) == Refusal.WRONG_LENGTH


def test_every_bit_of_a_proof_of_possession_counts() -> None:
    proof = prove_possession(SECRET, b"c")
    for bit in range(8 * len(proof)):
        forged = bytearray(proof)
        forged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ElGamalError):
            verify_possession(PUBLIC, bytes(forged), b"c")


def test_a_stock_is_used_once_and_runs_on_without() -> None:
    stock = RandomiserStock(PUBLIC)
    stock.prepare(3)
    made = stock.encrypt_many([1, 2, 3, 4])
    assert len(stock) == 0
    assert SECRET.decrypt_many(made, 0, 4) == [1, 2, 3, 4]
    assert len({one.c1 for one in made}) == 4


def test_a_stock_is_filled_behind_the_scenes() -> None:
    with RandomiserStock(PUBLIC, capacity=40) as stock:
        stock.wait_until_full(timeout_s=20)
        assert len(stock) == 40
    assert SECRET.decrypt_many(stock.encrypt_many([5] * 50), 0, 9) == [5] * 50


def test_a_forked_process_does_not_share_the_stock() -> None:
    stock = RandomiserStock(PUBLIC)
    stock.prepare(1)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, stock.encrypt_many([1])[0].to_bytes())
        os._exit(0)
    theirs = os.read(reading, 66)
    os.waitpid(child, 0)
    assert stock.encrypt_many([1])[0].c1 != Ciphertext.from_bytes(theirs).c1
