"""The Merkle log inside the committer's transaction, on any engine.

Owns the log's tables: entries, tiles, head. Events are stored as the bytes that are hashed, and
read back, never re-encoded. State moves on only when the transaction has committed; after any
failure it is read again from the store.
"""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from gateway.adapters.committer.sql import Sql
from gateway.crypto.merkle import HASH_SIZE, CompactRange, leaf_hash
from gateway.crypto.tile_reader import HashReader
from gateway.crypto.tile_writer import TileWriter, partial_widths

_CATCH_UP: Final = 4_096
"""Entries; more are not worth hashing where a few tiles say the same."""


class CorruptLog(Exception):
    """The stored log contradicts itself: nothing may be appended to it."""


class LogState(NamedTuple):
    """The log's right edge: root material, partial tiles, and the time of its last event."""

    edge: CompactRange
    writer: TileWriter
    last_time_ms: int


def load_log(sql: Sql) -> LogState:
    """Read the right edge, and raise ``CorruptLog`` where head, tiles and entries disagree."""
    rows = sql.all("SELECT size, root, last_time_ms FROM log_head WHERE id=1")
    if not rows:
        raise CorruptLog("the log has no head: run 'veilgate init' to make a store")
    size, root, last_time_ms = rows[0]
    ((entries,),) = sql.all("SELECT coalesce(max(log_index)+1, 0) FROM log_entry")
    edge = CompactRange.load(size, HashReader(size, _tile_reader(sql)))
    if entries != size or edge.root() != bytes(root):
        raise CorruptLog("the log's head does not fit its entries and tiles")
    partials = tuple(
        _read_tile(sql, level, size >> (8 * (level + 1)), width) if width else b""
        for level, width in enumerate(partial_widths(size))
    )
    return LogState(edge, TileWriter(size, partials), last_time_ms)


def catch_up(sql: Sql, state: LogState, size: int, root: bytes, last_time_ms: int) -> LogState:
    """Return the state at the head that others have moved to; read anew where that is far."""
    first = state.edge.size
    if not first <= size <= first + _CATCH_UP:
        return load_log(sql)
    rows = sql.all("SELECT event FROM log_entry WHERE log_index>=? ORDER BY log_index", (first,))
    leaves = [leaf_hash(bytes(event)) for (event,) in rows]
    edge = state.edge.extend(leaves)
    if edge.size != size or edge.root() != root:
        raise CorruptLog("the log's head does not fit its entries")
    return LogState(edge, state.writer.append(leaves).writer, last_time_ms)


def root_at(sql: Sql, size: int) -> bytes:
    """Return the root that the log had at a size that it has reached."""
    return CompactRange.load(size, HashReader(size, _tile_reader(sql))).root()


def append_events(sql: Sql, state: LogState, events: list[bytes], now_ms: int) -> LogState:
    """Append events within the open transaction; return the state that holds once it commits."""
    time_ms = max(now_ms, state.last_time_ms)
    first = state.edge.size
    leaves = [leaf_hash(event) for event in events]
    edge = state.edge.extend(leaves)
    appended = state.writer.append(leaves)
    sql.many("INSERT INTO log_entry(log_index, event) VALUES (?,?)", list(enumerate(events, first)))
    sql.many(
        "INSERT INTO log_tile(level, tile_index, hashes) VALUES (?,?,?) "
        "ON CONFLICT (level, tile_index) DO UPDATE SET hashes=excluded.hashes",
        [(tile.level, tile.index, tile.data) for tile in appended.tiles],
    )
    sql.many(
        "UPDATE log_head SET size=?, root=?, last_time_ms=? WHERE id=1",
        [(edge.size, edge.root(), time_ms)],
    )
    return LogState(edge, appended.writer, time_ms)


def stamped(events: list[bytes], time_ms: int) -> list[bytes]:
    """Return the JSON objects with the time as their first member; this is what is hashed."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="milliseconds")
    begin = b'{"time":"' + moment[:-6].encode() + b'Z",'
    return [begin + event[1:] for event in events]


def _tile_reader(sql: Sql):  # type: ignore[no-untyped-def]
    return lambda level, index, width: _read_tile(sql, level, index, width)


def _read_tile(sql: Sql, level: int, index: int, width: int) -> bytes:
    rows = sql.all("SELECT hashes FROM log_tile WHERE level=? AND tile_index=?", (level, index))
    if not rows or len(rows[0][0]) < width * HASH_SIZE:
        raise CorruptLog(f"tile {index} of level {level} is missing or short")
    return bytes(rows[0][0][: width * HASH_SIZE])
