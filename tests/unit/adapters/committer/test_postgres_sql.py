"""Statements over many rows on PostgreSQL: one statement does what one a row would."""

from collections.abc import Iterator

import pytest

from gateway.adapters.committer.postgres_sql import NotBulk, PostgresSql
from gateway.adapters.store.postgres_pipeline import Pipeline
from gateway.adapters.store.postgres_store import PostgresAddress, open_writer
from support.postgres_server import shared_server

TABLE = "CREATE TABLE kept(id bigint PRIMARY KEY, word varchar(9), raw bytea, uses integer)"
INSERT = "INSERT INTO kept(id, word, raw, uses) VALUES (?,?,?,0)"


@pytest.fixture
def sql() -> Iterator[PostgresSql]:
    connection = open_writer(PostgresAddress(shared_server().create(), timeout_ms=60_000))
    connection.execute(TABLE)
    pipeline = Pipeline(connection)
    with pipeline:
        yield PostgresSql(pipeline)
    connection.close()


def _rows(sql: PostgresSql) -> list[tuple[object, ...]]:
    return sql.all("SELECT id, word, raw, uses FROM kept ORDER BY id")


def test_rows_are_inserted_and_an_empty_column_is_null(sql: PostgresSql) -> None:
    sql.many(INSERT, [(1, "a", None), (2, None, None)])
    sql.many(INSERT, [(3, "c", b"x"), (4, "d", None)])
    assert _rows(sql) == [
        *((1, "a", None, 0), (2, None, None, 0)),
        *((3, "c", b"x", 0), (4, "d", None, 0)),
    ]


def test_conflicts_are_the_statements_own_business(sql: PostgresSql) -> None:
    sql.many(INSERT, [(1, "a", b"")])
    sql.many(f"{INSERT} ON CONFLICT DO NOTHING", [(1, "b", b""), (2, "c", b"")])
    upsert = f"{INSERT} ON CONFLICT (id) DO UPDATE SET word=excluded.word, uses=kept.uses+1"
    sql.many(upsert, [(2, "d", b""), (3, "e", b"")])
    assert [row[1::2] for row in _rows(sql)] == [("a", 0), ("d", 1), ("e", 0)]


def test_rows_are_updated_and_deleted_by_key(sql: PostgresSql) -> None:
    sql.many(INSERT, [(number, "a", b"") for number in range(5)])
    sql.many("UPDATE kept SET word=?, uses=? WHERE id=?", [("x", 7, 1), ("y", 8, 3)])
    sql.many("DELETE FROM kept WHERE id=?", [(0,), (4,)])
    assert [row[:2] + row[3:] for row in _rows(sql)] == [(1, "x", 7), (2, "a", 0), (3, "y", 8)]


def test_no_rows_are_no_statement(sql: PostgresSql) -> None:
    sql.many("not even SQL", [])
    assert sql.by_keys("not even SQL", "id", []) == []


def test_rows_are_found_by_keys_of_every_kind(sql: PostgresSql) -> None:
    sql.many(INSERT, [(1, "a", b"\x00"), (2, "b", b"\xff")])
    for column, keys in (("id", {1, 9}), ("word", ["a", "z"]), ("raw", [b"\x00", b"z"])):
        assert sql.by_keys("SELECT id FROM kept", column, keys) == [(1,)]


def test_changes_are_counted(sql: PostgresSql) -> None:
    sql.many(INSERT, [(number, "a", b"") for number in range(5)])
    assert sql.run("UPDATE kept SET uses=1 WHERE id>?", (2,)) == 2
    assert sql.run("DELETE FROM kept WHERE id=99") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT ?",
        "INSERT INTO kept(id) SELECT ?",
        "UPDATE kept SET uses=?",
        "DELETE FROM kept WHERE id IN (SELECT id FROM kept WHERE id=?)",
    ],
)
def test_what_cannot_be_put_so_is_refused(sql: PostgresSql, statement: str) -> None:
    with pytest.raises(NotBulk):
        sql.many(statement, [(1,)])
