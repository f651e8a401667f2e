"""Look-ups through SQLAlchemy: reading only, in time, with the password in no text."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.adapters.providers.messages import (
    Answer,
    Found,
    Invalid,
    Lookup,
    Missing,
    Unavailable,
)
from gateway.adapters.providers.sources import SourceError, SqlSource
from gateway.adapters.providers.sql_lookups import SqlLookups
from support.provider_engine_kinds import write_url
from support.provider_postgres import database

KIND, NUMBER = "US_SSN", "007010001"
PASSWORD = "correct-horse"


def ask(lookups: SqlLookups, *fields: str, number: str = NUMBER) -> Answer:
    (answer,) = lookups.answers([Lookup(KIND, number, fields or ("name",))])
    return answer


def source(folder: Path, url: str, **changes: object) -> SqlSource:
    more = {"table": "person", "url_file": write_url(folder, url), **changes}
    return SqlSource("d", "kind", "number", **more)  # type: ignore[arg-type]  # a test's choice


class Engine(Protocol):
    """Makes a database by statements and look-ups over it."""

    def __call__(self, folder: Path, *statements: str) -> SqlLookups: ...


def sqlite(folder: Path, *statements: str) -> SqlLookups:
    path = folder / "p.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return SqlLookups(source(folder, f"sqlite:///{path}"))


def postgres(folder: Path, *statements: str, **changes: object) -> SqlLookups:
    with psycopg.connect(database(folder), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
    return SqlLookups(source(folder, database(folder), **changes))


PERSON = "CREATE TABLE person (kind TEXT, number TEXT, name TEXT)"
ANN = f"INSERT INTO person VALUES ('{KIND}', '{NUMBER}', 'Ann')"


@pytest.mark.parametrize("engine", [sqlite, postgres])
@pytest.mark.parametrize("column", ["INTEGER", "NUMERIC(20)", "BIGINT"])
def test_a_number_column_of_identifiers_is_refused(
    engine: Engine, column: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = PERSON.replace("number TEXT", f"number {column}")
    lookups = engine(tmp_path, made, ANN)
    assert ask(lookups) == Unavailable()
    assert ask(lookups, number="7010001") == Unavailable()
    assert "not text" in caplog.text


@pytest.mark.parametrize("column", ["VARCHAR(18)", "CHAR(9)", "TEXT", 'TEXT COLLATE "C"'])
def test_any_text_column_of_identifiers_will_do(column: str, tmp_path: Path) -> None:
    lookups = postgres(tmp_path, PERSON.replace("number TEXT", f"number {column}"), ANN)
    assert ask(lookups) == Found(("Ann",))
    assert ask(lookups, number="007010002") == Missing()


def test_a_padded_identifier_is_not_the_one_asked_for(tmp_path: Path) -> None:
    lookups = postgres(tmp_path, PERSON.replace("number TEXT", "number CHAR(18)"), ANN)
    assert ask(lookups) == Invalid()


def test_an_enumeration_as_type_column(tmp_path: Path) -> None:
    kinds = f"CREATE TYPE kind AS ENUM ('{KIND}')"
    lookups = postgres(tmp_path, kinds, PERSON.replace("kind TEXT", "kind kind"), ANN)
    assert ask(lookups) == Found(("Ann",))
    odd, good = lookups.answers(
        [Lookup("OTHER", NUMBER, ("name",)), Lookup(KIND, NUMBER, ("name",))]
    )
    assert not isinstance(odd, Found)
    assert good == Found(("Ann",))


def test_dates_and_decimals_come_as_the_contract_has_them(tmp_path: Path) -> None:
    lookups = postgres(
        tmp_path,
        "CREATE TABLE person (kind TEXT, number TEXT, born DATE, amount NUMERIC(12,2),"
        " part NUMERIC(12,2), seen TIMESTAMPTZ, small SMALLINT, flag BOOLEAN, gone DATE)",
        f"INSERT INTO person VALUES ('{KIND}', '{NUMBER}', '1990-02-03', 1169.00, 11.5, now(), 7,"
        " true, NULL)",
    )
    assert ask(lookups, "born", "amount", "small", "gone") == Found(("1990-02-03", 1169, 7, None))
    for field in ("part", "seen", "flag"):
        assert ask(lookups, field) == Invalid()
    assert ask(lookups, "born") == Found(("1990-02-03",))


def test_a_date_that_python_cannot_hold_spoils_its_own_look_up_only(tmp_path: Path) -> None:
    lookups = postgres(
        tmp_path,
        "CREATE TABLE person (kind TEXT, number TEXT, born DATE)",
        f"INSERT INTO person VALUES ('{KIND}', '{NUMBER}', 'infinity')",
        f"INSERT INTO person VALUES ('{KIND}', '007010002', '1990-02-03')",
    )
    batch = [Lookup(KIND, number, ("born",)) for number in (NUMBER, "007010002")]
    assert lookups.answers(batch) == [Invalid(), Found(("1990-02-03",))]


def test_text_that_is_no_utf8_spoils_its_own_look_up_only(tmp_path: Path) -> None:
    lookups = sqlite(
        tmp_path,
        PERSON,
        f"INSERT INTO person VALUES ('{KIND}', '{NUMBER}', CAST(x'c3ff28' AS TEXT))",
        f"INSERT INTO person VALUES ('{KIND}', '007010002', 'Bob')",
    )
    batch = [Lookup(KIND, number, ("name",)) for number in (NUMBER, "007010002")]
    assert lookups.answers(batch) == [Invalid(), Found(("Bob",))]


@pytest.mark.parametrize("made", ["CREATE VIEW v AS SELECT * FROM person", None])
def test_a_view_or_a_table_of_another_schema(made: str | None, tmp_path: Path) -> None:
    if made:
        lookups = postgres(tmp_path, PERSON, ANN, made, table="v")
    else:
        other = [one.replace("person", "s.person") for one in (PERSON, ANN)]
        lookups = postgres(tmp_path, "CREATE SCHEMA s", *other, schema="s")
    assert ask(lookups) == Found(("Ann",))


def test_names_that_need_quotes(tmp_path: Path) -> None:
    folder = tmp_path
    lookups = postgres(
        folder,
        'CREATE TABLE "or""der" (kind TEXT, number TEXT, "Full name" TEXT, "a%b:c" TEXT)',
        f"INSERT INTO \"or\"\"der\" VALUES ('{KIND}', '{NUMBER}', 'Ann', 'x')",
        table='or"der',
        columns={"name": "Full name", "odd": "a%b:c"},
    )
    assert ask(lookups, "name", "odd", "name") == Found(("Ann", "x", "Ann"))


HOSTILE_COLUMNS = ("name; DROP TABLE person", "*", "", "(SELECT 1)", "name\x00", 'name" --')
HOSTILE_NUMBERS = ("' OR 1=1 --", "%", "\\", "x\x00y", "\ud800", "")


@pytest.mark.parametrize("engine", [sqlite, postgres])
def test_a_hostile_column_is_no_answer(engine: Engine, tmp_path: Path) -> None:
    lookups = engine(tmp_path, PERSON, ANN)
    for hostile in HOSTILE_COLUMNS:
        assert ask(lookups, hostile) == Unavailable()
        assert ask(lookups, "name", hostile) == Unavailable()
        assert ask(lookups) == Found(("Ann",))


@pytest.mark.parametrize("engine", [sqlite, postgres])
def test_a_hostile_identifier_is_nobody(engine: Engine, tmp_path: Path) -> None:
    lookups = engine(tmp_path, PERSON, ANN)
    batch = [Lookup(KIND, one, ("name",)) for one in (*HOSTILE_NUMBERS, NUMBER)]
    *found, ann = lookups.answers(batch)
    assert all(isinstance(one, Missing | Invalid) for one in found)
    assert ann == Found(("Ann",))


@pytest.mark.parametrize("engine", [sqlite, postgres])
def test_a_session_only_reads(engine: Engine, tmp_path: Path) -> None:
    lookups = engine(tmp_path, PERSON, ANN)
    assert ask(lookups) == Found(("Ann",))
    connection = lookups._open
    assert connection is not None
    for statement in ("DELETE FROM person", "CREATE TABLE t (a TEXT)", "DROP TABLE person"):
        with pytest.raises(DBAPIError, match=r"read-?only"):
            connection.execute(text(statement))
    assert ask(lookups) == Found(("Ann",))


def test_a_column_that_comes_back_is_found_again(tmp_path: Path) -> None:
    lookups = postgres(tmp_path, PERSON, ANN)
    assert ask(lookups) == Found(("Ann",))
    postgres(tmp_path, "ALTER TABLE person RENAME COLUMN name TO title")
    assert ask(lookups) == Unavailable()
    assert ask(lookups) == Unavailable()
    postgres(tmp_path, "ALTER TABLE person RENAME COLUMN title TO name")
    assert ask(lookups) == Found(("Ann",))


def test_a_table_is_looked_at_anew_with_each_connection(tmp_path: Path) -> None:
    lookups = postgres(tmp_path, PERSON, ANN)
    assert ask(lookups) == Found(("Ann",))
    postgres(
        tmp_path,
        "ALTER TABLE person ALTER number TYPE BIGINT USING number::BIGINT",
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    assert ask(lookups) == Unavailable()


def test_what_the_database_says_of_a_value_is_in_no_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lookups = postgres(
        tmp_path,
        PERSON,
        ANN,
        "CREATE FUNCTION shown(name TEXT) RETURNS TEXT LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no such name: %', name; END $$",
        "CREATE VIEW v AS SELECT kind, number, shown(name) AS name FROM person",
        table="v",
    )
    assert ask(lookups) == Unavailable()
    assert "cannot be read" in caplog.text
    assert "Ann" not in caplog.text
    assert NUMBER not in caplog.text


def test_a_column_that_is_added_is_found(tmp_path: Path) -> None:
    lookups = postgres(tmp_path, PERSON, ANN)
    assert ask(lookups, "phone") == Unavailable()
    postgres(tmp_path, "ALTER TABLE person ADD COLUMN phone TEXT DEFAULT '1'")
    assert ask(lookups, "phone") == Found(("1",))


def _secret_source(folder: Path, content: str, mode: int = 0o600) -> SqlSource:
    path = folder / "url"
    path.write_text(content)
    path.chmod(mode)
    return SqlSource("d", "kind", "number", table="person", url_file=str(path))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "does not hold a database URL"),
        (PASSWORD, "does not hold a database URL"),
        (f"://user:{PASSWORD}@host/", "does not hold a database URL"),
        (f"nosuch://user:{PASSWORD}@host/db", "there is no driver for nosuch"),
        (f"postgresql+nosuch://user:{PASSWORD}@host/db", "there is no driver for postgresql"),
        (f"oracle://user:{PASSWORD}@host/db", "there is no driver for oracle"),
        (f"postgresql://user:{PASSWORD}@host:port/db", "does not hold a database URL"),
    ],
)
def test_a_url_that_can_never_work_is_refused_without_its_password(
    content: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        SqlLookups(_secret_source(tmp_path, content))
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_url_that_others_can_read_is_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="chmod 600"):
        SqlLookups(_secret_source(tmp_path, "sqlite://", mode))


def test_a_url_that_is_not_there_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = ("d", "kind", "number")
    with pytest.raises(SourceError, match="cannot be read"):
        SqlLookups(SqlSource(*keys, table="t", url_file=str(tmp_path / "absent")))
    monkeypatch.delenv("VEILGATE_TEST_URL", raising=False)
    with pytest.raises(SourceError, match="VEILGATE_TEST_URL is not set"):
        SqlLookups(SqlSource(*keys, table="t", url_env="VEILGATE_TEST_URL"))


def test_a_url_may_stand_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite(tmp_path, PERSON, ANN)
    monkeypatch.setenv("VEILGATE_TEST_URL", f"sqlite:///{tmp_path / 'p.db'}")
    found = SqlSource("d", "kind", "number", table="person", url_env="VEILGATE_TEST_URL")
    assert ask(SqlLookups(found)) == Found(("Ann",))


@pytest.mark.parametrize("name", [None, "a"])
def test_exactly_one_place_has_the_url(name: str | None) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        SqlSource("d", "kind", "number", table="t", url_file=name, url_env=name)


def test_a_wrong_password_is_in_no_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"postgresql://user:{PASSWORD}@localhost:1/db"
    assert ask(SqlLookups(source(tmp_path, url))) == Unavailable()
    assert "OperationalError" in caplog.text
    assert PASSWORD not in caplog.text
    assert NUMBER not in caplog.text
