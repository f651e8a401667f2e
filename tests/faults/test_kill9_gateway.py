"""The whole gateway killed with SIGKILL at random moments under load, and started again.

Load is gRPC over mutual TLS. After each restart every record that a lender was given must be in
the log, with an inclusion proof, and the exported log must extend the checkpoint from before.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.cli.local.home import Home, make_home
from support.faults_load import (
    NO_LIMIT,
    THREADS,
    Load,
    check_log,
    grant_for_load,
    lift_limits,
    only_unavailable,
)
from support.faults_serving import checkpoint, wait_until
from support.live_gateway import serve_home
from support.process import assert_no_children_left

KILLS = 3
LONG_KILLS = 100


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = make_home(tmp_path / "home", "localhost:0", development=True)
    lift_limits(home)
    yield home


def _kill_and_restart(home: Home, kills: int, folder: Path) -> None:
    gateway = serve_home(home, calls_per_second=NO_LIMIT)
    try:
        consents = grant_for_load(gateway)
        book = Load(gateway, consents)
        for kill in range(kills):
            since = checkpoint(gateway)
            with Load(gateway, consents, book.records) as load:
                enough = len(load.records) + THREADS
                wait_until(lambda enough=enough: len(book.records) >= enough, "records")  # type: ignore[misc]
                time.sleep(random.uniform(0, 0.3))
                gateway.kill()
            assert_no_children_left(gateway.process.pid)
            assert len(load.errors) == THREADS
            assert only_unavailable(load.errors)
            gateway = serve_home(home, calls_per_second=NO_LIMIT)
            book.gateway = gateway
            check_log(gateway, folder / str(kill), book, since)
        assert gateway.stop() == 0
    finally:
        gateway.kill()


def test_nothing_that_a_lender_was_given_is_lost(home: Home, tmp_path: Path) -> None:
    _kill_and_restart(home, KILLS, tmp_path)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_in_many_kills(home: Home, tmp_path: Path) -> None:
    _kill_and_restart(home, LONG_KILLS, tmp_path)
