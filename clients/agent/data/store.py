"""What an agent keeps of its answers: ``answers.db``, an SQLite file.

Owns its tables and the one transaction of an answer: values with their noise, cohorts and charge
are there together or not at all, on disk before anything leaves. True figures and bare noise are
never stored. Refuses to run without ``synchronous=FULL``, and to let two answers be made at once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import msgspec
from pyroaring import BitMap

from clients.agent.data.cohorts import CohortKey
from clients.agent.data.errors import DataError
from clients.agent.data.overlap import Cohort
from gateway.domain.privacy.budget import PrivacyAccount

_WAIT_S: Final = 60.0
_FULL: Final = 2
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS answers (
    content BLOB PRIMARY KEY, recipient TEXT NOT NULL, dataset TEXT NOT NULL,
    snapshot TEXT NOT NULL, given BLOB, roster BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cohorts (
    id INTEGER PRIMARY KEY, recipient TEXT NOT NULL, dataset TEXT NOT NULL,
    snapshot TEXT NOT NULL, key BLOB NOT NULL, people BLOB NOT NULL,
    UNIQUE (recipient, dataset, snapshot, key)
) STRICT;
CREATE TABLE IF NOT EXISTS parts (
    content BLOB NOT NULL, cohort INTEGER NOT NULL, PRIMARY KEY (cohort, content)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (
    recipient TEXT NOT NULL, dataset TEXT NOT NULL, period_end INTEGER NOT NULL,
    spent INTEGER NOT NULL, spent_ever INTEGER NOT NULL, refusals INTEGER NOT NULL,
    PRIMARY KEY (recipient, dataset)
) STRICT, WITHOUT ROWID;
"""


class Place(msgspec.Struct, frozen=True):
    """Whose cohorts meet: a recipient's, on one snapshot of a dataset."""

    recipient: str
    dataset: str
    snapshot: str


class Stored(msgspec.Struct, frozen=True):
    """What was answered to a content: ``values``, or None where it was refused."""

    values: tuple[int, ...] | None


class Standing(msgspec.Struct, frozen=True):
    """A recipient's account as it was last charged; the period's end in Unix seconds."""

    period_end: int
    spent: int
    spent_ever: int
    refusals: int


class Transaction:
    """The statements of one answer; see ``Store.transaction``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def answer(self, content: bytes) -> Stored | None:
        """Return what was answered to a content, or None."""
        row = self._connection.execute(
            "SELECT given FROM answers WHERE content = ?", (content,)
        ).fetchone()
        if row is None:
            return None
        given = row[0]
        values = None if given is None else msgspec.json.decode(given, type=tuple[int, ...])
        return Stored(values)

    def keep(self, content: bytes, place: Place, values: tuple[int, ...] | None) -> None:
        """Keep what is answered to a content: values, or None for a refusal."""
        self._connection.execute(
            "INSERT INTO answers VALUES (?, ?, ?, ?, ?, NULL)",
            (content, *_three(place), None if values is None else msgspec.json.encode(values)),
        )

    def cohorts(self, place: Place) -> list[Cohort]:
        """Return the cohorts of all answers, in the order in which they came."""
        rows = self._connection.execute(
            "SELECT key, people FROM cohorts WHERE recipient = ? AND dataset = ? AND snapshot = ?"
            " ORDER BY id",
            _three(place),
        )
        return [
            Cohort(msgspec.json.decode(key, type=CohortKey), BitMap.deserialize(people))
            for key, people in rows
        ]

    def keep_cohort(self, content: bytes, place: Place, cohort: Cohort) -> None:
        """Keep an answered cell of a content; a cohort that is there already is only linked."""
        key = cohort.key.encoded()
        self._connection.execute(
            "INSERT INTO cohorts (recipient, dataset, snapshot, key, people) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (*_three(place), key, cohort.people.serialize()),
        )
        self._connection.execute(
            "INSERT INTO parts SELECT ?, id FROM cohorts WHERE recipient = ? AND dataset = ?"
            " AND snapshot = ? AND key = ?",
            (content, *_three(place), key),
        )

    def standing(self, recipient: str, dataset: str) -> Standing | None:
        """Return a recipient's account, or None where nothing was ever charged."""
        row = self._connection.execute(
            "SELECT period_end, spent, spent_ever, refusals FROM accounts"
            " WHERE recipient = ? AND dataset = ?",
            (recipient, dataset),
        ).fetchone()
        return None if row is None else Standing(*row)

    def put_account(
        self, recipient: str, dataset: str, period_end: int, account: PrivacyAccount
    ) -> None:
        """Keep an account as it stands after a charge."""
        self._connection.execute(
            "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(recipient, dataset, period_end),
                *(account.spent, account.spent_ever, account.refusals),
            ),
        )

    def rosters_near(self, content: bytes) -> set[tuple[str, ...]]:
        """Return the rosters that a content is bound to: its own, and those of shared cohorts."""
        rows = self._connection.execute(
            "SELECT roster FROM answers WHERE content = :content UNION"
            " SELECT answers.roster FROM parts AS own JOIN parts AS other USING (cohort)"
            " JOIN answers ON answers.content = other.content WHERE own.content = :content",
            {"content": content},
        )
        return {msgspec.json.decode(one, type=tuple[str, ...]) for (one,) in rows if one}

    def bind(self, content: bytes, roster: tuple[str, ...]) -> None:
        """Bind a content to a roster."""
        self._connection.execute(
            "UPDATE answers SET roster = ? WHERE content = ?",
            (msgspec.json.encode(roster), content),
        )


class Store:
    """The file; transactions take turns, also those of several threads."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; raises ``DataError``."""
        self._turn = Lock()
        try:
            self._connection = sqlite3.connect(
                path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
            path.chmod(0o600)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_TABLES)
            durable = self._connection.execute("PRAGMA synchronous").fetchone()[0]
        except (sqlite3.Error, OSError):
            raise DataError("answers.db cannot be opened") from None
        if durable != _FULL:
            raise DataError("answers.db is not durable")

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Do all of a transaction or nothing; raises ``DataError`` where the disk does not."""
        with self._turn:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield Transaction(self._connection)
                    self._connection.execute("COMMIT")
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                raise DataError("answers.db cannot be written") from None

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()


def _three(place: Place) -> tuple[str, str, str]:
    return place.recipient, place.dataset, place.snapshot
