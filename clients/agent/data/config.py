"""Where an agent's data is and how it reads as a contract's: the ``[data]`` section of its profile.

Owns the section's form. Refuses a password in it (a database's URL stands in a file of its own) and
a column that is not named: nothing is guessed from the data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gateway.domain.policy.document_base import DottedName, Name

Column = Annotated[str, Meta(min_length=1, max_length=128)]
Snapshot = Annotated[str, Meta(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$")]
RawValue = Annotated[str, Meta(max_length=120)]


class _Setting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of every part: frozen, strict."""


class CsvSource(_Setting, frozen=True, kw_only=True, tag_field="kind", tag="csv"):
    """A CSV file with a header, UTF-8, quoted by double quotes. An empty field is no value."""

    path: Path
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","


class ParquetSource(_Setting, frozen=True, kw_only=True, tag_field="kind", tag="parquet"):
    """A Parquet file."""

    path: Path


class DatabaseSource(_Setting, frozen=True, kw_only=True, tag_field="kind", tag="database"):
    """A table, view or query of a database that SQLAlchemy speaks to, such as SQLite or PostgreSQL.

    ``url_file`` holds SQLAlchemy's URL and is readable by its owner only. Exactly one of ``table``
    and ``query`` is set.
    """

    url_file: Path
    table: Column | None = None
    query: Annotated[str, Meta(min_length=1, max_length=10_000)] | None = None

    def __post_init__(self) -> None:
        """Refuse none or both."""
        if (self.table is None) == (self.query is None):
            raise ValueError("exactly one of table and query is set")


Source = CsvSource | ParquetSource | DatabaseSource


class DimensionColumn(_Setting, frozen=True, kw_only=True):
    """The column of a dimension. A text is a contract's value, or ``values`` says which it is.

    ``otherwise`` stands for every text that is neither; without it such a row is unreadable. An
    empty field is unreadable in any case but where ``empty`` names a value for it.
    """

    column: Column
    values: dict[RawValue, RawValue] = {}
    otherwise: RawValue | None = None
    empty: RawValue | None = None


class MeasureColumn(_Setting, frozen=True, kw_only=True):
    """The column of a measure: decimal numbers, of which four places are kept."""

    column: Column


class Allowance(_Setting, frozen=True, kw_only=True):
    """This provider's own limits, where they are lower than the contract's; micro-rho a period."""

    limit: Annotated[int, Meta(ge=0, le=1_000_000_000)]
    refusals: Annotated[int, Meta(ge=0, le=1000)]


class DatasetConfig(_Setting, frozen=True, kw_only=True):
    """One dataset: a source, the snapshot that is frozen from it, and its columns.

    ``rows_a_person`` is a promise about the source: with "one", a person in two rows refuses the
    whole source; with "many", sums are over a person's rows of a cell, and a person counts in at
    most the contract's ``cells_a_person`` cells. ``unreadable`` says what becomes of rows whose
    person is empty, whose text is in no closed domain or whose number is none: "refuse" refuses the
    source, "leave_out" leaves those rows out. Either way they are counted for the operator.
    """

    snapshot: Snapshot
    source: Source
    person: Column
    dimensions: Annotated[dict[Name, DimensionColumn], Meta(max_length=64)] = {}
    measures: Annotated[dict[Name, MeasureColumn], Meta(max_length=64)] = {}
    rows_a_person: Literal["one", "many"] = "one"
    unreadable: Literal["refuse", "leave_out"] = "refuse"
    allowance: Allowance | None = None


class DataConfig(_Setting, frozen=True, kw_only=True):
    """The ``[data]`` section: datasets by name, and what DuckDB may take.

    Example::

        [data.datasets."credit.loans"]
        snapshot = "2026-10"
        source = { kind = "csv", path = "loans.csv" }
        person = "person_id"
        measures.credit_amount = { column = "amount" }
        dimensions.housing = { column = "wohnen", values = { A151 = "rent", A152 = "own" } }
    """

    datasets: dict[DottedName, DatasetConfig] = {}
    threads: Annotated[int, Meta(ge=1, le=64)] = 2
    memory_mb: Annotated[int, Meta(ge=64, le=1_048_576)] = 2_048

    def below(self, folder: Path) -> DataConfig:
        """Return the same with relative paths made relative to ``folder``."""
        return msgspec.structs.replace(
            self, datasets={name: _below(one, folder) for name, one in self.datasets.items()}
        )


def _below(dataset: DatasetConfig, folder: Path) -> DatasetConfig:
    return msgspec.structs.replace(dataset, source=source_below(dataset.source, folder))


def source_below(source: Source, folder: Path) -> Source:
    """Return the same source with a relative path made relative to ``folder``."""
    if isinstance(source, DatabaseSource):
        return msgspec.structs.replace(source, url_file=folder / source.url_file)
    return msgspec.structs.replace(source, path=folder / source.path)
