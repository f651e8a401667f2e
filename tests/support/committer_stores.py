"""Committers over stores of their own, on each engine, with a clock to set: for the model's test.

Owns a prepared store to copy, and reading a store back without the gateway's code. A log that its
tree does not fit is found by each ``commit``.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final, Protocol

from gateway.adapters.committer.log import load_log
from gateway.adapters.committer.messages import AnyOperation, Result
from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.committer.postgres_owners import close_abandoned, take_number
from gateway.adapters.committer.postgres_sql import PostgresSql
from gateway.adapters.committer.sql import SqliteSql
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.store import postgres_store, sqlite_store
from gateway.adapters.store.migrate import migrate, migrate_postgres
from gateway.adapters.store.postgres_pipeline import Pipeline
from gateway.adapters.store.postgres_store import PostgresAddress
from support.committer_operations import START
from support.postgres_server import shared_server

Batch = list[AnyOperation]


class CommitterStore(Protocol):
    """A store with one committer at work; ``now`` is its clock, in Unix seconds."""

    now: float

    def commit(self, batch: Batch) -> list[Result]:
        """Commit; then the head, the tiles and the entries must agree."""
        ...

    def run(self, statement: str, values: Iterable[object] = ()) -> None:
        """Change the store behind the committer's back."""
        ...

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the store."""
        ...

    def restarted(self) -> int:
        """Put a new committer in the place of this one; return how many intents it closed."""
        ...


class SqliteStore:
    """A file of its own."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite_store.open_writer(path)
        self.now: float = START
        self._committer = SqliteCommitter(self.connection, lambda: self.now)

    def commit(self, batch: Batch) -> list[Result]:
        results = self._committer.commit(batch)
        load_log(SqliteSql(self.connection))
        return results

    def run(self, statement: str, values: Iterable[object] = ()) -> None:
        self.connection.execute(statement, tuple(values))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def restarted(self) -> int:
        self._committer = SqliteCommitter(self.connection, lambda: self.now)
        return self._committer.abandon_open_intents()


class PostgresStore:
    """A database of its own, with two committers that take turns, as two gateways' do."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self.now: float = START
        self._start()

    def _start(self) -> None:
        self.connections = [postgres_store.open_writer(self._address) for _ in range(2)]
        self._numbers = [take_number(one) for one in self.connections]
        self._committers = [
            PostgresCommitter(connection, lambda: self.now, number)
            for connection, number in zip(self.connections, self._numbers, strict=True)
        ]
        self._turns = cycle(self._committers)
        self._reading = Pipeline(self.connections[0])

    def commit(self, batch: Batch) -> list[Result]:
        results = next(self._turns).commit(batch)
        with self._reading:
            load_log(PostgresSql(self._reading))
        return results

    def run(self, statement: str, values: Iterable[object] = ()) -> None:
        self.connections[0].execute(statement.replace("?", "%s").encode(), tuple(values))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connections[0].cursor(binary=True).execute(query.encode()).fetchall()

    def restarted(self) -> int:
        self.close()
        self._start()
        return close_abandoned(self.connections[1], self._committers[1], self._numbers[1])

    def close(self) -> None:
        for one in self.connections:
            one.close()


Prepare = Callable[[CommitterStore], None]
Copies = Callable[[], AbstractContextManager[CommitterStore]]


def sqlite_copies(folder: Path, prepare: Prepare) -> Copies:
    """Prepare a store once; each call of the result opens a copy."""
    template, names = folder / "template.db", count()
    migrate(template)
    store = SqliteStore(template)
    with closing(store.connection):
        prepare(store)

    @contextmanager
    def copy() -> Iterator[CommitterStore]:
        path = folder / f"copy-{next(names)}.db"
        shutil.copyfile(template, path)
        store = SqliteStore(path)
        with closing(store.connection):
            yield store
        for left in folder.glob(f"{path.name}*"):
            left.unlink()

    return copy


def postgres_copies(_: Path, prepare: Prepare) -> Copies:
    """Prepare a database once; each call of the result opens a copy."""
    server = shared_server()
    template = server.copy("template0")
    address = PostgresAddress(server.url(template), timeout_ms=60_000)
    migrate_postgres(address)
    prepared = PostgresStore(address)
    with closing(prepared):
        prepare(prepared)

    @contextmanager
    def copy() -> Iterator[CommitterStore]:
        name = server.copy(template)
        store = PostgresStore(PostgresAddress(server.url(name), timeout_ms=60_000))
        try:
            yield store
        finally:
            store.close()
            server.drop(name)

    return copy


COPIES: Final = {"sqlite": sqlite_copies, "postgres": postgres_copies}
