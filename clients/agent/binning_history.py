"""Which row sets of whom a bureau has answered, durable, so that differences single out nobody.

Owns one SQLite file: for each legal group of lenders and snapshot the matched people of every
answered job, as Roaring bitmaps of their ordinals. Refuses a set that differs from an answered one
by 1 to k - 1 people; sets that, put together with all answered ones and the whole population, would
single out fewer than k; more than 64 sets of a group and snapshot; and a job's second run.

The very same set may be asked of again, for other features. In the mode ``dp`` the difference has
one draw of noise on it, for the lender does not know whom the bureau has, and a bare refusal would
tell: there the noise on the answer is the guarantee, and this is defence in depth.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from pyroaring import BitMap

from clients.agent.binning_errors import BinDeclined, BinWord
from clients.agent.binning_setup import Ordinals
from gateway.domain.privacy.errors import PrivacyError
from gateway.domain.privacy.overlap import MAX_COHORTS, require_no_isolation

_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS row_set (
    lender TEXT NOT NULL, dataset TEXT NOT NULL, snapshot TEXT NOT NULL, people BLOB NOT NULL
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
    draw: Callable[[], int] = lambda: 0
    """The noise on a difference, in the mode ``dp``."""


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
            database.executescript(_SCHEMA)
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
            BinDeclined: HISTORY, REPEATED, or DATA where the file cannot be used.
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
        key = (place.lender, place.dataset, place.snapshot)
        rows = self._database.execute(
            "SELECT people FROM row_set WHERE lender = ? AND dataset = ? AND snapshot = ?", key
        )
        before = [BitMap.deserialize(row[0]) for row in rows]
        if matched in before:
            return
        for other in before:
            if len(matched ^ other) + place.draw() < place.k:
                raise BinDeclined(BinWord.HISTORY)
        _require_nobody_alone([*before, matched], people, place.k)
        self._database.execute(
            "INSERT INTO row_set (lender, dataset, snapshot, people) VALUES (?, ?, ?, ?)",
            (*key, matched.serialize()),
        )


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
