"""Look-ups a second of the local providers, in their processes, with 64 in flight.

DuckDB over a Parquet file beside SQLite with an index, the same rows and fields; and DuckDB asked
once for each look-up beside once for a batch, which is why look-ups are gathered.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

import duckdb
import msgspec

from bench.figures import Figure
from gateway.adapters.providers.addressing import Address
from gateway.adapters.providers.duckdb_lookups import DuckdbLookups
from gateway.adapters.providers.messages import Found, Lookup
from gateway.adapters.providers.process_provider import ProcessProvider
from gateway.adapters.providers.sources import DuckdbSource, Source, SqliteSource
from gateway.application.ports.provider import Inquiry
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.subject import SubjectIdentifier
from gateway.domain.vocabulary import IdentifierType

ROWS = 100_000
IN_FLIGHT = 64
FIELDS = tuple(f"field{number}" for number in range(20))
KEYS = ("d", "kind", "number")
KIND = IdentifierType.US_SSN
_TEXT = {"en": "a title", "zh": "标题"}


def measure(seconds: float = 3.0, rounds: int = 5) -> list[Figure]:
    """Measure each pair in turn, ``rounds`` times."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite, parquet = _data(Path(folder))
        pairs = [(_rate(parquet, seconds), _rate(sqlite, seconds)) for _ in range(rounds)]
        calls = _calls_rates(parquet, seconds)
    return [
        _figure("provider.duckdb_vs_sqlite", pairs, "at least 0.5"),
        _figure("provider.duckdb_batch_vs_single", [calls], "above 1"),
    ]


def _figure(name: str, pairs: Sequence[tuple[float, float]], goal: str) -> Figure:
    ours, peer = median(a for a, _ in pairs), median(b for _, b in pairs)
    ratio = median(a / b for a, b in pairs)
    return Figure(name, ours, peer, ratio, "look-ups a second", goal)


def _data(folder: Path) -> tuple[SqliteSource, DuckdbSource]:
    sqlite, parquet = folder / "p.db", folder / "p.parquet"
    values = ",".join(f"'value {name} ' || i AS {name}" for name in FIELDS)
    with closing(duckdb.connect(":memory:")) as connection:
        connection.execute(
            f"CREATE TABLE t AS SELECT '{KIND}' AS kind,"
            f" lpad((i * 7919 % {ROWS})::VARCHAR, 9, '0') AS number, {values}"
            f" FROM range({ROWS}) t(i)"
        )
        connection.execute(f"COPY t TO '{parquet}' (FORMAT parquet)")
        rows = connection.execute("SELECT * FROM t").fetchall()
    columns = ("kind", "number", *FIELDS)
    with closing(sqlite3.connect(sqlite)) as other, other:
        other.execute(f"CREATE TABLE t ({' TEXT, '.join(columns)} TEXT)")
        other.executemany(f"INSERT INTO t VALUES ({','.join('?' * len(columns))})", rows)
        other.execute("CREATE UNIQUE INDEX by_number ON t (kind, number)")
    return (
        SqliteSource(*KEYS, path=str(sqlite), table="t"),
        DuckdbSource(*KEYS, path=str(parquet)),
    )


def _rate(source: Source, seconds: float) -> float:
    return asyncio.run(_saturated(source, seconds))


async def _saturated(source: Source, seconds: float) -> float:
    provider = ProcessProvider(source, 10.0, lambda: True)
    provider.use_contract(_contract())
    until = time.perf_counter() + seconds
    done = 0

    async def ask(chance: random.Random) -> None:
        nonlocal done
        while time.perf_counter() < until:
            number = f"{chance.randrange(ROWS):09}"
            inquiry = Inquiry("d", SubjectIdentifier(KIND, number), FIELDS, "p", "r", "c", "e")
            found = await provider.look_up(Address(KIND.value, number), inquiry)
            if found is None or len(found.values) != len(FIELDS):
                raise RuntimeError("every look-up must find its subject")
            done += 1

    begun = time.perf_counter()
    try:
        await asyncio.gather(*(ask(random.Random(seed)) for seed in range(IN_FLIGHT)))
    finally:
        provider.close()
    return done / (time.perf_counter() - begun)


def _calls_rates(source: DuckdbSource, seconds: float) -> tuple[float, float]:
    """DuckDB asked for 64 look-ups at once, and for one, without a process between."""
    lookups = DuckdbLookups(source)
    return _answered(lookups, IN_FLIGHT, seconds), _answered(lookups, 1, seconds)


def _answered(lookups: DuckdbLookups, size: int, seconds: float) -> float:
    chance, done = random.Random(size), 0
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        batch = [Lookup(KIND, f"{chance.randrange(ROWS):09}", FIELDS) for _ in range(size)]
        if not all(isinstance(answer, Found) for answer in lookups.answers(batch)):
            raise RuntimeError("every look-up must find its subject")
        done += size
    return done / (time.perf_counter() - begun)


def _contract() -> DatasetDocument:
    fields = [
        {"name": name, "type": "string", "meaning": _TEXT, "data_class": "C2",
         "identifies": "quasi", "category": "loan"}
        for name in FIELDS
    ]  # fmt: skip
    document = {"version": 1, "dataset": "d", "title": _TEXT, "provider": "bureau",
                "jurisdiction": "CN", "identifiers": [KIND], "fields": fields}  # fmt: skip
    return msgspec.convert(document, DatasetDocument)
