"""What every engine promises of kept contributions: there for members, for so long, in so much."""

from __future__ import annotations

import time
from hashlib import sha256

import pytest

from gateway.adapters.store.aggregate_store import AggregateStore
from gateway.application.ports.aggregates import NewRound, Signed
from gateway.domain.reasons import ErrorReason, Refused
from support.aggregate_rounds import Rounds, cohort, fresh_group, release, rostered, rounds_of
from support.store_engines import Store
from support.store_world import LENDER_A

pytestmark = pytest.mark.asyncio(loop_scope="module")
SENT = Signed(b"a contribution", b"signature", (b"leaf",))
CIPHERTEXTS = bytes(range(256)) * 4
DAY_S = 86_400


async def combining(store: Store, worker: int = 0, room: int | None = None) -> Rounds:
    """A worker whose ledger keeps no more than so many bytes."""
    rounds = rounds_of(store, store.workers[worker])
    if room is not None:
        rounds.ledger._kept_bytes = room
    # Other tests' rows would take the room of this one's.
    store.execute("DELETE FROM aggregate_contribution", ())
    fresh_group(store, "lender-a")
    return rounds


async def opened(rounds: Rounds) -> NewRound:
    new = cohort(limit=1_000_000)
    await rostered(rounds, new)
    return new


async def keep(rounds: Rounds, new: NewRound, content: bytes = CIPHERTEXTS, days: int = 30) -> None:
    await rounds.ledger.keep_contribution(new.id, SENT, content, days)


async def found(rounds: Rounds, new: NewRound) -> bytes | None:
    return await rounds.reader.contribution(new.id, sha256(SENT.payload).digest())


async def refused(call: object) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await call  # type: ignore[misc]
    return caught.value.reason


async def test_another_process_gets_what_one_kept(store: Store) -> None:
    rounds = await combining(store)
    new = await opened(rounds)
    assert await found(rounds, new) is None
    for _ in range(2):
        await keep(rounds, new)
    other = rounds_of(store, store.workers[1])
    assert await found(other, new) == CIPHERTEXTS
    assert await other.reader.contribution(new.id, bytes(32)) is None
    await release(rounds, new)
    assert await found(other, new) == CIPHERTEXTS
    # What is released already is combined already: nothing can be added to it.
    assert await refused(keep(rounds, new)) is ErrorReason.ROUND_MESSAGE_REFUSED


async def test_nothing_is_kept_of_a_round_that_is_not_combined(store: Store) -> None:
    rounds = await combining(store)
    new = cohort(limit=1_000_000)
    assert await refused(keep(rounds, new)) is ErrorReason.ROUND_NOT_FOUND
    await rounds.ledger.open(LENDER_A, new)
    assert await refused(keep(rounds, new)) is ErrorReason.ROUND_MESSAGE_REFUSED
    fixed = await opened(rounds)
    assert await refused(keep(rounds, fixed, b"")) is ErrorReason.ROUND_MESSAGE_REFUSED


async def test_a_round_that_ends_without_a_result_leaves_no_contribution(store: Store) -> None:
    rounds = await combining(store)
    new = await opened(rounds)
    await keep(rounds, new)
    await rounds.ledger.refuse(LENDER_A, new.id)
    assert await found(rounds, new) is None
    assert await rows(rounds) == 0


async def test_what_is_over_is_not_shown_and_then_deleted(store: Store) -> None:
    rounds = await combining(store)
    short, long = await opened(rounds), await opened(rounds)
    await keep(rounds, short, days=1)
    await keep(rounds, long, days=3)
    tomorrow = AggregateStore(store.reader, lambda: time.time() + DAY_S + 60)
    digest = sha256(SENT.payload).digest()
    assert await tomorrow.contribution(short.id, digest) is None
    assert await tomorrow.contribution(long.id, digest) == CIPHERTEXTS
    await rounds.ledger.forget_contributions()
    assert await rows(rounds) == 2
    store.execute(
        "UPDATE aggregate_contribution SET keep_until=? WHERE round_id=?",
        (int(time.time()), short.id),
    )
    await rounds.ledger.forget_contributions()
    assert (await found(rounds, short), await found(rounds, long)) == (None, CIPHERTEXTS)
    assert await rows(rounds) == 1


async def test_for_room_the_oldest_rounds_go_and_never_the_own(store: Store) -> None:
    rounds = await combining(store, room=2 * len(CIPHERTEXTS))
    first, second, third = [await opened(rounds) for _ in range(3)]
    await keep(rounds, first, days=1)
    await keep(rounds, second, days=2)
    await keep(rounds, third, days=1)
    assert [await found(rounds, one) is not None for one in (first, second, third)] == [
        *(False, True, True),
    ]
    ledger = rounds.ledger
    for at in range(2):
        one = Signed(b"another %d" % at, b"signature")
        call = ledger.keep_contribution(third.id, one, CIPHERTEXTS, 1)
        if at == 0:
            await call
        else:
            assert await refused(call) is ErrorReason.RATE_LIMITED
    assert await refused(keep(rounds, second, bytes(2 * len(CIPHERTEXTS) + 1))) is (
        ErrorReason.ROUND_MESSAGE_REFUSED
    )
    assert await rows(rounds) == 2


async def rows(rounds: Rounds) -> int:
    reader = rounds.reader._reader
    ((count,),) = await reader.rows("SELECT count(*) FROM aggregate_contribution")
    return int(count)
