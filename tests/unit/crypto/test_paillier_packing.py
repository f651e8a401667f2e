"""Layouts: the width is enough and no more than the rule says, and what does not fit is refused."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, inf, log2, nan
from typing import Any

import pytest

from gateway.crypto.paillier import Packing, PackingError, PlaintextError, Reason, masked
from support.paillier_keys import key, phe_number, phe_pair

N = key().public_key.n


def refused(call: Callable[[], object]) -> Reason:
    with pytest.raises(PackingError) as caught:
        call()
    return caught.value.reason


@pytest.mark.parametrize(
    ("contributors", "lowest", "highest", "width"),
    [
        # ceil(log2(U (max + b) + 1)) + 2, worked out by hand.
        (1, 0, 1, 3),
        (3, 0, 1, 4),
        (4, 0, 1, 5),
        (3, -5, 10, 8),
        (1, 0, 0, 2),
        (10, -(2**31), 2**31, 38),
        (5, 7, 100, 11),
        (2, -9, -3, 6),
    ],
)
def test_the_width_of_a_slot(contributors: int, lowest: int, highest: int, width: int) -> None:
    packing = Packing(2048, contributors, lowest, highest)
    assert packing.width == width
    assert packing.slots == 2046 // width
    assert packing.offset == -lowest


def test_noise_adds_a_tail_of_14_sigma_on_both_sides() -> None:
    packing = Packing.with_noise(3072, 7, (-3, 100), Fraction(21, 2))
    assert (packing.lowest, packing.highest) == (-150, 247)
    assert Packing.with_noise(3072, 7, (0, 1), 0.01).highest == 2
    assert Packing.with_noise(3072, 7, (0, 1), 0).lowest == 0
    assert packing.width == ceil(log2(7 * (247 + 150) + 1)) + 2
    assert packing.clamped([-151, -150, 247, 248, 0]) == [-150, -150, 247, 247, 0]
    assert packing.clamped([10**30]) == [247]


@pytest.mark.parametrize("sigma", [-1.0, inf, nan, -inf])
def test_sigma_is_a_standard_deviation(sigma: float) -> None:
    assert refused(lambda: Packing.with_noise(2048, 3, (0, 9), sigma)) is Reason.PACKING_SHAPE


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ((2048, 0, 0, 9), Reason.PACKING_SHAPE),
        ((2048, -1, 0, 9), Reason.PACKING_SHAPE),
        ((2048, 1 << 21, 0, 9), Reason.PACKING_SHAPE),
        ((2048, 3, 9, 0), Reason.PACKING_SHAPE),
        ((2048, 3, 0, 9.0), Reason.PACKING_SHAPE),
        ((2048, True, 0, 9), Reason.PACKING_SHAPE),
        ((2048, 1, 0, 1 << 2044), Reason.PACKING_TOO_WIDE),
        ((0, 1, 0, 1), Reason.PACKING_TOO_WIDE),
    ],
)
def test_other_layouts_are_refused(shape: tuple[Any, ...], reason: Reason) -> None:
    assert refused(lambda: Packing(*shape)) is reason


def test_the_widest_slot_that_fits() -> None:
    packing = Packing(2048, 1, 0, (1 << 2044) - 1)
    assert (packing.slots, packing.width) == (1, 2046)


PACKING = Packing(2048, 3, -5, 10)


@pytest.mark.parametrize("values", [[], [11], [-6], [0] * 300 + [11]])
def test_values_out_of_bounds_are_refused(values: list[int]) -> None:
    assert refused(lambda: PACKING.pack(values)) is Reason.PACKING_VALUE


def test_only_integers_are_packed() -> None:
    for call in (PACKING.pack, PACKING.clamped):
        with pytest.raises(PlaintextError):
            call([1, 2.0])  # type: ignore[list-item]


def test_totals_that_no_sum_gives_are_refused() -> None:
    parts = PACKING.pack([1, 2, 3])
    total = 3 * parts[0]
    assert PACKING.unpack([total], 3) == [3, 6, 9]
    width, most = PACKING.width, 3 * 15
    for wrong, count in [
        (total + 1 << PACKING.slots * width, 3),
        (-total, 3),
        (total, 2),
        (total + (1 << 3 * width), 3),
        (total + most, 3),
        (total | 1 << width - 1, 3),
        (N - 1, 3),
    ]:
        assert refused(lambda: PACKING.unpack([wrong], count)) is Reason.PACKING_VALUE  # noqa: B023
    for totals, count in [([], 0), ([], 3), ([total, total], 3), ([total], PACKING.slots + 1)]:
        assert refused(lambda: PACKING.unpack(totals, count)) is Reason.PACKING_VALUE  # noqa: B023


@pytest.mark.parametrize(("lowest", "highest"), [(4, 10), (-10, -4), (-5, 10), (7, 7), (-7, -7)])
def test_every_total_of_one_slot_is_in_bounds_or_refused(lowest: int, highest: int) -> None:
    packing = Packing(2048, 3, lowest, highest)
    for total in range(1 << packing.width):
        part = total + 3 * lowest
        if part <= 3 * highest:
            assert packing.unpack([total], 1) == [part]
        else:
            assert refused(lambda: packing.unpack([total], 1)) is Reason.PACKING_VALUE  # noqa: B023


def test_masked_contributions_add_up_under_the_key_and_phe_reads_them() -> None:
    """Pairwise masks cancel in the sum over all, and in no smaller one."""
    public = key().public_key
    values = [[5, -5, 10], [0, 1, 2], [10, 10, -1]]
    masks = [[N - 3, 7**700 % N], [-(N - 3), 11**500 % N], [-(7**700 % N), -(11**500 % N)]]
    sent = [
        public.encrypt_raw(masked(PACKING.pack(mine)[0], pair, N))
        for mine, pair in zip(values, masks, strict=True)
    ]
    total = public.add(public.add(sent[0], sent[1]), sent[2])
    assert PACKING.unpack([key().decrypt_raw(total)], 3) == [15, 6, 11]
    theirs, private = phe_pair(key())
    assert PACKING.unpack([private.raw_decrypt(total)], 3) == [15, 6, 11]
    assert phe_number(theirs, total).exponent == 0
    incomplete = key().decrypt_raw(public.add(sent[0], sent[1]))
    assert refused(lambda: PACKING.unpack([incomplete], 3)) is Reason.PACKING_VALUE


def test_only_a_plaintext_is_masked() -> None:
    for wrong in (-1, N):
        assert refused(lambda: masked(wrong, [1], N)) is Reason.PACKING_VALUE  # noqa: B023
    assert masked(N - 1, [2], N) == 1
    assert masked(0, [-1], N) == N - 1
