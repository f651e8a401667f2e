"""The reader's process on PostgreSQL: one batch of queries at a time, in one round trip.

Owns the session, which cannot write. A query that fails alone fails alone; a session that has ended
ends the process, after what waited was told so. Started by ``sibling_process``.
"""

import socket
from collections.abc import Callable

import msgspec
import psycopg

from gateway.adapters.processes.batch_server import BatchServer
from gateway.adapters.processes.sibling_process import child_main
from gateway.adapters.store.postgres_pipeline import Pipeline
from gateway.adapters.store.postgres_queries import Answer, Failed, Found, Query
from gateway.adapters.store.postgres_session import starting, watched
from gateway.adapters.store.postgres_store import Connection, PostgresAddress, open_reader


class Queries:
    """Answers queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        """Take over a connection made by ``open_reader``."""
        self._connection = connection
        self._pipeline = Pipeline(connection)

    def answers(self, queries: list[Query]) -> list[Answer]:
        """Return an answer for each query, in its place."""
        try:
            return self._together(queries)
        except psycopg.Error:
            if self._connection.closed or len(queries) == 1:
                return [Failed()] * len(queries)
            return [answer for one in queries for answer in self.answers([one])]

    def _together(self, queries: list[Query]) -> list[Answer]:
        with self._pipeline:
            replies = [self._pipeline.send(one.statement, one.values) for one in queries]
        return [Found(reply.rows()) for reply in replies]


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], Callable[[], None]]:
    """Open the store named by ``argument`` and return what to say and do."""
    with starting():
        connection = open_reader(msgspec.json.decode(argument, type=PostgresAddress))
    server: BatchServer[Query, Answer] = BatchServer(sockets, Query, Queries(connection).answers)
    besides = watched(connection, lambda: connection.execute("SELECT 1"))
    return {}, lambda: server.serve(besides)


if __name__ == "__main__":
    child_main(run)
