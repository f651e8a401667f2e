"""The Merkle log inside the committer's transaction, on SQLite.

Owns the log's tables: entries, tiles, head. Events are stored as the bytes that are hashed, and
read back, never re-encoded. State moves on only when the transaction has committed; after any
failure it is read again from the store.
"""

import sqlite3
from datetime import UTC, datetime
from typing import NamedTuple

from gateway.crypto.merkle import HASH_SIZE, CompactRange, leaf_hash
from gateway.crypto.tile_reader import HashReader
from gateway.crypto.tile_writer import TileWriter, partial_widths


class CorruptLog(Exception):
    """The stored log contradicts itself: nothing may be appended to it."""


class LogState(NamedTuple):
    """The log's right edge: root material, partial tiles, and the time of its last event."""

    edge: CompactRange
    writer: TileWriter
    last_time_ms: int


def load_log(connection: sqlite3.Connection) -> LogState:
    """Read the right edge, and raise ``CorruptLog`` where head, tiles and entries disagree."""
    row = connection.execute("SELECT size, root, last_time_ms FROM log_head WHERE id=1").fetchone()
    if row is None:
        raise CorruptLog("the log has no head: run 'veilgate init' to make a store")
    size, root, last_time_ms = row
    (entries,) = connection.execute(
        "SELECT coalesce(max(log_index)+1, 0) FROM log_entry"
    ).fetchone()
    edge = CompactRange.load(size, HashReader(size, _tile_reader(connection)))
    if entries != size or edge.root() != root:
        raise CorruptLog("the log's head does not fit its entries and tiles")
    partials = tuple(
        _read_tile(connection, level, size >> (8 * (level + 1)), width) if width else b""
        for level, width in enumerate(partial_widths(size))
    )
    return LogState(edge, TileWriter(size, partials), last_time_ms)


def append_events(
    connection: sqlite3.Connection, state: LogState, events: list[bytes], now_ms: int
) -> LogState:
    """Append events within the open transaction; return the state that holds once it commits."""
    time_ms = max(now_ms, state.last_time_ms)
    first = state.edge.size
    leaves = [leaf_hash(event) for event in events]
    edge = state.edge.extend(leaves)
    appended = state.writer.append(leaves)
    connection.executemany(
        "INSERT INTO log_entry(log_index, event) VALUES (?,?)", enumerate(events, first)
    )
    connection.executemany(
        "INSERT INTO log_tile(level, tile_index, hashes) VALUES (?,?,?) "
        "ON CONFLICT DO UPDATE SET hashes=excluded.hashes",
        [(tile.level, tile.index, tile.data) for tile in appended.tiles],
    )
    connection.execute(
        "UPDATE log_head SET size=?, root=?, last_time_ms=? WHERE id=1",
        (edge.size, edge.root(), time_ms),
    )
    return LogState(edge, appended.writer, time_ms)


def stamped(events: list[bytes], time_ms: int) -> list[bytes]:
    """Return the JSON objects with the time as their first member; this is what is hashed."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds")
    begin = b'{"time":"' + moment[:-6].encode() + b'Z",'
    return [begin + event[1:] for event in events]


def _tile_reader(connection: sqlite3.Connection):  # type: ignore[no-untyped-def]
    return lambda level, index, width: _read_tile(connection, level, index, width)


def _read_tile(connection: sqlite3.Connection, level: int, index: int, width: int) -> bytes:
    row = connection.execute(
        "SELECT hashes FROM log_tile WHERE level=? AND tile_index=?", (level, index)
    ).fetchone()
    if row is None or len(row[0]) < width * HASH_SIZE:
        raise CorruptLog(f"tile {index} of level {level} is missing or short")
    return bytes(row[0][: width * HASH_SIZE])
