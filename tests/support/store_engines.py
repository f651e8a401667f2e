"""The engines under the store's ports, for contract tests: every engine must pass the same ones.

Owns opening an engine as a gateway does, with its real committer and several workers, and what only
an operator can do to it. A second engine is one more entry in ``ENGINES``.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec

from clients.cli.local.home import packaged_policies
from gateway.adapters.committer.ledger import CommitterLedger
from gateway.adapters.committer.messages import AnyOperation, Done, Result
from gateway.adapters.committer.partner_seed import seed_operations
from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.committer.postgres_owners import take_number
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.keys.keyring import Keyring, create_keyring, load_keyring
from gateway.adapters.processes import sibling_process
from gateway.adapters.processes.batch_channel import BatchChannel, Calls
from gateway.adapters.processes.restarting_sibling import RestartingSibling
from gateway.adapters.store.directory_store import DirectoryStore
from gateway.adapters.store.log_store import LogStore
from gateway.adapters.store.migrate import migrate, migrate_postgres
from gateway.adapters.store.partner_file import Partner
from gateway.adapters.store.postgres_reader import PostgresReader
from gateway.adapters.store.postgres_store import PostgresAddress
from gateway.adapters.store.postgres_store import open_writer as open_postgres_writer
from gateway.adapters.store.reader import SqliteReader, StoreReader
from gateway.adapters.store.sqlite_store import open_reader, open_writer
from gateway.adapters.store.subject_store import SubjectStore
from gateway.application.decide_access import DecideAccess, PolicyInForce
from gateway.application.ports.ledger import Ledger
from gateway.application.ports.log import LogReader
from gateway.application.ports.store import ConsentReader, Directory
from gateway.bootstrap.settings import load_policy
from gateway.bootstrap.stores import COMMITTER_MODULE, POSTGRES_COMMITTER_MODULE
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role
from support.agreements import partner_agreement
from support.postgres_server import shared_server

ORIGIN: Final = "contract.example/log"
WORKERS: Final = 4
PARTNERS: Final = (
    Partner(
        "lender-a",
        "a-group",
        (Role.LENDER,),
        Jurisdiction.CN,
        certificates=("aa" * 32, "ab" * 32),
        signing_keys={"lender-a-1": "11" * 32},
        agreements=(partner_agreement("lender-a"),),
    ),
    Partner(
        "lender-b",
        "b-group",
        (Role.LENDER,),
        Jurisdiction.CN,
        certificates=("bb" * 32,),
        agreements=(partner_agreement("lender-b"),),
    ),
    Partner(
        "lender-s",
        "s-group",
        (Role.LENDER, Role.AUDITOR),
        Jurisdiction.US,
        InstitutionStatus.SUSPENDED,
        certificates=("cc" * 32,),
        signing_keys={"lender-s-1": "22" * 32},
    ),
)


Execute = Callable[[str, Sequence[object]], None]


@dataclass(frozen=True, slots=True)
class Worker:
    """What one worker process of a gateway holds: its own connection to the committer."""

    ledger: Ledger
    consents: ConsentReader
    decide: DecideAccess
    committer: Calls[AnyOperation, Result]


@dataclass(frozen=True, slots=True)
class Store:
    """An open store: the ports, and the operator's means to change the Directory."""

    workers: tuple[Worker, ...]
    directory: Directory
    log: LogReader
    set_status: Callable[[str, InstitutionStatus], None]
    reader: StoreReader
    keyring: Keyring
    execute: Execute
    """An operator's own statement beside the gateway; places are written ``?``."""


class Engine(Protocol):
    """One engine: opens a store in a folder and stops everything at the end."""

    def open(self, folder: Path) -> AbstractAsyncContextManager[Store]:
        """Return the open store."""
        ...


class SqliteEngine:
    """The store on SQLite with its committer process, which serves all workers."""

    @asynccontextmanager
    async def open(self, folder: Path) -> AsyncIterator[Store]:
        """Make a store, start its committer, and connect the workers."""
        path = folder / "veilgate.db"
        migrate(path)
        with closing(open_writer(path)) as connection:
            seeded(SqliteCommitter(connection, time.time))
        committer = sibling_process.start(COMMITTER_MODULE, str(path), WORKERS)
        channels: list[BatchChannel[AnyOperation, Result]] = [
            BatchChannel(sock, Result, 20.0, lambda _: None) for sock in committer.sockets
        ]
        readers = [SqliteReader(open_reader(path)) for _ in range(WORKERS + 2)]
        try:
            yield _store(folder, channels, readers, _sqlite_execute(path))
        finally:
            for channel in channels:
                channel.close()
            committer.stop()
            for reader in readers:
                reader.close()


class PostgresEngine:
    """The store on PostgreSQL: each worker has a committer of its own, as several gateways do."""

    @asynccontextmanager
    async def open(self, folder: Path) -> AsyncIterator[Store]:
        """Make a database, start the committers and readers, and connect the workers."""
        address = PostgresAddress(shared_server().create(), timeout_ms=20_000)
        migrate_postgres(address)
        with closing(open_postgres_writer(address)) as connection:
            seeded(PostgresCommitter(connection, time.time, take_number(connection)))
        argument = msgspec.json.encode(address).decode()
        committers: list[RestartingSibling[AnyOperation, Result]] = [
            RestartingSibling(POSTGRES_COMMITTER_MODULE, argument, Result, 20.0)
            for _ in range(WORKERS)
        ]
        readers = [PostgresReader(address) for _ in range(2)]
        for committer in committers:
            committer.open()
        for reader in readers:
            reader.open()
        try:
            # Each worker but one reads by way of the same process, as the users of a gateway do.
            shared = [readers[0], *readers, *[readers[1]] * (WORKERS - 1)]
            yield _store(folder, committers, shared, _postgres_execute(address))
        finally:
            for committer in committers:
                committer.close()
            for reader in readers:
                reader.close()


def seeded(committer: SqliteCommitter | PostgresCommitter) -> None:
    """Enrol the institutions of the contract tests."""
    results = committer.commit([*seed_operations(PARTNERS)])
    assert all(isinstance(one, Done) for one in results), results


def _store(
    folder: Path,
    channels: Sequence[Calls[AnyOperation, Result]],
    readers: Sequence[StoreReader],
    execute: Execute,
) -> Store:
    create_keyring(folder / "keys")
    keyring = load_keyring(folder / "keys")
    policy = PolicyInForce(load_policy(packaged_policies()))
    subjects = [SubjectStore(reader, keyring) for reader in readers[2:]]
    log = LogStore(readers[1], ORIGIN, keyring.log_key)
    workers = [
        Worker(
            CommitterLedger(channel, one, policy, lambda _: None),
            one,
            DecideAccess(policy, one, time.time),
            channel,
        )
        for channel, one in zip(channels, subjects, strict=True)
    ]
    directory = DirectoryStore(readers[0], time.monotonic, time.time)

    def set_status(institution: str, status: InstitutionStatus) -> None:
        execute("UPDATE institution SET status=? WHERE id=?", (status.value, institution))

    return Store(tuple(workers), directory, log, set_status, readers[0], keyring, execute)


def _sqlite_execute(path: Path) -> Execute:
    def execute(statement: str, values: Sequence[object]) -> None:
        with closing(open_writer(path)) as connection:
            connection.execute(statement, values)

    return execute


def _postgres_execute(address: PostgresAddress) -> Execute:
    def execute(statement: str, values: Sequence[object]) -> None:
        with closing(open_postgres_writer(address)) as connection:
            connection.execute(statement.replace("?", "%s"), values)

    return execute


ENGINES: Final[dict[str, Engine]] = {"sqlite": SqliteEngine(), "postgres": PostgresEngine()}
