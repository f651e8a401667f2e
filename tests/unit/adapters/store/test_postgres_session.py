"""The life of a process that holds a session: plans follow the tables, a lost session ends it."""

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from gateway.adapters.processes.batch_server import Besides
from gateway.adapters.store.migrate import migrate_postgres
from gateway.adapters.store.postgres_pipeline import Pipeline
from gateway.adapters.store.postgres_session import StoreLost, watched
from gateway.adapters.store.postgres_store import Connection, PostgresAddress, open_writer
from support.postgres_server import shared_server

CONSENTS = (
    "SELECT c.id FROM subject s JOIN consent c ON c.subject_id=s.id AND c.controller=?"
    " WHERE s.lookup=?"
)
SUBJECT = "INSERT INTO subject SELECT sha256(n::text::bytea), sha256(n::text::bytea), 'k', '', ''"
CONSENT = (
    "INSERT INTO consent SELECT n, sha256(n::text::bytea), 'a', 'a', repeat('x', 1200)::bytea, 'k',"
    " '', '', '', n, 0, 'active', 0, 0, 0"
)
MANY = " FROM generate_series(1, 2000) AS n"


@pytest.fixture
def connection() -> Iterator[Connection]:
    address = PostgresAddress(shared_server().create(), timeout_ms=60_000)
    migrate_postgres(address)
    with closing(open_writer(address)) as connection:
        yield connection


def _fill(connection: Connection) -> None:
    for insert in (SUBJECT, CONSENT):
        connection.execute((insert + MANY).encode())


def _plan(connection: Connection) -> str:
    query = "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT c.id%'"
    ((name,),) = connection.execute(query).fetchall()
    rows = connection.execute(f"EXPLAIN EXECUTE {name}('a', '')".encode()).fetchall()
    return "\n".join(str(row[0]) for row in rows)


def test_a_plan_made_for_empty_tables_is_made_anew(connection: Connection) -> None:
    pipeline, besides = Pipeline(connection), watched(connection, lambda: None)
    for _ in range(2):
        with pipeline:
            pipeline.send(CONSENTS, ("a", b""))
    assert "consent_by_controller" in _plan(connection), "it would be no use to make it anew"
    _fill(connection)
    besides.look_round()
    assert "consent_by_subject" in _plan(connection)


def test_looking_round_finds_out_that_the_session_has_ended(connection: Connection) -> None:
    looked: list[int] = []
    besides: Besides = watched(connection, lambda: looked.append(1))
    assert besides.session == connection.fileno()
    besides.look_round()
    besides.after()
    assert looked == [1]
    with psycopg.connect(connection.info.dsn, autocommit=True) as operator:
        operator.execute("SELECT pg_terminate_backend(%s)", (connection.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError):
        besides.look_round()
    assert looked == [1]
    with pytest.raises(StoreLost):
        besides.after()
