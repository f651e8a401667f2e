"""The file of people that a provider indexes: read twice, the first time to check it.

Owns reading CSV strictly. Refuses, before anything is sent, a file with a row that names no valid
identifier, and one in which the identifier also stands in a column that would be kept: the index is
made so that it need not hold any, unless references are added to a file of identifiers. Names rows
and columns, never what is in them.
"""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from clients.provider.errors import ProviderError
from clients.sdk.failure import RequestError
from clients.sdk.normal_form import normal_form
from clients.sdk.vocabulary import IdentifierType, word_of

_SEPARATORS: Final = re.compile(r"[\s\-–—·.]")
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file's columns are: type and identifier, those to leave out, those to keep anyway.

    ``reference`` names a new column for the reference, beside type and identifier; where it is
    empty the reference stands in their place.
    """

    type: str
    identifier: str
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One row: whom it is about, and its cells that are kept."""

    type: str
    identifier: str
    cells: tuple[str, ...]

    def __repr__(self) -> str:
        """Show nothing."""
        return "Person(...)"


@dataclass(frozen=True, slots=True)
class Source:
    """A checked file: its people's number, the names of the kept columns, its SHA-256."""

    path: Path
    columns: Columns
    names: tuple[str, ...]
    people: int
    digest: str

    @classmethod
    def checked(cls, path: Path, columns: Columns) -> Source:
        """Read the file once.

        Raises:
            ProviderError: it is not CSV, lacks a column, or holds what the module refuses.
        """
        try:
            digest = _digest(path)
            names = _kept(_header(path), columns)
            count = 0
            bad: list[int] = []
            for count, person in enumerate(_people(path, columns), start=1):
                if not _valid(person):
                    bad.append(count)
                elif not columns.reference:
                    _require_absent(person, names, columns, count)
        except OSError as error:
            raise ProviderError(
                f"{path} cannot be read: {error.strerror}", "Give a file that you may read."
            ) from error
        if bad:
            shown = ", ".join(map(str, bad[:_SHOWN]))
            raise ProviderError(
                f"{len(bad)} rows name no valid identifier of their type, such as {shown}",
                "Correct or remove them; nothing was sent. Rows count from 1 after the header.",
            )
        return cls(path, columns, names, count, digest)

    def require_unchanged(self) -> None:
        """Check that the file is still the one that was checked; raises ``ProviderError``."""
        if _digest(self.path) != self.digest:
            raise ProviderError(
                "the file changed while it was read", "Remove the unfinished index."
            )

    def people_from(self, done: int) -> Iterator[Person]:
        """Return the people after the first ``done``."""
        return islice(_people(self.path, self.columns), done, None)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            names = next(csv.reader(file, strict=True), [])
        except (csv.Error, UnicodeDecodeError):
            raise ProviderError(f"{path} is not CSV in UTF-8", "Correct it.") from None
    if not names or len(set(names)) < len(names) or not all(names):
        raise ProviderError(
            f"{path} has no header with each column once", "Write the column names first."
        )
    return names


def _kept(header: Sequence[str], columns: Columns) -> tuple[str, ...]:
    named = (columns.type, columns.identifier, *columns.drop, *columns.keep)
    for name in named:
        if name not in header:
            raise ProviderError(
                f"there is no column {name}", f"The columns are {', '.join(header)}."
            )
    if columns.reference in header:
        raise ProviderError(
            f"there is a column {columns.reference} already", "Name a new one for the references."
        )
    own = set() if columns.reference else {columns.type, columns.identifier}
    left_out = own.union(columns.drop)
    return tuple(name for name in header if name not in left_out)


def _people(path: Path, columns: Columns) -> Iterator[Person]:
    names = _header(path)
    kept = [names.index(name) for name in _kept(names, columns)]
    kind, value = names.index(columns.type), names.index(columns.identifier)
    row = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, strict=True)
        next(lines)
        try:
            for row, cells in enumerate(lines, start=1):
                if len(cells) != len(names):
                    raise ProviderError(
                        f"row {row} has {len(cells)} cells for {len(names)} columns", "Correct it."
                    )
                yield Person(cells[kind], cells[value], tuple(cells[at] for at in kept))
        except (csv.Error, UnicodeDecodeError):
            raise ProviderError(
                f"after row {row}, {path} is not CSV in UTF-8", "Correct it."
            ) from None


def _valid(person: Person) -> bool:
    try:
        normal_form(word_of(IdentifierType, person.type), person.identifier)
    except RequestError:
        return False
    return True


def _require_absent(person: Person, names: Sequence[str], columns: Columns, row: int) -> None:
    number = _plain(person.identifier)
    for name, cell in zip(names, person.cells, strict=True):
        if name not in columns.keep and number in _plain(cell):
            raise ProviderError(
                f"row {row}: the column {name} holds the identifier as well",
                f"Leave it out with --drop {name}, or keep it on purpose with --keep {name}.",
            )


def _plain(cell: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", cell)).upper()
