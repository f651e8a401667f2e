"""Look-ups in SQLite: column names are quoted or refused, and two rows are no answer."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.adapters.providers.messages import (
    MAX_VALUE_CHARACTERS,
    Answer,
    Found,
    Invalid,
    Lookup,
    Missing,
    Unavailable,
)
from gateway.adapters.providers.sources import SqliteSource
from gateway.adapters.providers.sqlite_lookups import SqliteLookups

KIND, NUMBER = "US_SSN", "900010001"
SECRET = "the other one's name"
WORDS = ("select", "order", "table", "rowid_", "group")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("provider") / "a b?c#d%.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = ", ".join(f"[{word}]" for word in WORDS)
        connection.execute(f"CREATE TABLE [order] (kind, number, name, {columns})")
        connection.execute("CREATE TABLE vault (secret)")
        connection.execute("INSERT INTO vault VALUES (?)", (SECRET,))
        insert = f"INSERT INTO [order] VALUES (?,?,?{',?' * len(WORDS)})"
        connection.execute(insert, (KIND, NUMBER, "Ann", *WORDS))
        connection.execute(insert, (KIND, "900010002", SECRET, *WORDS))
    return path


def lookups(path: Path, table: str = "order", **changes: str) -> SqliteLookups:
    keys = {"type_column": "kind", "identifier_column": "number", **changes}
    kind, number = keys["type_column"], keys["identifier_column"]
    return SqliteLookups(SqliteSource("d", kind, number, path=str(path), table=table))


def ask(found: SqliteLookups, *fields: str, number: str = NUMBER) -> Answer:
    (answer,) = found.answers([Lookup(KIND, number, fields)])
    return answer


def test_words_of_the_language_are_names_too(path: Path) -> None:
    assert ask(lookups(path), *WORDS) == Found(WORDS)
    assert ask(lookups(path), "name", "select", "name") == Found(("Ann", "select", "Ann"))


@pytest.mark.parametrize(
    "hostile",
    [
        "name]--",
        "name] FROM [vault",
        "secret] FROM vault --",
        "(SELECT secret FROM vault)",
        "*",
        "",
        "_",
        "na me",
        "name;",
        "'name'",
        '"name"',
        "name\x00",
        "名",
        "[name]",
        "name,name",
    ],
)
def test_a_hostile_column_is_no_answer_and_the_next_is_served(path: Path, hostile: str) -> None:
    found = lookups(path)
    assert ask(found, hostile) == Invalid()
    assert ask(found, "name", hostile) == Invalid()
    assert ask(found, "name") == Found(("Ann",))
    for column in ("type_column", "identifier_column"):
        assert ask(lookups(path, **{column: hostile}), "name") == Invalid()
    assert ask(lookups(path, table=hostile), "name") == Invalid()


def test_an_unknown_column_is_no_text_literal(path: Path) -> None:
    found = lookups(path)
    assert ask(found, "absent") == Unavailable()
    assert ask(found, "name") == Found(("Ann",))
    assert ask(lookups(path, identifier_column="absent"), "name", number="absent") == Unavailable()
    assert ask(lookups(path, table="absent"), "name") == Unavailable()


@given(st.text(max_size=40), st.text(max_size=20))
@example("' OR 1=1 --", "name")
@example("\ud800", "name")
@example("900010001", "rowid")
def test_nothing_asked_gives_another_ones_value(path: Path, number: str, field: str) -> None:
    answer = ask(lookups(path), field, number=number)
    assert isinstance(answer, Missing | Invalid | Unavailable) or number in (
        NUMBER,
        "900010002",
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Found((None,))),
        ("", Found(("",))),
        (0, Found((0,))),
        (2**63 - 1, Found((2**63 - 1,))),
        (-(2**63), Found((-(2**63),))),
        ("名" * MAX_VALUE_CHARACTERS, Found(("名" * MAX_VALUE_CHARACTERS,))),
        ("x" * (MAX_VALUE_CHARACTERS + 1), Invalid()),
        (1.5, Invalid()),
        (1.0, Invalid()),
        (float("inf"), Invalid()),
        (b"Ann", Invalid()),
        (b"", Invalid()),
    ],
    ids=lambda value: str(value)[:12],
)
def test_types_and_sizes_of_values(tmp_path: Path, value: object, expected: Answer) -> None:
    with closing(sqlite3.connect(tmp_path / "p.db")) as connection, connection:
        connection.execute("CREATE TABLE t (kind, number, name)")
        connection.execute("INSERT INTO t VALUES (?,?,?)", (KIND, NUMBER, value))
    assert ask(lookups(tmp_path / "p.db", "t"), "name") == expected


@pytest.mark.parametrize("rows", [2, 3, 50])
def test_more_than_one_row_is_no_answer_even_if_they_agree(tmp_path: Path, rows: int) -> None:
    with closing(sqlite3.connect(tmp_path / "p.db")) as connection, connection:
        connection.execute("CREATE TABLE t (kind, number, name)")
        connection.executemany("INSERT INTO t VALUES (?,?,?)", [(KIND, NUMBER, "Ann")] * rows)
        connection.execute("INSERT INTO t VALUES (?,?,?)", (KIND, "7", "Bob"))
    found = lookups(tmp_path / "p.db", "t")
    assert ask(found, "name") == Invalid()
    assert ask(found, "name", number="7") == Found(("Bob",))
    assert ask(found, "name", number="8") == Missing()


def test_an_identifier_is_compared_as_text(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "p.db")) as connection, connection:
        connection.execute("CREATE TABLE t (kind, number, name)")
        connection.execute("INSERT INTO t VALUES (?,?,?)", (KIND, 900010001, "Ann"))
        connection.execute("INSERT INTO t VALUES (?,?,?)", ("CN_RESIDENT_ID", NUMBER, "Bob"))
    assert ask(lookups(tmp_path / "p.db", "t"), "name") == Missing()


def test_a_field_may_have_another_column(path: Path) -> None:
    source = SqliteSource(
        *("d", "kind", "number", {"full_name": "name", "name": "order"}),
        path=str(path),
        table="order",
    )
    answers = SqliteLookups(source).answers([Lookup(KIND, NUMBER, ("full_name", "name", "group"))])
    assert answers == [Found(("Ann", "order", "group"))]


def test_an_absent_file_is_unavailable_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "p.db"
    found = lookups(path, "t")
    assert ask(found, "name") == Unavailable()
    assert not path.exists()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (kind, number, name)")
        connection.execute("INSERT INTO t VALUES (?,?,?)", (KIND, NUMBER, "Ann"))
    assert ask(found, "name") == Found(("Ann",))


def test_the_source_is_never_written(path: Path) -> None:
    before = path.read_bytes()
    found = lookups(path)
    ask(found, "name")
    connection = found._open
    assert connection is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM vault")
    assert path.read_bytes() == before
