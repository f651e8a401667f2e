"""Logarithms by tables that grow: no number is lost, and a longer table is built when it pays."""

import pytest

from gateway.crypto.elgamal import baby_steps as steps_module
from gateway.crypto.elgamal import curve
from gateway.crypto.elgamal.baby_steps import BabySteps, baby_steps, logarithm
from gateway.crypto.elgamal.curve import ORDER


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[BabySteps]:
    """A process with no table yet, whose longest would be of 2^12 steps; returns its table."""
    tables: list[BabySteps] = []
    for name, value in (("_largest", tables), ("_FIRST", 256), ("BABY_STEPS", 1 << 12)):
        monkeypatch.setattr(steps_module, name, value)
    return tables


def _borders(reach: int, width: int, half: int) -> set[int]:
    """Where chunks of giant steps end, from a table of this length, and what lies beside."""
    ends, last, count = [reach], 0, 8
    while ends[-1] < half:
        last += count
        ends.append(last * width + reach)
        count = min(2 * count, 256)
    return {end + by for end in ends for by in (-1, 0, 1) if end + by <= half} | {half}


def test_no_number_is_lost_where_chunks_meet(short: list[BabySteps]) -> None:
    half = 400_000
    baby_steps(256)
    (table,) = short
    for m in sorted(_borders(table.reach, table.width, half)):
        table.spent = -half
        for signed in (m, -m):
            assert logarithm(curve.base(signed % ORDER), -half, half) == signed
    assert short == [table]


@pytest.mark.parametrize("began", [0, 300, 600, 681])
def test_no_number_is_lost_where_a_table_grows(short: list[BabySteps], began: int) -> None:
    """Wherever the table grows on the way, numbers before and after that are found."""
    half = 1_000_000
    for m in (1, 255, 259, 5_000, 90_000, 130_000, 200_000, 399_999, half):
        short.clear()
        baby_steps(256).spent = began
        assert logarithm(curve.base(ORDER - m), -half, half) == -m
    assert short[0].reach > 4 * 256


def test_another_thread_may_put_a_longer_table_there(
    short: list[BabySteps], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first giant steps of a long table lie far beyond what a short one has covered."""
    long = BabySteps(1 << 15)
    monkeypatch.setattr(steps_module, "_worth_growing", lambda *_: long)
    half = 200_000
    for m in (5_000, 10_000, 32_000, long.reach, long.reach + 1, half):
        assert logarithm(curve.base(m), -half, half) == m


def test_numbers_far_out_are_worth_a_longer_table_and_near_ones_are_not(
    short: list[BabySteps],
) -> None:
    half = 1_000_000
    for m in range(1, 500, 5):
        logarithm(curve.base(m), -half, half)
    assert short[0].reach < 2 * 256
    for m in range(half - 20, half):
        assert logarithm(curve.base(m), -half, half) == m
    assert short[0].reach >= 1 << 12
