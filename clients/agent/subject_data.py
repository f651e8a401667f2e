"""What a provider knows of one subject: a look-up by tag in the file that was indexed.

Owns reading the index (``veilgate agent index``, an SQLite file by scoped reference) and summing a
subject's loans. Refuses to take another path for somebody who is not there: the same statement runs
over the same index, and gives zeros. It keeps no tag.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from clients.agent.errors import AgentError
from clients.provider.index_target import TABLE
from gateway.domain.aggregate.subject import SubjectFigures
from gateway.domain.policy.document_base import Name


class SubjectConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The indexed file and its columns.

    They say of a loan whether it is open (0 or 1), what is still owed in the contract's currency,
    and its days past due; and which reference it is found by.
    """

    index: Annotated[str, Meta(pattern=r".+\.(db|sqlite|sqlite3)$")]
    reference: Name = "identity_key"
    open: Name = "open"
    outstanding: Name = "outstanding"
    days_past_due: Name = "days_past_due"


class SubjectData:
    """Look-ups by tag; each opens the file anew, so a new index is taken up by itself."""

    def __init__(self, config: SubjectConfig, folder: Path) -> None:
        """Take the columns; a relative path is relative to ``folder``."""
        self._path = folder / config.index
        # Names have the form of words: nothing can end the quotes.
        held, owed, days = (
            f'"{name}"' for name in (config.open, config.outstanding, config.days_past_due)
        )
        strays = " OR ".join(f"typeof({name})<>'integer'" for name in (held, owed, days))
        self._statement = (
            f"SELECT count(*) FILTER (WHERE {strays}), max({held}), sum({held} * {owed}),"
            f' max({held} * {days}) FROM {TABLE} WHERE "{config.reference}"=?'
        )

    def require_usable(self) -> None:
        """Look up nobody; raises ``AgentError`` where the file or a column is not there."""
        self.figures(bytes(32))

    def figures(self, tag: bytes) -> SubjectFigures:
        """Return what is known under a tag of 32 bytes.

        Raises:
            AgentError: the file cannot be read, or holds something else than whole numbers.
        """
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as database:
                strays, *found = database.execute(self._statement, (tag.hex(),)).fetchone()
            if strays:
                raise ValueError("a figure is a whole number")
            held, owed, days = (value or 0 for value in found)
            return SubjectFigures(bool(held), owed, days)
        except (sqlite3.Error, ValueError) as error:
            raise AgentError(
                f"the index {self._path} cannot be used",
                "Make it with `veilgate agent index`, as SQLite, with --integer for each figure.",
            ) from error
