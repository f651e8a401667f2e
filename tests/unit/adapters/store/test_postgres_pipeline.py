"""Statements in libpq's pipeline mode: values come back as they went, failures are told once."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus

from gateway.adapters.store.postgres_pipeline import Aborted, Pipeline, Reply, places
from gateway.adapters.store.postgres_store import Connection, PostgresAddress, open_writer
from support.postgres_server import shared_server

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
INTEGERS = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    connection = open_writer(PostgresAddress(shared_server().create(), timeout_ms=60_000))
    connection.execute("SELECT set_config('idle_session_timeout', '0', false)")
    connection.execute("CREATE TABLE kept(id bigint PRIMARY KEY, word text, raw bytea)")
    yield connection
    connection.close()


@pytest.fixture
def pipeline(connection: Connection) -> Pipeline:
    return Pipeline(connection)


def _idle(connection: Connection) -> bool:
    return connection.info.transaction_status == TransactionStatus.IDLE


@given(word=TEXTS, raw=st.binary(max_size=40), number=INTEGERS)
def test_values_come_back_as_they_went(
    connection: Connection, word: str, raw: bytes, number: int
) -> None:
    pipeline = Pipeline(connection)
    with pipeline:
        reply = pipeline.send(
            "SELECT ?::text, ?::bytea, ?::bigint, ?::text", (word, raw, number, None)
        )
    assert reply.rows() == [(word, raw, number, None)]


@given(
    words=st.lists(st.none() | TEXTS, max_size=5),
    raws=st.lists(st.none() | st.binary(max_size=9), max_size=5),
    numbers=st.lists(st.none() | INTEGERS, max_size=5),
)
def test_lists_are_arrays(
    connection: Connection,
    words: list[str | None],
    raws: list[bytes | None],
    numbers: list[int | None],
) -> None:
    pipeline = Pipeline(connection)
    # An empty list, or one of None alone, says nothing of its type.
    known = [one for one in (words, raws, numbers) if any(value is not None for value in one)]
    with pipeline:
        replies = [pipeline.send("SELECT v FROM unnest(?) AS v", (one,)) for one in known]
    assert [[row[0] for row in reply.rows()] for reply in replies] == known


def test_replies_may_be_taken_in_any_order_and_while_others_are_sent(pipeline: Pipeline) -> None:
    with pipeline:
        first, second = (pipeline.send("SELECT ?::bigint", (number,)) for number in (1, 2))
        assert second.rows() == [(2,)]
        third = pipeline.send("SELECT ?::text", ("three",))
        assert (third.rows(), first.rows()) == ([("three",)], [(1,)])


def test_what_a_statement_did_is_told(pipeline: Pipeline, connection: Connection) -> None:
    with pipeline:
        pipeline.send("BEGIN")
        reply = pipeline.send("INSERT INTO kept VALUES (?,?,?)", (1, "a", b"b"))
        commit = pipeline.send("COMMIT")
        assert reply.changed() == 1
    assert commit.said() == b"COMMIT"
    assert _idle(connection)


def _fail(pipeline: Pipeline, replies: list[Reply], waits: bool) -> None:
    with pipeline:
        pipeline.send("BEGIN")
        replies.append(pipeline.send("SELECT 1/0"))
        # Never prepared before: its preparation is skipped too, and it works the next time.
        replies.append(pipeline.send("INSERT INTO kept(id) VALUES (77)"))
        replies.append(pipeline.send("COMMIT"))
        if waits:
            replies[0].rows()


@pytest.mark.parametrize("waits", [True, False])
def test_a_failure_is_raised_once_and_nothing_after_it_is_done(
    pipeline: Pipeline, connection: Connection, waits: bool
) -> None:
    replies: list[Reply] = []
    with pytest.raises(psycopg.errors.DivisionByZero):
        _fail(pipeline, replies, waits)
    with pytest.raises(Aborted):
        replies[1].rows()
    assert connection.info.transaction_status == TransactionStatus.INERROR
    connection.rollback()
    with pipeline:
        assert pipeline.send("SELECT count(*) FROM kept WHERE id=77").rows() == [(0,)]
        pipeline.send("INSERT INTO kept(id) VALUES (77)")
        pipeline.send("DELETE FROM kept WHERE id=77")


def _raise_within(pipeline: Pipeline) -> None:
    with pipeline:
        pipeline.send("BEGIN")
        pipeline.send("SELECT 1/0")
        raise LookupError("mine")


def test_an_error_of_the_callers_own_is_not_hidden(
    pipeline: Pipeline, connection: Connection
) -> None:
    with pytest.raises(LookupError, match="mine"):
        _raise_within(pipeline)
    connection.rollback()
    assert _idle(connection)


def test_a_server_that_ends_the_session_is_a_failure_and_no_hang(connection: Connection) -> None:
    lost = psycopg.connect(connection.info.dsn, host=connection.info.host, autocommit=True)
    pipeline = Pipeline(lost)
    with pipeline:
        pipeline.send("SELECT 1")
    connection.execute("SELECT pg_terminate_backend(%s)", (lost.info.backend_pid,))
    with pytest.raises(psycopg.OperationalError), pipeline:
        pipeline.send("SELECT 1").rows()
    assert lost.closed


def test_much_in_both_directions_does_not_block(pipeline: Pipeline) -> None:
    weight = bytes(200_000)
    with pipeline:
        replies = [pipeline.send("SELECT ?::bytea", (weight,)) for _ in range(64)]
    assert all(reply.rows() == [(weight,)] for reply in replies)


def test_two_pipelines_share_a_session(connection: Connection) -> None:
    for pipeline in (Pipeline(connection), Pipeline(connection)):
        with pipeline:
            assert pipeline.send("SELECT ?::bigint", (5,)).rows() == [(5,)]
    assert connection.execute("SELECT 6").fetchone() == (6,)


@pytest.mark.parametrize("value", [1.5, True, object(), {"a": 1}])
def test_other_types_are_refused(pipeline: Pipeline, value: object) -> None:
    with pytest.raises(TypeError), pipeline:
        pipeline.send("SELECT ?", (value,))


def test_places_are_numbered() -> None:
    assert places("a=? AND b IN (?,?)") == b"a=$1 AND b IN ($2,$3)"
