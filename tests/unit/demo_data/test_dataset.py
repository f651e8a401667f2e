"""The credit table stays as published, and the provider's database holds all of it."""

import csv
import hashlib
import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest

from clients.cli.local.demo_data.credit import CSV_COLUMNS, credit_records
from clients.cli.local.demo_data.dataset import (
    COLUMNS,
    SCHEMA_VERSION,
    applicants,
    build_provider_database,
    synthetic_subject,
)
from clients.cli.local.demo_data.errors import DemoDataError

PUBLISHED_SHA256 = "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6"
CSV_FILE = resources.files("clients.cli.local.demo_data") / "germancredit.csv"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("provider") / "provider.sqlite"
    assert build_provider_database(path) == 1000
    return path


def select(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_the_csv_is_byte_identical_to_the_published_one() -> None:
    assert hashlib.sha256(CSV_FILE.read_bytes()).hexdigest() == PUBLISHED_SHA256


def test_a_changed_csv_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = tmp_path / "germancredit.csv"
    changed.write_bytes(CSV_FILE.read_bytes().replace(b"\r\n", b"\n"))
    monkeypatch.setattr("importlib.resources.files", lambda package: tmp_path)
    with pytest.raises(DemoDataError, match="SHA-256"):
        credit_records()


def test_the_csvs_columns_are_unchanged_in_the_database(database: Path) -> None:
    text = CSV_FILE.read_bytes().decode("utf-8")
    header, *rows = csv.reader(text.splitlines())
    columns = ", ".join(f'"{name}"' for name in header)
    stored = select(database, f"SELECT {columns} FROM applicant ORDER BY applicant_no")
    assert len(header) == 21
    assert [[str(value) for value in row] for row in stored] == rows


def test_numbers_are_stored_as_integers_and_labels_as_text(database: Path) -> None:
    kinds = ", ".join(f'group_concat(DISTINCT typeof("{name}"))' for name in CSV_COLUMNS)
    (row,) = select(database, f"SELECT {kinds} FROM applicant")
    assert set(row) == {"integer", "text"}
    integers = [name for name, kind in zip(CSV_COLUMNS, row, strict=True) if kind == "integer"]
    assert integers == [
        "duration_in_month",
        "credit_amount",
        "installment_rate_in_percentage_of_disposable_income",
        "present_residence_since",
        "age_in_years",
        "number_of_existing_credits_at_this_bank",
        "number_of_people_being_liable_to_provide_maintenance_for",
    ]


def test_creditability_is_as_in_the_source() -> None:
    assert sum(a.creditability == "good" for a in applicants()) == 700


def test_every_applicant_is_stored_whole(database: Path) -> None:
    columns = ", ".join(f'"{name}"' for name in COLUMNS)
    stored = select(database, f"SELECT {columns} FROM applicant ORDER BY applicant_no")
    assert stored == [tuple(getattr(a, name) for name in COLUMNS) for a in applicants()]


def test_the_schema_has_its_version_and_its_keys(database: Path) -> None:
    assert select(database, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    assert select(database, "SELECT name FROM pragma_table_info('applicant') WHERE pk") == [
        ("applicant_no",)
    ]
    assert select(
        database,
        "SELECT group_concat(name) FROM pragma_index_info('applicant_identity')",
    ) == [("identity_type,identity_key",)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE applicant SET synthetic = 0 WHERE applicant_no = 'A-0001'",
        "UPDATE applicant SET applicant_no = 'A-0002' WHERE applicant_no = 'A-0001'",
        "UPDATE applicant SET name = NULL WHERE applicant_no = 'A-0001'",
        "UPDATE applicant SET identity_type = 'US_SSN', identity_key ="
        " (SELECT identity_key FROM applicant WHERE applicant_no = 'A-0002')"
        " WHERE applicant_no = 'A-0001'",
    ],
)
def test_the_database_refuses_an_illegal_row(database: Path, change: str) -> None:
    with pytest.raises(sqlite3.IntegrityError), closing(sqlite3.connect(database)) as connection:
        connection.execute(change)


def test_building_again_replaces_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "provider.sqlite"
    path.write_bytes(b"not a database")
    assert build_provider_database(path) == 1000
    assert [entry.name for entry in tmp_path.iterdir()] == ["provider.sqlite"]
    assert path.stat().st_mode & 0o077 == 0


def test_a_failed_build_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "provider.sqlite"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        build_provider_database(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["provider.sqlite"]


def test_a_subject_is_found_by_its_number() -> None:
    assert synthetic_subject(1).applicant_no == "A-0001"
    assert synthetic_subject(1000).applicant_no == "A-1000"


@pytest.mark.parametrize("n", [-1, 0, 1001])
def test_a_subject_that_is_not_there_is_refused(n: int) -> None:
    with pytest.raises(DemoDataError, match="1 to 1000"):
        synthetic_subject(n)
