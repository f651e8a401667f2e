"""Which row sets of whom a bureau has answered, durable, so that differences single out nobody.

Owns one SQLite file: for each legal group of lenders and snapshot the matched people of every
answered job, as Roaring bitmaps of their ordinals. Refuses a set that differs from an answered one
by 1 to k - 1 people; sets that, put together with all answered ones and the whole population, would
single out fewer than k; more than 64 sets of a group and snapshot; a job that the group's account
has nothing left for; and a job's second run.

The very same set may be asked of again, for other features.

In the mode ``dp`` a refusal is an answer about the bureau's people, so that it is made as one is:
the smallest difference to an answered set, which one person changes by one, gets one draw of noise
that an eighth of the question's cost pays for. Which sets are the same is told by the rows'
consents, as the gateway has them, and not by who matched; combinations are not looked at. There the
noise on the answer is the guarantee, and this is defence in depth. Sets of ``dp`` jobs do not count
in ``exact``, where nothing is noisy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from pyroaring import BitMap

from clients.agent.binning.account import ACCOUNT_SCHEMA, JobAccount, Price
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.binning.setup import Ordinals
from gateway.domain.privacy.errors import PrivacyError
from gateway.domain.privacy.overlap import MAX_COHORTS, require_no_isolation

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS row_set (
    lender TEXT NOT NULL, dataset TEXT NOT NULL, snapshot TEXT NOT NULL, people BLOB NOT NULL,
    exact INTEGER NOT NULL, row_set TEXT NOT NULL
) STRICT;
"""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Whose row set, of which job, in which snapshot, and how far sets must be apart."""

    job: str
    lender: str
    """The legal group."""
    dataset: str
    snapshot: str
    k: int
    price: Price
    row_set: str = ""
    """The same for the same consents: the manifest's word."""
    draw: Callable[[], int] | None = None
    """The noise on the smallest difference, in the mode ``dp``; None in ``exact``."""


class RowSets:
    """The file. Calls take turns by SQLite's own lock."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Take what ``open`` opened."""
        self._database = database

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file, or begin it.

        Raises:
            BinDeclined: DATA, where it cannot be used.
        """
        try:
            database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.executescript(_SCHEMA + ACCOUNT_SCHEMA)
        except sqlite3.Error:
            raise BinDeclined(BinWord.DATA) from None
        return cls(database)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def admit(self, place: Place, matched: Ordinals, people: int) -> None:
        """Let a set through and keep it, in one transaction.

        Args:
            place: whose set of what it is.
            matched: ordinals of the matched people.
            people: in the snapshot.

        Raises:
            BinDeclined: HISTORY, BUDGET, REPEATED, or DATA where the file cannot be used.
        """
        try:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._admit(place, BitMap(matched.tolist()), people)
            except BaseException:
                # What was tried counts as well: a job is run once, whatever comes of it.
                self._database.execute("COMMIT")
                raise
            self._database.execute("COMMIT")
        except sqlite3.Error:
            raise BinDeclined(BinWord.DATA) from None

    def _admit(self, place: Place, matched: BitMap, people: int) -> None:
        try:
            self._database.execute("INSERT INTO job (id) VALUES (?)", (place.job,))
        except sqlite3.IntegrityError:
            raise BinDeclined(BinWord.REPEATED) from None
        account = JobAccount.of(self._database, place.lender, place.dataset, place.price)
        try:
            self._require_far(place, matched, people)
        except BinDeclined:
            account.refused(self._database)
            raise
        account.answered(self._database)

    def _require_far(self, place: Place, matched: BitMap, people: int) -> None:
        key = (place.lender, place.dataset, place.snapshot)
        rows = self._database.execute(
            "SELECT people, exact, row_set FROM row_set"
            " WHERE lender = ? AND dataset = ? AND snapshot = ?",
            key,
        ).fetchall()
        if place.draw is None:
            before = [BitMap.deserialize(people) for people, exact, _ in rows if exact]
            known = _known_exactly(before, matched, people, place.k)
        else:
            before = [BitMap.deserialize(people) for people, _, _ in rows]
            known = place.row_set in {row_set for _, _, row_set in rows}
            if not known:
                _require_apart(before, matched, place.draw, place.k)
        if not known:
            self._database.execute(
                "INSERT INTO row_set VALUES (?, ?, ?, ?, ?, ?)",
                (*key, matched.serialize(), place.draw is None, place.row_set),
            )


def _known_exactly(before: list[BitMap], matched: BitMap, people: int, k: int) -> bool:
    """Return whether the set was answered; raises ``BinDeclined``: HISTORY."""
    if matched in before:
        return True
    if any(len(matched ^ other) < k for other in before):
        raise BinDeclined(BinWord.HISTORY)
    _require_nobody_alone([*before, matched], people, k)
    return False


def _require_apart(before: list[BitMap], matched: BitMap, draw: Callable[[], int], k: int) -> None:
    """Check the smallest difference with noise on it; raises ``BinDeclined``: HISTORY."""
    if len(before) >= MAX_COHORTS:
        raise BinDeclined(BinWord.HISTORY)
    if before and min(len(matched ^ other) for other in before) + draw() < k:
        raise BinDeclined(BinWord.HISTORY)


class PlacedHistory:
    """The history as one job sees it."""

    def __init__(self, sets: RowSets, place: Place) -> None:
        self._sets, self._place = sets, place

    def admit(self, matched: Ordinals, people: int) -> None:
        """As ``RowSetHistory.admit``."""
        self._sets.admit(self._place, matched, people)


def _require_nobody_alone(sets: list[BitMap], people: int, k: int) -> None:
    """Check all combinations of sets; raises ``BinDeclined``: HISTORY."""
    if len(sets) > MAX_COHORTS:
        raise BinDeclined(BinWord.HISTORY)
    memberships = np.zeros(people, dtype=np.uint64)
    for number, one in enumerate(sets):
        ordinals = np.fromiter(one, dtype=np.int64, count=len(one))
        memberships[ordinals] |= np.uint64(1 << number)
    keys, sizes = np.unique(memberships, return_counts=True)
    try:
        atoms = dict(zip(keys.tolist(), sizes.tolist(), strict=True))
        require_no_isolation(atoms, len(sets), k)
    except PrivacyError:
        raise BinDeclined(BinWord.HISTORY) from None
