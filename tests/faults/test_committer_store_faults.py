"""The committer over a store that is full, read-only, locked, or fails at the commit.

In each case nobody is told that anything happened, and the committer goes on by itself once the
store is well. The gateway above it is under the same faults in ``test_store_faults``.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.adapters.committer.messages import AnyOperation, Done, Not, Result
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.processes import sibling_process
from gateway.adapters.store.sqlite_store import UnsafeStore, open_writer
from gateway.domain.reasons import ErrorReason
from support.faults_committer import MODULE
from support.faults_points import FaultyConnection, Plan, Points
from support.faults_serving import python_path
from support.faults_store import Subject, copy_store, make_store
from support.faults_store_check import Acknowledged, check_store
from support.faults_writers import write_until_gone

UNAVAILABLE = Not(ErrorReason.STORE_UNAVAILABLE)
NOTHING_DONE = ("full", "read-only", "commit fails", "rollback fails")
ENOUGH_TO_FILL = 200


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("template") / "store.db")


class Bench:
    """A committer, the switch of its faults, and the book of what it acknowledged."""

    def __init__(self, store: Path, control: Path) -> None:
        self.store, self._control = store, control
        control.write_text("")
        FaultyConnection.points = Points(Plan(control=str(control)))
        self.connection = open_writer(store, FaultyConnection)
        self._committer = SqliteCommitter(self.connection, time.time)
        self.book: list[Acknowledged] = []

    def switch(self, mode: str) -> None:
        self._control.write_text(mode)

    def ask(self, operation: AnyOperation) -> Result:
        (result,) = self._committer.commit([operation])
        if isinstance(result, Done):
            self.book.append(Acknowledged(result.log_index, operation.event))
        return result

    def check(self) -> int:
        return check_store(self.store, self.book)


@pytest.fixture
def bench(template: Path, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(copy_store(template, tmp_path / "store.db"), tmp_path / "control")
    with closing(bench.connection):
        yield bench


@pytest.mark.parametrize("mode", NOTHING_DONE)
def test_a_store_that_cannot_be_written_gives_nothing_and_comes_back(
    mode: str, bench: Bench
) -> None:
    subject = Subject()
    intent = subject.intend()
    assert isinstance(bench.ask(subject.grant()), Done)
    assert isinstance(bench.ask(intent), Done)
    bench.switch(mode)
    size = bench.check()
    release = subject.release(intent)
    # A full store has some room left in its last pages: it is filled up first.
    for _ in range(ENOUGH_TO_FILL):
        if bench.ask(subject.intend()) == UNAVAILABLE:
            break
    before = len(bench.book)
    assert bench.ask(subject.intend()) == UNAVAILABLE
    assert bench.ask(Subject().grant()) == UNAVAILABLE
    if mode != "full":
        assert bench.ask(release) == UNAVAILABLE
        assert bench.ask(subject.revoke()) == UNAVAILABLE
        assert bench.check() == size
    assert len(bench.book) == before
    bench.switch("")
    assert isinstance(bench.ask(release), Done)
    assert isinstance(bench.ask(subject.revoke()), Done)
    bench.check()


def test_a_commit_that_is_durable_though_it_failed_is_neither_released_nor_doubled(
    bench: Bench,
) -> None:
    subject = Subject(uses=1)
    intent = subject.intend()
    bench.ask(subject.grant())
    bench.ask(intent)
    bench.switch("commit unsure")
    assert bench.ask(subject.release(intent)) == UNAVAILABLE
    bench.switch("")
    bench.check()
    again = subject.intend(intent.request_id)
    assert isinstance(bench.ask(again), Done)
    result = bench.ask(subject.release(again))
    assert isinstance(result, Done)
    assert result.repeat, "the durable use was forgotten"
    other = subject.intend()
    bench.ask(other)
    assert bench.ask(subject.release(other)) == Not(ErrorReason.CONSENT_USES_SPENT)
    bench.check()


def test_a_locked_store_gives_nothing_and_comes_back(bench: Bench) -> None:
    subject = Subject()
    bench.connection.execute("PRAGMA busy_timeout=20")
    with closing(sqlite3.connect(bench.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert bench.ask(subject.grant()) == UNAVAILABLE
        other.execute("ROLLBACK")
    assert isinstance(bench.ask(subject.grant()), Done)
    bench.check()


class _Careless(sqlite3.Connection):
    def execute(self, sql, parameters=(), /):  # type: ignore[no-untyped-def]
        return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), parameters)


def test_a_store_that_does_not_wait_for_the_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeStore, match="synchronous"):
        open_writer(tmp_path / "store.db", _Careless)


def _answered_before_durable(trace: list[str]) -> list[int]:
    """The places of a trace where answer bytes left with no commit finished before them."""
    durable, early = False, []
    for at, point in enumerate(trace):
        if point == "before BEGIN":
            durable = False
        elif point == "after COMMIT":
            durable = True
        elif point.endswith("answer") and not durable:
            early.append(at)
    return early


async def test_no_byte_of_an_answer_leaves_before_its_commit(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, trace = copy_store(template, tmp_path / "store.db"), tmp_path / "trace"
    monkeypatch.setenv("PYTHONPATH", python_path())
    for name, value in Plan(trace=str(trace)).environment().items():
        monkeypatch.setenv(name, value)
    sibling = sibling_process.start(MODULE, str(store))
    book = await write_until_gone(sibling)
    assert sibling.stop() == 0
    points = trace.read_text().splitlines()
    assert len(book.acknowledged) > points.count("before answer") > 10
    assert _answered_before_durable(points) == []


@pytest.mark.parametrize(
    "trace",
    [
        ["before BEGIN", "after BEGIN", "before answer"],
        ["before BEGIN", "before COMMIT", "before answer", "after COMMIT"],
        ["before BEGIN", "after COMMIT", "before BEGIN", "in answer"],
    ],
)
def test_an_early_answer_would_be_seen(trace: list[str]) -> None:
    assert _answered_before_durable(trace)
