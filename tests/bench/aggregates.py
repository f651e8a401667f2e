"""What a cohort question takes from its signature to opened figures, by stage, and how it grows.

A gateway process, agents in three processes, and a keyholder, over mutual TLS on one machine; data
is generated, and frozen before the question. The question has 60 cells (12 x 5), a filter, two sums
with squares and a histogram of ten bins: 960 values. "cohort_question" has three agents with a
million rows each. "stage" figures add up to it: what the stream of the question shows, parted by
the slowest agent's own clocks. "rows" has three agents, "providers" 10,000 rows each; ten agents of
30 share a process. There is no peer: beside ours stands the whole that it is a share of.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from bench.aggregates_round import STAGES, Round, measured
from bench.figures import BUILD, Figure

ROWS = (10_000, 100_000, 1_000_000)
PROVIDERS = (3, 10, 30)
FEW_ROWS = ROWS[0]
ELGAMAL_PEOPLE, PAILLIER_PEOPLE = 1_000_000, 1_000_000_000
RAW = "bench-aggregates.json"
TIMES = 3


def measure() -> list[Figure]:
    """Measure all, and write what the plot is drawn from; some six minutes."""
    by_rows = {rows: _round(PROVIDERS[0], rows) for rows in ROWS}
    by_providers = {PROVIDERS[0]: by_rows[FEW_ROWS]}
    by_providers |= {number: _round(number, FEW_ROWS) for number in PROVIDERS[1:]}
    paillier = _round(PROVIDERS[0], FEW_ROWS, PAILLIER_PEOPLE)
    largest = by_rows[ROWS[-1]]
    _write(by_rows, by_providers, paillier)
    return [
        _figure("cohort_question_s", largest, largest.total),
        *(_figure(f"stage_{name}_s", largest, largest.stages[name]) for name in STAGES),
        _figure("freeze_s", largest, largest.freezing),
        _figure("cohort_question_again_s", largest, largest.again),
        *(_figure(f"rows_{rows}_s", one, one.total) for rows, one in by_rows.items()),
        *(_figure(f"providers_{number}_s", one, one.total) for number, one in by_providers.items()),
        _figure("paillier_s", paillier, paillier.total),
    ]


def _round(providers: int, rows: int, people: int = ELGAMAL_PEOPLE) -> Round:
    """The round of the median of some: a neighbour's work on the machine counts in each."""
    rounds = []
    for _ in range(TIMES):
        with tempfile.TemporaryDirectory() as folder:
            rounds.append(measured(Path(folder), providers, rows, people))
    return sorted(rounds, key=lambda one: one.total)[TIMES // 2]


def _figure(name: str, of: Round, seconds: float) -> Figure:
    share = seconds / of.total
    return Figure(f"aggregate.{name}", seconds, of.total, share, "s (whole question)", "printed")


def _write(by_rows: dict[int, Round], by_providers: dict[int, Round], paillier: Round) -> None:
    BUILD.mkdir(exist_ok=True)
    content = {
        "cores": len(os.sched_getaffinity(0)),
        "rows": {str(rows): _told(one) for rows, one in by_rows.items()},
        "providers": {str(number): _told(one) for number, one in by_providers.items()},
        "paillier": _told(paillier),
    }
    (BUILD / RAW).write_text(json.dumps(content, indent=2) + "\n")


def _told(one: Round) -> dict[str, float]:
    return {"total": one.total, **one.stages}


if __name__ == "__main__":
    for figure in measure():
        print(figure.line())
