"""The store under test: one a module and engine, on the event loop of the module."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from support.store_engines import ENGINES, Store


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=list(ENGINES))
async def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Store]:
    folder = tmp_path_factory.mktemp(request.param)
    async with ENGINES[request.param].open(folder) as opened:
        yield opened
