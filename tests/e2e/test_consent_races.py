"""Many callers at once over one consent: exactly one gets the last use, and a pause holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from support.consent_races import CALLERS, PAUSED, ConsentRaces, PauseRound
from support.faults_load import NO_LIMIT, lift_limits
from support.faults_race import Outcome
from support.homes import development_home
from support.live_gateway import LiveGateway, serve_home

ROUNDS = 50
LONG_ROUNDS = 1_000
TRIES = 10


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    home = development_home(tmp_path_factory.mktemp("races") / "home")
    lift_limits(home)
    running = serve_home(home, calls_per_second=NO_LIMIT)
    yield running
    assert running.stop() == 0


async def _last_use(gateway: LiveGateway, rounds: int) -> None:
    async with ConsentRaces(gateway) as races:
        found = await races.rounds(races.last_use, rounds)
    whole = Counter({"released": 1, "CONSENT_USES_SPENT": CALLERS - 1})
    assert [one for one in found if one != whole] == []


async def _pauses(gateway: LiveGateway, rounds: int) -> None:
    # On a busy machine every early read may end on one side of the pause: such rounds prove little.
    async with ConsentRaces(gateway) as races:
        for _ in range(TRIES):
            found = await races.rounds(races.pause, rounds)
            assert [wrong for one in found for wrong in one.violations()] == []
            if any(one.mixed for one in found):
                return
    pytest.fail("the race was never run")


async def test_the_last_use_has_one_winner(gateway: LiveGateway) -> None:
    await _last_use(gateway, ROUNDS)


async def test_one_request_at_once_is_one_use(gateway: LiveGateway) -> None:
    async with ConsentRaces(gateway) as races:
        found = await races.rounds(races.one_request, ROUNDS)
    assert {uses for _, uses in found} == {1}
    assert {tuple(endings) for endings, _ in found} == {("released",)}


async def test_nothing_is_released_while_paused(gateway: LiveGateway) -> None:
    await _pauses(gateway, ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_the_last_use_has_one_winner_in_many_rounds(gateway: LiveGateway) -> None:
    await _last_use(gateway, LONG_ROUNDS)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_nothing_is_released_while_paused_in_many_rounds(gateway: LiveGateway) -> None:
    await _pauses(gateway, LONG_ROUNDS)


BEFORE, REFUSED, AFTER = Outcome(released_at=4), Outcome(refused=PAUSED), Outcome(released_at=12)


def test_the_judgement_passes_what_is_right() -> None:
    early = (BEFORE, REFUSED, AFTER)
    assert list(PauseRound(5, 10, early, REFUSED, AFTER).violations()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        PauseRound(5, 10, (Outcome(released_at=7),), REFUSED, AFTER),
        PauseRound(5, 10, (Outcome(refused="CONSENT_ABSENT"),), REFUSED, AFTER),
        PauseRound(5, 10, (BEFORE,), AFTER, AFTER),
        PauseRound(5, 10, (BEFORE,), REFUSED, REFUSED),
    ],
)
def test_the_judgement_sees_what_is_wrong(wrong: PauseRound) -> None:
    assert list(wrong.violations())
