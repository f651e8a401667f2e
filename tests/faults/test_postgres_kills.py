"""Committer, reader and whole gateways killed with SIGKILL over PostgreSQL, under load.

A gateway that loses its committer or its reader stays up, and has another soon. Nothing that a
lender was given is lost, and what a dead gateway left open is closed by the living.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.cli.local.home import Home
from gateway.adapters.store.postgres_reader import MODULE as READER
from gateway.bootstrap.stores import POSTGRES_COMMITTER_MODULE as COMMITTER
from support.faults_load import (
    NO_LIMIT,
    Load,
    check_log,
    grant_for_load,
    lift_limits,
    only_unavailable,
)
from support.faults_serving import checkpoint, health_channel, is_serving, wait_until
from support.homes import development_home
from support.live_gateway import LiveGateway, serve_home
from support.postgres_load import SteadyLoad, wait_until_closed
from support.postgres_server import shared_server
from support.process import assert_no_children_left

KILLS = 3
LONG_KILLS = 100


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = development_home(tmp_path / "home")
    lift_limits(home)
    return home


@pytest.fixture
def store() -> str:
    return shared_server().create()


@pytest.fixture
def gateway(home: Home, store: str) -> Iterator[LiveGateway]:
    gateway = serve_home(home, store=store, calls_per_second=NO_LIMIT)
    yield gateway
    gateway.kill()


def _kill_siblings(gateway: LiveGateway, store: str, module: str, kills: int, out: Path) -> None:
    consents, since = grant_for_load(gateway), checkpoint(gateway)
    with SteadyLoad(gateway, consents) as load, health_channel(gateway) as channel:
        for _ in range(kills):
            load.wait_for_records()
            time.sleep(random.uniform(0, 0.2))
            for pid in gateway.children(module):
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not is_serving(channel), "NOT_SERVING")
            wait_until(lambda: is_serving(channel), "SERVING")
        load.wait_for_records()
    assert only_unavailable([one.error for one in load.calls if one.error is not None])
    wait_until_closed(store)
    check_log(gateway, out, load, since)
    assert gateway.stop() == 0


@pytest.mark.parametrize("module", [COMMITTER, READER])
def test_a_gateway_goes_on_with_another_sibling(
    gateway: LiveGateway, store: str, module: str, tmp_path: Path
) -> None:
    _kill_siblings(gateway, store, module, KILLS, tmp_path / "export")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_gateway_goes_on_after_many_kills(
    gateway: LiveGateway, store: str, tmp_path: Path
) -> None:
    _kill_siblings(gateway, store, COMMITTER, LONG_KILLS, tmp_path / "export")


def _kill_gateways(home: Home, store: str, kills: int, out: Path) -> None:
    settings: dict[str, Any] = {"store": store, "calls_per_second": NO_LIMIT}
    gateway = serve_home(home, **settings)
    try:
        consents = grant_for_load(gateway)
        for _ in range(kills):
            since = checkpoint(gateway)
            with Load(gateway, consents) as load:
                wait_until(load.has_begun, "a record for each thread")
                time.sleep(random.uniform(0, 0.3))
                gateway.kill()
            assert_no_children_left(gateway.process.pid)
            assert only_unavailable(load.errors)
            gateway = serve_home(home, **settings)
            wait_until_closed(store)
            check_log(gateway, out, load, since)
        assert gateway.stop() == 0
    finally:
        gateway.kill()


def test_nothing_that_a_lender_was_given_is_lost(home: Home, store: str, tmp_path: Path) -> None:
    _kill_gateways(home, store, KILLS, tmp_path / "export")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_in_many_kills(home: Home, store: str, tmp_path: Path) -> None:
    _kill_gateways(home, store, LONG_KILLS, tmp_path / "export")


def test_the_living_close_what_a_killed_gateway_left_open_and_nothing_else(
    home: Home, store: str, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"store": store, "calls_per_second": NO_LIMIT}
    one, other = (serve_home(home, **settings) for _ in range(2))
    try:
        consents, since = grant_for_load(one), checkpoint(one)
        with SteadyLoad(other, consents) as lasting:
            for _ in range(KILLS):
                with Load(one, consents) as load:
                    wait_until(load.has_begun, "a record for each thread")
                    one.kill()
                one = serve_home(home, **settings)
            lasting.wait_for_records()
        # A gateway that takes the other's open intents for a dead one's would refuse some, and
        # nothing would be wrong with its store. On a busy machine a commit may take too long.
        errors = [call.error for call in lasting.calls if call.error is not None]
        slow = "the store cannot be written" in other.process.output()
        assert errors == [] or (slow and only_unavailable(errors))
        wait_until_closed(store)
        check_log(other, tmp_path / "export", lasting, since)
    finally:
        one.kill()
        other.kill()
