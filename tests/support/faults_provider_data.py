"""A provider's database that can hold rubbish: the demo's applicants without their constraints.

Owns the loosening, and one kind of rubbish an applicant. Refuses nothing: that is the gateway's.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from clients.cli.local.home import Home

RUBBISH = {
    "a text for a number": "UPDATE applicant SET credit_amount='plenty'",
    "a fraction for a number": "UPDATE applicant SET credit_amount=1.5",
    "bytes for a text": "UPDATE applicant SET housing=x'00ff00'",
    "bytes that are no UTF-8": "UPDATE applicant SET housing=CAST(x'c3ff28' AS TEXT)",
    "an overlong value": "UPDATE applicant SET housing=hex(randomblob(10000))",
    "a known value that cannot be searched for": "UPDATE applicant SET name='***'",
}
"""What is wrong, and the change that makes it so; a WHERE for one applicant is added."""
DOUBLE = "INSERT INTO applicant SELECT * FROM applicant"
"""The row a second time, under the same identity."""


def database(home: Home) -> Path:
    """The provider's file."""
    return home.folder / "data" / "applicants.db"


def change(home: Home, *statements: str) -> None:
    """Run statements on the provider's database, from another process than the provider's."""
    with closing(sqlite3.connect(database(home), timeout=10)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def loosen(home: Home) -> None:
    """Take the table's constraints and its unique index away."""
    change(
        home,
        "CREATE TABLE loose AS SELECT * FROM applicant",
        "DROP TABLE applicant",
        "ALTER TABLE loose RENAME TO applicant",
        "CREATE INDEX applicant_identity ON applicant (identity_type, identity_key)",
    )


def spoil(home: Home, statement: str, applicant_no: str) -> None:
    """Run a statement on one applicant's row."""
    change(home, f"{statement} WHERE applicant_no='{applicant_no}'")
