"""DuckDB as an agent uses it: without extensions, without a network, within its memory.

Owns how databases are opened and how names go into SQL. Refuses everything that a statement could
reach beyond the files it is given: nothing is ever downloaded, no other file is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Final

import duckdb

from clients.agent.data.config import DataConfig

Connection = duckdb.DuckDBPyConnection
EngineError = duckdb.Error
_CLOSED: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # What does not fit fails: rows of people are not written to a file on the side.
    "temp_directory": "",
}


def building(
    path: Path, settings: DataConfig, readable: Sequence[Path]
) -> AbstractContextManager[Connection]:
    """Open a database to be written, from which only the readable files can be reached."""
    return _locked(duckdb.connect(str(path), config=_limits(settings)), readable)


def reading(path: Path, settings: DataConfig) -> AbstractContextManager[Connection]:
    """Open a database that cannot be changed, and from which nothing can be reached."""
    return _locked(duckdb.connect(str(path), read_only=True, config=_limits(settings)), ())


def _limits(settings: DataConfig) -> dict[str, str | bool | int | float | list[str]]:
    return {
        **_CLOSED,
        "threads": settings.threads,
        "memory_limit": f"{settings.memory_mb}MiB",
    }


def _locked(connection: Connection, readable: Sequence[Path]) -> AbstractContextManager[Connection]:
    if readable:
        listed = ", ".join(text(str(path)) for path in readable)
        connection.execute(f"SET allowed_paths=[{listed}]")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")
    return closing(connection)


def name(identifier: str) -> str:
    """Return a column's or table's name as it stands in SQL."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """Return a text as it stands in SQL."""
    return "'" + value.replace("'", "''") + "'"
