"""Frozen snapshots: read once, strictly, the same over restarts; nothing fetched, no identifier."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest
from sqlalchemy import create_engine, make_url, text

from clients.agent.data import snapshot
from clients.agent.data.config import (
    CsvSource,
    DatabaseSource,
    DataConfig,
    DimensionColumn,
    ParquetSource,
)
from clients.agent.data.engine import building
from clients.agent.data.errors import DataError
from clients.agent.data.freezing import Report, freeze
from clients.agent.data.snapshot import Snapshot, open_snapshot
from support.agent_data import (
    DATASET,
    Row,
    config,
    contract,
    csv_source,
    parquet_source,
    sqlite_source,
)
from support.provider_postgres import database

Source = CsvSource | ParquetSource | DatabaseSource
ROWS: list[Row] = [
    ("b", "N", "own", "1.5", "3"),
    ("a", "south", "rent", "-0.0001", "4"),
    ("c", "west", "own", "1e2", "5"),
]
PEOPLE = [(0, 1, 1, -1, 40_000), (1, 0, 0, 15_000, 30_000), (2, 2, 0, 1_000_000, 50_000)]


def opened(folder: Path, source: Source, **settings: Any) -> Snapshot:
    of = contract()
    assert of.cohort is not None
    data = config(source, **settings)
    return open_snapshot(DATASET, data, of.cohort.dimensions, folder / "state")


def frozen(snapshot: Snapshot) -> list[tuple[int, ...]]:
    with snapshot.connected() as connection:
        return connection.execute("SELECT * FROM rows ORDER BY person").fetchall()


@pytest.mark.parametrize("make", [csv_source, parquet_source, sqlite_source])
def test_every_kind_of_source_is_frozen_to_the_same(
    tmp_path: Path, make: Callable[[Path, list[Row]], Source]
) -> None:
    made = opened(tmp_path, make(tmp_path, ROWS))
    assert frozen(made) == PEOPLE
    assert (made.people, made.report.rows, made.report.unreadable) == (3, 3, {})


def test_a_query_and_other_delimiters_are_read(tmp_path: Path) -> None:
    made = sqlite_source(tmp_path, ROWS)
    query = "SELECT who, land, living, amount, days FROM t WHERE land <> 'x:y'"
    source = msgspec.structs.replace(made, table=None, query=query)
    assert frozen(opened(tmp_path, source)) == PEOPLE
    path = tmp_path / "semicolons.csv"
    path.write_text("who;land;living;amount;days\nb;N;own;1.5;3\n")
    folder = tmp_path / "other"
    assert frozen(opened(folder, CsvSource(path=path, delimiter=";"))) == [
        (0, 0, 0, 15_000, 30_000)
    ]


def test_a_snapshot_outlives_its_file_but_not_a_change_of_it(tmp_path: Path) -> None:
    source = csv_source(tmp_path, ROWS)
    first = frozen(opened(tmp_path, source))
    csv_source(tmp_path, ROWS[:2])
    with pytest.raises(DataError, match="changed"):
        opened(tmp_path, source)
    source.path.unlink()
    assert frozen(opened(tmp_path, source)) == first


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = csv_source(tmp_path, ROWS)

    def changing(*arguments: Any) -> Report:
        report = freeze(*arguments)
        csv_source(tmp_path, ROWS[:2])
        return report

    monkeypatch.setattr(snapshot, "freeze", changing)
    with pytest.raises(DataError, match="while"):
        opened(tmp_path, source)
    assert list((tmp_path / "state").iterdir()) == []


def test_a_moved_file_is_the_same_and_other_settings_are_not(tmp_path: Path) -> None:
    source = csv_source(tmp_path, ROWS)
    opened(tmp_path, source)
    moved = tmp_path / "moved.csv"
    source.path.rename(moved)
    opened(tmp_path, CsvSource(path=moved))
    with pytest.raises(DataError, match="changed"):
        opened(tmp_path, CsvSource(path=moved), unreadable="leave_out")


def test_a_postgresql_table_is_frozen_to_the_same_and_its_password_may_change(
    tmp_path: Path,
) -> None:
    url = make_url(database(tmp_path))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE t (who TEXT, land TEXT, living TEXT, amount NUMERIC(12, 4), days INT)"
            )
        )
        for row in ROWS:
            connection.execute(
                text("INSERT INTO t VALUES (:a, :b, :c, CAST(:d AS NUMERIC), CAST(:e AS INT))"),
                dict(zip("abcde", row, strict=True)),
            )
    engine.dispose()
    source = DatabaseSource(url_file=tmp_path / "url", table="public.t")
    for password in ("one", "two"):
        changed = url.set(password=password).render_as_string(hide_password=False)
        source.url_file.write_text(changed)
        source.url_file.chmod(0o600)
        assert frozen(opened(tmp_path, source)) == PEOPLE


def test_a_living_database_is_read_once(tmp_path: Path) -> None:
    source = sqlite_source(tmp_path, ROWS)
    first = frozen(opened(tmp_path, source))
    with sqlite3.connect(tmp_path / "rows.db") as connection:
        connection.execute("DELETE FROM t")
    connection.close()
    assert frozen(opened(tmp_path, source)) == first


BAD: list[tuple[str, Row]] = [
    ("person", (None, "north", "own", "1", "1")),
    ("region", ("x", "North", "own", "1", "1")),
    ("region", ("x", None, "own", "1", "1")),
    ("housing", ("x", "north", " own", "1", "1")),
    ("amount", ("x", "north", "own", None, "1")),
    ("amount", ("x", "north", "own", "nan", "1")),
    ("amount", ("x", "north", "own", "inf", "1")),
    ("amount", ("x", "north", "own", "1_000", "1")),
    ("amount", ("x", "north", "own", "1,5", "1")),
    ("amount", ("x", "north", "own", "0x10", "1")),
    ("amount", ("x", "north", "own", "1e15", "1")),
    ("amount", ("x", "north", "own", "1e99", "1")),
    ("days", ("x", "north", "own", "1", "one")),
]


@pytest.mark.parametrize(("column", "row"), BAD)
def test_what_cannot_be_read_refuses_the_source_or_is_left_out_and_counted(
    tmp_path: Path, column: str, row: Row
) -> None:
    source = csv_source(tmp_path, [*ROWS, row])
    with pytest.raises(DataError, match=column) as caught:
        opened(tmp_path, source)
    assert not [value for value in row if value and len(value) > 3 and value in str(caught.value)]
    made = opened(tmp_path, source, unreadable="leave_out")
    assert frozen(made) == PEOPLE
    assert made.report.unreadable == {column: 1}
    assert (made.report.rows, made.report.kept) == (4, 3)


def test_a_value_may_be_named_for_what_is_empty_or_unknown(tmp_path: Path) -> None:
    source = csv_source(tmp_path, [("a", "x", "", "1", "1"), ("b", "", "own", "1", "1")])
    dimensions = {
        "region": DimensionColumn(column="land", otherwise="west", empty="south"),
        "housing": DimensionColumn(column="living", empty="rent"),
    }
    found = frozen(opened(tmp_path, source, dimensions=dimensions))
    assert [row[1:3] for row in found] == [(2, 1), (1, 0)]


def test_a_mapping_to_what_the_contract_lacks_is_refused(tmp_path: Path) -> None:
    dimensions = {"region": DimensionColumn(column="land", values={"N": "arctic"})}
    with pytest.raises(DataError, match="region"):
        opened(tmp_path, csv_source(tmp_path, ROWS), dimensions=dimensions)


def test_a_person_twice_refuses_a_source_of_one_row_a_person(tmp_path: Path) -> None:
    source = csv_source(tmp_path, [*ROWS, ROWS[0]])
    with pytest.raises(DataError, match="several rows"):
        opened(tmp_path, source)
    made = opened(tmp_path, source, rows_a_person="many")
    assert (made.people, made.report.kept) == (3, 4)


BROKEN = [
    b"",
    b"who,land\n",
    b"who,who,land,living,amount,days\n",
    b"who,land,living,amount,days,DAYS\na,N,own,1,1,1\n",
    b"who,land,living,amount,days\na,N,own,1\n",
    b"who,land,living,amount,days\na,N,own,1,1,1\n",
    b"who,land,living,amount,days\n\xff,N,own,1,1\n",
    b'who,land,living,amount,days\n"a,N,own,1,1\n',
    b"who,land,living,amount,days\n",
]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_file_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(DataError):
        opened(tmp_path, CsvSource(path=path))
    assert list((tmp_path / "state").iterdir()) == []


def test_what_is_no_parquet_no_database_or_not_there_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "text.parquet"
    other.write_text("no")
    url = tmp_path / "url"
    for content in ("no url", "sqlite:////nowhere/at/all.db", f"sqlite:///{tmp_path}/new.db"):
        url.write_text(content)
        url.chmod(0o600)
        with pytest.raises(DataError) as caught:
            opened(tmp_path, DatabaseSource(url_file=url, table="t"))
        assert "nowhere" not in str(caught.value)
    for source in (ParquetSource(path=other), CsvSource(path=tmp_path / "none.csv")):
        with pytest.raises(DataError):
            opened(tmp_path, source)


def test_a_url_that_others_can_read_is_refused(tmp_path: Path) -> None:
    source = sqlite_source(tmp_path, ROWS)
    source.url_file.chmod(0o640)
    with pytest.raises(DataError, match="others"):
        opened(tmp_path, source)


def test_no_identifier_of_a_person_is_kept(tmp_path: Path) -> None:
    people: list[Row] = [(f"canary-{n}", "north", "own", "1", "2") for n in range(500)]
    opened(tmp_path, csv_source(tmp_path, people))
    kept = list((tmp_path / "state").iterdir())
    assert [path.suffix for path in kept] == [".duckdb"]
    assert b"canary" not in kept[0].read_bytes()
    assert kept[0].stat().st_mode & 0o777 == 0o400


def test_a_database_reaches_no_other_file_and_no_extension(tmp_path: Path) -> None:
    source = csv_source(tmp_path, ROWS)
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    with building(tmp_path / "x.duckdb", DataConfig(), [source.path]) as connection:
        connection.execute("SELECT * FROM read_csv(?)", [str(source.path)])
        for statement in (
            f"SELECT * FROM read_csv('{other}')",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/y.duckdb'",
            "INSTALL sqlite",
            "LOAD sqlite",
            "SELECT * FROM 'https://localhost/x.parquet'",
            "SET enable_external_access=true",
            "SET autoinstall_known_extensions=true",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
    assert not (tmp_path / "out.csv").exists()
