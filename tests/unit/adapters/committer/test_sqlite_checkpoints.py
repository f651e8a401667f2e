"""The write-ahead log is copied back beside the commits, and trouble with it harms nobody."""

import sqlite3
import time
from pathlib import Path

import pytest

from gateway.adapters.committer import sqlite_checkpoints
from gateway.adapters.committer.sqlite_checkpoints import Checkpointer
from gateway.adapters.store.sqlite_store import open_writer

PAGE = b"x" * 4096


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_checkpoints, "_EVERY_S", 0.01)
    monkeypatch.setattr(sqlite_checkpoints, "_WORTH_COPYING", 64 * 1024)
    monkeypatch.setattr(sqlite_checkpoints, "_WORTH_RESTARTING", 256 * 1024)


@pytest.fixture
def writer(tmp_path: Path) -> sqlite3.Connection:
    connection = open_writer(tmp_path / "store.db")
    connection.execute("CREATE TABLE entry(id INTEGER PRIMARY KEY, body BLOB)")
    return connection


def wait_until(holds: object) -> None:
    end = time.monotonic() + 20
    while not callable(holds) or not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_pages_are_copied_back_while_the_writer_goes_on(
    tmp_path: Path, writer: sqlite3.Connection
) -> None:
    store = tmp_path / "store.db"
    small = store.stat().st_size
    checkpointer = Checkpointer(store)
    checkpointer.start()
    for _ in range(500):
        writer.execute("INSERT INTO entry(body) VALUES (?)", (PAGE,))
    wait_until(lambda: store.stat().st_size > small + 100 * len(PAGE))
    checkpointer.stop()
    assert writer.execute("SELECT count(*) FROM entry").fetchone() == (500,)


def test_the_write_ahead_log_does_not_grow_without_end(
    tmp_path: Path, writer: sqlite3.Connection
) -> None:
    checkpointer = Checkpointer(tmp_path / "store.db")
    checkpointer.start()
    written = 0
    for _ in range(3_000):
        writer.execute("INSERT OR REPLACE INTO entry VALUES (1, ?)", (PAGE,))
        written += len(PAGE)
        if written % (1 << 20) == 0:
            time.sleep(0.02)
    checkpointer.stop()
    assert (tmp_path / "store.db-wal").stat().st_size < written / 2


def test_a_locked_store_is_passed_over(tmp_path: Path, writer: sqlite3.Connection) -> None:
    for _ in range(100):
        writer.execute("INSERT INTO entry(body) VALUES (?)", (PAGE,))
    checkpointer = Checkpointer(tmp_path / "store.db")
    writer.execute("BEGIN EXCLUSIVE")
    checkpointer.start()
    time.sleep(0.2)
    writer.execute("INSERT INTO entry(body) VALUES (?)", (PAGE,))
    writer.execute("COMMIT")
    checkpointer.stop()
    assert writer.execute("SELECT count(*) FROM entry").fetchone() == (101,)


def test_a_store_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    checkpointer = Checkpointer(tmp_path / "absent.db")
    checkpointer.start()
    time.sleep(0.05)
    checkpointer.stop()
