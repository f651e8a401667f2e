"""Which sets of cohorts let somebody single out fewer than k people by adding and subtracting.

Owns the algebra of overlap control. People who are in the same cohorts form an atom. A linear
combination of the cohorts' totals weighs each atom by some number; the people it singles out are
those of the atoms whose weight is not zero, its support. Refused is whenever some combination other
than zero has a support of fewer than k people. The whole population counts as one more cohort, for
its total may be known.

Refuses more than 64 cohorts, more than 65,536 atoms, and what the search cannot exclude within its
steps: finding the smallest support is hard in general (it is a code's minimum distance), so there
is an end, and it says no.

Two shortcuts that are not safe, and why they are not taken:

- Looking at the rows of one reduced echelon form only. Of the cohorts {a} + X and {b} + X each row
  has a large support, their difference has the support {a, b}.
- Calculating modulo 2^31 - 1. Sets of cohorts can be made up whose determinant is a multiple of it;
  modulo that prime a combination then vanishes that singles somebody out. Determinants of 65 rows
  of zeros and ones are below 2^135 (Hadamard), so modulo 2^255 - 19 a number is zero only if it is
  zero for rational weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gateway.domain.privacy.errors import BoundsRefused, OverlapRefused
from gateway.domain.privacy.small_support import MAX_WORK, finds_lighter, must_pay
from gateway.domain.privacy.vectors import (
    Column,
    Vector,
    Work,
    combinations_vanishing,
    weights,
)

MAX_COHORTS = 64
MAX_ATOMS = 1 << 16
_STREWING = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio (Knuth's multiplicative hashing)."""


def atoms_of(memberships: Iterable[int]) -> Counter[int]:
    """Sizes of atoms: for each person a number whose bit c says whether it is in cohort c."""
    return Counter(memberships)


def require_no_isolation(atoms: Mapping[int, int], cohorts: int, k: int) -> None:
    """Check that no combination of cohorts singles out 1 to k - 1 people.

    Args:
        atoms: people by membership: bit c of the key says whether they are in cohort c. Those in no
            cohort stand under 0.
        cohorts: how many there are.
        k: the minimum cohort, in people.

    Raises:
        BoundsRefused: sizes are not positive, a membership names a cohort that is not there, or
            there are more cohorts or atoms than this can look at.
        OverlapRefused: a combination would, or the search ended before it could say.
    """
    if not 0 <= cohorts <= MAX_COHORTS or len(atoms) > MAX_ATOMS:
        raise BoundsRefused("there are more cohorts or atoms than can be looked at")
    if any(size < 1 or key < 0 or key >> cohorts for key, size in atoms.items()):
        raise BoundsRefused("an atom has people, and cohorts that are there")
    everybody = 1 << cohorts
    # A combination that weighs an atom of k people or more has a large enough support already.
    free = combinations_vanishing(
        [key | everybody for key, size in atoms.items() if size >= k], cohorts + 1
    )
    few = [(key | everybody, size) for key, size in atoms.items() if size < k]
    few.sort(key=_largest_first)
    if free and _singles_out(few, free, k):
        raise OverlapRefused("a combination of cohorts would single people out")


def _largest_first(atom: tuple[int, int]) -> tuple[int, int]:
    """Order by size; equal ones are strewn, for neighbours are in nearly the same cohorts."""
    key, size = atom
    return -size, key * _STREWING % (1 << (MAX_COHORTS + 1))


def _singles_out(few: Sequence[tuple[int, int]], free: Sequence[Vector], k: int) -> bool:
    first = few[: 2 * k * len(free)]
    if len(first) < len(few):
        work = Work(MAX_WORK)
        if must_pay(_columns(first, free, work), k, work):
            # Every combination is large enough on some of the atoms, so on all of them.
            return False
    work = Work(MAX_WORK)
    return finds_lighter(_columns(few, free, work), k, work)


def _columns(few: Sequence[tuple[int, int]], free: Sequence[Vector], work: Work) -> list[Column]:
    work.spend(len(few) * len(free))
    return [Column(weights(free, key), size) for key, size in few]
