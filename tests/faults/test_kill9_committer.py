"""The committer killed with SIGKILL at named points around its statements and its answers.

After each kill the store is opened again by the real code, and everything that was acknowledged
must be there once, whole, and under the root. The gateway as a whole is killed in
``test_kill9_gateway``.
"""

import random
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.processes import sibling_process
from gateway.adapters.processes.sibling_process import SiblingFailed
from gateway.adapters.store.sqlite_store import open_writer
from support.faults_committer import MODULE
from support.faults_points import Plan
from support.faults_serving import python_path
from support.faults_store import copy_store, make_store
from support.faults_store_check import Acknowledged, StoreBroken, check_store
from support.faults_writers import write_until_gone

ESSENTIAL = (
    "before BEGIN",
    "after BEGIN",
    "after INSERT log_entry",
    "before UPDATE log_head",
    "before COMMIT",
    "after COMMIT",
    "before answer",
    "in answer",
    "after answer",
)
"""A committer that does not pass these is not the one that this test was written for."""
LONG_KILLS = 900
LEAST_POINTS = 15
SIGKILLED = -9


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("template") / "store.db")


@pytest.fixture
def store(template: Path, tmp_path: Path) -> Path:
    return copy_store(template, tmp_path / "store.db")


def _start(store: Path, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> sibling_process.Sibling:
    monkeypatch.setenv("PYTHONPATH", python_path())
    for name, value in plan.environment().items():
        monkeypatch.setenv(name, value)
    return sibling_process.start(MODULE, str(store))


def _recover(store: Path) -> int:
    """Do what a restarted committer does first; return how many intents it closed."""
    connection = open_writer(store)
    try:
        return SqliteCommitter(connection, lambda: 2_000_000_000.0).abandon_open_intents()
    finally:
        connection.close()


async def _points(store: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Every point that the committer passes in an undisturbed run, and how often."""
    trace = store.with_name("trace")
    sibling = _start(store, Plan(trace=str(trace)), monkeypatch)
    startup = len(trace.read_text().splitlines())
    book = await write_until_gone(sibling)
    assert sibling.stop() == 0
    assert not book.gone
    assert check_store(store, book.acknowledged) > 256
    return Counter(trace.read_text().splitlines()[startup:])


async def _kill(store: Path, point: str, hit: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Kill the committer at a point under load, and check; return what was acknowledged."""
    sibling = _start(store, Plan(kill_at=point, hit=hit), monkeypatch)
    book = await write_until_gone(sibling)
    assert sibling.stop() == SIGKILLED, f"{point} was not passed {hit} times"
    assert book.gone
    check_store(store, book.acknowledged)
    _recover(store)
    _check_closed(store, book.acknowledged)
    return len(book.acknowledged)


def _check_closed(store: Path, acknowledged: list[Acknowledged]) -> None:
    check_store(store, acknowledged)
    connection = open_writer(store)
    assert connection.execute("SELECT count(*) FROM open_intent").fetchone() == (0,)
    connection.close()


async def test_nothing_acknowledged_is_lost_wherever_the_committer_is_killed(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = await _points(copy_store(template, tmp_path / "dry-run.db"), monkeypatch)
    assert len(points) >= LEAST_POINTS
    assert set(ESSENTIAL) <= set(points)
    for point, passed in points.items():
        hit = _reachable(passed)
        await _kill(copy_store(template, tmp_path / "store.db"), point, hit, monkeypatch)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_nothing_acknowledged_is_lost_in_many_kills(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = await _points(copy_store(template, tmp_path / "dry-run.db"), monkeypatch)
    acknowledged = 0
    for _ in range(LONG_KILLS):
        point, passed = random.choice(sorted(points.items()))
        store = copy_store(template, tmp_path / "store.db")
        acknowledged += await _kill(store, point, _reachable(passed), monkeypatch)
    assert acknowledged > LONG_KILLS


def _reachable(passed: int) -> int:
    """Batches fall as they like: a count far below the one that was seen comes again."""
    return random.randint(1, max(1, passed // 3))


async def test_a_kill_during_recovery_is_recovered_from(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sibling = _start(store, Plan(kill_at="before answer", hit=12), monkeypatch)
    book = await write_until_gone(sibling)
    assert sibling.stop() == SIGKILLED
    with pytest.raises(SiblingFailed):
        _start(store, Plan(kill_at="before COMMIT", hit=2, while_starting=True), monkeypatch)
    check_store(store, book.acknowledged)
    assert _recover(store) > 0
    _check_closed(store, book.acknowledged)


MUTANTS = {
    "an entry is gone": "DELETE FROM log_entry WHERE log_index=(SELECT size-1 FROM log_head)",
    "an entry is gone within": "DELETE FROM log_entry WHERE log_index=260",
    "an entry is another": "UPDATE log_entry SET event=CAST(replace("
    "CAST(event AS TEXT), '\"v\":1', '\"v\":2') AS BLOB) WHERE log_index=260",
    "an entry is there twice": "INSERT INTO log_entry SELECT size,"
    "(SELECT event FROM log_entry WHERE log_index=260) FROM log_head",
    "the root is another": "UPDATE log_head SET root=zeroblob(32)",
    "the size is another": "UPDATE log_head SET size=size-1",
    "a tile is another": "UPDATE log_tile SET hashes=zeroblob(32) WHERE level=1",
    "a tile is gone": "DELETE FROM log_tile WHERE level=0 AND tile_index=0",
    "a use was not counted": "UPDATE consent SET uses=uses-1",
    "a use was counted twice": "UPDATE consent SET uses=uses+1",
    "a limit was not counted": "UPDATE usage SET uses=uses-1",
    "a request is forgotten": "UPDATE request SET consent_id=NULL",
    "a revocation is undone": "UPDATE consent SET state='active'",
    "an intent is open again": "INSERT INTO open_intent SELECT "
    "json_extract(CAST(event AS TEXT), '$.id'), log_index, 0 FROM log_entry "
    "WHERE instr(CAST(event AS TEXT), 'INTENT') LIMIT 1",
    "a consent is gone": "DELETE FROM consent",
}


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_the_check_sees_what_a_broken_committer_would_leave(
    mutant: str, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sibling = _start(store, Plan(), monkeypatch)
    book = await write_until_gone(sibling)
    sibling.stop()
    check_store(store, book.acknowledged)
    connection = sqlite3.connect(store)
    with connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        assert connection.execute(MUTANTS[mutant]).rowcount >= 1
    connection.close()
    with pytest.raises(StoreBroken):
        check_store(store, book.acknowledged)


def test_the_check_sees_a_lost_acknowledgement(store: Path) -> None:
    size = check_store(store, [])
    with pytest.raises(StoreBroken, match="is lost"):
        check_store(store, [Acknowledged(size, b"{}")])
