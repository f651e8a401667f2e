"""The committer's process on SQLite: one batch of every worker at a time, one transaction, answers.

Owns what runs beside the loop. It ends when all its workers are gone, whatever ended them; it never
acknowledges before COMMIT. Started by ``sibling_process``.
"""

import signal
import socket
import time
from pathlib import Path
from typing import Protocol

from gateway.adapters.committer.messages import AnyOperation, Result
from gateway.adapters.committer.sqlite_checkpoints import Checkpointer
from gateway.adapters.committer.sqlite_committer import SqliteCommitter
from gateway.adapters.processes.batch_server import BatchServer
from gateway.adapters.processes.sibling_process import child_main
from gateway.adapters.store.sqlite_store import open_writer


class Commits(Protocol):
    """What the loop needs of a committer."""

    def commit(self, operations: list[AnyOperation]) -> list[Result]:
        """Return a result for each operation, once durable."""
        ...


def server(sockets: list[socket.socket], committer: Commits) -> BatchServer[AnyOperation, Result]:
    """Return the loop between the workers and a committer."""
    return BatchServer(sockets, AnyOperation, committer.commit)


def serve(sockets: list[socket.socket], committer: Commits) -> None:
    """Serve until every worker has closed its end."""
    server(sockets, committer).serve()


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], object]:
    """Open the store named by ``argument``, close open intents, and return what to say and do."""
    # The parent decides when to stop, by closing its ends: a Ctrl-C must not cut a batch off.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    path = Path(argument)
    committer = SqliteCommitter(open_writer(path), time.time)
    abandoned = committer.abandon_open_intents()
    checkpointer = Checkpointer(path)

    def serve_and_check() -> None:
        checkpointer.start()
        serve(sockets, committer)
        checkpointer.stop()

    return {"abandoned": abandoned}, serve_and_check


if __name__ == "__main__":
    child_main(run)
