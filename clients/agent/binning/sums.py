"""Encrypted sums by bin, of many features over the same rows.

Owns the way to make them with few additions. Features are taken some at a time: their joint bins
(the cells of an m-dimensional table) are summed in one pass over the rows, and each feature's own
bins are then sums of cells. So a row costs 1 / m of an addition for each feature, as long as there
are far fewer cells than rows; which m is best follows from the numbers. Rows and cells are grouped
by sorting small integers. Sets of features are spread over processes, which share the rows' points.

Every sum starts with a secret point of the job (see `grouped`), counted so that it can be taken off
again. Refuses nothing by itself: what comes in has been checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clients.agent.binning.setup import Codes
from clients.agent.binning.shared import SharedPair, SharedPairView
from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.curve import ORDER, Point, base, combine, random_scalar
from gateway.crypto.elgamal.grouped import RAW_SIZE, Table, point_of, sum_groups
from gateway.crypto.workers import Workers

_CELL_COST = 10
"""A cell costs about as much as ten additions: a call, and a field inversion in it."""
_MOST_CELLS = 1 << 16
IN_PROCESS_BELOW = 200_000
"""Rows times features below which starting processes does not pay."""


@dataclass(frozen=True)
class BinSum:
    """The two sums of one bin's rows, with the secret point in each `offsets` times."""

    c1: Point
    c2: Point
    offsets: int


def joint_sets(bins: Sequence[int], rows: int) -> Iterator[tuple[int, ...]]:
    """Yield the places of features that are summed together; all of them, each once.

    Args:
        bins: of each feature, that of the missing values included.
        rows: how many are summed.
    """
    order = sorted(range(len(bins)), key=lambda place: bins[place])
    at = 0
    while at < len(order):
        size, cells, best = 0, 1, float("inf")
        while at + size < len(order):
            cells *= bins[order[at + size]]
            cost = (rows + _CELL_COST * cells) / (size + 1)
            if size and (cost > best or cells > _MOST_CELLS):
                break
            best, size = cost, size + 1
        yield tuple(order[at : at + size])
        at += size


@dataclass(frozen=True)
class _Cells:
    """Sums of joint bins: the codes of each feature, the points, how often the offset is in."""

    codes: Codes
    c1: Table
    c2: Table
    offsets: NDArray[np.int64]


def sum_set(
    c1: Table, c2: Table, codes: Codes, bins: Sequence[int], offset: Point
) -> list[dict[int, BinSum]]:
    """The sums of each feature's bins, in one pass over the rows; bins without rows are not there.

    Args:
        c1: the ciphertexts' first points.
        c2: their second ones.
        codes: of the features of one set.
        bins: of each of them.
        offset: the job's secret point.
    """
    rows = _Cells(codes, c1, c2, np.zeros(codes.shape[1], dtype=np.int64))
    return _by_feature(_joined(rows, bins, offset), bins, offset)


def _by_feature(cells: _Cells, bins: Sequence[int], offset: Point) -> list[dict[int, BinSum]]:
    if len(bins) == 1:
        return [
            {
                code: BinSum(point_of(cells.c1, at), point_of(cells.c2, at), int(times))
                for at, (code, times) in enumerate(
                    zip(cells.codes[0].tolist(), cells.offsets, strict=True)
                )
            }
        ]
    # By halves: each half's table is made from all cells once, and is much smaller than they are.
    half = len(bins) // 2
    sums = []
    for part in (slice(None, half), slice(half, None)):
        fewer = _Cells(cells.codes[part], cells.c1, cells.c2, cells.offsets)
        sums += _by_feature(_joined(fewer, bins[part], offset), bins[part], offset)
    return sums


def _joined(cells: _Cells, bins: Sequence[int], offset: Point) -> _Cells:
    """Rows or cells with the same codes summed to one."""
    keys = np.zeros(cells.codes.shape[1], dtype=np.uint32)
    for codes, width in zip(cells.codes, bins, strict=True):
        keys *= np.uint32(width)
        keys += codes
    if keys.size and keys.max() < _MOST_CELLS:
        keys = keys.astype(np.uint16)  # sorts in linear time
    order = np.argsort(keys, kind="stable")
    sizes = np.bincount(keys)
    sizes = sizes[sizes > 0]
    heads = np.cumsum(sizes) - sizes
    firsts = order[heads]
    return _Cells(
        np.ascontiguousarray(cells.codes[:, firsts]),
        sum_groups(cells.c1, order, sizes, offset),
        sum_groups(cells.c2, order, sizes, offset),
        np.add.reduceat(cells.offsets[order], heads) + 1,
    )


class Offset:
    """The job's secret point, and sums without it."""

    def __init__(self) -> None:
        self._scalar = random_scalar()
        self.point = base(self._scalar)

    def finish(self, sums: Sequence[BinSum], fresh: Ciphertext) -> Ciphertext:
        """The sum of some bins and of a fresh ciphertext of noise or zero, which hides the rest.

        Raises:
            ElGamalError: it is infinity, which no sender can bring about.
        """
        if not sums:
            return fresh
        times = sum(one.offsets for one in sums)
        # The fresh points are uniform and unknown to the sender, so that no sum is infinity.
        back = base((ORDER - self._scalar) * times % ORDER)
        return Ciphertext(
            combine([*(one.c1 for one in sums), back, fresh.c1]),
            combine([*(one.c2 for one in sums), back, fresh.c2]),
        )


@dataclass(frozen=True)
class FeatureSums:
    """One feature's bins: rows of each, and the sums of those that have rows."""

    rows: tuple[int, ...]
    sums: dict[int, BinSum]


def all_sums(
    points: tuple[bytes, bytes],
    codes_of: Callable[[int], Codes],
    bins: Sequence[int],
    offset: Point,
    processes: int | None,
) -> list[FeatureSums]:
    """The sums of each feature's bins, in the features' order.

    Args:
        points: the rows' first points and their second ones, 64 bytes each.
        codes_of: the bin of each row, of the feature at a place; asked for when it is needed.
        bins: of each feature.
        offset: the job's secret point.
        processes: how many may work.
    """
    rows = len(points[0]) // RAW_SIZE
    sets = list(joint_sets(bins, rows))
    tasks = (
        (np.stack([codes_of(at) for at in places]), tuple(bins[at] for at in places), offset)
        for places in sets
    )
    results: dict[int, FeatureSums] = {}
    few = rows * len(bins) < IN_PROCESS_BELOW or len(sets) < 2
    with ExitStack() as stack:
        shared = points if few else stack.enter_context(SharedPair(points)).names
        workers = stack.enter_context(Workers(1 if few else processes, _attach, (shared,)))
        stack.callback(_detach)
        for places, sums in zip(sets, workers.map(_sum_task, tasks), strict=True):
            results.update(zip(places, sums, strict=True))
    return [results[at] for at in range(len(bins))]


_pair: list[SharedPairView] = []


def _attach(shared: tuple[bytes, bytes] | tuple[str, str]) -> None:
    _pair[:] = [SharedPairView(shared)]


def _detach() -> None:
    _pair.clear()


def _sum_task(task: tuple[Codes, tuple[int, ...], Point]) -> list[FeatureSums]:
    codes, bins, offset = task
    c1, c2 = (
        np.frombuffer(half, dtype=np.uint8).reshape(-1, RAW_SIZE) for half in _pair[0].halves()
    )
    counts = [
        np.bincount(line, minlength=width).tolist() for line, width in zip(codes, bins, strict=True)
    ]
    sums = sum_set(c1, c2, codes, bins, offset)
    return [FeatureSums(tuple(rows), one) for rows, one in zip(counts, sums, strict=True)]
