"""Providers over files: replaced under load, torn, corrupt, far too large, a million rows.

An answer is of one state of the file or it is a refusal; nothing old outlives a new state that
cannot be read.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.adapters.providers.csv_header import BadFile
from gateway.adapters.providers.duckdb_table import DuckdbTable, identity_of
from gateway.adapters.providers.grouped_lookups import Group
from gateway.adapters.providers.sources import DuckdbSource
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Value
from gateway.domain.subject import SubjectIdentifier
from gateway.domain.vocabulary import IdentifierType
from support.live_gateway import DATASET
from support.provider_engine_kinds import CsvEngine, ParquetEngine
from support.provider_engines import Row, RunningProvider

KEYS = (DATASET, "kind", "number")
FIELDS = ("name", "phone", "remark")
KIND = IdentifierType.US_SSN
STATES = 5
PEOPLE = 200
MILLION = 1_000_000
MEMORY_MB = 256
PROCESS_MB = 512
"""What the interpreter and the engine take besides the table, and the table."""
_WAIT_S = 60
ENGINES: Mapping[str, CsvEngine | ParquetEngine] = {"csv": CsvEngine(), "parquet": ParquetEngine()}


def person(number: int) -> SubjectIdentifier:
    return SubjectIdentifier(KIND, f"{number:09}")


def state(number: int) -> list[Row]:
    """The file's rows in one state: each value says which."""
    text = f"state {number}"
    return [(KIND.value, f"{one:09}", text, text, 7, text) for one in range(PEOPLE)]


@asynccontextmanager
async def running(source: DuckdbSource, timeout_s: float = 30.0) -> AsyncIterator[RunningProvider]:
    provider = RunningProvider(source, timeout_s)
    try:
        yield provider
    finally:
        provider.close()


async def _answer(provider: RunningProvider, number: int = 1) -> Mapping[str, Value] | ErrorReason:
    try:
        found = await provider.fetch(person(number), FIELDS)
    except Refused as refused:
        return refused.reason
    assert found is not None
    return found


async def _until(provider: RunningProvider, wanted: Mapping[str, Value] | ErrorReason) -> None:
    deadline = time.monotonic() + _WAIT_S
    while (last := await _answer(provider)) != wanted:
        assert time.monotonic() < deadline, f"never came; at last it was {last}"
        await asyncio.sleep(0.02)


def whole(number: int) -> dict[str, Value]:
    return dict.fromkeys(FIELDS, f"state {number}")


@pytest.mark.parametrize("kind", list(ENGINES))
async def test_a_file_replaced_under_load_is_seen_whole_and_without_a_gap(
    kind: str, tmp_path: Path
) -> None:
    engine, seen, done = ENGINES[kind], list[str](), asyncio.Event()
    engine.fill(tmp_path, state(0))

    async def load(provider: RunningProvider, seed: int) -> None:
        chance = random.Random(seed)
        while not done.is_set():
            found = await provider.fetch(person(chance.randrange(PEOPLE)), FIELDS)
            assert found is not None
            (one,) = set(found.values())
            seen.append(str(one))

    async with running(DuckdbSource(*KEYS, path=str(engine.file(tmp_path)))) as provider:
        callers = [asyncio.ensure_future(load(provider, seed)) for seed in range(16)]
        for number in range(1, STATES):
            await asyncio.to_thread(engine.fill, tmp_path, state(number))
            await _until(provider, whole(number))
        done.set()
        await asyncio.gather(*callers)
    # Never back to an older state.
    assert [int(one.split()[1]) for one in seen] == sorted(int(one.split()[1]) for one in seen)
    assert set(seen) == {f"state {number}" for number in range(STATES)}


@pytest.mark.parametrize("kind", list(ENGINES))
async def test_a_file_that_is_written_in_place_and_torn_is_refused_until_it_is_whole(
    kind: str, tmp_path: Path
) -> None:
    engine = ENGINES[kind]
    engine.fill(tmp_path, state(1))
    content = engine.file(tmp_path).read_bytes()
    engine.fill(tmp_path, state(0))
    async with running(DuckdbSource(*KEYS, path=str(engine.file(tmp_path)))) as provider:
        assert await _answer(provider) == whole(0)
        engine.file(tmp_path).write_bytes(content[: len(content) // 2 - 3])
        await _until(provider, ErrorReason.PROVIDER_UNAVAILABLE)
        assert await _answer(provider) is ErrorReason.PROVIDER_UNAVAILABLE
        with engine.file(tmp_path).open("ab") as file:
            file.write(content[len(content) // 2 - 3 :])
        await _until(provider, whole(1))


def _loads(source: DuckdbSource) -> bool:
    identity = identity_of(source.path)
    assert identity is not None
    try:
        table = DuckdbTable.load(source, identity)
    except BadFile:
        return False
    table.rows(Group(KIND.value, ("name",)), ["000000001"], 2)
    table.close()
    return True


def test_a_csv_file_torn_anywhere_but_at_the_end_of_a_line_is_refused(tmp_path: Path) -> None:
    engine = CsvEngine()
    rows: list[Row] = [(KIND.value, f"{n:09}", 'An"n', "a\nb", 7, "名") for n in range(2)]
    engine.fill(tmp_path, rows)
    path = engine.file(tmp_path)
    content, source = path.read_bytes(), DuckdbSource(*KEYS, path=str(path))
    loaded = []
    for length in range(len(content)):
        path.write_bytes(content[:length])
        if _loads(source):
            loaded.append(length)
    # \r\n: the end of a line is one of the two as well.
    ends = [n for n in range(len(content)) if content[:n].endswith((b"\r\n", b"\r"))]
    assert set(loaded) <= set(ends)
    assert len(loaded) < 2 * len(rows) + 2


def test_a_parquet_file_without_its_end_or_its_beginning_is_refused(tmp_path: Path) -> None:
    engine = ParquetEngine()
    engine.fill(tmp_path, state(0))
    path = engine.file(tmp_path)
    content, source = path.read_bytes(), DuckdbSource(*KEYS, path=str(path))
    chance = random.Random(1)
    for length in (0, 3, 4, 8, *(chance.randrange(len(content)) for _ in range(10))):
        path.write_bytes(content[:length])
        assert not _loads(source)
    for damaged in (
        content[:-100] + bytes(92) + content[-8:],
        content[:-8] + b"\xff\xff\xff\x7f" + content[-4:],
        content[:-4] + b"PAR2",
        bytes(len(content) // 2) + content[len(content) // 2 :],
        os.urandom(len(content)),
    ):
        path.write_bytes(damaged)
        assert not _loads(source)
    path.write_bytes(content)
    assert _loads(source)


def test_damage_within_a_parquet_file_is_an_error_or_a_value_never_more(tmp_path: Path) -> None:
    engine = ParquetEngine()
    engine.fill(tmp_path, state(0))
    path = engine.file(tmp_path)
    content, source = path.read_bytes(), DuckdbSource(*KEYS, path=str(path))
    chance = random.Random(2)
    for _ in range(40):
        damaged = bytearray(content)
        damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        # Nothing but BadFile and answers: no other exception leaves it.
        _loads(source)


def _write_million(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("kind,number,name,phone,remark\n")
        for number in range(MILLION):
            file.write(f"US_SSN,{number:09},name {number},phone {number},a remark of {number}\n")


def _peak_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(line.split()[1]) // 1024


async def test_a_million_rows_load_within_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    _write_million(path)
    async with running(DuckdbSource(*KEYS, path=str(path), memory_mb=MEMORY_MB)) as provider:
        await _until(provider, {"name": "name 1", "phone": "phone 1", "remark": "a remark of 1"})
        last = await provider.fetch(person(MILLION - 1), ("name",))
        assert last == {"name": f"name {MILLION - 1}"}
        assert await provider.fetch(person(MILLION), ("name",)) is None
        assert _peak_mb(provider.pid) < PROCESS_MB


async def test_a_file_that_does_not_fit_is_refused_and_nothing_is_written_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = tmp_path / "there" / "p.csv"
    _write_million(path)
    async with running(DuckdbSource(*KEYS, path=str(path), memory_mb=32)) as provider:
        assert await _answer(provider) is ErrorReason.PROVIDER_UNAVAILABLE
        assert _peak_mb(provider.pid) < PROCESS_MB
    assert "it does not fit into memory_mb" in capfd.readouterr().err
    assert [one.name for one in (tmp_path / "there").iterdir()] == ["p.csv"]
    assert list((tmp_path / "here").iterdir()) == []
