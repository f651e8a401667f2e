"""A committer that is killed: what was charged stays charged, and a roster is the only one ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest

from gateway.adapters.committer.aggregates.consent_reading import ConsentReading
from gateway.adapters.committer.aggregates.ledger import CommitterAggregates
from gateway.adapters.committer.messages import AnyOperation, Done, Not, Result
from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.committer.postgres_owners import take_number
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.processes import sibling_process
from gateway.adapters.processes.batch_channel import BatchChannel, SiblingGone
from gateway.adapters.store.aggregate_store import AggregateStore
from gateway.adapters.store.migrate import migrate, migrate_postgres
from gateway.adapters.store.postgres_reader import PostgresReader
from gateway.adapters.store.postgres_store import PostgresAddress
from gateway.adapters.store.postgres_store import open_writer as open_postgres_writer
from gateway.adapters.store.reader import SqliteReader, StoreReader
from gateway.adapters.store.sqlite_store import open_reader, open_writer
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import RoundState
from gateway.bootstrap.stores import COMMITTER_MODULE, POSTGRES_COMMITTER_MODULE
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import Subject
from support.aggregate_rounds import (
    COST,
    LOANS,
    PERIOD_S,
    READIES,
    Rounds,
    cohort,
    policy,
    release,
    roster,
)
from support.postgres_server import shared_server
from support.store_engines import seeded
from support.store_world import LENDER_A

BUDGET = 1_000_000
QUESTIONS = 600
"""Several batches, of which some are on their way when the committer is killed."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store is: how its committer's process is started, and how it is read."""

    module: str
    argument: str
    reader: Callable[[], StoreReader]


def sqlite_place(folder: Path) -> Place:
    path = folder / "veilgate.db"
    migrate(path)
    with closing(open_writer(path)) as connection:
        seeded(SqliteCommitter(connection, time.time))
    return Place(COMMITTER_MODULE, str(path), lambda: SqliteReader(open_reader(path)))


def postgres_place(_: Path) -> Place:
    address = PostgresAddress(shared_server().create(), timeout_ms=20_000)
    migrate_postgres(address)
    with closing(open_postgres_writer(address)) as connection:
        seeded(PostgresCommitter(connection, time.time, take_number(connection)))

    def reader() -> StoreReader:
        opened = PostgresReader(address)
        opened.open()
        return opened

    return Place(POSTGRES_COMMITTER_MODULE, msgspec.json.encode(address).decode(), reader)


PLACES = {"sqlite": sqlite_place, "postgres": postgres_place}


@contextmanager
def serving(place: Place) -> Iterator[tuple[Rounds, Callable[[], None]]]:
    """A started committer with the ledger over it, and the way to kill it with SIGKILL."""
    sibling = sibling_process.start(place.module, place.argument)
    channel: BatchChannel[AnyOperation, Result] = BatchChannel(
        sibling.sockets[0], Result, 20.0, lambda _: None
    )

    async def done(operation: AnyOperation) -> Done:
        result = await channel.call(operation)
        if isinstance(result, Not):
            raise refuse(result.reason)
        assert isinstance(result, Done)
        return result

    async def nobody(_: str) -> Subject:
        raise refuse(ErrorReason.CONSENT_NOT_FOUND)

    with ExitStack() as stack:
        stack.callback(sibling.stop)
        stack.callback(channel.close)
        reading = place.reader()
        stack.callback(reading.close)
        reader = AggregateStore(reading, time.time)
        consents = ConsentReading(reading, time.time)
        ledger = CommitterAggregates(done, PolicyInForce(policy()), reader, nobody, consents)
        yield Rounds(ledger, reader), sibling.process.kill


@pytest.mark.parametrize("engine", list(PLACES))
async def test_a_killed_committer_loses_no_charge_and_no_roster(
    engine: str, tmp_path: Path
) -> None:
    place = PLACES[engine](tmp_path)
    with serving(place) as (rounds, kill):
        fixed = cohort(limit=BUDGET)
        await rounds.ledger.open(LENDER_A, fixed)
        await rounds.ledger.fix_roster(LENDER_A, fixed.id, roster(fixed), READIES)
        asked = [cohort(limit=BUDGET) for _ in range(QUESTIONS)]
        calls = [asyncio.ensure_future(rounds.ledger.open(LENDER_A, one)) for one in asked]
        await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        kill()
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        acknowledged = [
            one.id
            for one, outcome in zip(asked, outcomes, strict=True)
            if not isinstance(outcome, BaseException)
        ]
        assert acknowledged
        assert all(isinstance(one, SiblingGone) for one in outcomes if isinstance(one, Exception))
    with serving(place) as (rounds, _):
        stored = [one.id for one in asked if await rounds.reader.round(one.id) is not None]
        assert set(acknowledged) <= set(stored)
        # Charged if and only if it is stored; asked again, all of them are paid for once.
        assert await spent(rounds) == COST * (1 + len(stored))
        for one in asked:
            assert (await rounds.ledger.open(LENDER_A, one)).repeat == (one.id in stored)
        assert await spent(rounds) == COST * (1 + QUESTIONS)
        other = roster(fixed, str(uuid4()))
        with pytest.raises(Refused) as caught:
            await rounds.ledger.fix_roster(LENDER_A, fixed.id, other, READIES[:3])
        assert caught.value.reason is ErrorReason.ROUND_MESSAGE_REFUSED
        await rounds.ledger.fix_roster(LENDER_A, fixed.id, roster(fixed), READIES)
        await release(rounds, fixed)
        found = await rounds.reader.round(fixed.id)
        assert found is not None
        assert (found.state, found.roster) == (RoundState.RELEASED, roster(fixed))


async def spent(rounds: Rounds) -> int:
    view = await rounds.reader.account("a-group", LOANS, PERIOD_S, BUDGET, 3)
    return view.account.spent
