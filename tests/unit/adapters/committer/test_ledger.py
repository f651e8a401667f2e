"""The ledger's adapter where its caller or its committer goes away in the middle of a call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from support.store_engines import SqliteEngine, Store
from support.store_world import asked, decided, fresh_person, granted

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def store(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    folder: Path = tmp_path_factory.mktemp("store")
    async with SqliteEngine().open(folder) as opened:
        yield opened


async def _outcomes(store: Store, since: int) -> list[str]:
    """The kinds of what happened since, in order; the channel keeps order, so it is all there."""
    await granted(store.workers[0], fresh_person())
    return [json.loads(event)["kind"] for _, event in await store.log.events(since, 500)]


async def test_a_caller_gone_while_its_intent_is_made_leaves_none_open(store: Store) -> None:
    worker, person = store.workers[0], fresh_person()
    await granted(worker, person)
    since = (await store.log.head()).size
    call = asyncio.ensure_future(worker.ledger.intend(await decided(worker, asked(person))))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await _outcomes(store, since) == ["INTENT", "ABANDONED", "CONSENT_GRANTED"]


async def test_an_intent_that_was_refused_is_not_abandoned(store: Store) -> None:
    worker, person = store.workers[0], fresh_person()
    await granted(worker, person)
    await worker.ledger.intend(await decided(worker, asked(person, "the-same-id")))
    since = (await store.log.head()).size
    other = await decided(worker, asked(person, "the-same-id", b"other bytes".ljust(32)))
    call = asyncio.ensure_future(worker.ledger.intend(other))
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await _outcomes(store, since) == ["CONSENT_GRANTED"]
