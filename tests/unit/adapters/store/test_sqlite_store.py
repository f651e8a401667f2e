"""How the store is opened: one safe writer, readers that cannot write, and no third way."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.adapters.store.migrate import migrate
from gateway.adapters.store.sqlite_store import (
    BUSY_TIMEOUT_MS,
    UnsafeStore,
    open_reader,
    open_writer,
)
from gateway.domain.reasons import ErrorReason, Refused


@pytest.fixture
def path(tmp_path: Path) -> Path:
    migrate(tmp_path / "veilgate.db")
    return tmp_path / "veilgate.db"


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_the_writer_has_the_settings_that_safety_rests_on(path: Path) -> None:
    with closing(open_writer(path)) as writer:
        assert _pragma(writer, "journal_mode") == "wal"
        assert _pragma(writer, "synchronous") == 2
        assert _pragma(writer, "foreign_keys") == 1
        assert _pragma(writer, "busy_timeout") == BUSY_TIMEOUT_MS
        writer.execute("INSERT INTO usage VALUES (x'00', 1, 1)")
        assert not writer.in_transaction


def test_foreign_keys_hold(path: Path) -> None:
    with closing(open_writer(path)) as writer, pytest.raises(sqlite3.IntegrityError):
        writer.execute(
            "INSERT INTO certificate(fingerprint, institution_id) VALUES ('ff', 'nobody')"
        )


class _Stubborn(sqlite3.Connection):
    """A file system on which a setting does not take."""

    ignored = ""

    def execute(self, sql, parameters=(), /):  # type: ignore[no-untyped-def]
        return super().execute("SELECT 1" if sql.startswith(self.ignored) else sql, parameters)


class _WithoutWal(_Stubborn):
    ignored = "PRAGMA journal_mode=WAL"


class _WithoutSync(_Stubborn):
    ignored = "PRAGMA synchronous=FULL"

    def __init__(self, *args, **settings):  # type: ignore[no-untyped-def]
        super().__init__(*args, **settings)
        sqlite3.Connection.execute(self, "PRAGMA synchronous=OFF")


@pytest.mark.parametrize(
    ("factory", "named"), [(_WithoutWal, "journal_mode"), (_WithoutSync, "synchronous")]
)
def test_a_setting_that_does_not_take_is_refused(
    tmp_path: Path, factory: type[sqlite3.Connection], named: str
) -> None:
    with pytest.raises(UnsafeStore, match=named):
        open_writer(tmp_path / "new.db", factory)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO usage VALUES (x'00', 1, 1)",
        "DELETE FROM log_head",
        "UPDATE log_head SET size=7",
        "CREATE TABLE other (id)",
        "DROP TABLE usage",
        "PRAGMA user_version=7",
    ],
)
def test_a_reader_cannot_write(path: Path, statement: str) -> None:
    with closing(open_writer(path)), closing(open_reader(path)) as reader:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute(statement)
        reader.execute("PRAGMA query_only=OFF")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute(statement)


def test_a_reader_sees_what_is_committed_and_nothing_else(path: Path) -> None:
    count = "SELECT count(*) FROM usage"
    with closing(open_writer(path)) as writer, closing(open_reader(path)) as reader:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO usage VALUES (x'00', 1, 1)")
        assert reader.execute(count).fetchone() == (0,)
        writer.execute("COMMIT")
        assert reader.execute(count).fetchone() == (1,)


def test_a_reader_of_an_absent_store_is_refused_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        open_reader(tmp_path / "absent.db")
    assert caught.value.reason is ErrorReason.STORE_UNAVAILABLE
    assert list(tmp_path.iterdir()) == []
