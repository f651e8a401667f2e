"""The engines under the store's ports, for contract tests: every engine must pass the same ones.

Owns opening an engine as a gateway does, with its real committer and several workers, and what only
an operator can do to it. A second engine is one more entry in ``ENGINES``.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from clients.cli.local.home import packaged_policies
from gateway.adapters import sibling_process
from gateway.adapters.batch_channel import BatchChannel
from gateway.adapters.committer_ledger import CommitterLedger
from gateway.adapters.committer_messages import AnyOperation, Result
from gateway.adapters.directory_store import DirectoryStore, Partner, write_partners
from gateway.adapters.keyring import create_keyring, load_keyring
from gateway.adapters.log_store import LogStore
from gateway.adapters.migrate import migrate
from gateway.adapters.sqlite_store import open_reader, open_writer
from gateway.adapters.subject_store import SubjectStore
from gateway.application.decide_access import DecideAccess, PolicyInForce
from gateway.application.ports.ledger import Ledger
from gateway.application.ports.log import LogReader
from gateway.application.ports.store import ConsentReader, Directory
from gateway.bootstrap import COMMITTER_MODULE, load_policy
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

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
    ),
    Partner("lender-b", "b-group", (Role.LENDER,), Jurisdiction.CN, certificates=("bb" * 32,)),
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


@dataclass(frozen=True, slots=True)
class Worker:
    """What one worker process of a gateway holds: its own connection to the committer."""

    ledger: Ledger
    consents: ConsentReader
    decide: DecideAccess


@dataclass(frozen=True, slots=True)
class Store:
    """An open store: the ports, and the operator's means to change the Directory."""

    workers: tuple[Worker, ...]
    directory: Directory
    log: LogReader
    set_status: Callable[[str, InstitutionStatus], None]


class Engine(Protocol):
    """One engine: opens a store in a folder and stops everything at the end."""

    def open(self, folder: Path) -> AbstractAsyncContextManager[Store]:
        """Return the open store."""
        ...


class SqliteEngine:
    """The store on SQLite with its committer process."""

    @asynccontextmanager
    async def open(self, folder: Path) -> AsyncIterator[Store]:
        """Make a store, start its committer, and connect the workers."""
        path = folder / "veilgate.db"
        create_keyring(folder / "keys")
        keyring = load_keyring(folder / "keys")
        policy = PolicyInForce(load_policy(packaged_policies()))
        migrate(path)
        with closing(open_writer(path)) as connection:
            write_partners(connection, PARTNERS)
        committer = sibling_process.start(COMMITTER_MODULE, str(path), WORKERS)
        channels: list[BatchChannel[AnyOperation, Result]] = [
            BatchChannel(sock, Result, 20.0, lambda _: None) for sock in committer.sockets
        ]
        readers = [open_reader(path) for _ in range(WORKERS + 2)]
        try:
            subjects = [SubjectStore(reader, keyring) for reader in readers[2:]]
            workers = [
                Worker(
                    CommitterLedger(channel, one, policy, lambda _: None),
                    one,
                    DecideAccess(policy, one, time.time),
                )
                for channel, one in zip(channels, subjects, strict=True)
            ]
            directory = DirectoryStore(readers[0], time.monotonic)
            log = LogStore(readers[1], ORIGIN, keyring.log_key)
            yield Store(tuple(workers), directory, log, _status_setter(path))
        finally:
            for channel in channels:
                channel.close()
            committer.stop()
            for reader in readers:
                reader.close()


def _status_setter(path: Path) -> Callable[[str, InstitutionStatus], None]:
    def set_status(institution: str, status: InstitutionStatus) -> None:
        with closing(open_writer(path)) as connection:
            connection.execute(
                "UPDATE institution SET status=? WHERE id=?", (status.value, institution)
            )

    return set_status


ENGINES: Final[dict[str, Engine]] = {"sqlite": SqliteEngine()}
