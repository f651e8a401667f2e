"""What was used of a limit is read as the committer counts it, window by window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from gateway.adapters.committer.messages import Done
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.store.reader import SqliteReader
from gateway.adapters.store.sqlite_store import open_reader, open_writer
from gateway.adapters.store.usage_store import UsageStore
from gateway.domain.reasons import ErrorReason, Refused
from support.faults_store import LENDER, RULE, Subject, make_store

HOUR = 3_600


class World:
    """A committer with a clock to set, and the reader beside it."""

    def __init__(self, path: Path) -> None:
        self.connection = open_writer(path)
        self.now = 0.0
        self._committer = SqliteCommitter(self.connection, lambda: self.now)
        self.reader = SqliteReader(open_reader(path))
        self.usage = UsageStore(self.reader, lambda: self.now)

    def release(self, person: Subject) -> None:
        """Release once, under limits that count by the hour."""
        intent = person.intend()
        release = msgspec.structs.replace(
            person.release(intent), recipient_window=HOUR, subject_window=HOUR
        )
        for result in self._committer.commit([intent, release]):
            assert isinstance(result, Done)

    def grant(self) -> Subject:
        person = Subject()
        self._committer.commit([person.grant()])
        return person

    async def uses(self, institution: str = LENDER, rule: str = RULE) -> int:
        return await self.usage.recipient_uses(institution, rule, HOUR)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(make_store(tmp_path / "store.db"))
    # The log's time does not go back behind that of its first events.
    last = world.connection.execute("SELECT last_time_ms FROM log_head").fetchone()[0]
    world.now = float((last // 1000 // HOUR + 1) * HOUR)
    yield world
    world.reader.close()
    world.connection.close()


async def test_releases_of_all_subjects_are_counted_together(world: World) -> None:
    one, other = world.grant(), world.grant()
    assert await world.uses() == 0
    for count, person in enumerate((one, one, other), 1):
        world.release(person)
        assert await world.uses() == count


async def test_another_institution_and_another_rule_have_counters_of_their_own(
    world: World,
) -> None:
    world.release(world.grant())
    assert await world.uses(institution="lender-b") == 0
    assert await world.uses(rule="another-rule") == 0


async def test_a_window_that_is_over_counts_for_nothing(world: World) -> None:
    person = world.grant()
    world.release(person)
    world.now += HOUR - 0.5
    assert await world.uses() == 1
    world.now += 0.5
    assert await world.uses() == 0
    world.release(person)
    assert await world.uses() == 1


async def test_a_store_that_cannot_be_read_says_so(world: World) -> None:
    world.connection.execute("DROP TABLE usage")
    with pytest.raises(Refused) as caught:
        await world.uses()
    assert caught.value.reason is ErrorReason.STORE_UNAVAILABLE
