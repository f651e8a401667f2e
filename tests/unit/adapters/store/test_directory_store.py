"""The Directory for authentication: one moment, believed for a second, or nobody is let in."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gateway.adapters.committer.partner_seed import seed_operations
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.store.directory_store import REFRESH_S, DirectoryStore
from gateway.adapters.store.migrate import migrate
from gateway.adapters.store.partner_file import Partner, PartnerAgreement
from gateway.adapters.store.reader import Row, SqliteReader, Values
from gateway.adapters.store.sqlite_store import open_reader, open_writer
from gateway.domain.institution import Agreement, Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import Jurisdiction, Role

A, A2, B = "aa" * 32, "ab" * 32, "bb" * 32
NOW = 1_800_000_000
HELD = "00000000-0000-4000-8000-000000000001"


def _day(number: int) -> datetime:
    return datetime.fromtimestamp(NOW + number * 86_400, UTC)


def _agreement(number: int, begin: int, end: int) -> PartnerAgreement:
    id_ = f"00000000-0000-4000-8000-{number:012}"
    names = ("credit.applicant",), ("fraud", "credit")
    return PartnerAgreement(id_, *names, _day(begin), _day(end), "cd" * 32)


LENDER_A = Partner(
    "lender-a",
    "a-group",
    (Role.REGULATOR, Role.LENDER),
    Jurisdiction.SG,
    certificates=(A, A2),
    signing_keys={"a-1": "11" * 32},
    agreements=(_agreement(2, 5, 9), _agreement(1, -5, 5), _agreement(3, -9, 0)),
)
LENDER_B = Partner("lender-b", "b-group", (Role.LENDER,), Jurisdiction.CN, certificates=(B,))


class CountingReader(SqliteReader):
    """A reader whose readings of the whole Directory can be counted, held up, or made to fail."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.readings = 0
        self.began = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def rows(self, query: str, values: Values = ()) -> list[Row]:
        self.readings += "UNION" in query
        found = await super().rows(query, values)
        self.began.set()
        if self.gate is not None:
            await self.gate.wait()
        return found


@dataclass
class World:
    """A Directory, somebody else's connection to the store, and two clocks to set."""

    writer: sqlite3.Connection
    reader: CountingReader
    clock: float = 100.0
    now: float = float(NOW)

    def __post_init__(self) -> None:
        self.directory = DirectoryStore(self.reader, lambda: self.clock, lambda: self.now)

    async def reason(
        self, institution: str = "lender-a", fingerprint: str = A
    ) -> ErrorReason | None:
        try:
            await self.directory.principal(institution, "scoring", fingerprint)
        except Refused as refused:
            return refused.reason
        return None

    def suspend(self, institution: str = "lender-a") -> None:
        self.writer.execute("UPDATE institution SET status='suspended' WHERE id=?", (institution,))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "veilgate.db"
    migrate(path)
    with closing(open_writer(path)) as writer:
        results = SqliteCommitter(writer, lambda: NOW).commit(
            [*seed_operations([LENDER_A, LENDER_B])]
        )
        assert len(results) == 2
        with closing(CountingReader(open_reader(path))) as reader:
            yield World(writer, reader)


async def test_a_principal_has_roles_group_and_the_agreements_that_hold_or_will(
    world: World,
) -> None:
    names = frozenset({"credit.applicant"}), frozenset({"credit", "fraud"})
    day = 86_400
    agreements = (
        Agreement(HELD, *names, NOW - 5 * day, NOW + 5 * day),
        Agreement(HELD[:-1] + "2", *names, NOW + 5 * day, NOW + 9 * day),
    )
    roles = frozenset({Role.LENDER, Role.REGULATOR})
    expected = Principal("lender-a", "scoring", roles, Jurisdiction.SG, agreements, "a-group")
    assert await world.directory.principal("lender-a", "scoring", A) == expected
    assert (await world.directory.principal("lender-b", "x", B)).agreements == ()


async def test_an_end_to_come_moves_an_agreements_end_and_a_past_one_takes_it_away(
    world: World,
) -> None:
    set_end = "UPDATE agreement SET ended_at=? WHERE id=?"
    world.writer.execute(set_end, (NOW + 60, HELD))
    first, _ = (await world.directory.principal("lender-a", "x", A)).agreements
    assert (first.id, first.valid_until) == (HELD, NOW + 60)
    world.writer.execute(set_end, (NOW, HELD))
    world.directory.invalidate()
    (left,) = (await world.directory.principal("lender-a", "x", A)).agreements
    assert left.id != HELD


@pytest.mark.parametrize(
    ("institution", "fingerprint"),
    [("lender-a", B), ("lender-b", A), ("lender-a", "cc" * 32), ("lender-a", ""), ("nobody", A)],
)
async def test_a_certificate_of_nobody_or_of_another_is_unknown(
    world: World, institution: str, fingerprint: str
) -> None:
    assert await world.reason(institution, fingerprint) is ErrorReason.CERTIFICATE_UNKNOWN


async def test_a_reading_is_believed_for_less_than_a_second(world: World) -> None:
    assert await world.reason() is None
    world.suspend()
    world.clock += REFRESH_S - 0.001
    assert await world.reason() is None
    world.clock = 100.0 + REFRESH_S
    assert await world.reason() is ErrorReason.INSTITUTION_SUSPENDED
    assert await world.reason("lender-b", B) is None


async def test_one_reading_serves_all_calls_that_wait_for_it(world: World) -> None:
    world.reader.gate = asyncio.Event()
    waiting = [asyncio.create_task(world.reason()) for _ in range(20)]
    await world.reader.began.wait()
    world.reader.gate.set()
    assert await asyncio.gather(*waiting) == [None] * 20
    assert world.reader.readings == 1


async def test_a_caller_that_goes_away_takes_the_reading_from_nobody(world: World) -> None:
    world.reader.gate = asyncio.Event()
    gone, waiting = asyncio.create_task(world.reason()), asyncio.create_task(world.reason())
    await world.reader.began.wait()
    gone.cancel()
    world.reader.gate.set()
    assert await waiting is None


async def test_what_this_process_changed_is_seen_at_once(world: World) -> None:
    assert await world.reason() is None
    world.suspend()
    world.directory.invalidate()
    assert await world.reason() is ErrorReason.INSTITUTION_SUSPENDED


async def test_a_reading_that_began_before_a_change_is_not_believed(world: World) -> None:
    world.reader.gate = asyncio.Event()
    waiting = asyncio.create_task(world.reason())
    await world.reader.began.wait()
    world.suspend()
    world.directory.invalidate()
    world.reader.gate.set()
    assert await waiting is ErrorReason.INSTITUTION_SUSPENDED
    assert world.reader.readings == 2


async def test_a_reading_that_takes_longer_than_it_may_be_believed_is_none(world: World) -> None:
    class Slow(CountingReader):
        async def rows(self, query: str, values: Values = ()) -> list[Row]:
            world.clock += REFRESH_S
            return await super().rows(query, values)

    world.directory = DirectoryStore(
        Slow(world.reader._connection), lambda: world.clock, lambda: world.now
    )
    assert await world.reason() is ErrorReason.STORE_UNAVAILABLE


async def test_a_store_that_cannot_be_read_lets_nobody_in(world: World) -> None:
    assert await world.reason() is None
    world.reader.close()
    world.clock += REFRESH_S
    assert await world.reason() is ErrorReason.STORE_UNAVAILABLE
    with pytest.raises(Refused) as caught:
        await world.directory.signing_key("lender-a", "a-1")
    assert caught.value.reason is ErrorReason.STORE_UNAVAILABLE


async def test_a_retired_certificate_is_refused_from_its_second_on_between_two_readings(
    world: World,
) -> None:
    retire = "UPDATE certificate SET retired_at=? WHERE fingerprint=?"
    world.writer.execute(retire, (NOW + 2, A))
    assert await world.reason() is None
    world.now = NOW + 1.999
    assert await world.reason() is None
    world.now = NOW + 2.0
    assert await world.reason() is ErrorReason.CERTIFICATE_UNKNOWN
    assert await world.reason("lender-a", A2) is None
    assert world.reader.readings == 1
    world.clock += REFRESH_S
    assert await world.reason() is ErrorReason.CERTIFICATE_UNKNOWN


async def test_signing_keys_are_of_one_institution_and_end_with_their_retirement(
    world: World,
) -> None:
    assert await world.directory.signing_key("lender-a", "a-1") == b"\x11" * 32
    assert await world.directory.signing_key("lender-b", "a-1") is None
    assert await world.directory.signing_key("lender-a", "a-2") is None
    world.writer.execute("UPDATE signing_key SET retired_at=?", (NOW + 1,))
    assert await world.directory.signing_key("lender-a", "a-1") == b"\x11" * 32
    world.now += 1
    assert await world.directory.signing_key("lender-a", "a-1") is None


async def test_settled_returns_when_a_reading_from_before_is_believed_no_more(
    world: World,
) -> None:
    directory = DirectoryStore(world.reader, time.monotonic, lambda: world.now)
    other = DirectoryStore(world.reader, time.monotonic, lambda: world.now)
    await other.principal("lender-a", "x", A)
    world.suspend()
    await directory.settled()
    with pytest.raises(Refused) as caught:
        await other.principal("lender-a", "x", A)
    assert caught.value.reason is ErrorReason.INSTITUTION_SUSPENDED


async def test_what_the_directory_has_outlives_the_partner_file(world: World) -> None:
    world.suspend("lender-b")
    moved = msgspec.structs.replace(LENDER_B, legal_group="other", certificates=("dd" * 32,))
    committer = SqliteCommitter(world.writer, lambda: NOW)
    committer.commit([*seed_operations([LENDER_A, LENDER_B, moved])])
    assert await world.reason("lender-b", B) is ErrorReason.INSTITUTION_SUSPENDED
    assert await world.reason("lender-b", "dd" * 32) is ErrorReason.CERTIFICATE_UNKNOWN
    assert await world.reason() is None
