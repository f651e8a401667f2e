"""Binnings of more rows than one transaction reads: what changed since they were read counts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from gateway.adapters.committer.aggregates.messages import CountUses, OpenRound, ReleaseRound
from gateway.adapters.committer.messages import AnyOperation
from gateway.adapters.processes.batch_channel import Calls
from gateway.application.ports.aggregates import NewRound
from gateway.domain.consent import ConsentEvent, ConsentTerms
from gateway.domain.reasons import ErrorReason
from support.aggregate_rounds import (
    Rounds,
    binning,
    change,
    consented_binning,
    fresh_group,
    reason,
    release,
    rostered,
    rounds_of,
    uses,
)
from support.store_engines import Store, Worker
from support.store_world import LENDER_A, fresh_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
DIRECTLY = 3
VOID = ErrorReason.ROUND_VOID


class Between:
    """The way to the committer; ``first`` happens once before an operation of this type passes."""

    def __init__(
        self,
        calls: Calls[AnyOperation, Any],
        kind: type[AnyOperation],
        first: Callable[[], Awaitable[object]],
    ) -> None:
        self._calls, self._kind, self._first = calls, kind, first
        self.seen: list[AnyOperation] = []

    async def call(self, operation: AnyOperation) -> Any:
        if isinstance(operation, self._kind):
            self.seen.append(operation)
            if len(self.seen) == 1:
                await self._first()
        return await self._calls.call(operation)


@pytest.fixture
def rounds(store: Store) -> Rounds:
    fresh_group(store, "lender-a")
    return rounds_of(store, store.workers[0], directly=DIRECTLY)


def between(
    store: Store, kind: type[Any], first: Callable[[], Awaitable[object]]
) -> tuple[Rounds, Between]:
    """Rounds where something happens after the consents were read, before the transaction."""
    worker = store.workers[0]
    way = Between(worker.committer, kind, first)
    other = Worker(worker.ledger, worker.consents, worker.decide, way)  # type: ignore[arg-type]
    return rounds_of(store, other, directly=DIRECTLY), way


async def rows_of(store: Store, count: int = 8, **changes: Any) -> list[ConsentTerms]:
    return [
        await consented_binning(store.workers[at % 4], fresh_person(), **changes)
        for at in range(count)
    ]


def over(agreed: list[ConsentTerms]) -> NewRound:
    return binning(tuple(one.consent_id for one in agreed))


async def stored_parts(store: Store, new: NewRound) -> int:
    rows = await store.reader.rows(
        "SELECT count(*) FROM aggregate_consents WHERE round_id=?", (new.id,)
    )
    return int(rows[0][0])


async def test_every_use_is_counted_once_and_whose_they_are_is_forgotten(
    store: Store, rounds: Rounds
) -> None:
    agreed = await rows_of(store)
    new = await rostered(rounds, over(agreed))
    assert await stored_parts(store, new) == 3
    await release(rounds, new)
    assert {await uses(store, one) for one in agreed} == {1}
    assert await stored_parts(store, new) == 0
    # The release once more is the same one, and counts nothing.
    assert (await release(rounds, new)).repeat
    assert {await uses(store, one) for one in agreed} == {1}


@pytest.mark.parametrize("transition", [ConsentEvent.REVOKE, ConsentEvent.PAUSE])
async def test_a_withdrawal_between_reading_and_release_voids(
    store: Store, rounds: Rounds, transition: ConsentEvent
) -> None:
    """The race: committed after every consent was read, before the transaction of the release."""
    agreed = await rows_of(store)
    for victim in (agreed[0], agreed[7]):
        new = await rostered(rounds, over(agreed))
        racing, way = between(store, ReleaseRound, partial(change, store, victim, transition))
        assert await reason(release(racing, new)) is VOID
        assert len(way.seen) == 1
        assert await stored_parts(store, new) == 0
        # It is void for good.
        assert await reason(release(rounds, new)) is VOID
        assert {await uses(store, one) for one in agreed} == {0}
        agreed = [one for one in agreed if one is not victim] + await rows_of(store, 1)


async def test_a_withdrawal_before_the_reading_voids(store: Store, rounds: Rounds) -> None:
    agreed = await rows_of(store)
    new = await rostered(rounds, over(agreed))
    await change(store, agreed[5], ConsentEvent.REVOKE)
    assert await reason(release(rounds, new)) is VOID


async def test_changes_of_others_and_there_and_back_again_void_nothing(
    store: Store, rounds: Rounds
) -> None:
    agreed, (other,) = await rows_of(store), await rows_of(store, 1)

    async def meanwhile() -> None:
        await change(store, other, ConsentEvent.REVOKE)
        await change(store, agreed[2], ConsentEvent.PAUSE)
        await change(store, agreed[2], ConsentEvent.RESUME)

    new = await rostered(rounds, over(agreed))
    racing, _ = between(store, ReleaseRound, meanwhile)
    await release(racing, new)
    assert {await uses(store, one) for one in agreed} == {1}


async def test_a_withdrawal_between_reading_and_opening_lets_no_job_begin(
    store: Store, rounds: Rounds
) -> None:
    agreed = await rows_of(store)
    revoke = lambda: change(store, agreed[3], ConsentEvent.REVOKE)  # noqa: E731
    racing, _ = between(store, OpenRound, revoke)
    new = over(agreed)
    assert await reason(racing.ledger.open(LENDER_A, new)) is ErrorReason.CONSENT_REVOKED
    assert await rounds.reader.round(new.id) is None
    assert await stored_parts(store, new) == 0


async def test_one_use_left_is_not_used_twice(store: Store, rounds: Rounds) -> None:
    """Limited uses are counted in the release itself, beside those that bind nobody."""
    agreed = await rows_of(store, 6) + await rows_of(store, 2, uses=1)
    first, second = [await rostered(rounds, over(agreed)) for _ in range(2)]
    racing, _ = between(store, ReleaseRound, lambda: release(rounds, second))
    assert await reason(release(racing, first)) is VOID
    assert {await uses(store, one) for one in agreed} == {1}
    assert await reason(rounds.ledger.open(LENDER_A, over(agreed))) is (
        ErrorReason.CONSENT_USES_SPENT
    )


async def test_a_gateway_that_ends_while_it_counts_is_gone_on_with(
    store: Store, rounds: Rounds
) -> None:
    agreed = await rows_of(store)
    new = await rostered(rounds, over(agreed))

    async def die() -> None:
        raise ConnectionError("gone")

    dying, way = between(store, CountUses, die)
    with pytest.raises(ConnectionError):
        await release(dying, new)
    stored = await rounds.reader.round(new.id)
    assert stored is not None
    assert stored.released_index >= 0
    assert {await uses(store, one) for one in agreed} == {0}
    # It is released all the same; the next job's opening counts what was left.
    await rounds.ledger.open(LENDER_A, over(agreed))
    assert {await uses(store, one) for one in agreed} == {1}
    assert await stored_parts(store, new) == 0
    assert len(way.seen) == 1


async def test_a_release_that_leaves_consents_unread_is_void(store: Store, rounds: Rounds) -> None:
    agreed = await rows_of(store)
    for spoil in (
        lambda one: msgspec.structs.replace(one, seen=None),
        lambda one: msgspec.structs.replace(
            one, seen=msgspec.structs.replace(one.seen, count=one.seen.count - 1)
        ),
        lambda one: msgspec.structs.replace(
            one, seen=msgspec.structs.replace(one.seen, valid_until=1)
        ),
    ):
        new = await rostered(rounds, over(agreed))
        worker = store.workers[0]
        way = Spoiling(worker.committer, spoil)
        other = Worker(worker.ledger, worker.consents, worker.decide, way)  # type: ignore[arg-type]
        assert await reason(release(rounds_of(store, other, directly=DIRECTLY), new)) is VOID


class Spoiling:
    """The way to the committer, where releases are changed."""

    def __init__(self, calls: Calls[AnyOperation, Any], spoil: Callable[[Any], Any]) -> None:
        self._calls, self._spoil = calls, spoil

    async def call(self, operation: AnyOperation) -> Any:
        if isinstance(operation, ReleaseRound):
            operation = self._spoil(operation)
        return await self._calls.call(operation)


async def test_consents_of_rounds_that_are_over_without_an_end_are_forgotten(
    store: Store, rounds: Rounds
) -> None:
    agreed = await rows_of(store)
    lost = await rostered(rounds, over(agreed))
    store.execute("UPDATE aggregate_round SET expires_at=1 WHERE id=?", (lost.id,))
    await rounds.ledger.open(LENDER_A, over(agreed))
    assert await stored_parts(store, lost) == 0


async def test_no_id_of_a_round_is_one_of_another(store: Store, rounds: Rounds) -> None:
    new = over(await rows_of(store))
    await rounds.ledger.open(LENDER_A, new)
    assert (await rounds.ledger.open(LENDER_A, new)).repeat
    other = msgspec.structs.replace(new, consents=(*new.consents[1:], new.consents[0]))
    assert await reason(rounds.ledger.open(LENDER_A, other)) is ErrorReason.REQUEST_ID_REUSED
    twice = binning((*new.consents, new.consents[0]))
    invalid = ErrorReason.AGGREGATE_QUESTION_INVALID
    assert await reason(rounds.ledger.open(LENDER_A, twice)) is invalid
