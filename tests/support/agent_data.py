"""Small data sets for the agent's data side, and the plain re-computation of what they come to.

Owns a contract, questions, files of each kind, a chance without noise, and a reference in Python
that goes over rows one by one with fractions and shares no code with what it checks.
"""

import csv
import sqlite3
from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from clients.agent.data.config import (
    CsvSource,
    DatabaseSource,
    DataConfig,
    DatasetConfig,
    DimensionColumn,
    MeasureColumn,
    ParquetSource,
)
from clients.agent.data.frozen import FrozenData
from gateway.domain.aggregate.contract import (
    AggregateContract,
    Budget,
    CohortTerms,
    Dimension,
    Measure,
)
from gateway.domain.aggregate.plan import CohortPlan, plan_cohort, shape_of
from gateway.domain.aggregate.question import AskerKey, CohortQuestion, Condition
from gateway.domain.policy.document_base import Bilingual, Recipients

DATASET = "credit.test"
TITLE = Bilingual("test", "test")
NOW = 1_800_000_000
REGIONS = ("north", "south", "west")
HOUSINGS = ("own", "rent")
MANY_MICRO = 1_000_000_000
Row = tuple[str | None, str | None, str | None, str | None, str | None]
"""Person, region, housing, amount, days, as they stand in a file; None is an empty field."""
COLUMNS = ("who", "land", "living", "amount", "days")


class Silent:
    """A chance with which every discrete Gaussian is 0."""

    def below(self, bound: int) -> int:
        return 0

    def happens(self, numerator: int, denominator: int) -> bool:
        return numerator >= denominator


def contract(
    k: int = 2, cells: int = 1, limit: int = MANY_MICRO, refusals: int = 1000, **terms: Any
) -> AggregateContract:
    """A contract of three contributors, cheap enough for nearly no noise."""
    cohort = CohortTerms(
        purposes=("credit.analysis",),
        recipients=Recipients(roles=(), institutions=("lender-a",)),
        articles=("PIPL 13",),
        dimensions=(
            Dimension("region", TITLE, REGIONS),
            Dimension("housing", TITLE, HOUSINGS),
        ),
        measures=(
            Measure("amount", TITLE, -50, 200, "", (0, 10, 150)),
            Measure("days", TITLE, 0, 90, "", (1, 30)),
        ),
        budget=Budget(limit=limit, a_question=MANY_MICRO, period_days=30, refusals=refusals),
        minimum_cohort=k,
        cells_a_person=cells,
    )
    return AggregateContract(
        version=1,
        dataset=DATASET,
        title=TITLE,
        snapshot="2026-10",
        contributors=("bank-a", "bank-b", "bank-c"),
        minimum_contributors=3,
        cohort=msgspec.structs.replace(cohort, **terms),
    )


def question(
    of: AggregateContract, cost: int = MANY_MICRO, asker: str = "lender-a", **asked: Any
) -> tuple[CohortQuestion, CohortPlan]:
    """A question and its plan; a fresh id and key each time would change nothing here."""
    draft = CohortQuestion(
        id="0" * 32,
        asker=asker,
        dataset=of.dataset,
        snapshot=of.snapshot,
        contract=of.digest,
        purpose="credit.analysis",
        key=AskerKey(scheme="elgamal", key="00", proof="00"),
        issued_at=NOW,
        expires_at=NOW + 600,
        cost=cost,
        share_variance=1,
        **asked,
    )
    plan = plan_cohort(shape_of(draft, of), of, cost)
    priced = msgspec.structs.replace(draft, share_variance=plan.noise.share_variance)
    return priced, plan


def where(**among: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(Condition(name, values) for name, values in among.items())


def config(source: CsvSource | ParquetSource | DatabaseSource, **settings: Any) -> DataConfig:
    """The test's columns, with a mapping for one dimension."""
    dataset = DatasetConfig(
        snapshot="2026-10",
        source=source,
        person="who",
        dimensions={
            "region": DimensionColumn(column="land", values={"N": "north", "S": "south"}),
            "housing": DimensionColumn(column="living"),
        },
        measures={
            "amount": MeasureColumn(column="amount"),
            "days": MeasureColumn(column="days"),
        },
    )
    return DataConfig(datasets={DATASET: msgspec.structs.replace(dataset, **settings)}, threads=1)


def csv_source(folder: Path, rows: list[Row]) -> CsvSource:
    folder.mkdir(exist_ok=True)
    path = folder / "rows.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([("" if one is None else one for one in row) for row in rows])
    return CsvSource(path=path)


def parquet_source(folder: Path, rows: list[Row]) -> ParquetSource:
    """With numbers as DOUBLE where all of them are some."""
    path = folder / "rows.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t (who VARCHAR, land VARCHAR, living VARCHAR, amount DOUBLE, days DOUBLE)"
        )
        if rows:
            connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return ParquetSource(path=path)


def sqlite_source(folder: Path, rows: list[Row]) -> DatabaseSource:
    path = folder / "rows.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (who TEXT, land TEXT, living TEXT, amount REAL, days)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", rows)
    connection.close()
    url = folder / "url"
    url.write_text(f"sqlite:///{path}\n")
    url.chmod(0o600)
    return DatabaseSource(url_file=url, table="t")


def open_data(folder: Path, rows: list[Row], **settings: Any) -> FrozenData:
    """Data of these rows, without noise; the clock stands at the question's issue."""
    data = config(csv_source(folder, rows), **settings)
    return FrozenData(data, folder / "state", chance=Silent(), clock=lambda: NOW)


def people_of(**people: int) -> list[Row]:
    """So many people of each region and housing, such as north_own=100."""
    made: list[Row] = []
    for name, count in people.items():
        region, housing = name.split("_")
        made += [(f"{name}{n}", region, housing, "10", "1") for n in range(count)]
    return made


@dataclass(frozen=True)
class Cell:
    """The reference's figures of a cell, before noise and in steps."""

    people: frozenset[str]
    figures: tuple[int, ...]


_VALUES = {"region": {**{one: one for one in REGIONS}, "N": "north", "S": "south"}}
_VALUES["housing"] = {one: one for one in HOUSINGS}
_PLACE = {"region": 1, "housing": 2, "amount": 3, "days": 4}


def readable(row: Row) -> dict[str, Any] | None:
    """A row as the contract reads it, or None."""
    try:
        return {
            "who": str(row[0] or _fail()),
            "region": _VALUES["region"][row[1] or ""],
            "housing": _VALUES["housing"][row[2] or ""],
            "amount": Fraction(row[3] or ""),
            "days": Fraction(row[4] or ""),
        }
    except (KeyError, ValueError):
        return None


def _fail() -> str:
    raise ValueError


def reference(rows: list[Row], plan: CohortPlan) -> list[Cell]:
    """The cells of a plan, by going over the rows."""
    shape = plan.shape
    places = {cell: place for place, cell in enumerate(shape.cells)}
    mine: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        read = readable(row)
        if read is None or any(read[one.name] not in among for one, among in shape.filtered):
            continue
        cell = places[tuple(str(read[one.name]) for one in shape.grouped)]
        mine[str(read["who"])][cell].append(read)
    figures = [[0] * (shape.values_a_cell - 1) for _ in shape.cells]
    people: list[set[str]] = [set() for _ in shape.cells]
    for who, cells in mine.items():
        order = sorted(cells, key=lambda cell: (-len(cells[cell]), cell))
        for cell in order[: shape.terms.cells_a_person]:
            people[cell].add(who)
            for place, more in enumerate(_person(cells[cell], plan)):
                figures[cell][place] += more
    return [Cell(frozenset(a), tuple(b)) for a, b in zip(people, figures, strict=True)]


def _person(rows: list[dict[str, Any]], plan: CohortPlan) -> list[int]:
    """What one person adds to a cell's figures."""
    totals = {
        one.name: Fraction(min(one.high, max(one.low, sum(row[one.name] for row in rows))))
        for one in (*plan.shape.sums, *plan.shape.histograms)
    }
    added = [1024]
    for one in plan.shape.sums:
        value = totals[one.name] / one.clip
        added.append(floor(value * 1024 + Fraction(1, 2)))
        if one.name in plan.shape.squares:
            added.append(floor(value**2 * 1024 + Fraction(1, 2)))
    for one in plan.shape.histograms:
        at = sum(edge <= totals[one.name] for edge in one.edges)
        added += [1024 * (at == place) for place in range(len(one.edges) + 1)]
    return added
