"""The demo's applicants behind each kind of local provider: the same record comes out.

And what a caller sees of the guard: a provider that fails is left alone and comes back by itself,
one with too much to do says so.
"""

from __future__ import annotations

import csv
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import duckdb
import psycopg
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, Home
from clients.sdk import VeilgateError
from clients.sdk.models.common import Record
from gateway.adapters.providers.process_provider import PROCESS_MODULE
from support.faults_load import grant
from support.faults_serving import wait_until
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.postgres_server import shared_server

FIELDS = ("name", "phone", "date_of_birth", "credit_amount", "housing")
SQLITE = 'database = "data/applicants.db"\ntable = "applicant"\n'
NUMBER = 1


def _applicants(home: Home) -> tuple[list[tuple[str, str]], list[tuple[object, ...]]]:
    """The columns with their types, and the rows, of the demo's provider."""
    with closing(sqlite3.connect(home.folder / "data" / "applicants.db")) as connection:
        described = connection.execute("PRAGMA table_info(applicant)").fetchall()
        rows = connection.execute("SELECT * FROM applicant").fetchall()
    return [
        (name, "BIGINT" if kind == "INTEGER" else "TEXT") for _, name, kind, *_ in described
    ], rows


def _csv(home: Home) -> str:
    columns, rows = _applicants(home)
    with (home.folder / "data" / "applicants.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(name for name, _ in columns)
        writer.writerows(rows)
    return 'kind = "duckdb"\npath = "data/applicants.csv"\n'


def _parquet(home: Home) -> str:
    _csv(home)
    columns, _ = _applicants(home)
    kinds = {name: kind.replace("TEXT", "VARCHAR") for name, kind in columns}
    target = home.folder / "data" / "applicants.parquet"
    source = home.folder / "data" / "applicants.csv"
    with closing(duckdb.connect(":memory:")) as connection:
        connection.execute(
            f"COPY (SELECT * FROM read_csv('{source}', columns={kinds}, auto_detect=false,"
            f" header=true, quote='\"')) TO '{target}' (FORMAT parquet)"
        )
    source.unlink()
    return 'kind = "duckdb"\npath = "data/applicants.parquet"\n'


def _postgres(home: Home) -> str:
    columns, rows = _applicants(home)
    url = shared_server().create()
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        typed = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        cursor.execute(f"CREATE TABLE applicant ({typed})".encode())
        marks = ",".join("%s" for _ in columns)
        cursor.executemany(f"INSERT INTO applicant VALUES ({marks})".encode(), rows)
    path = home.folder / "keys" / "bureau.url"
    path.touch(mode=0o600)
    path.write_text(url)
    return 'kind = "sql"\nurl_file = "keys/bureau.url"\ntable = "applicant"\n'


def _sqlite(_: Home) -> str:
    return SQLITE


KINDS: dict[str, Callable[[Home], str]] = {
    "sqlite": _sqlite,
    "csv": _csv,
    "parquet": _parquet,
    "postgres": _postgres,
}


def _configured(made: Callable[[Home], str], more: str = "") -> Callable[[Home], None]:
    def prepare(home: Home) -> None:
        text = home.config.read_text("utf-8")
        assert SQLITE in text
        home.config.write_text(text.replace(SQLITE, made(home) + more), "utf-8")

    return prepare


def _get(gateway: LiveGateway, number: int = NUMBER) -> Record:
    applicant = synthetic_subject(number)
    with gateway.client(LENDER_A) as lender:
        return lender.get_record(
            *(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET, FIELDS),
            timeout=30,
        )


def _reason(gateway: LiveGateway) -> str:
    try:
        _get(gateway)
    except VeilgateError as error:
        return error.reason
    return ""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "sqlite"])
def test_every_kind_gives_the_same_record(kind: str, tmp_path: Path) -> None:
    records = []
    for one in ("sqlite", kind):
        prepare = _configured(KINDS[one])
        with running_gateway(tmp_path / one, prepare=prepare) as gateway:
            grant(gateway, synthetic_subject(NUMBER))
            record = _get(gateway)
            records.append((record.fields["credit_amount"], record.fields["date_of_birth"]))
            assert set(record.fields) == set(FIELDS)
    assert records[0] == records[1]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    more = (
        "timeout_ms = 2000\nmax_concurrent = 1\nmax_waiting = 0\n"
        "breaker = { failures_in_a_row = 2, open_ms = 1500 }\n"
    )
    folder = tmp_path_factory.mktemp("guarded") / "home"
    with running_gateway(folder, prepare=_configured(_sqlite, more)) as gateway:
        grant(gateway, synthetic_subject(NUMBER))
        yield gateway


def test_one_call_too_many_is_told_so_at_once(guarded: LiveGateway) -> None:
    assert _reason(guarded) == ""
    provider = guarded.child(PROCESS_MODULE)
    os.kill(provider, signal.SIGSTOP)
    with ThreadPoolExecutor(2) as pool:
        reasons = sorted(pool.map(lambda _: _reason(guarded), range(2)))
    assert reasons == ["PROVIDER_BUSY", "PROVIDER_TIMEOUT"]
    wait_until(lambda: _reason(guarded) == "", "an answer of the provider's")


def test_a_provider_that_fails_is_left_alone_and_comes_back(guarded: LiveGateway) -> None:
    wait_until(lambda: _reason(guarded) == "", "an answer of the provider's")
    applicants = guarded.home.folder / "data" / "applicants.db"
    applicants.rename(applicants.with_suffix(".away"))
    os.kill(guarded.child(PROCESS_MODULE), signal.SIGKILL)
    left = f"provider demo-bureau, dataset {DATASET}: fails and is left alone"
    wait_until(lambda: _reason(guarded) != "" and left in guarded.process.output(), "the breaker")
    applicants.with_suffix(".away").rename(applicants)
    wait_until(lambda: _reason(guarded) == "", "an answer of the provider's")
    assert f"provider demo-bureau, dataset {DATASET}: answers again" in guarded.process.output()
