"""The providers under the provider's port, for contract tests: each must pass the same ones.

Owns a small table of subjects as each engine holds one, and the damage an operator can meet. A
second engine is one more entry in ``PROVIDERS``.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

from clients.cli.local.home import packaged_policies
from gateway.adapters.sqlite_provider import SqliteProvider
from gateway.adapters.sqlite_provider_process import Source
from gateway.adapters.yaml_policies import read_policies
from gateway.application.ports.provider import Provider
from gateway.domain.stages import Value
from support.live_gateway import DATASET

TIMEOUT_S: Final = 1.0
COLUMNS: Final = ("name", "phone", "credit_amount", "remark")
Row = tuple[str, str, object, object, object, object]
"""Identifier type and normalised identifier, then ``COLUMNS``; any type, to be wrong with."""


class RunningProvider(Provider, Protocol):
    """A provider with a process of its own."""

    @property
    def pid(self) -> int:
        """Return the process id."""
        ...

    def close(self) -> None:
        """Stop it."""
        ...


class ProviderEngine(Protocol):
    """Makes and damages a provider's data, and starts a provider over it."""

    def fill(self, folder: Path, rows: list[Row]) -> None:
        """Hold exactly these rows; duplicates are the source's right."""
        ...

    def drop_column(self, folder: Path, column: str) -> None:
        """Lose a column."""
        ...

    def drop_all(self, folder: Path) -> None:
        """Lose the table."""
        ...

    def start(self, folder: Path) -> RunningProvider:
        """Start a provider of the demo's dataset."""
        ...


class SqliteEngine:
    """A provider over a SQLite file without declared types or unique indexes."""

    def fill(self, folder: Path, rows: list[Row]) -> None:
        """Write the table anew."""
        with closing(sqlite3.connect(_file(folder))) as connection, connection:
            connection.execute("DROP TABLE IF EXISTS person")
            connection.execute(f"CREATE TABLE person (kind, number, {', '.join(COLUMNS)})")
            connection.executemany("INSERT INTO person VALUES (?,?,?,?,?,?)", rows)

    def drop_column(self, folder: Path, column: str) -> None:
        """Alter the table."""
        with closing(sqlite3.connect(_file(folder))) as connection, connection:
            connection.execute(f"ALTER TABLE person DROP COLUMN {column}")

    def drop_all(self, folder: Path) -> None:
        """Drop the table."""
        with closing(sqlite3.connect(_file(folder))) as connection, connection:
            connection.execute("DROP TABLE person")

    def start(self, folder: Path) -> RunningProvider:
        """Start the provider's process."""
        source = Source(DATASET, str(_file(folder)), "person", "kind", "number")
        provider = SqliteProvider((source,), TIMEOUT_S)
        for contract in read_policies(packaged_policies()).documents.datasets:
            provider.use_contract(contract)
        return provider


def _file(folder: Path) -> Path:
    return folder / "provider.db"


PROVIDERS: Final[dict[str, ProviderEngine]] = {"sqlite": SqliteEngine()}
ANN: Final[dict[str, Value]] = {
    "name": "Ann",
    "phone": "(213) 555-0167",
    "credit_amount": 1169,
    "remark": None,
}
