"""A provider over PostgreSQL that is paused, stopped, cut off, locked or slow.

Each call gets a typed refusal in time, a slow statement costs no process, a connection that was
cut while it lay idle costs no call, and the database's return is noticed without a restart.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import psycopg
import pytest

from gateway.adapters.providers.sources import SqlSource
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Value
from gateway.domain.subject import SubjectIdentifier
from gateway.domain.vocabulary import IdentifierType
from support.live_gateway import DATASET
from support.postgres_server import PostgresServer, own_server
from support.provider_engine_kinds import SqlPostgresEngine, write_url
from support.provider_engines import ANN, COLUMNS, RunningProvider
from support.provider_postgres import database

PERSON = SubjectIdentifier(IdentifierType.US_SSN, "007010001")
ROW = (PERSON.type.value, PERSON.value, *(ANN[column] for column in COLUMNS))
STATEMENT_MS = 300
TIMEOUT_S = 2.0
_WAIT_S = 30
Outcome = Mapping[str, Value] | ErrorReason | None
UNAVAILABLE, TIMEOUT = ErrorReason.PROVIDER_UNAVAILABLE, ErrorReason.PROVIDER_TIMEOUT


@asynccontextmanager
async def running(folder: Path, url: str, table: str = "person") -> AsyncIterator[RunningProvider]:
    source = SqlSource(
        *(DATASET, "kind", "number"),
        table=table,
        url_file=write_url(folder, url),
        statement_timeout_ms=STATEMENT_MS,
    )
    provider = RunningProvider(source, TIMEOUT_S)
    try:
        yield provider
    finally:
        provider.close()


async def _outcome(provider: RunningProvider) -> Outcome:
    try:
        return await provider.fetch(PERSON)
    except Refused as refused:
        return refused.reason


async def _back(provider: RunningProvider) -> None:
    deadline = time.monotonic() + _WAIT_S
    while (last := await _outcome(provider)) != ANN:
        assert time.monotonic() < deadline, f"never came back; at last it was {last}"
        await asyncio.sleep(0.1)


def execute(folder: Path, *statements: str) -> None:
    with psycopg.connect(database(folder), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def test_a_connection_cut_while_idle_costs_no_call(tmp_path: Path) -> None:
    SqlPostgresEngine().fill(tmp_path, [ROW])  # type: ignore[list-item]  # a row by columns
    async with running(tmp_path, database(tmp_path)) as provider:
        for _ in range(3):
            assert await _outcome(provider) == ANN
            execute(
                tmp_path,
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        assert await _outcome(provider) == ANN


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with psycopg.connect(database(folder)) as connection:
        connection.execute("LOCK TABLE person IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


async def test_a_locked_table_is_unavailable_and_costs_no_process(tmp_path: Path) -> None:
    SqlPostgresEngine().fill(tmp_path, [ROW])  # type: ignore[list-item]  # a row by columns
    async with running(tmp_path, database(tmp_path)) as provider:
        assert await _outcome(provider) == ANN
        process = provider.pid
        with _locked(tmp_path):
            outcomes = await asyncio.gather(*(_outcome(provider) for _ in range(8)))
            assert set(map(str, outcomes)) == {UNAVAILABLE.value}
        assert await _outcome(provider) == ANN
        assert provider.pid == process


async def test_a_slow_statement_is_ended_by_the_database(tmp_path: Path) -> None:
    SqlPostgresEngine().fill(tmp_path, [ROW])  # type: ignore[list-item]  # a row by columns
    slow = "CREATE VIEW slow AS SELECT person.* FROM person, LATERAL (SELECT pg_sleep(60)) AS s"
    execute(tmp_path, slow)
    async with running(tmp_path, database(tmp_path), table="slow") as provider:
        process = provider.pid
        assert await _outcome(provider) is UNAVAILABLE
        assert provider.pid == process
        execute(tmp_path, "CREATE OR REPLACE VIEW slow AS SELECT * FROM person")
        assert await _outcome(provider) == ANN


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """A server of this test's own, to be mistreated."""
    made = own_server()
    columns = ", ".join(f"{name} {'BIGINT' if 'amount' in name else 'TEXT'}" for name in COLUMNS)
    with psycopg.connect(made.url(), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE person (kind TEXT, number TEXT, {columns})".encode())
        connection.execute(b"INSERT INTO person VALUES (%s,%s,%s,%s,%s,%s)", ROW)
    yield made
    made.close()


async def test_a_paused_database_times_out_and_is_noticed_when_it_is_back(
    server: PostgresServer, tmp_path: Path
) -> None:
    async with running(tmp_path, server.url()) as provider:
        assert await _outcome(provider) == ANN
        with server.paused():
            outcomes = await asyncio.gather(*(_outcome(provider) for _ in range(8)))
            assert set(map(str, outcomes)) == {TIMEOUT.value}
            assert await _outcome(provider) in (TIMEOUT, UNAVAILABLE)
        await _back(provider)


async def test_a_database_that_is_down_is_unavailable_until_it_is_back(
    server: PostgresServer, tmp_path: Path
) -> None:
    async with running(tmp_path, server.url()) as provider:
        assert await _outcome(provider) == ANN
        with server.down():
            for _ in range(5):
                assert await _outcome(provider) in (TIMEOUT, UNAVAILABLE)
        await _back(provider)
