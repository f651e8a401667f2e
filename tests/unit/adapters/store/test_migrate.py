"""Migration: an absent store is made, one of this release stays, a later one is refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.adapters.committer.log import load_log
from gateway.adapters.committer.sql import SqliteSql
from gateway.adapters.store.migrate import HEAD, StoreVersionError, migrate, stored_revision
from gateway.adapters.store.schema import metadata
from gateway.adapters.store.sqlite_store import open_writer
from gateway.crypto.merkle import EMPTY_ROOT


def _set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num=?", (revision,))


def test_an_absent_store_is_made_private_with_an_empty_log(tmp_path: Path) -> None:
    path = tmp_path / "data" / "veilgate.db"
    assert stored_revision(path) is None
    assert migrate(path)
    assert stored_revision(path) == HEAD
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    with closing(open_writer(path)) as connection:
        log = load_log(SqliteSql(connection))
    assert (log.edge.size, log.edge.root(), log.last_time_ms) == (0, EMPTY_ROOT, 0)


def test_the_store_has_the_tables_and_columns_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "veilgate.db"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        tables = {
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
            )
        }
        assert tables == {*metadata.tables, "alembic_version"}
        for name, table in metadata.tables.items():
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            assert [(row[1], bool(row[3])) for row in columns] == [
                (column.name, not column.nullable) for column in table.columns
            ]


def test_an_up_to_date_store_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "veilgate.db"
    migrate(path)
    before = path.read_bytes()
    assert not migrate(path)
    assert path.read_bytes() == before


def test_an_empty_file_is_an_absent_store(tmp_path: Path) -> None:
    path = tmp_path / "veilgate.db"
    path.touch()
    assert stored_revision(path) is None
    assert migrate(path)


def test_a_store_of_a_later_release_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "veilgate.db"
    migrate(path)
    _set_revision(path, "9999")
    before = path.read_bytes()
    with pytest.raises(StoreVersionError, match=r"9999.* later release") as caught:
        migrate(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "veilgate.db"
    path.write_bytes(b"notes, not a database\n" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        migrate(path)
    assert path.read_bytes() == b"notes, not a database\n" * 100


@pytest.mark.parametrize("name", ["a b.db", "a%20b.db", "a?mode=ro.db", "a#b.db", "数据.db"])
def test_a_path_is_taken_as_it_is_written(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert migrate(path)
    assert sorted(one.name for one in tmp_path.iterdir()) == [name]
    assert not migrate(path)
