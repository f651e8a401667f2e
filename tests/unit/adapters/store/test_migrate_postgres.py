"""Migration on PostgreSQL: once, however many gateways start together; a later store is refused."""

import subprocess
import sys

import psycopg
import pytest

from gateway.adapters.store.migrate import HEAD, StoreVersionError, migrate_postgres
from gateway.adapters.store.postgres_store import PostgresAddress
from gateway.adapters.store.schema import metadata
from support.faults_serving import python_path
from support.postgres_server import shared_server

TOGETHER = 4
PROGRAM = """
import sys
from gateway.adapters.store.migrate import migrate_postgres
from gateway.adapters.store.postgres_store import PostgresAddress
print(migrate_postgres(PostgresAddress(sys.argv[1])))
"""


@pytest.fixture
def address() -> PostgresAddress:
    return PostgresAddress(shared_server().create())


def _rows(address: PostgresAddress, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(address.url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def test_an_empty_database_is_filled_and_then_left_alone(address: PostgresAddress) -> None:
    assert migrate_postgres(address)
    assert not migrate_postgres(address)
    assert _rows(address, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert _rows(address, "SELECT size, last_time_ms FROM log_head") == [(0, 0)]


def test_the_database_has_the_tables_and_columns_of_the_schema(address: PostgresAddress) -> None:
    migrate_postgres(address)
    found = _rows(
        address,
        "SELECT table_name, column_name, is_nullable='NO' FROM information_schema.columns"
        " WHERE table_schema='public' AND table_name<>'alembic_version'"
        " ORDER BY table_name, ordinal_position",
    )
    assert found == [
        (name, column.name, not column.nullable)
        for name, table in sorted(metadata.tables.items())
        for column in table.columns
    ]


def test_gateways_that_start_together_migrate_once(address: PostgresAddress) -> None:
    command = [sys.executable, "-c", PROGRAM, address.url]
    started = [
        subprocess.Popen(command, env={"PYTHONPATH": python_path()}, stdout=subprocess.PIPE)
        for _ in range(TOGETHER)
    ]
    said = sorted(one.communicate(timeout=100)[0].decode().strip() for one in started)
    assert said == ["False"] * (TOGETHER - 1) + ["True"]


def test_a_database_of_a_later_release_is_refused_and_untouched(address: PostgresAddress) -> None:
    migrate_postgres(address)
    with psycopg.connect(address.url, autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num='9999'")
    with pytest.raises(StoreVersionError, match=r"9999.* later release"):
        migrate_postgres(address)
    assert _rows(address, "SELECT version_num FROM alembic_version") == [("9999",)]
