"""What every engine promises of the log: it is the committed tree, at every size it had."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import pytest
import pytest_asyncio

from gateway.application.ports.log import LogReader
from gateway.crypto.checkpoint import open_checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.log_verifier import verify_log
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.tiles import TILE_WIDTH, entries_path, tile_count, tile_path, tile_width
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Finding, Refused
from support.store_engines import ORIGIN, Store
from support.store_world import asked, fresh_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIZE = 600


@pytest_asyncio.fixture(loop_scope="module")
async def log(store: Store) -> LogReader:
    """The log after so many events that two tiles are full and a third is not."""
    denial = Decision("some-rule", (Finding(ErrorReason.CONSENT_ABSENT),))
    ledger = store.workers[0].ledger
    while (size := (await store.log.head()).size) < SIZE:
        resolved = await store.workers[0].consents.resolve(asked(fresh_person()))
        for _ in range(min(97, SIZE - size)):
            await ledger.deny(resolved, denial)
    return store.log


def _root(hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, over leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + _root(hashes[:half]) + _root(hashes[half:])).digest()


async def _events(log: LogReader) -> list[bytes]:
    return [event for _, event in await log.events(0, 10_000)]


async def _tiles(log: LogReader, size: int) -> dict[str, bytes]:
    """Every tile and entry bundle of the tree of that size, by path."""
    paths = [
        path(index, tile_width(0, index, size))
        for index in range(tile_count(0, size))
        for path in (entries_path, partial(tile_path, 0))
    ]
    above = [(1, 0, tile_width(1, 0, size))] if size >= TILE_WIDTH else []
    paths += [tile_path(*tile) for tile in above]
    return {path: await log.tile(path) for path in paths}


async def test_the_head_is_the_tree_over_the_events(log: LogReader) -> None:
    head, events = await log.head(), await _events(log)
    assert head.size == len(events) == SIZE
    assert head.root == _root([leaf_hash(event) for event in events])


async def test_events_are_served_by_index(log: LogReader) -> None:
    events = await _events(log)
    assert await log.events(250, 10) == list(enumerate(events[250:260], 250))
    assert await log.events(SIZE - 1, 10) == [(SIZE - 1, events[-1])]
    assert await log.events(SIZE, 10) == []
    assert await log.events(2**62, 10) == []


async def test_checkpoints_are_signed_by_the_logs_key(log: LogReader) -> None:
    key = VerifierKey.parse(log.verifier_key)
    head = await log.head()
    checkpoint = open_checkpoint(log.sign(head.size, head.root), key)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, head.size, head.root)
    earlier = open_checkpoint(log.sign(7, bytes(32)), key)
    assert (earlier.size, earlier.root) == (7, bytes(32))


async def test_entries_are_proved_at_every_kind_of_size(log: LogReader) -> None:
    hashes = [leaf_hash(event) for event in await _events(log)]
    for size in (1, 2, 3, 255, 256, 257, 511, 512, 513, SIZE):
        root = _root(hashes[:size])
        for index in {0, 1, 255, 256, size // 2, size - 1} & set(range(size)):
            proof = await log.inclusion(index, size)
            assert (proof.tree_size, proof.root) == (size, root)
            verify_inclusion(index, size, leaf_hash(proof.event), proof.hashes, root)
            with pytest.raises(CryptoError):
                verify_inclusion(index, size, bytes(32), proof.hashes, root)
    assert (await log.inclusion(0, 0)).tree_size == SIZE


@pytest.mark.parametrize(
    ("index", "size"), [(SIZE, 0), (0, SIZE + 1), (5, 5), (-1, 0), (2**62, 2**62)]
)
async def test_what_is_not_there_is_refused(log: LogReader, index: int, size: int) -> None:
    with pytest.raises(Refused) as caught:
        await log.inclusion(index, size)
    assert caught.value.reason is ErrorReason.LOG_ENTRY_NOT_FOUND


async def test_the_tiles_of_every_size_verify(log: LogReader) -> None:
    for size in (1, 255, 256, 257, 512, SIZE):
        note = log.sign(size, (await log.inclusion(0, size)).root)
        tiles = await _tiles(log, size)
        assert verify_log(note, log.verifier_key, tiles.__getitem__).size == size
        for index in range(tile_count(0, size)):
            width = tile_width(0, index, size)
            assert len(await log.tile(tile_path(0, index, width))) == 32 * width
            assert await log.tile(entries_path(index, width))


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "checkpoint", "tile/0/003", "tile/0/002", "tile/0/002.p/255", "tile/2/000"),
        *("tile/1/000.p/3", "tile/entries/002", "tile/entries/002.p/89", "tile/0/0", "tile/-1/000"),
        *("tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/../0/000"),
        *("tile/0/x000/000", "tile/entries/x000/000", "tile/0/000/", "tile/00/000"),
    ],
)
async def test_other_paths_are_refused(log: LogReader, path: str) -> None:
    with pytest.raises(Refused) as caught:
        await log.tile(path)
    assert caught.value.reason is ErrorReason.LOG_ENTRY_NOT_FOUND


async def test_an_event_concerns_the_institution_that_it_names(log: LogReader) -> None:
    event = (await _events(log))[-1]
    assert log.concerns(event, "lender-a")
    assert not log.concerns(event, "lender-b")
    assert not log.concerns(b'{"v":1,"kind":"GATEWAY_STARTED"}', "lender-a")
