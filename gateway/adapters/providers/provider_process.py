"""A local provider's process: a batch of look-ups in, a batch of answers out.

Owns the loop, and which engine a kind of source means. It runs apart from the worker, so that a
slow disk, a locked file or a slow database stalls no other call; the worker gives up and starts it
anew.
"""

import signal
import socket
from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from gateway.adapters.processes.batch_channel import Frames, framed
from gateway.adapters.processes.sibling_process import child_main
from gateway.adapters.providers.messages import Answer, Lookup
from gateway.adapters.providers.sources import DuckdbSource, Source, SqliteSource, SqlSource


class Lookups(Protocol):
    """A source that answers look-ups."""

    def answers(self, batch: Sequence[Lookup]) -> list[Answer]:
        """Return the answer to each look-up, in order; never raises for a bad source."""
        ...


def open_lookups(source: Source) -> Lookups:
    """Return the look-ups of a source; raises ``SourceError`` for one that can never work."""
    # A process loads the one engine it needs.
    match source:
        case SqliteSource():
            from gateway.adapters.providers.sqlite_lookups import SqliteLookups

            return SqliteLookups(source)
        case DuckdbSource():
            from gateway.adapters.providers.duckdb_lookups import DuckdbLookups

            return DuckdbLookups(source)
        case SqlSource():
            from gateway.adapters.providers.sql_lookups import SqlLookups

            return SqlLookups(source)


def serve(sock: socket.socket, lookups: Lookups) -> None:
    """Answer batches until the worker closes its end."""
    decoder = msgspec.msgpack.Decoder(list[Lookup])
    encoder = msgspec.msgpack.Encoder()
    frames = Frames()
    sock.setblocking(True)
    while chunk := sock.recv(1 << 18):
        for frame in frames.feed(chunk):
            answers = lookups.answers(decoder.decode(frame))
            sock.sendall(framed(encoder.encode(answers)))


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], Any]:
    """Take the source as JSON and return what to say and do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lookups = open_lookups(msgspec.json.decode(argument, type=Source))
    return {"sources": 1}, lambda: serve(sockets[0], lookups)


if __name__ == "__main__":
    child_main(run)
