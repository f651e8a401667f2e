"""Ciphertexts behind each other in memory, to be summed by row number again and again.

Owns the sums of bins: the same rows are grouped anew for every feature, and here a group costs two
additions of points a row and little else. Refuses empty groups, rows that are not there, and being
copied: it holds addresses, which mean nothing in another process.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import itemgetter
from typing import NoReturn

from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.curve import Point, address, combine_pointers
from gateway.crypto.elgamal.errors import ElGamalError, Refusal

_RAW_SIZE = 64


class CiphertextColumn:
    """One ciphertext a row."""

    def __init__(self, ciphertexts: Sequence[Ciphertext]) -> None:
        self._halves = tuple(
            (points, array("Q", range(address(points), address(points) + len(points), _RAW_SIZE)))
            for points in (
                b"".join([one.c1 for one in ciphertexts]),
                b"".join([one.c2 for one in ciphertexts]),
            )
        )
        self._size = len(ciphertexts)

    def __len__(self) -> int:
        """The number of rows."""
        return self._size

    def __reduce__(self) -> NoReturn:
        """Refuse copies and other processes.

        Raises:
            TypeError: always.
        """
        raise TypeError("a column of ciphertexts stays where it is")

    def sum_rows(self, rows: Sequence[int]) -> Ciphertext:
        """An encryption of the sum of some rows, which may repeat; not re-randomised.

        Raises:
            ElGamalError: there is no row, or a point became infinity.
            IndexError: a row is negative or beyond the last.
        """
        if not rows:
            raise ElGamalError(Refusal.EMPTY)
        if min(rows) < 0 or max(rows) >= self._size:
            raise IndexError("a column has no such row")
        first, second = (self._sum(addresses, rows) for _, addresses in self._halves)
        return Ciphertext(first, second)

    @staticmethod
    def _sum(addresses: array[int], rows: Sequence[int]) -> Point:
        # One row twice keeps `itemgetter` from giving a bare number for a single one.
        picked = array("Q", itemgetter(*rows, rows[0])(addresses))
        return combine_pointers(picked, len(rows))
