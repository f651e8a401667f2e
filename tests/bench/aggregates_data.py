"""What an agent's data side takes for one cohort question, by rows and by stage; seconds.

One filter, 60 cells (12 x 5), two sums with squares and a histogram of ten bins, two threads of
DuckDB. "freeze" reads the CSV file once for all questions; "evaluate" is DuckDB's part, "overlap"
the check of 60 new cohorts, "noise" the draws of all values, "prepare" a whole first answer with
its transaction, "second" the next question about the same cells, "again" the same question. Best of
three but for what happens once. There is no peer: beside ours stands the aim, where there is one,
or the whole answer that a stage is a part of.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec

from bench.figures import Figure
from clients.agent.data.cohorts import keys_of
from clients.agent.data.config import (
    CsvSource,
    DataConfig,
    DatasetConfig,
    DimensionColumn,
    MeasureColumn,
)
from clients.agent.data.evaluation import evaluate
from clients.agent.data.frozen import FrozenData
from clients.agent.data.noisy import with_noise
from clients.agent.data.overlap import Cohort, Population, bitmap_of, require_apart
from clients.agent.data.snapshot import open_snapshot
from gateway.crypto.discrete_gaussian import SystemChance
from gateway.domain.aggregate.contract import AggregateContract, Dimension, Measure
from gateway.domain.aggregate.plan import CohortPlan
from gateway.domain.aggregate.question import CohortQuestion
from support.agent_data import DATASET, NOW, TITLE, contract, question, where

ROWS = (10_000, 100_000, 1_000_000)
DIMENSIONS = (
    Dimension("region", TITLE, tuple(f"r{n}" for n in range(12))),
    Dimension("band", TITLE, tuple(f"b{n}" for n in range(5))),
    Dimension("market", TITLE, ("CN", "other")),
)
MEASURES = (
    Measure("amount", TITLE, 0, 20_000, "", tuple(range(2_000, 20_000, 2_000))),
    Measure("days", TITLE, 0, 180, "", (1, 30, 60, 90)),
)
_AIMS = {"evaluate": 1.0, "prepare": 3.0}


def measure() -> list[Figure]:
    """Measure all; some 20 s."""
    figures: list[Figure] = []
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as folder:
            taken = _stages(rows, Path(folder))
        figures += [_figure(name, rows, seconds, taken) for name, seconds in taken.items()]
    return figures


def _figure(name: str, rows: int, seconds: float, taken: dict[str, float]) -> Figure:
    peer = _AIMS.get(name, taken["prepare"])
    goal = f"<= {_AIMS[name]:g} s" if name in _AIMS and rows == ROWS[-1] else "printed"
    label = f"aggregates.data.{name}_{rows}"
    return Figure(label, seconds, peer, peer / seconds, "s (aim or whole)", goal)


def _stages(rows: int, folder: Path) -> dict[str, float]:
    data = _config(rows, folder)
    of = contract(k=20, dimensions=DIMENSIONS, measures=MEASURES)
    asked, plan = _question(of)
    taken: dict[str, float] = {}
    with FrozenData(data, folder / "state", clock=lambda: NOW) as answers:
        taken["freeze"] = _once(lambda: answers.freeze(of))
        taken |= _parts(data, of, plan, folder)
        taken["prepare"] = _once(lambda: answers.prepare(asked, of, plan, "group-a"))
        other = msgspec.structs.replace(asked, id="1" * 32, cost=asked.cost - 1)
        priced, next_plan = _question(of, other.cost)
        taken["second"] = _once(lambda: answers.prepare(priced, of, next_plan, "group-a"))
        taken["again"] = _best(lambda: answers.prepare(asked, of, plan, "group-a"))
    return taken


def _parts(
    data: DataConfig, of: AggregateContract, plan: CohortPlan, folder: Path
) -> dict[str, float]:
    snapshot = open_snapshot(DATASET, data, DIMENSIONS, folder / "state")
    found = evaluate(snapshot, plan.shape)
    keys = list(keys_of(plan.shape, snapshot.many))
    cohorts = [
        Cohort(key, bitmap_of(people)) for key, people in zip(keys, found.cohorts, strict=True)
    ]
    population = Population(snapshot.people, snapshot.domain_sizes, snapshot.many)
    cells = range(len(keys))
    return {
        "evaluate": _best(lambda: evaluate(snapshot, plan.shape)),
        "overlap": _best(lambda: require_apart([], cohorts, population, 20)),
        "noise": _best(lambda: with_noise(found, plan, cells, SystemChance())),
    }


def _question(of: AggregateContract, cost: int = 1_000_000) -> tuple[CohortQuestion, CohortPlan]:
    return question(
        of,
        cost,
        where=where(market=("CN",)),
        group_by=("region", "band"),
        sums=("amount", "days"),
        squares=("amount", "days"),
        histograms=("amount",),
    )


def _config(rows: int, folder: Path) -> DataConfig:
    path = folder / "rows.csv"
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'person-' || lpad(range::VARCHAR, 9, '0') AS who,"
            " 'r' || (hash(range) % 12) AS region, 'b' || (hash(range + 1) % 5) AS band,"
            " CASE WHEN hash(range + 2) % 10 < 8 THEN 'CN' ELSE 'other' END AS market,"
            " (hash(range + 3) % 2500000) / 100 AS amount, hash(range + 4) % 200 AS days"
            f" FROM range({rows})) TO '{path}' (HEADER)"
        )
    dataset = DatasetConfig(
        snapshot="2026-10",
        source=CsvSource(path=path),
        person="who",
        dimensions={one.name: DimensionColumn(column=one.name) for one in DIMENSIONS},
        measures={one.name: MeasureColumn(column=one.name) for one in MEASURES},
    )
    return DataConfig(datasets={DATASET: dataset}, threads=2)


def _once(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _best(call: Callable[[], object]) -> float:
    return min(_once(call) for _ in range(3))


if __name__ == "__main__":
    for figure in measure():
        print(figure.line())
