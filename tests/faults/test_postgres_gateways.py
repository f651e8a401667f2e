"""Three gateways on one PostgreSQL database: one log, one head, and no release after a revocation.

Reads and revocations of a consent go to different gateways. What was acknowledged by one holds for
all of them at once.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import AUDITOR, LENDER_A
from support.faults_load import NO_LIMIT, grant, lift_limits
from support.faults_race import REVOKED, run_races
from support.faults_serving import STRUCTURED, events, verified
from support.homes import development_home
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, serve_home
from support.postgres_server import shared_server

ROUNDS = 300
LONG_ROUNDS = 10_000
GATEWAYS = 3
SPREAD_S = 0.15


@pytest.fixture(scope="module")
def store() -> str:
    return shared_server().create()


@pytest.fixture(scope="module")
def gateways(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[LiveGateway]]:
    home = development_home(tmp_path_factory.mktemp("three") / "home")
    lift_limits(home)
    started = [serve_home(home, store=store, calls_per_second=NO_LIMIT) for _ in range(GATEWAYS)]
    yield started
    assert [one.stop() for one in started] == [0] * GATEWAYS


async def _race(gateways: list[LiveGateway], rounds: int, export: Path) -> None:
    start = len(events(gateways[0]))
    races = await run_races(gateways[0], rounds, gateways[1:], SPREAD_S)
    assert [found for one in races for found in one.violations()] == []
    assert sum(one.mixed for one in races) > rounds // 20, "the race was hardly ever run"
    logged = events(gateways[1], start)
    released = sum(one.released_at is not None for race in races for one in race.before)
    assert sum(event["kind"] == "RELEASE" for event in logged) == released
    late = [e for e in logged if e["kind"] == "FAILURE" and e["reasons"] == [REVOKED]]
    assert late, "no revocation ever came between a decision and its release"
    verified(gateways[2], export)


async def test_nothing_is_released_after_its_revocation_was_acknowledged(
    gateways: list[LiveGateway], tmp_path: Path
) -> None:
    await _race(gateways, ROUNDS, tmp_path / "export")


@pytest.mark.long
@pytest.mark.timeout(3600)
async def test_nothing_is_released_in_many_rounds(
    gateways: list[LiveGateway], tmp_path: Path
) -> None:
    await _race(gateways, LONG_ROUNDS, tmp_path / "export")


def test_all_serve_one_log(gateways: list[LiveGateway], store: str, tmp_path: Path) -> None:
    applicant = synthetic_subject(9)
    consent = grant(gateways[0], applicant)
    since = None
    for at, gateway in enumerate(gateways):
        with gateway.client(LENDER_A) as lender:
            record = lender.get_record(
                *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET),
                *(STRUCTURED, consent),
            )
        for other in gateways:
            with other.client(AUDITOR) as auditor:
                proof = auditor.inclusion_proof(record.log_index)
                proof.verify(gateways[0].home.log_verifier_key)
        folder = tmp_path / f"export-{at}"
        verified(gateway, folder, since)
        since = (folder / "checkpoint").read_bytes()
    logs = [[(one["log_index"], one.get("id")) for one in events(each)] for each in gateways]
    assert logs[0] == logs[1] == logs[2]
    with psycopg.connect(store) as connection:
        rows = connection.execute("SELECT event FROM log_entry ORDER BY log_index").fetchall()
    times = [json.loads(event)["time"] for (event,) in rows]
    assert times == sorted(times)
    started = [one for (one,) in rows if json.loads(one)["kind"] == "GATEWAY_STARTED"]
    assert len(started) == GATEWAYS
