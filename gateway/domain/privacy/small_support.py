"""The search for a combination of few people: branch and bound, with an end.

Owns the question whether some combination, not zero everywhere, weighs atoms of fewer than `limit`
people. Refuses to go on after a fixed amount of work: it then says that there may be one.

Each atom is a column of weights under a basis of combinations. A combination either vanishes on
the largest atom, which takes a dimension away, or pays for its people. A branch ends when all that
is left fits the limit, when something vanishes on all that is left, or when the columns fall into
so many disjoint bases that every combination must pay too much: it cannot vanish on a whole basis.
"""

from __future__ import annotations

from gateway.domain.privacy.vectors import Column, Work, basis, merged, quotient

MAX_WORK = 2_000_000


def finds_lighter(columns: list[Column], limit: int, work: Work) -> bool:
    """Whether a combination weighs atoms of 1 to limit - 1 people.

    Raises:
        OverlapRefused: the work was used up before that was clear.
    """
    spanning = _spanning(columns, work)
    return bool(spanning) and _finds(spanning, limit, work)


def _finds(columns: list[Column], limit: int, work: Work) -> bool:
    columns = _without_large(columns, limit, work)
    if not columns:
        return False
    if sum(column.size for column in columns) < limit:
        return True
    if must_pay(columns, limit, work):
        return False
    largest, rest = columns[0], columns[1:]
    if len(basis(rest, work)) < len(largest.vector):
        # Something vanishes on all the rest; it pays for the largest only, which fits.
        return True
    return _finds(quotient(rest, largest.vector, work), limit, work) or _finds(
        rest, limit - largest.size, work
    )


def _without_large(columns: list[Column], limit: int, work: Work) -> list[Column]:
    """The columns over the combinations that vanish on every atom of `limit` people or more."""
    columns = merged(columns, work)
    while columns and columns[0].size >= limit:
        columns = merged(quotient(columns[1:], columns[0].vector, work), work)
    return columns


def must_pay(columns: list[Column], limit: int, work: Work) -> bool:
    """Whether disjoint bases show that every combination weighs `limit` people or more.

    The columns stand with the largest first. Those of some atoms only will do for all.

    Raises:
        OverlapRefused: the work was used up before that was clear.
    """
    dimension, least = len(columns[0].vector), 0
    while least < limit and len(columns) >= dimension:
        chosen = basis(columns, work)
        if len(chosen) < dimension:
            return False
        # The last that was chosen is the smallest of its basis.
        least += columns[chosen[-1]].size
        taken = set(chosen)
        columns = [one for place, one in enumerate(columns) if place not in taken]
    return least >= limit


def _spanning(columns: list[Column], work: Work) -> list[Column]:
    """The same columns over independent combinations: none vanishes on all of them."""
    chosen = [columns[place].vector for place in basis(columns, work)]
    if not chosen or len(chosen) == len(chosen[0]):
        return columns if chosen else []
    rows = [Column(row, 0) for row in zip(*chosen, strict=True)]
    kept = basis(rows, work)
    return [Column(tuple([vector[place] for place in kept]), size) for vector, size in columns]
