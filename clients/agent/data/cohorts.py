"""What a cohort is by its filter, whoever is in it: keys, and the patterns that filters leave open.

Owns the normal form of a cell's filter, so that one cohort asked for in two ways is one, and the
structure of several cohorts: in which of them at once a row can be, by the closed domains alone.
Refuses more patterns than can be looked at. Nothing here sees data: what follows from the structure
may decide about an answer without giving anything away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import msgspec

from gateway.domain.aggregate.plan import Shape
from gateway.domain.privacy.errors import OverlapRefused

MAX_PATTERNS = 1 << 13
"""Bounds what one check takes: some two seconds."""
Conditions = tuple[tuple[str, tuple[int, ...]], ...]


class CohortKey(msgspec.Struct, frozen=True):
    """A cohort by its conditions: dimension and codes, sorted, without those that let all through.

    ``among`` is what else decides who is in it: where people may be in several cells and only some
    are kept, the grouping and the filter of the whole question.
    """

    conditions: Conditions
    among: tuple[tuple[str, ...], Conditions] | None = None

    @property
    def everybody(self) -> bool:
        """Return whether it is the whole snapshot."""
        return not self.conditions

    @property
    def nobody(self) -> bool:
        """Return whether it is empty whatever the data are."""
        return any(not codes for _, codes in self.conditions)

    def encoded(self) -> bytes:
        """Return the form in which it is stored and compared."""
        return msgspec.json.encode(self)


def keys_of(shape: Shape, many: bool) -> Iterator[CohortKey]:
    """Yield the key of each cell, in the order of the cells; ``many``: people have several rows."""
    filtered = {
        one.name: frozenset(one.values.index(value) for value in among)
        for one, among in shape.filtered
    }
    sizes = {one.name: len(one.values) for one in shape.grouped}
    sizes |= {one.name: len(one.values) for one, _ in shape.filtered}
    names = tuple(one.name for one in shape.grouped)
    among = (names, _normal(filtered, sizes)) if many and names else None
    for cell in shape.cells:
        both = dict(filtered)
        for one, value in zip(shape.grouped, cell, strict=True):
            code = frozenset((one.values.index(value),))
            both[one.name] = code & filtered.get(one.name, code)
        yield CohortKey(_normal(both, sizes), among)


def _normal(filters: Mapping[str, frozenset[int]], sizes: Mapping[str, int]) -> Conditions:
    return tuple(
        (name, tuple(sorted(codes)))
        for name, codes in sorted(filters.items())
        if len(codes) < sizes[name]
    )


def row_patterns(cohorts: Sequence[CohortKey], sizes: Mapping[str, int]) -> set[int]:
    """Return in which cohorts at once a row can be: bit c of a pattern stands for cohort c.

    ``sizes`` are the domains' sizes, by dimension.

    Raises:
        OverlapRefused: there are too many patterns.
    """
    patterns = {(1 << len(cohorts)) - 1}
    for name in sorted({name for one in cohorts for name, _ in one.conditions}):
        masks = set(_masks(cohorts, name, sizes[name]))
        patterns = {pattern & mask for pattern in patterns for mask in masks}
        _require_few(patterns)
    return patterns


def person_patterns(cohorts: Sequence[CohortKey], sizes: Mapping[str, int], many: bool) -> set[int]:
    """Return in which cohorts at once a person can be, of whom at most two rows are thought of.

    Raises:
        OverlapRefused: there are too many patterns.
    """
    patterns = row_patterns(cohorts, sizes)
    if many:
        if len(patterns) ** 2 > 2 * MAX_PATTERNS:
            raise OverlapRefused("there are too many patterns")
        patterns |= {a | b for a, b in combinations(sorted(patterns), 2)}
    return patterns


def _masks(cohorts: Sequence[CohortKey], name: str, size: int) -> Iterator[int]:
    """Yield for each value of a dimension the cohorts that let it through."""
    admitted = [dict(one.conditions).get(name) for one in cohorts]
    for code in range(size):
        yield sum(
            1 << place for place, codes in enumerate(admitted) if codes is None or code in codes
        )


def _require_few(patterns: set[int]) -> None:
    if len(patterns) > MAX_PATTERNS:
        raise OverlapRefused("there are too many patterns")
