"""What every engine promises of published checkpoints: one sequence, each of them the log's own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from itertools import count

import pytest

from gateway.adapters.committer.checkpoint_ledger import CommitterCheckpoints
from gateway.adapters.committer.messages import AnyOperation, Done, Not, Publish, Result
from gateway.adapters.store.checkpoint_store import CheckpointStore
from gateway.application.ports.checkpoints import Cosignature
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.crypto.checkpoint import open_checkpoint
from gateway.crypto.cosignature import cosign
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import SignedNote
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.vocabulary import InstitutionStatus
from support.crypto_witness import COSIGNERS
from support.store_engines import Store, Worker
from support.store_world import fresh_person, granted

pytestmark = pytest.mark.asyncio(loop_scope="module")
_SECONDS = count(10)


def _ledger(worker: Worker) -> CommitterCheckpoints:
    async def done(operation: AnyOperation) -> Done:
        result: Result = await worker.committer.call(operation)
        if isinstance(result, Not):
            raise refuse(result.reason)
        assert isinstance(result, Done)
        return result

    return CommitterCheckpoints(done)


def _publisher(store: Store, worker: Worker) -> PublishCheckpoint:
    checkpoints = CheckpointStore(store.reader)
    # A clock of another second at each look: what holds back is the committer's alone.
    return PublishCheckpoint(store.log, checkpoints, _ledger(worker), lambda: next(_SECONDS))


async def _grow(store: Store, events: int = 1) -> int:
    for _ in range(events):
        await granted(store.workers[0], fresh_person())
    return (await store.log.head()).size


async def _published(store: Store, size: int) -> None:
    """Publish until a checkpoint of at least this size is there."""
    checkpoints, ledger = CheckpointStore(store.reader), _ledger(store.workers[0])
    await PublishCheckpoint(store.log, checkpoints, ledger, time.time).holding(size - 1)


def _note(store: Store, size: int, root: bytes) -> Publish:
    return Publish(b"", b"", size, root, store.log.sign(size, root))


async def _call(store: Store, operation: AnyOperation) -> Result:
    return await store.workers[1].committer.call(operation)


async def test_the_head_is_published_as_it_was_signed(store: Store) -> None:
    size = await _grow(store)
    await _published(store, size)
    found = await CheckpointStore(store.reader).latest()
    assert found is not None
    head = await store.log.head()
    checkpoint = open_checkpoint(found.note, VerifierKey.parse(store.log.verifier_key))
    assert (checkpoint.size, checkpoint.root) == (found.size, found.root) == (size, head.root)
    # Publishing is no event, so there is nothing new for whoever asks next.
    assert head.size == size
    for worker in store.workers:
        assert await _publisher(store, worker)() == found
    assert await CheckpointStore(store.reader).of_size(size) == found
    assert await CheckpointStore(store.reader).of_size(size + 1) is None


async def test_gateways_that_publish_at_once_publish_one_sequence(store: Store) -> None:
    checkpoints = CheckpointStore(store.reader)
    for _ in range(10):
        await _grow(store, 2)
        found = await asyncio.gather(*(_publisher(store, worker)() for worker in store.workers))
        latest = await checkpoints.latest()
        assert latest == max(found, key=lambda one: one.size)
        for one in found:
            assert await checkpoints.of_size(one.size) == one
    rows = await store.reader.rows("SELECT size, published_at FROM checkpoint ORDER BY size")
    times = [at for _, at in rows]
    assert times == sorted(times)
    assert len(set(times)) == len(times)


async def test_what_the_log_never_was_is_not_published(store: Store) -> None:
    size = await _grow(store, 3)
    head = await store.log.head()
    unknown = Not(ErrorReason.CHECKPOINT_NOT_FOUND)
    for wrong in (
        _note(store, size, bytes(32)),
        _note(store, size + 1, head.root),
        _note(store, size - 1, head.root),
    ):
        assert await _call(store, wrong) == unknown
        assert await CheckpointStore(store.reader).of_size(wrong.size) is None


async def test_no_smaller_one_follows_a_larger_one(store: Store) -> None:
    await _grow(store)
    early = await store.log.head()
    late = await _grow(store, 2)
    await _published(store, late)
    published = await CheckpointStore(store.reader).of_size(late)
    assert published is not None
    # In another second, so that it is the size alone that is in the way.
    while int(time.time()) <= published.published_at:
        await asyncio.to_thread(time.sleep, 0.01)
    again = await _call(store, _note(store, early.size, early.root))
    assert again == Done(late, repeat=True, value=late)
    assert await CheckpointStore(store.reader).of_size(early.size) is None


async def test_a_checkpoint_that_holds_an_entry_is_waited_for(store: Store) -> None:
    await _published(store, await _grow(store))
    newest = await _grow(store) - 1
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0.3)

    checkpoints, ledger = CheckpointStore(store.reader), _ledger(store.workers[0])
    publish = PublishCheckpoint(store.log, checkpoints, ledger, lambda: next(_SECONDS), sleep)
    assert (await publish.holding(newest)).size == newest + 1
    assert all(0 < one <= 1 for one in slept)
    with pytest.raises(Refused) as caught:
        await publish.holding(newest + 1)
    assert caught.value.reason is ErrorReason.LOG_ENTRY_NOT_FOUND


async def test_a_timer_that_wakes_early_uses_up_no_attempts(store: Store) -> None:
    await _published(store, await _grow(store))
    checkpoints, ledger = CheckpointStore(store.reader), _ledger(store.workers[0])
    latest = await checkpoints.latest()
    assert latest is not None
    newest = await _grow(store) - 1
    now = latest.published_at + 0.9997

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += max(0.0, seconds - 0.0005)
        # The committer goes by its own clock.
        await asyncio.sleep(max(0.0, latest.published_at + 1.01 - time.time()))

    publish = PublishCheckpoint(store.log, checkpoints, ledger, lambda: now, sleep)
    assert (await publish.holding(newest)).size == newest + 1


def _cosigner(store: Store, note: bytes) -> Callable[[int, int], Cosignature]:
    def cosigned(number: int, at: int) -> Cosignature:
        line = cosign(SignedNote.parse(note), COSIGNERS[number], at).encode()[:-1]
        return Cosignature(f"witness-{number}", line, at)

    return cosigned


async def test_cosignatures_are_counted_by_witness_and_the_latest_stays(store: Store) -> None:
    size = await _grow(store)
    await _published(store, size)
    checkpoints, ledger = CheckpointStore(store.reader), _ledger(store.workers[0])
    found = await checkpoints.of_size(size)
    assert found is not None
    cosigned = _cosigner(store, found.note)
    three = ("witness-0", "witness-1", "witness-2")
    assert await checkpoints.witnessed(three, 1) is None
    for number, at in ((0, 100), (0, 110), (0, 90), (1, 100), (1, 100)):
        await ledger.add_cosignature("lender-a", size, cosigned(number, at))
    lines = {cosigned(0, 110).line, cosigned(1, 100).line}
    assert set(await checkpoints.lines(size)) == lines
    assert await checkpoints.witnessed(three, 2) == found
    assert await checkpoints.witnessed(three, 3) is None
    assert await checkpoints.witnessed(("witness-0", "witness-2"), 2) is None
    # A larger one counts as soon as it has enough, not before.
    larger = await _grow(store)
    await _published(store, larger)
    note = (await _publisher(store, store.workers[0])()).note
    await ledger.add_cosignature("lender-a", larger, _cosigner(store, note)(2, 200))
    assert await checkpoints.witnessed(three, 2) == found
    await ledger.add_cosignature("lender-a", larger, _cosigner(store, note)(0, 200))
    latest = await checkpoints.witnessed(three, 2)
    assert latest is not None
    assert latest.size == larger


async def test_a_cosignature_needs_its_checkpoint_and_an_active_institution(store: Store) -> None:
    size = await _grow(store)
    await _published(store, size)
    note = (await _publisher(store, store.workers[0])()).note
    one, ledger = _cosigner(store, note)(3, 100), _ledger(store.workers[0])
    with pytest.raises(Refused) as unknown:
        await ledger.add_cosignature("lender-a", size + 1, one)
    assert unknown.value.reason is ErrorReason.CHECKPOINT_NOT_FOUND
    store.set_status("lender-b", InstitutionStatus.SUSPENDED)
    try:
        with pytest.raises(Refused) as suspended:
            await ledger.add_cosignature("lender-b", size, one)
        assert suspended.value.reason is ErrorReason.INSTITUTION_SUSPENDED
    finally:
        store.set_status("lender-b", InstitutionStatus.ACTIVE)
    assert one.line not in await CheckpointStore(store.reader).lines(size)


async def test_growth_is_proved_between_any_sizes_and_refused_beyond(store: Store) -> None:
    size = await _grow(store, 3)
    for old, new in ((1, 2), (1, size), (size - 1, 0), (size, 0)):
        assert (await store.log.consistency(old, new)).new_size == (new or size)
    for old, new in ((0, 0), (size + 1, 0), (1, size + 1), (3, 2)):
        with pytest.raises(Refused) as caught:
            await store.log.consistency(old, new)
        assert caught.value.reason is ErrorReason.LOG_ENTRY_NOT_FOUND
