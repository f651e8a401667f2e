"""Where a local provider's data is: the argument of a provider's process, a type for each kind.

Owns what each kind needs to be read. Refuses to hold a secret: the argument of a process can be
seen by others on the machine, so a database's URL is named by file or variable and never carried.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta


class SourceError(Exception):
    """A source cannot be used as it is configured; the text holds no secret and no value."""


class _Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """A dataset, and the two columns that name the subject.

    ``columns`` gives a field's column where it has another name than the field.
    """

    dataset: str
    type_column: str
    identifier_column: str
    columns: Mapping[str, str] = {}

    def column(self, field: str) -> str:
        """Return the name of a field's column."""
        return self.columns.get(field, field)

    @property
    def as_text(self) -> bool:
        """Return whether every value comes as text, to be read by the contract's type."""
        return False


class SqliteSource(_Source, frozen=True, kw_only=True, tag="sqlite"):
    """A table of a local SQLite database."""

    path: str
    table: str


class DuckdbSource(_Source, frozen=True, kw_only=True, tag="duckdb"):
    """A CSV or Parquet file, by the end of its name; raises ValueError for any other.

    ``memory_mb`` bounds what one copy of the table may take in memory, in MiB.
    """

    path: str
    memory_mb: Annotated[int, Meta(ge=16)] = 1024

    def __post_init__(self) -> None:
        """Refuse other formats."""
        if Path(self.path).suffix.lower() not in (".csv", ".parquet"):
            raise ValueError("path ends in .csv or .parquet")

    @property
    def as_text(self) -> bool:
        """Return whether it is a CSV file."""
        return Path(self.path).suffix.lower() == ".csv"


class SqlSource(_Source, frozen=True, kw_only=True, tag="sql"):
    """A table or view behind SQLAlchemy; exactly one of ``url_file`` and ``url_env`` names the URL.

    ``statement_timeout_ms`` bounds a statement where the database can be told so.
    """

    table: str
    schema: str | None = None
    url_file: str | None = None
    url_env: str | None = None
    statement_timeout_ms: Annotated[int, Meta(ge=1)] = 1_000

    def __post_init__(self) -> None:
        """Refuse none or both."""
        if (self.url_file is None) == (self.url_env is None):
            raise ValueError("exactly one of url_file and url_env is set")


Source = SqliteSource | DuckdbSource | SqlSource
