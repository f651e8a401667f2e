"""Reading and writing a batch's rows on SQLite: few statements, whatever the batch's size."""

import sqlite3
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

import msgspec

from gateway.adapters.committer_batch import (
    Batch,
    ConsentRow,
    RequestRow,
    Rows,
    request_key,
    usage_scopes,
)
from gateway.adapters.committer_messages import (
    AnyOperation,
    Append,
    Change,
    Grant,
    Intend,
    Release,
)
from gateway.domain.consent import ConsentState, ConsentTerms, Standing
from gateway.domain.vocabulary import InstitutionStatus

# The stored bytes of a consent's terms never change, so what they say is remembered by them.
_terms: Final = lru_cache(16_384)(msgspec.msgpack.Decoder(ConsentTerms).decode)


def read_rows(connection: sqlite3.Connection, operations: list[AnyOperation]) -> Rows:
    """Read, within the open transaction, every row that the operations name."""
    requests = [request_key(one) for one in operations if isinstance(one, Intend | Release)]
    consents = {one.consent_id for one in operations if isinstance(one, Release | Change)}
    scopes = [key for one in operations if isinstance(one, Release) for key in usage_scopes(one)]
    grants = [one for one in operations if isinstance(one, Grant)]
    intents = [one.intent_id for one in operations if isinstance(one, Release | Append)]
    return Rows(
        active=_active(connection),
        requests=_requests(connection, requests),
        consents=_consents(connection, consents),
        usage=_usage(connection, scopes),
        open_intents=_open_intents(connection, [one for one in intents if one]),
        grants=_grants(connection, [one.consent_id for one in grants]),
        subject_keys=_subject_keys(connection, [one.subject_id for one in grants]),
    )


def _active(connection: sqlite3.Connection) -> set[str]:
    select = "SELECT id FROM institution WHERE status=?"
    return {row[0] for row in connection.execute(select, (InstitutionStatus.ACTIVE.value,))}


def _requests(connection: sqlite3.Connection, keys: Collection[str]) -> dict[str, RequestRow]:
    select = "SELECT id, body_digest, consent_id, use_window FROM request"
    return {
        row[0]: RequestRow(row[1], row[2], row[3] or 0) for row in _by_key(connection, select, keys)
    }


def _consents(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, ConsentRow]:
    columns = "id, subject_id, terms, state, uses, use_window, window_uses"
    rows = _by_key(connection, f"SELECT {columns} FROM consent", ids)
    return {row[0]: _consent(row) for row in rows}


def _usage(
    connection: sqlite3.Connection, scopes: Collection[bytes]
) -> dict[bytes, tuple[int, int]]:
    select = "SELECT scope, use_window, uses FROM usage"
    return {row[0]: (row[1], row[2]) for row in _by_key(connection, select, scopes, "scope")}


def _open_intents(connection: sqlite3.Connection, ids: Collection[str]) -> set[str]:
    rows = _by_key(connection, "SELECT event_id FROM open_intent", ids, "event_id")
    return {row[0] for row in rows}


def _grants(connection: sqlite3.Connection, ids: Collection[str]) -> dict[str, tuple[bytes, int]]:
    select = "SELECT id, artefact_digest, grant_log_index FROM consent"
    return {row[0]: (row[1], row[2]) for row in _by_key(connection, select, ids)}


def _subject_keys(connection: sqlite3.Connection, ids: Collection[bytes]) -> dict[bytes, bytes]:
    return dict(_by_key(connection, "SELECT id, wrapped_key FROM subject", ids))


def write_changes(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write, within the open transaction, everything but the log's own tables."""
    changes, rows = batch.changes, batch.rows
    _write_grants(connection, batch)
    _many(
        connection,
        "INSERT INTO request(id, body_digest) VALUES (?,?)",
        [(key, rows.requests[key].body_digest) for key in changes.new_requests],
    )
    _many(
        connection,
        "UPDATE request SET consent_id=?, use_window=? WHERE id=?",
        [
            (rows.requests[key].consent_id, rows.requests[key].window, key)
            for key in changes.released_requests
        ],
    )
    _many(
        connection,
        "INSERT INTO open_intent(event_id, log_index) VALUES (?,?)",
        list(changes.opened.items()),
    )
    _many(
        connection,
        "DELETE FROM open_intent WHERE event_id=?",
        [(event_id,) for event_id in changes.closed],
    )
    _many(
        connection,
        "INSERT INTO subject_event(subject_id, log_index) VALUES (?,?)",
        changes.subject_events,
    )
    _write_counts(connection, batch)


def _write_grants(connection: sqlite3.Connection, batch: Batch) -> None:
    for one, log_index in batch.changes.grants:
        terms = batch.rows.consents[one.consent_id].terms
        connection.execute(
            "INSERT INTO subject(id, lookup, kek_id, wrapped_key, sealed_secret) "
            "VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
            (one.subject_id, one.lookup, one.kek_id, one.wrapped_key, one.sealed_secret),
        )
        connection.execute(
            "INSERT INTO consent(id, subject_id, controller, collector, terms, key_id, signature,"
            " artefact_digest, sealed_artefact, granted_at, grant_log_index, state,"
            " uses, use_window, window_uses) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,0,0,0)",
            (
                *(one.consent_id, one.subject_id, terms.controller, terms.collector, one.terms),
                *(one.key_id, one.signature, one.artefact_digest, one.sealed_artefact),
                *(batch.now, log_index, ConsentState.ACTIVE.value),
            ),
        )


def _write_counts(connection: sqlite3.Connection, batch: Batch) -> None:
    changes, rows = batch.changes, batch.rows
    standings = [(key, rows.consents[key].standing) for key in changes.consents]
    _many(
        connection,
        "UPDATE consent SET state=?, uses=?, use_window=?, window_uses=? WHERE id=?",
        [(one.state.value, one.uses, one.window, one.window_uses, key) for key, one in standings],
    )
    _many(
        connection,
        "INSERT INTO usage(scope, use_window, uses) VALUES (?,?,?) ON CONFLICT DO UPDATE "
        "SET use_window=excluded.use_window, uses=excluded.uses",
        [(scope, *rows.usage[scope]) for scope in changes.usage],
    )


def _consent(row: tuple[Any, ...]) -> ConsentRow:
    _, subject_id, terms, state, uses, window, window_uses = row
    standing = Standing(ConsentState(state), uses, window, window_uses)
    return ConsentRow(subject_id, _terms(terms), standing)


def _by_key(
    connection: sqlite3.Connection, select: str, keys: Collection[object], column: str = "id"
) -> list[Any]:
    """Return the rows whose key is among ``keys``; ``select`` and ``column`` are our own text."""
    if not keys:
        return []
    places = ",".join("?" * len(keys))
    return connection.execute(f"{select} WHERE {column} IN ({places})", list(keys)).fetchall()


def _many(connection: sqlite3.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        connection.executemany(statement, rows)
