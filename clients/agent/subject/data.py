"""What a provider knows of one subject: a look-up by tag in the file that was indexed.

Owns reading the index (``veilgate agent index``, an SQLite file by scoped reference) and summing a
subject's loans. Refuses to take another path for somebody who is not there: the same statement runs
over the same index, and gives zeros; and an index that changed within a snapshot, for two answers
about one person would show what changed. It keeps no tag.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from hashlib import file_digest
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from clients.agent.errors import AgentError
from clients.provider.index import REFERENCE
from clients.provider.index_target import TABLE
from gateway.domain.aggregate.subject import SubjectFigures
from gateway.domain.policy.document_base import Name


class SubjectConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The indexed file and its columns.

    They say of a loan whether it is open (0 or 1), what is still owed in the contract's currency,
    and its days past due; and which type and reference it is found by.
    """

    index: Annotated[str, Meta(pattern=r".+\.(db|sqlite|sqlite3)$")]
    kind: Name = "identity_type"
    reference: Name = "identity_key"
    open: Name = "open"
    outstanding: Name = "outstanding"
    days_past_due: Name = "days_past_due"


class SubjectData:
    """Look-ups by tag; each opens the file anew, so a new index serves the next snapshot."""

    def __init__(self, config: SubjectConfig, pins: Path) -> None:
        """Take the columns, and where the digest of each snapshot's index is kept, without end."""
        self._path = Path(config.index)
        self._pins = pins
        self._known: dict[str, tuple[int, int, int]] = {}
        # Names have the form of words: nothing can end the quotes.
        held, owed, days = (
            f'"{name}"' for name in (config.open, config.outstanding, config.days_past_due)
        )
        strays = " OR ".join(f"typeof({name})<>'integer'" for name in (held, owed, days))
        self._statement = (
            f"SELECT count(*) FILTER (WHERE {strays}), max({held}), sum({held} * {owed}),"
            f" max({held} * {days}) FROM {TABLE}"
            f' WHERE "{config.kind}"=? AND "{config.reference}"=?'
        )

    def require_usable(self) -> None:
        """Look up nobody; raises ``AgentError`` where the file or a column is not there."""
        self._looked_up(bytes(32))

    def figures(self, snapshot: str, tag: bytes) -> SubjectFigures:
        """Return what is known under a tag of 32 bytes.

        Raises:
            AgentError: the file cannot be read, holds something else than whole numbers, or is
                another than the one that this snapshot was answered from before.
        """
        self._require_frozen(snapshot)
        return self._looked_up(tag)

    def _looked_up(self, tag: bytes) -> SubjectFigures:
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as database:
                named = (REFERENCE, tag.hex())
                strays, *found = database.execute(self._statement, named).fetchone()
            if strays:
                raise ValueError("a figure is a whole number")
            held, owed, days = (value or 0 for value in found)
            return SubjectFigures(bool(held), owed, days)
        except (sqlite3.Error, ValueError) as error:
            raise AgentError(
                f"the index {self._path} cannot be used",
                "Make it with `veilgate agent index`, as SQLite, with --integer for each figure.",
            ) from error

    def _require_frozen(self, snapshot: str) -> None:
        try:
            status = self._path.stat()
            mark = (status.st_ino, status.st_size, status.st_mtime_ns)
            if self._known.get(snapshot) == mark:
                return
            with self._path.open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
            same = _pinned(self._pins / f"index-{snapshot}.sha256", digest) == digest
        except OSError as error:
            raise AgentError(f"the index {self._path} cannot be read", "Check its path.") from error
        if not same:
            raise AgentError(
                f"the index {self._path} changed within the snapshot {snapshot}",
                "Put the one back that was answered from, and index anew for the next snapshot.",
            )
        self._known[snapshot] = mark


def _pinned(path: Path, digest: str) -> str:
    """Return the digest that is kept, which is this one where none was."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.write(digest)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    return path.read_text("ascii")
