"""Sums of many groups of points: the inner loop of binning.

Owns tables of points behind each other in memory, and summing groups of their rows. Each group's
sum gets one more point, the offset, that the caller draws at random and takes off again later: so
no sum over points of somebody else's choice is infinity, which would have no encoding. Without it a
sender of ciphertexts under scalars that cancel each other (k and -k) would learn from a failure
which rows were alone together in a group. Refuses rows that are not there and empty groups.

A table is this process's, or shared memory of processes on one machine: the library's own form of
64 bytes is not portable. What a table holds was checked as it was decoded; the library ends the
process when it is given other 64 bytes. Time depends on the points, which are ciphertexts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from coincurve._libsecp256k1 import ffi, lib
from coincurve.context import GLOBAL_CONTEXT
from numpy.typing import NDArray

from gateway.crypto.elgamal.curve import Point
from gateway.crypto.elgamal.errors import ElGamalError, Refusal

RAW_SIZE = 64
_RUN = 4096
"""Rows that are summed at a time: 256 KiB, which stay in a processor's second cache."""
Table = NDArray[np.uint8]
"""Points, one a row of 64 bytes."""
_CONTEXT = GLOBAL_CONTEXT.ctx


def table_of(points: Sequence[Point]) -> Table:
    """The table of some points, in their order."""
    return np.frombuffer(b"".join(points), dtype=np.uint8).reshape(len(points), RAW_SIZE)


def point_of(table: Table, row: int) -> Point:
    """One row of a table."""
    return Point(table[row].tobytes())


def sum_groups(
    table: Table, rows: NDArray[np.int64], sizes: NDArray[np.int64], offset: Point
) -> Table:
    """The sum of each group of rows, plus `offset`.

    Args:
        table: the points.
        rows: row numbers, group by group; a row may stand in several groups.
        sizes: how many of `rows` each group has, at least one.
        offset: a point that whoever chose the others cannot know.

    Returns:
        One point a group.

    Raises:
        ElGamalError: a group is empty, or a sum is infinity all the same.
        IndexError: a row is not in the table, `sizes` do not add up to `rows`, or the table is
            not in one piece.
    """
    _require_fitting(table, rows, sizes)
    sums = np.empty((len(sizes), RAW_SIZE), dtype=np.uint8)
    known = np.frombuffer(offset, dtype=np.uint8)
    words = table.view(np.uint64)
    ends = np.cumsum(sizes)
    group, row = 0, 0
    while group < len(sizes):
        until = max(group + 1, int(np.searchsorted(ends, row + _RUN, side="right")))
        end = int(ends[until - 1])
        # Rows are brought behind each other a cache's worth at a time: the processor then reads
        # ahead, where in the table's own order it would wait for each of them.
        gathered = np.take(words, rows[row:end], axis=0, mode="clip")
        _combine_all(sums[group:until], gathered, sizes[group:until], known)
        group, row = until, end
    return sums


def _require_fitting(table: Table, rows: NDArray[np.int64], sizes: NDArray[np.int64]) -> None:
    if table.dtype != np.uint8 or table.shape[1:] != (RAW_SIZE,) or not table.flags.c_contiguous:
        raise IndexError("a table has rows of 64 bytes behind each other")
    if len(rows) and (rows.min() < 0 or rows.max() >= len(table)):
        raise IndexError("a table has no such row")
    if sizes.sum() != len(rows):
        raise IndexError("groups and rows do not fit")
    if len(sizes) and sizes.min() < 1:
        raise ElGamalError(Refusal.EMPTY)


def _combine_all(
    sums: Table, gathered: NDArray[np.uint64], sizes: NDArray[np.int64], offset: Table
) -> None:
    pointers = _pointers(gathered, sizes, offset)
    into = ffi.cast("secp256k1_pubkey *", ffi.from_buffer(sums, require_writable=True))
    at = ffi.cast("secp256k1_pubkey **", ffi.from_buffer(pointers))
    combine = lib.secp256k1_ec_pubkey_combine
    for count in (sizes + 1).tolist():
        if not combine(_CONTEXT, into, at, count):
            raise ElGamalError(Refusal.INFINITY)
        into, at = into + 1, at + count


def _pointers(
    gathered: NDArray[np.uint64], sizes: NDArray[np.int64], offset: Table
) -> NDArray[np.uint64]:
    """The addresses of each group's rows, each group's after that of the offset."""
    total = len(gathered) + len(sizes)
    pointers = np.empty(total, dtype=np.uint64)
    heads = np.zeros(len(sizes), dtype=np.int64)
    np.cumsum(sizes[:-1] + 1, out=heads[1:])
    others = np.ones(total, dtype=bool)
    others[heads] = False
    first = gathered.ctypes.data
    pointers[heads] = offset.ctypes.data
    pointers[others] = np.arange(first, first + RAW_SIZE * len(gathered), RAW_SIZE, dtype=np.uint64)
    return pointers
