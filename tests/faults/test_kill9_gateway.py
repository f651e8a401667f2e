"""The whole gateway killed with SIGKILL at random moments under load, and started again.

Load is gRPC over mutual TLS. After each restart every record that a lender was given must be in
the log, with an inclusion proof, and the exported log must extend the checkpoint from before.
"""

import random
import time
from pathlib import Path

import pytest

from clients.cli.local.home import Home
from support.faults_load import (
    NO_LIMIT,
    Load,
    check_log,
    grant_for_load,
    lift_limits,
    only_unavailable,
)
from support.faults_serving import checkpoint, wait_until
from support.homes import development_home
from support.live_gateway import serve_home
from support.process import assert_no_children_left

KILLS = 3
LONG_KILLS = 100


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = development_home(tmp_path / "home")
    lift_limits(home)
    return home


def _kill_and_restart(home: Home, kills: int, folder: Path) -> None:
    gateway = serve_home(home, calls_per_second=NO_LIMIT)
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
            gateway = serve_home(home, calls_per_second=NO_LIMIT)
            # The checkpoint from before binds the records of earlier rounds.
            check_log(gateway, folder, load, since)
        assert gateway.stop() == 0
    finally:
        gateway.kill()


def test_nothing_that_a_lender_was_given_is_lost(home: Home, tmp_path: Path) -> None:
    _kill_and_restart(home, KILLS, tmp_path / "export")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_nothing_is_lost_in_many_kills(home: Home, tmp_path: Path) -> None:
    _kill_and_restart(home, LONG_KILLS, tmp_path / "export")
