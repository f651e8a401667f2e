"""Sums by joint bins: the same as one by one, whatever the features and rows."""

import random

import numpy as np
import pytest

from clients.agent.binning.sums import FeatureSums, Offset, all_sums, joint_sets
from gateway.crypto.elgamal import ElGamalError, SecretKey
from gateway.crypto.elgamal.curve import base, negate, random_scalar
from gateway.crypto.elgamal.grouped import sum_groups, table_of
from gateway.crypto.elgamal.row_work import labels_of, points_of
from gateway.crypto.workers import WORTH, Workers, worth

SECRET = SecretKey.generate()
KEY = SECRET.public_key()


def _points(labels: bytes) -> tuple[bytes, bytes]:
    with Workers(1) as workers:
        rows = labels_of(KEY.to_bytes(), bytes(32), labels, proven=False, workers=workers)
        return points_of(KEY.to_bytes(), bytes(32), rows, proven=False, workers=workers)


def _events(sums: FeatureSums, at: int, offset: Offset) -> int:
    inside = [sums.sums[at]] if at in sums.sums else []
    return SECRET.decrypt(offset.finish(inside, KEY.encrypt(0)), 0, 10**6)


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("bins", [(2,), (3, 5, 2, 4, 6, 3, 2), (66, 2, 66)])
def test_joint_sums_are_those_of_each_feature(bins: tuple[int, ...], processes: int) -> None:
    rows = 500
    labels = bytes(random.randrange(2) for _ in range(rows))
    codes = np.array([[random.randrange(width) for _ in range(rows)] for width in bins], np.uint8)
    offset = Offset()
    found = all_sums(_points(labels), lambda at: codes[at], bins, offset.point, processes)
    for one, width, line in zip(found, bins, codes, strict=True):
        for code in range(width):
            inside = [row for row in range(rows) if line[row] == code]
            assert one.rows[code] == len(inside)
            assert _events(one, code, offset) == sum(labels[row] for row in inside)


def test_processes_that_share_memory_give_the_same() -> None:
    rows, bins = 2_000, [4] * 120
    labels = bytes(random.randrange(2) for _ in range(rows))
    codes = np.random.default_rng().integers(0, 4, size=(len(bins), rows), dtype=np.uint8)
    offset = Offset()
    found = all_sums(_points(labels), lambda at: codes[at], bins, offset.point, 2)
    for at in (0, 50, 119):
        expected = [sum(labels[row] for row in np.flatnonzero(codes[at] == c)) for c in range(4)]
        assert [_events(found[at], code, offset) for code in range(4)] == expected


def test_no_row_gives_bins_without_sums() -> None:
    codes = np.zeros((1, 1), np.uint8)
    offset = Offset()
    (found,) = all_sums(_points(b"\x01"), lambda at: codes[at], (3,), offset.point, 1)
    assert found.rows == (1, 0, 0)
    assert [_events(found, code, offset) for code in range(3)] == [1, 0, 0]


def test_every_feature_is_in_one_set_and_the_cells_stay_few() -> None:
    bins = [random.randrange(2, 67) for _ in range(300)]
    for rows in (10, 1_000, 800_000):
        sets = list(joint_sets(bins, rows))
        assert sorted(place for one in sets for place in one) == list(range(300))
        for one in sets:
            assert np.prod([bins[place] for place in one]) <= 1 << 16


def test_at_the_size_of_a_real_job_a_row_costs_a_fraction_of_an_addition() -> None:
    sets = list(joint_sets([6] * 1_500, 800_000))
    assert max(map(len, sets)) >= 5


def test_points_that_cancel_each_other_do_not_end_in_infinity() -> None:
    k = random_scalar()
    point = SecretKey(k).public_key().point
    table = table_of([point, negate(point)])
    offset = base(random_scalar())
    sums = sum_groups(table, np.array([0, 1]), np.array([2]), offset)
    assert sums.tobytes() == bytes(offset)


def test_rows_that_are_not_there_and_empty_groups_are_refused() -> None:
    table = table_of([KEY.point, KEY.point])
    offset = base(7)
    for rows, sizes in (([0, 2], [2]), ([-1], [1]), ([0, 1], [1]), ([0], [2])):
        with pytest.raises(IndexError):
            sum_groups(table, np.array(rows), np.array(sizes), offset)
    with pytest.raises(ElGamalError):
        sum_groups(table, np.array([0]), np.array([1, 0]), offset)
    with pytest.raises(IndexError):
        sum_groups(table[:, :32], np.array([0]), np.array([1]), offset)


def test_starting_processes_has_to_be_worth_it() -> None:
    assert worth(WORTH - 1, 8) == 1
    assert worth(WORTH, 8) == 8
    assert worth(WORTH, None) is None
