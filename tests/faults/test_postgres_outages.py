"""PostgreSQL stopped, paused, and cut off under load: nothing is released, and all comes back.

During an outage each call is refused with UNAVAILABLE, soon; the health service says so. After it a
record is released within ten seconds, over a log that verifies and holds all that was given out.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.faults_load import NO_LIMIT, check_log, grant_for_load, lift_limits
from support.faults_serving import checkpoint, health_channel, is_serving, wait_until
from support.homes import development_home
from support.live_gateway import LiveGateway, serve_home
from support.postgres_load import SteadyLoad, violations, wait_until_closed
from support.postgres_proxy import PostgresProxy
from support.postgres_server import PostgresServer, own_server

OUTAGES = 3
LONG_OUTAGES = 25
"""Of each kind."""
BACK_S = 10.0
KINDS = ("stopped", "paused", "stalled", "lost", "dropped")


@dataclass(frozen=True, slots=True)
class World:
    """A gateway, its server, and the way between them."""

    gateway: LiveGateway
    server: PostgresServer
    way: PostgresProxy
    consents: list[str]
    url: str

    def outage(self, kind: str) -> AbstractContextManager[None]:
        """An outage of this kind, over at the end of the context."""
        return {
            "stopped": self.server.down,
            "paused": self.server.paused,
            "stalled": self.way.stalled,
            "lost": self.way.lost,
            "dropped": self.way.dropped,
        }[kind]()


@contextmanager
def _world(folder: Path) -> Iterator[World]:
    server = own_server()
    way = PostgresProxy(server.folder)
    home = development_home(folder / "home")
    lift_limits(home)
    name = server.copy("template0")
    store = server.url(name, str(way.folder))
    gateway = serve_home(home, store=store, calls_per_second=NO_LIMIT)
    try:
        yield World(gateway, server, way, grant_for_load(gateway), server.url(name))
        assert gateway.stop() == 0
    finally:
        gateway.kill()
        way.close()
        server.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with _world(tmp_path_factory.mktemp("outages")) as world:
        yield world


def _outage(world: World, kind: str, load: SteadyLoad) -> None:
    with health_channel(world.gateway) as channel:
        load.wait_for_records()
        with world.outage(kind):
            began = time.monotonic()
            load.wait_for_refusals(began)
            wait_until(lambda: not is_serving(channel), "NOT_SERVING")
            ended = time.monotonic()
        wait_until(lambda: is_serving(channel) and is_serving(channel, ""), "SERVING", BACK_S)
        left = BACK_S - (time.monotonic() - ended)
        given = len(load.records)
        wait_until(lambda: len(load.records) > given, "a record after the outage", left)
        load.wait_for_records()
    assert violations(load.calls, began, ended) == []


def _many(world: World, kind: str, outages: int, folder: Path) -> None:
    since = checkpoint(world.gateway)
    with SteadyLoad(world.gateway, world.consents) as load:
        for _ in range(outages):
            _outage(world, kind, load)
    wait_until_closed(world.url)
    check_log(world.gateway, folder, load, since)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_released_and_all_comes_back(world: World, kind: str, tmp_path: Path) -> None:
    _many(world, kind, OUTAGES, tmp_path / "export")


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_released_in_many_outages(world: World, kind: str, tmp_path: Path) -> None:
    _many(world, kind, LONG_OUTAGES, tmp_path / "export")
