"""The store of a running gateway: its committer, started before gRPC, and its readers.

Owns which engine a configuration means. What is different between engines ends here: above, a store
gives a channel to its committer and readers of rows. A SQLite store has this gateway alone, which
ends with its committer; on PostgreSQL committer and readers are replaced when they are lost.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Final, Protocol

import msgspec

from gateway.adapters.committer.messages import AnyOperation, Not, Result
from gateway.adapters.committer.partner_seed import seed_operations
from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.committer.postgres_owners import take_number
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.processes.batch_channel import BatchChannel, Calls
from gateway.adapters.processes.restarting_sibling import RestartingSibling
from gateway.adapters.processes.sibling_process import Sibling, start
from gateway.adapters.store.migrate import migrate, migrate_postgres
from gateway.adapters.store.partner_file import Partner, PartnerFileError, read_partners
from gateway.adapters.store.postgres_reader import PostgresReader
from gateway.adapters.store.postgres_store import PostgresAddress
from gateway.adapters.store.postgres_store import open_writer as open_postgres_writer
from gateway.adapters.store.reader import SqliteReader, StoreReader
from gateway.adapters.store.sqlite_store import open_reader, open_writer
from gateway.config import POSTGRES, Config, ConfigError
from gateway.domain.reasons import ErrorReason

COMMITTER_MODULE: Final = "gateway.adapters.committer.process"
POSTGRES_COMMITTER_MODULE: Final = "gateway.adapters.committer.postgres_process"
Committer = Calls[AnyOperation, Result]


class Store(Protocol):
    """One engine's store, with its committer running."""

    @property
    def abandoned(self) -> int:
        """Return how many open intents of a dead process were closed at the start."""
        ...

    def connect(
        self,
        on_gone: Callable[[bool], None],
        on_store: Callable[[bool], None],
        busy: Callable[[], bool],
    ) -> Committer:
        """Return the way to the committer; called once, on the event loop, before ``reader``.

        ``on_gone`` hears of a loss that ends the gateway, ``on_store(False)`` of one that passes.
        """
        ...

    def reader(self, bulk: bool = False) -> StoreReader:
        """Return a reader of its own for one user; called on the event loop.

        What reads much at once is ``bulk``, so that it holds up no record.
        """
        ...

    def close(self) -> None:
        """End the readers and the committer, after its last batch."""
        ...


def open_store(config: Config) -> Store:
    """Bring the store up to date and start its committer; raises what a start reports."""
    return _PostgresStore(config) if config.store.startswith(POSTGRES) else _SqliteStore(config)


class _SqliteStore:
    def __init__(self, config: Config) -> None:
        self._path = Path(config.store)
        self._timeout_s = config.commit_timeout_ms / 1000
        migrate(self._path)
        partners = _partners(config)
        with closing(open_writer(self._path)) as connection:
            known = {row[0] for row in connection.execute("SELECT id FROM institution")}
            absent = [one for one in partners if one.id not in known]
            _seed(SqliteCommitter(connection, time.time), absent)
        self._committer: Sibling = start(COMMITTER_MODULE, str(self._path))
        self._channel: BatchChannel[AnyOperation, Result] | None = None
        self._readers: list[StoreReader] = []

    @property
    def abandoned(self) -> int:
        return self._committer.ready["abandoned"]

    def connect(
        self,
        on_gone: Callable[[bool], None],
        on_store: Callable[[bool], None],  # noqa: ARG002 - nothing here passes by itself
        busy: Callable[[], bool],
    ) -> Committer:
        self._channel = BatchChannel(
            self._committer.sockets[0], Result, self._timeout_s, on_gone, busy
        )
        return self._channel

    def reader(self, bulk: bool = False) -> StoreReader:  # noqa: ARG002 - a connection each
        self._readers.append(SqliteReader(open_reader(self._path)))
        return self._readers[-1]

    def close(self) -> None:
        for reader in self._readers:
            reader.close()
        if self._channel is not None:
            self._channel.close()
        self._committer.stop()


class _PostgresStore:
    def __init__(self, config: Config) -> None:
        address = PostgresAddress(config.store, config.store_password_file, config.store_timeout_ms)
        migrate_postgres(address)
        partners = _partners(config)
        with closing(open_postgres_writer(address, "veilgate start")) as connection:
            number = take_number(connection)
            _seed(PostgresCommitter(connection, time.time, number), partners)
        self._committer: RestartingSibling[AnyOperation, Result] = RestartingSibling(
            POSTGRES_COMMITTER_MODULE,
            msgspec.json.encode(address).decode(),
            Result,
            config.store_timeout_ms / 1000,
        )
        self._readers = {bulk: PostgresReader(address) for bulk in (False, True)}

    @property
    def abandoned(self) -> int:
        return self._committer.ready["abandoned"]

    def connect(
        self,
        on_gone: Callable[[bool], None],  # noqa: ARG002 - no loss ends the gateway
        on_store: Callable[[bool], None],
        busy: Callable[[], bool],
    ) -> Committer:
        def changed(ok: bool) -> None:
            # That it is well again a write has to show: the gateway tries one.
            if not ok:
                on_store(False)

        self._committer.open(changed, busy)
        for reader in self._readers.values():
            reader.open(changed, busy)
        return self._committer

    def reader(self, bulk: bool = False) -> StoreReader:
        return self._readers[bulk]

    def close(self) -> None:
        for reader in self._readers.values():
            reader.close()
        self._committer.close()


def _partners(config: Config) -> tuple[Partner, ...]:
    try:
        return read_partners(Path(config.partners))
    except PartnerFileError as error:
        raise ConfigError(str(error)) from error


def _seed(committer: SqliteCommitter | PostgresCommitter, partners: Iterable[Partner]) -> None:
    """Enrol who is in the partner file and not in the Directory yet."""
    operations = seed_operations(partners)
    if not operations:
        return
    for one, result in zip(operations, committer.commit([*operations]), strict=True):
        if isinstance(result, Not) and result.reason is not ErrorReason.INSTITUTION_ALREADY_EXISTS:
            what = f"{result.reason.value} {result.element}".strip()
            raise ConfigError(f"partner {one.institution}: {what}")
