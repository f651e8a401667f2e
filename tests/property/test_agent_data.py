"""The agent's evaluation against a plain one in Python, over generated tables of every kind."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.agent.data.cohorts import CohortKey, keys_of, row_patterns
from clients.agent.data.config import CsvSource, DatabaseSource, ParquetSource
from clients.agent.data.evaluation import Evaluated, evaluate
from clients.agent.data.overlap import Cohort, Population, bitmap_of, require_apart
from clients.agent.data.snapshot import open_snapshot
from gateway.domain.aggregate.plan import CohortPlan, Shape
from gateway.domain.privacy.errors import OverlapRefused
from support.agent_data import (
    DATASET,
    HOUSINGS,
    REGIONS,
    Cell,
    Row,
    config,
    contract,
    csv_source,
    parquet_source,
    question,
    reference,
    sqlite_source,
    where,
)

Source = CsvSource | ParquetSource | DatabaseSource
SEEDS = st.integers(0, 1 << 32)


def dense(seed: int) -> list[Row]:
    """Rows of seven people, in several cells each: some unreadable, many at the clips."""
    chance = Random(seed)

    def number() -> str:
        whole = chance.choice((-300, -50, -1, 0, 1, 9, 10, 30, 150, 200, 300))
        return chance.choice((f"{whole}", f"{whole}.{chance.randrange(10_000):04}"))

    def mostly(value: str, otherwise: str | None) -> str | None:
        return value if chance.random() < 0.95 else otherwise

    rows: list[Row] = [
        (
            mostly(f"p{chance.randrange(7)}", None),
            mostly(chance.choice((*REGIONS, "N", "S")), chance.choice(("elsewhere", None))),
            mostly(chance.choice(HOUSINGS), "Own"),
            mostly(number(), None),
            number(),
        )
        for _ in range(chance.randrange(30))
    ]
    return [*rows, ("p0", "north", "own", "1", "2")]


MEASURES = ("amount", "days")


@st.composite
def asked(draw: st.DrawFn) -> dict[str, Any]:
    """Any shape that the contract lets be asked."""
    sums = draw(st.lists(st.sampled_from(MEASURES), unique=True))
    conditions = {
        name: tuple(draw(st.lists(st.sampled_from(values), min_size=1, unique=True)))
        for name, values in (("region", REGIONS), ("housing", HOUSINGS))
        if draw(st.booleans())
    }
    return {
        "where": where(**conditions),
        "group_by": tuple(draw(st.lists(st.sampled_from(("region", "housing")), unique=True))),
        "sums": tuple(sums),
        "squares": tuple(draw(st.lists(st.sampled_from(sums), unique=True))) if sums else (),
        "histograms": tuple(draw(st.lists(st.sampled_from(MEASURES), unique=True))),
    }


def evaluated(source: Source, plan: CohortPlan, folder: Path) -> Evaluated:
    data = config(source, rows_a_person="many", unreadable="leave_out")
    dimensions = plan.shape.terms.dimensions
    return evaluate(open_snapshot(DATASET, data, dimensions, folder / "state"), plan.shape)


def as_reference(found: Evaluated, expected: list[Cell]) -> None:
    assert found.people == tuple(len(cell.people) for cell in expected)
    assert found.figures == tuple(cell.figures for cell in expected)
    assert [len(one) for one in found.cohorts] == list(found.people)


@pytest.mark.parametrize("cells", [1, 2])
@pytest.mark.parametrize("make", [csv_source, parquet_source, sqlite_source])
@given(SEEDS, st.lists(asked(), min_size=6, max_size=6))
@settings(max_examples=3, deadline=None)
def test_an_evaluation_is_that_of_going_over_the_rows(
    make: Callable[[Path, list[Row]], Source],
    cells: int,
    seed: int,
    shapes: list[dict[str, Any]],
) -> None:
    rows = dense(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = make(folder, rows)
        for shape in shapes:
            _, plan = question(contract(cells=cells), **shape)
            as_reference(evaluated(source, plan, folder), reference(rows, plan))


@given(SEEDS, st.lists(asked(), min_size=5, max_size=5), st.integers(0, 30))
@settings(max_examples=4, deadline=None)
def test_one_person_changes_no_more_than_the_plan_says(
    seed: int, shapes: list[dict[str, Any]], chosen: int
) -> None:
    """Of one contributor: the squared distance of the vectors is at most the sensitivity's."""
    rows = dense(seed)
    people = sorted({row[0] for row in rows if row[0]} - {"p0"})
    without = [row for row in rows if not people or row[0] != people[chosen % len(people)]]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        sources = [(csv_source(Path(one), rows), one), (csv_source(Path(other), without), other)]
        for shape in shapes:
            _, plan = question(contract(cells=2), **shape)
            a, b = (evaluated(source, plan, Path(folder)) for source, folder in sources)
            pairs = [
                (x, y)
                for left, right in zip(a.figures, b.figures, strict=True)
                for x, y in zip(left, right, strict=True)
            ]
            assert sum((x - y) ** 2 for x, y in pairs) <= plan.shape.sensitivity(1).squared


def shape_with(**asked: Any) -> Shape:
    return question(contract(), **asked)[1].shape


@given(asked(), asked())
@settings(max_examples=40, deadline=None)
def test_patterns_are_those_of_going_over_the_domain(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    keys: list[CohortKey] = []
    for shape in (one, other):
        keys += keys_of(
            shape_with(**(shape | {"sums": (), "squares": (), "histograms": ()})), False
        )
    expected = set()
    for region in range(3):
        for housing in range(2):
            codes = {"region": region, "housing": housing}
            admitted = [all(codes[n] in c for n, c in key.conditions) for key in keys]
            expected.add(sum(1 << place for place, yes in enumerate(admitted) if yes))
    assert row_patterns(keys, {"region": 3, "housing": 2}) == expected


ATOMS = st.dictionaries(
    st.tuples(st.integers(0, 2), st.integers(0, 1)), st.integers(0, 5), max_size=6
)
FILTERS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 2), min_size=1, unique=True).map(sorted),
        st.lists(st.integers(0, 1), min_size=1, unique=True).map(sorted),
    ),
    min_size=1,
    max_size=3,
)


@given(ATOMS, FILTERS, st.integers(1, 6))
@settings(max_examples=150, deadline=None)
def test_a_refusal_never_depends_on_whether_a_combination_is_empty_or_has_one(
    atoms: dict[tuple[int, int], int], filters: list[tuple[list[int], list[int]]], k: int
) -> None:
    """m changes by one at most when a person comes: so what passes at k + 1 passes at k then."""
    keys = []
    for regions, housings in filters:
        conditions = []
        if len(housings) < 2:
            conditions.append(("housing", tuple(housings)))
        if len(regions) < 3:
            conditions.append(("region", tuple(regions)))
        key = CohortKey(tuple(conditions))
        if key not in keys and not key.everybody:
            keys.append(key)
    if not keys:
        return
    for more in [(0, 0), (1, 1), (2, 0)]:
        fuller = {**atoms, more: atoms.get(more, 0) + 1}
        for here, there in ((atoms, fuller), (fuller, atoms)):
            if passes(keys, here, k + 1):
                assert passes(keys, there, k)


def passes(keys: list[CohortKey], atoms: dict[tuple[int, int], int], limit: int) -> bool:
    cohorts, start = [], 0
    people: dict[tuple[int, int], range] = {}
    for atom, size in sorted(atoms.items()):
        people[atom] = range(start, start + size)
        start += size
    for key in keys:
        inside = [
            one
            for (region, housing), ones in people.items()
            for one in ones
            if all({"region": region, "housing": housing}[n] in c for n, c in key.conditions)
        ]
        cohorts.append(Cohort(key, bitmap_of(np.array(inside, dtype=np.uint32))))
    try:
        require_apart([], cohorts, Population(start, {"region": 3, "housing": 2}, False), limit)
    except OverlapRefused:
        return False
    return True
