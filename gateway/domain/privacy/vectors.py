"""Linear algebra modulo 2^255 - 19 over the weights that combinations of cohorts give to atoms.

Owns elimination, and the count of work that it costs. Refuses to go on when that is used up; shapes
are the caller's. For why the modulus is that large see `overlap`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gateway.domain.privacy.errors import OverlapRefused

PRIME = 2**255 - 19

Vector = tuple[int, ...]


class Work:
    """Numbers that may still be touched, at some half a microsecond each."""

    def __init__(self, numbers: int) -> None:
        self._left = numbers

    def spend(self, numbers: int) -> None:
        """Take off some.

        Raises:
            OverlapRefused: there are not as many left.
        """
        self._left -= numbers
        if self._left < 0:
            raise OverlapRefused("the search for a combination of cohorts ended undecided")


class Column(NamedTuple):
    """An atom: its weight under each of some combinations, and its people."""

    vector: Vector
    size: int


def combinations_vanishing(atoms: Iterable[int], cohorts: int) -> list[Vector]:
    """A basis of the combinations of cohorts that weigh none of these atoms.

    A combination is a vector over the cohorts. At most `cohorts` atoms cost an elimination; each
    other one costs a sum for every combination that is left.
    """
    left = [tuple(int(row == place) for place in range(cohorts)) for row in range(cohorts)]
    for atom in atoms:
        if not left:
            break
        left = _vanishing_at(left, weights(left, atom))
    return left


def weights(combinations: Sequence[Vector], atom: int) -> Vector:
    """The weight that each combination gives to the atom."""
    places = [place for place in range(atom.bit_length()) if atom >> place & 1]
    return tuple(sum([one[place] for place in places]) % PRIME for one in combinations)


def quotient(columns: Sequence[Column], by: Vector, work: Work) -> list[Column]:
    """The columns over those combinations only that give no weight to the column `by`."""
    work.spend(len(columns) * len(by))
    pivot = next(place for place, weight in enumerate(by) if weight)
    inverse = pow(by[pivot], -1, PRIME)
    rest = [(place, weight * inverse) for place, weight in enumerate(by) if place != pivot]
    projected = []
    for vector, size in columns:
        at = vector[pivot]
        projected.append(
            Column(tuple([(vector[place] - at * factor) % PRIME for place, factor in rest]), size)
        )
    return projected


def merged(columns: Sequence[Column], work: Work) -> list[Column]:
    """Columns that vanish together made one, largest first; those that always vanish dropped."""
    sizes: dict[Vector, int] = {}
    for vector, size in columns:
        first = next((weight for weight in vector if weight), 0)
        if first:
            work.spend(len(vector))
            inverse = pow(first, -1, PRIME)
            line = tuple([weight * inverse % PRIME for weight in vector])
            sizes[line] = sizes.get(line, 0) + size
    return sorted((Column(*one) for one in sizes.items()), key=lambda c: c.size, reverse=True)


def basis(columns: Sequence[Column], work: Work) -> list[int]:
    """Places of the first columns that span what all span."""
    reduced: list[tuple[int, Vector]] = []
    chosen: list[int] = []
    for place, (vector, _) in enumerate(columns):
        if len(chosen) == len(vector):
            break
        vector = _reduced(vector, reduced, work)
        pivot = next((at for at, weight in enumerate(vector) if weight), -1)
        if pivot >= 0:
            inverse = pow(vector[pivot], -1, PRIME)
            reduced.append((pivot, tuple([weight * inverse % PRIME for weight in vector])))
            chosen.append(place)
    return chosen


def _reduced(vector: Vector, by: Sequence[tuple[int, Vector]], work: Work) -> Vector:
    for pivot, other in by:
        if factor := vector[pivot]:
            work.spend(len(vector))
            vector = tuple([(a - factor * b) % PRIME for a, b in zip(vector, other, strict=True)])
    return vector


def _vanishing_at(combinations: list[Vector], values: Vector) -> list[Vector]:
    pivot = next((place for place, value in enumerate(values) if value), None)
    if pivot is None:
        return combinations
    inverse, taken = pow(values[pivot], -1, PRIME), combinations[pivot]
    left = []
    for place, (one, value) in enumerate(zip(combinations, values, strict=True)):
        if place != pivot:
            factor = value * inverse % PRIME
            left.append(tuple([(a - factor * b) % PRIME for a, b in zip(one, taken, strict=True)]))
    return left
