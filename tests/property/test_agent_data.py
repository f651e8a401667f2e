"""The agent's evaluation against a plain one in Python, over generated tables of every kind."""

import tempfile
from collections.abc import Callable
from pathlib import Path
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
NUMBERS = st.decimals(-300, 300, places=4).map(str) | st.integers(-300, 300).map(str)
ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(0, 7).map(lambda n: f"p{n}"),
        st.none() | st.sampled_from((*REGIONS, "N", "S", "elsewhere")),
        st.sampled_from((*HOUSINGS, "Own")),
        st.none() | NUMBERS,
        NUMBERS,
    ),
    max_size=24,
).map(lambda rows: [*rows, ("p0", "north", "own", "1", "2")])
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
@given(ROWS, st.lists(asked(), min_size=4, max_size=4))
@settings(max_examples=4, deadline=None)
def test_an_evaluation_is_that_of_going_over_the_rows(
    make: Callable[[Path, list[Row]], Source],
    cells: int,
    rows: list[Row],
    shapes: list[dict[str, Any]],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = make(folder, rows)
        for shape in shapes:
            _, plan = question(contract(cells=cells), **shape)
            as_reference(evaluated(source, plan, folder), reference(rows, plan))


@given(ROWS, asked(), st.integers(0, 30))
@settings(max_examples=10, deadline=None)
def test_one_person_changes_no_more_than_the_plan_says(
    rows: list[Row], shape: dict[str, Any], chosen: int
) -> None:
    """Of one contributor: the squared distance of the vectors is at most the sensitivity's."""
    _, plan = question(contract(cells=2), **shape)
    people = sorted({row[0] for row in rows if row[0]} - {"p0"})
    without = [row for row in rows if not people or row[0] != people[chosen % len(people)]]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        a = evaluated(csv_source(Path(one), rows), plan, Path(one))
        b = evaluated(csv_source(Path(other), without), plan, Path(other))
    pairs = [
        (x, y)
        for left, right in zip(a.figures, b.figures, strict=True)
        for x, y in zip(left, right, strict=True)
    ]
    assert sum((x - y) ** 2 for x, y in pairs) <= plan.shape.sensitivity(1).squared


def shape_with(**asked: Any) -> Shape:
    return question(contract(), **asked)[1].shape


@given(asked(), asked())
@settings(max_examples=60, deadline=None)
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
