"""What must hold of a store after anything: the check of the fault tests of the committer.

Owns the comparison of a log with its tree, with the tables beside it, and with what was
acknowledged; the tree is computed anew from the entries by the textbook definition. It raises
``StoreBroken`` at the first thing that is wrong, and repairs nothing.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from support.crypto_log import reference_nodes, reference_root
from support.faults_store import event_of

_TILE = 256
_OUTCOMES = ("RELEASE", "FAILURE", "ABANDONED")


class StoreBroken(Exception):
    """The store contradicts itself, or what was acknowledged."""


class Acknowledged(NamedTuple):
    """An event that the committer said is durable at an index; ``event`` is without its time."""

    at: int
    event: bytes


class _Store(NamedTuple):
    entries: list[bytes]
    events: list[dict[str, str]]
    connection: sqlite3.Connection

    def rows(self, query: str) -> list[Any]:
        return self.connection.execute(query).fetchall()


def check_store(path: Path, acknowledged: Iterable[Acknowledged]) -> int:
    """Return how many events the log has, or raise ``StoreBroken``."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT log_index, event FROM log_entry ORDER BY 1").fetchall()
        if [row[0] for row in rows] != list(range(len(rows))):
            raise StoreBroken("the log's indices have a gap")
        entries = [row[1] for row in rows]
        store = _Store(entries, [event_of(one) for one in entries], connection)
        _check_acknowledged(store, acknowledged)
        _check_tree(store)
        _check_intents(store)
        _check_counts(store)
        _check_consents(store)
    return len(entries)


def _check_acknowledged(store: _Store, acknowledged: Iterable[Acknowledged]) -> None:
    ids = Counter(event.get("id") for event in store.events if "id" in event)
    doubled = [one for one, times in ids.items() if times > 1]
    if doubled:
        raise StoreBroken(f"{len(doubled)} events are in the log twice")
    for at, event in acknowledged:
        if at >= len(store.entries):
            raise StoreBroken(f"the acknowledged event {at} is lost")
        if not store.entries[at].endswith(event[1:]):
            raise StoreBroken(f"the log has another event at {at} than was acknowledged")


def _check_tree(store: _Store) -> None:
    ((size, root),) = store.rows("SELECT size, root FROM log_head")
    if size != len(store.entries):
        raise StoreBroken("the head's size is not the number of entries")
    if root != reference_root(store.entries):
        raise StoreBroken("the head's root is not that of the entries")
    stored = {
        (level, index): hashes
        for level, index, hashes in store.rows("SELECT level, tile_index, hashes FROM log_tile")
    }
    if stored != _tiles(store.entries):
        raise StoreBroken("the tiles are not those of the entries")


def _tiles(entries: list[bytes]) -> dict[tuple[int, int], bytes]:
    leaves = [reference_root([entry]) for entry in entries]
    tiles: dict[tuple[int, int], bytes] = {}
    for (level, index), node in sorted(reference_nodes(leaves).items()):
        if level % 8 == 0:
            at = (level // 8, index // _TILE)
            tiles[at] = tiles.get(at, b"") + node
    return tiles


def _check_intents(store: _Store) -> None:
    outcomes = Counter(event["intent"] for event in store.events if event["kind"] in _OUTCOMES)
    intents = [event["id"] for event in store.events if event["kind"] == "INTENT"]
    open_ = {row[0] for row in store.rows("SELECT event_id FROM open_intent")}
    for intent in intents:
        if outcomes[intent] + (intent in open_) != 1:
            raise StoreBroken("an intent has not exactly one outcome")
    if set(outcomes) - set(intents) or open_ - set(intents):
        raise StoreBroken("an outcome has no intent")


def _check_counts(store: _Store) -> None:
    released = {
        (event["consent"], event["request"]) for event in store.events if event["kind"] == "RELEASE"
    }
    uses = Counter(consent for consent, _ in released)
    for consent, counted in store.rows("SELECT id, uses FROM consent"):
        if counted != uses[consent]:
            raise StoreBroken(f"{counted} uses are counted where {uses[consent]} were released")
    known = store.rows("SELECT consent_id FROM request WHERE consent_id IS NOT NULL")
    if Counter(consent for (consent,) in known) != uses:
        raise StoreBroken("the requests are not those that were released")
    ((counted,),) = store.rows("SELECT coalesce(sum(uses), 0) FROM usage")
    # Each release counts once for the recipient and once for its subject.
    if counted != 2 * len(released):
        raise StoreBroken("the limits were not counted with the releases")


def _check_consents(store: _Store) -> None:
    granted = {e["consent"] for e in store.events if e["kind"] == "CONSENT_GRANTED"}
    revoked = {e["consent"]: at for at, e in enumerate(store.events) if e["kind"].endswith("VOKED")}
    stored = dict(store.rows("SELECT id, state FROM consent"))
    if set(stored) != granted:
        raise StoreBroken("the consents are not those that were granted")
    if {one for one, state in stored.items() if state == "revoked"} != set(revoked):
        raise StoreBroken("the states are not those that the log says")
    for at, event in enumerate(store.events):
        if event["kind"] == "RELEASE" and at > revoked.get(event["consent"], at):
            raise StoreBroken("a release stands after the revocation of its consent")
