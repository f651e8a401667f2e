"""Revocations against releases over two connections: none is released after the acknowledgement.

By the log's order and by the clock's: each release stands before its consent's revocation in the
log, and a call that begins when the revocation was acknowledged is refused. The same race against
a gateway without the second look at the consent must be lost, or it would prove nothing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.cli.local.home import Home
from support.faults_committer import SEEDED_DEFECT
from support.faults_load import NO_LIMIT, lift_limits
from support.faults_race import REVOKED, Outcome, Round, run_races
from support.faults_serving import events, serve_faulty
from support.homes import development_home
from support.live_gateway import LiveGateway, serve_home

ROUNDS = 1_000
LONG_ROUNDS = 10_000
DEFECT_ROUNDS = 150


def _home(folder: Path) -> Home:
    home = development_home(folder)
    lift_limits(home)
    return home


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = _home(tmp_path_factory.mktemp("race") / "home")
    gateway = serve_home(home, calls_per_second=NO_LIMIT)
    yield gateway
    assert gateway.stop() == 0


async def _race(gateway: LiveGateway, rounds: int) -> None:
    start = len(events(gateway))
    races = await run_races(gateway, rounds)
    assert [found for one in races for found in one.violations()] == []
    assert sum(one.mixed for one in races) > rounds // 20, "the race was hardly ever run"
    logged = events(gateway, start)
    released = sum(one.released_at is not None for race in races for one in race.before)
    assert sum(event["kind"] == "RELEASE" for event in logged) == released
    late = [e for e in logged if e["kind"] == "FAILURE" and e["reasons"] == [REVOKED]]
    assert late, "no revocation ever came between a decision and its release"


async def test_nothing_is_released_after_its_revocation_was_acknowledged(
    gateway: LiveGateway,
) -> None:
    await _race(gateway, ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_nothing_is_released_in_many_rounds(gateway: LiveGateway) -> None:
    await _race(gateway, LONG_ROUNDS)


async def test_a_gateway_that_does_not_look_again_loses_the_race(tmp_path: Path) -> None:
    home = _home(tmp_path / "home")
    defective = serve_faulty(home, {SEEDED_DEFECT: "1"}, calls_per_second=NO_LIMIT)
    try:
        races = await run_races(defective, DEFECT_ROUNDS)
    finally:
        defective.kill()
    assert any("revoked at" in found for one in races for found in one.violations())


BEFORE, AFTER = Outcome(released_at=10), Outcome(refused=REVOKED)


def test_the_judgement_passes_what_is_right() -> None:
    assert list(Round(11, (BEFORE, AFTER), AFTER).violations()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        Round(9, (BEFORE, AFTER), AFTER),
        Round(11, (BEFORE,), BEFORE),
        Round(11, (BEFORE,), Outcome(released_at=12)),
        Round(11, (Outcome(refused="STORE_UNAVAILABLE"),), AFTER),
        Round(11, (BEFORE,), Outcome(refused="CONSENT_ABSENT")),
    ],
)
def test_the_judgement_sees_what_is_wrong(wrong: Round) -> None:
    assert list(wrong.violations())
