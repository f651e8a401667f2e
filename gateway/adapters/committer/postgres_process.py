"""The committer's process on PostgreSQL: one for each worker, beside those of other gateways.

Owns the committer's session and its number. A session that has ended ends the process, after what
waited was told so. Started by ``sibling_process``.
"""

import socket
import time
from collections.abc import Callable

import msgspec

from gateway.adapters.committer.postgres_committer import PostgresCommitter
from gateway.adapters.committer.postgres_owners import close_abandoned, take_number
from gateway.adapters.committer.process import server
from gateway.adapters.processes.sibling_process import child_main
from gateway.adapters.store.postgres_session import starting, watched
from gateway.adapters.store.postgres_store import PostgresAddress, open_writer


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], Callable[[], None]]:
    """Open the store named by ``argument``, close dead committers' intents, and serve."""
    with starting():
        connection = open_writer(msgspec.json.decode(argument, type=PostgresAddress))
        number = take_number(connection)
        committer = PostgresCommitter(connection, time.time, number)
        abandoned = close_abandoned(connection, committer, number)
    besides = watched(connection, lambda: close_abandoned(connection, committer, number))
    return {"abandoned": abandoned}, lambda: server(sockets, committer).serve(besides)


if __name__ == "__main__":
    child_main(run)
