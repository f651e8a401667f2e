"""The demo's applicants, and the provider's database that holds them.

Owns the merge of credit records with identities and the SQLite file made of it. Refuses to leave
half a database: the file appears whole, readable by its owner only, or not at all.
"""

import os
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import astuple, dataclass, fields
from functools import cache
from pathlib import Path

from .credit import CreditRecord, credit_records
from .errors import DemoDataError
from .identities import IdentityGenerator, Sex
from .identity import Identity

SCHEMA_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Applicant(CreditRecord, Identity):
    """One applicant: the made-up identity first, then the 21 columns of the credit table."""


COLUMNS = tuple(field.name for field in fields(Applicant))
"""The columns of the table `applicant`, in order; `identity_key` follows them."""

KEY_COLUMN = "identity_key"
"""The identity number without its hyphens: the normal form in which the gateway asks."""

_INTEGERS = frozenset({"synthetic"} | {f.name for f in fields(CreditRecord) if f.type is int})


@cache
def applicants() -> tuple[Applicant, ...]:
    """The 1,000 applicants in the order of the credit table, "A-0001" first.

    Raises:
        DemoDataError: the packaged credit table is not the published one.
    """
    generator = IdentityGenerator()
    return tuple(_applicant(generator, row, credit) for row, credit in enumerate(credit_records()))


def synthetic_subject(n: int) -> Applicant:
    """The applicant numbered `n`, from 1: `synthetic_subject(1)` is "A-0001"; odd ones Chinese.

    Raises:
        DemoDataError: there is no such applicant.
    """
    if not 1 <= n <= len(applicants()):
        raise DemoDataError(f"applicants are numbered 1 to {len(applicants())}")
    return applicants()[n - 1]


def build_provider_database(path: Path) -> int:
    """Write the SQLite file with the table `applicant` at `path`, replacing what is there.

    Returns:
        The number of rows written.

    Raises:
        DemoDataError: the packaged credit table is not the published one.
        OSError: the folder is missing or not writable.
        sqlite3.Error: SQLite cannot write the file.
    """
    rows = applicants()
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".partial")
    os.close(handle)
    unfinished = Path(name)
    try:
        _write(unfinished, rows)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return len(rows)


def _applicant(generator: IdentityGenerator, row: int, credit: CreditRecord) -> Applicant:
    identity = generator.identity(row, age=credit.age_in_years, sex=_sex(credit))
    return Applicant(**vars(identity), **vars(credit))


def _sex(credit: CreditRecord) -> Sex:
    match credit.personal_status_and_sex.partition(" : ")[0]:
        case "female":
            return "female"
        case "male":
            return "male"
        case _:
            raise DemoDataError("personal_status_and_sex does not begin with a known sex")


def _write(path: Path, rows: tuple[Applicant, ...]) -> None:
    marks = ", ".join("?" for _ in (*COLUMNS, KEY_COLUMN))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_table())
        connection.execute(
            "CREATE UNIQUE INDEX applicant_identity ON applicant (identity_type, identity_key)"
        )
        # Only question marks are set into the statement.
        insert = f"INSERT INTO applicant VALUES ({marks})"
        connection.executemany(insert, map(_row, rows))
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _row(applicant: Applicant) -> tuple[object, ...]:
    return (*astuple(applicant), applicant.identity_number.replace("-", ""))


def _table() -> str:
    columns = [
        f'"{field.name}" {"INTEGER" if field.name in _INTEGERS else "TEXT"} NOT NULL'
        for field in fields(Applicant)
    ]
    return (
        f"CREATE TABLE applicant ({', '.join(columns)}, {KEY_COLUMN} TEXT NOT NULL,"
        " PRIMARY KEY (applicant_no), CHECK (synthetic = 1))"
    )
