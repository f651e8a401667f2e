"""Overlap control: which answered cohorts, put together, would single out fewer than k people.

Owns the check of protocol rule 7 on exact cohorts. What counts as a cohort is the answered *cell*:
its totals are what is released. The whole of a grouped question is the sum of its cells, so it is
no row of its own; a suppressed cell released nothing and is none; the same cell with other measures
is the same cohort. The whole population is always one more. A pair of cohorts that differ by few,
a cohort that leaves few people out, and any longer combination are one and the same condition: the
smallest support over all combinations of cohorts, m, plus one discrete Gaussian draw, is below k.

A combination counts if it is not zero by structure, though it may be zero in the data. Were only
those counted that are not zero in the data, a refusal would say for certain that somebody is in an
atom, and the next answer that nobody is: an oracle that no noise covers. Counted like this, m
changes by one at most if one person comes or goes, and the draw covers it.

A cell that was answered passed its own comparison with k, with its own noise. So where a whole cell
is one atom it counts as large enough; else no sparse grouping would ever be answered.

The search for the smallest support has an end, and what it leaves undecided is refused: that end
depends on the data in a way that no draw covers. It needs dozens of overlapping cohorts of few.

Where people have several rows, two of them are thought of: a person may then be in two cells, and
cohorts that add up row by row do not add up in people. Sums of cells are then not compared with the
whole population, only each cohort is; people with a pattern of more rows support nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from clients.agent.data.cohorts import CohortKey, person_patterns
from gateway.domain.privacy.errors import OverlapRefused
from gateway.domain.privacy.overlap import MAX_COHORTS, require_no_isolation
from gateway.domain.privacy.vectors import combinations_vanishing, weights

Ordinals = npt.NDArray[np.uint32]


class Cohort(msgspec.Struct, frozen=True):
    """An answered cell: its filter, and the exact people in it by their ordinals."""

    key: CohortKey
    people: BitMap


class Population(msgspec.Struct, frozen=True):
    """What cohorts are cut from: N people, the sizes of the domains, one row a person or many."""

    people: int
    domains: Mapping[str, int]
    many: bool


def require_apart(
    stored: Sequence[Cohort], new: Sequence[Cohort], population: Population, limit: int
) -> None:
    """Check that no combination of cohorts singles out fewer than ``limit`` people.

    Args:
        stored: cohorts that were answered before, to the same recipient on the same snapshot.
        new: those that would be answered now: none of them among the stored ones, nor everybody.
            What they leave out was compared with k by the caller.
        population: what they are cut from.
        limit: k less one discrete Gaussian draw; at 0 and below nothing is too small.

    Raises:
        OverlapRefused: a combination would, there are more than 64 cohorts, or the search ended
            undecided.
    """
    cohorts = (*stored, *new)
    if len(cohorts) > MAX_COHORTS:
        raise OverlapRefused("there are too many cohorts")
    patterns = person_patterns([one.key for one in cohorts], population.domains, population.many)
    if limit < 1:
        return
    counted = _counted(cohorts, population.people)
    sizes = {pattern: counted.get(pattern, 0) for pattern in patterns}
    for pattern in _accepted(sizes, len(cohorts)):
        sizes[pattern] = max(sizes[pattern], limit)
    if population.many:
        if any(population.people - len(one.people) < limit for one in new):
            raise OverlapRefused("a cohort leaves few people out")
        # Whoever weighs the whole population weighs this atom: no such combination is looked at.
        sizes[0] = limit
    elif not stored and 0 in sizes:
        sizes[0] = max(sizes[0], limit)
    _require_supported(sizes, len(cohorts), limit)


def _require_supported(sizes: Mapping[int, int], cohorts: int, limit: int) -> None:
    peopled = {pattern: size for pattern, size in sizes.items() if size}
    whole = 1 << cohorts
    free = combinations_vanishing([pattern | whole for pattern in peopled], cohorts + 1)
    for pattern, size in sizes.items():
        if free and not size and any(weights(free, pattern | whole)):
            raise OverlapRefused("a combination of cohorts has nobody in it")
    require_no_isolation(peopled, cohorts, limit)


def _accepted(patterns: Mapping[int, int], cohorts: int) -> list[int]:
    """Return the patterns that are the only one of some cohort."""
    of_cohort = [[one for one in patterns if one >> place & 1] for place in range(cohorts)]
    return [only[0] for only in of_cohort if len(only) == 1]


def _counted(cohorts: Sequence[Cohort], people: int) -> dict[int, int]:
    """Count people by the cohorts they are in; takes 8 bytes a person."""
    patterns = np.zeros(people, dtype=np.uint64)
    for place, one in enumerate(cohorts):
        patterns[ordinals_of(one.people)] |= np.uint64(1 << place)
    found, counts = np.unique(patterns, return_counts=True)
    return {int(one): int(count) for one, count in zip(found, counts, strict=True)}


def bitmap_of(ordinals: Ordinals) -> BitMap:
    """Return ordinals as a Roaring bitmap."""
    return BitMap(ordinals)


def ordinals_of(bitmap: BitMap) -> Ordinals:
    """Return a bitmap's ordinals, rising."""
    return np.frombuffer(bitmap.to_array(), dtype=np.uint32)
