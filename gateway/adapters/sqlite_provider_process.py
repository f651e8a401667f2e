"""A provider's process over a SQLite database: point look-ups, a batch at a time.

Owns the query and its bounds. It runs apart from the worker, so that a slow disk or a locked file
stalls no other call; the worker gives up and starts it anew. Refuses answers that are not one
subject's: two rows for an identifier are no answer.
"""

import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any, Final

import msgspec

from gateway.adapters.batch_channel import Frames, framed
from gateway.adapters.provider_messages import (
    Answer,
    Found,
    Invalid,
    Lookup,
    Missing,
    Unavailable,
)
from gateway.adapters.sibling_process import child_main

MAX_VALUE_CHARACTERS: Final = 16_384


class Source(msgspec.Struct, frozen=True):
    """Where a dataset is: file, table, and the two columns that name the subject."""

    dataset: str
    path: str
    table: str
    type_column: str
    identifier_column: str


class SqliteLookups:
    """Answers look-ups; opens the file when first asked, and again after an error."""

    def __init__(self, sources: tuple[Source, ...]) -> None:
        """Take the sources; each dataset once."""
        self._sources = {source.dataset: source for source in sources}
        self._connections: dict[str, sqlite3.Connection] = {}

    def answer(self, lookup: Lookup) -> Answer:
        """Return the answer to one look-up; never raises for a bad source."""
        source = self._sources.get(lookup.dataset)
        if source is None:
            return Unavailable()
        try:
            rows = self._query(source, lookup)
        except (sqlite3.DataError, OverflowError, UnicodeError):
            return Invalid()
        except sqlite3.Error:
            self._close(source)
            return Unavailable()
        return _answer(rows)

    def _query(self, source: Source, lookup: Lookup) -> list[tuple[Any, ...]]:
        columns = ",".join(_quoted(field) for field in lookup.fields)
        return (
            self._connection(source)
            .execute(
                f"SELECT {columns} FROM {_quoted(source.table)}"
                f" WHERE {_quoted(source.type_column)}=?"
                f" AND {_quoted(source.identifier_column)}=? LIMIT 2",
                (lookup.identifier_type, lookup.identifier),
            )
            .fetchall()
        )

    def _connection(self, source: Source) -> sqlite3.Connection:
        connection = self._connections.get(source.dataset)
        if connection is None:
            uri = f"{Path(source.path).absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=0.2)
            # The driver's own decoding reports bad UTF-8 as a failing engine, which it is not.
            connection.text_factory = _text
            self._connections[source.dataset] = connection
        return connection

    def _close(self, source: Source) -> None:
        connection = self._connections.pop(source.dataset, None)
        if connection is not None:
            connection.close()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8")


def _answer(rows: list[tuple[Any, ...]]) -> Answer:
    if not rows:
        return Missing()
    if len(rows) > 1 or not all(map(_acceptable, rows[0])):
        return Invalid()
    return Found(rows[0])


def _acceptable(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_VALUE_CHARACTERS
    return value is None or isinstance(value, int)


def _quoted(name: str) -> str:
    # Brackets, not double quotes: SQLite takes an unknown "name" for a string, a [name] never.
    if not name.replace("_", "").isalnum() or not name.isascii():
        raise sqlite3.DataError("not a column name")
    return f"[{name}]"


def serve(sock: socket.socket, lookups: SqliteLookups) -> None:
    """Answer batches until the worker closes its end."""
    decoder = msgspec.msgpack.Decoder(list[Lookup])
    encoder = msgspec.msgpack.Encoder()
    frames = Frames()
    sock.setblocking(True)
    while chunk := sock.recv(1 << 18):
        for frame in frames.feed(chunk):
            answers = [lookups.answer(one) for one in decoder.decode(frame)]
            sock.sendall(framed(encoder.encode(answers)))


def run(sockets: list[socket.socket], argument: str) -> tuple[dict[str, int], Any]:
    """Take the sources as JSON and return what to say and do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sources = msgspec.json.decode(argument, type=tuple[Source, ...])
    return {"sources": len(sources)}, lambda: serve(sockets[0], SqliteLookups(sources))


if __name__ == "__main__":
    child_main(run)
