"""Reading and writing a batch's rows, on any engine: few statements, whatever the batch's size."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec

from gateway.adapters.committer.batch import Batch, request_key, usage_scopes
from gateway.adapters.committer.batch_rows import AgreementRow, ConsentRow, RequestRow, Rows
from gateway.adapters.committer.messages import (
    Append,
    Change,
    Grant,
    Intend,
    Operation,
    Release,
)
from gateway.adapters.committer.seen_rows import asked_seen, seen_rows
from gateway.adapters.committer.sql import Sql
from gateway.domain.consent import ConsentState, ConsentTerms, Standing
from gateway.domain.vocabulary import InstitutionStatus

_ACTIVE: Final = "SELECT id FROM institution WHERE status=?"
_REQUESTS: Final = "SELECT id, body_digest, consent_id, use_window FROM request"
_CONSENTS: Final = "SELECT id, subject_id, terms, state, uses, use_window, window_uses FROM consent"
_USAGE: Final = "SELECT scope, use_window, uses FROM usage"
_OPEN_INTENTS: Final = "SELECT event_id FROM open_intent"
_GRANTS: Final = "SELECT id, artefact_digest, grant_log_index FROM consent"
_SUBJECT_KEYS: Final = "SELECT id, wrapped_key FROM subject"
_AGREEMENTS: Final = "SELECT id, institution_id, valid_from, valid_until, ended_at FROM agreement"
_KEYS: Final = 1_000
"""In one statement: an engine bounds its places."""
# The stored bytes of a consent's terms never change, so what they say is remembered by them.
_terms: Final = lru_cache(16_384)(msgspec.msgpack.Decoder(ConsentTerms).decode)


def ask_rows(sql: Sql, operations: Sequence[Operation]) -> Callable[[], Rows]:
    """Ask, within the open transaction, for every row that the operations name."""
    requests = [request_key(one) for one in operations if isinstance(one, Intend | Release)]
    consents = {one.consent_id for one in operations if isinstance(one, Release | Change)}
    scopes = [key for one in operations if isinstance(one, Release) for key in usage_scopes(one)]
    grants = [one for one in operations if isinstance(one, Grant)]
    intents = [one.intent_id for one in operations if isinstance(one, Release | Append)]
    by_keys = sql.asked_by_keys
    active = sql.asked(_ACTIVE, (InstitutionStatus.ACTIVE.value,))
    known = by_keys(_REQUESTS, "id", requests)
    agreed = by_keys(_CONSENTS, "id", consents)
    counted = by_keys(_USAGE, "scope", scopes)
    opened = by_keys(_OPEN_INTENTS, "event_id", [one for one in intents if one])
    granted = by_keys(_GRANTS, "id", [one.consent_id for one in grants])
    keys = by_keys(_SUBJECT_KEYS, "id", [one.subject_id for one in grants])
    contracts = by_keys(
        _AGREEMENTS, "id", {o.agreement_id for o in operations if isinstance(o, Release)}
    )
    seen = asked_seen(sql, (one for one in operations if isinstance(one, Release)))
    return lambda: Rows(
        active={row[0] for row in active()},
        requests={row[0]: RequestRow(row[1], row[2], row[3] or 0) for row in known()},
        consents={row[0]: _consent(row) for row in agreed()},
        usage={row[0]: (row[1], row[2]) for row in counted()},
        open_intents={row[0] for row in opened()},
        grants={row[0]: (row[1], row[2]) for row in granted()},
        subject_keys=dict(keys()),
        agreements={row[0]: _agreement(*row[1:]) for row in contracts()},
        seen=seen_rows(seen),
    )


def write_changes(sql: Sql, batch: Batch, owner: int) -> None:
    """Write, within the open transaction, everything but the log's own tables.

    ``owner`` is the committer that the batch's open intents belong to.
    """
    changes, rows = batch.changes, batch.rows
    _write_grants(sql, batch)
    sql.many(
        "INSERT INTO request(id, body_digest) VALUES (?,?)",
        [(key, rows.requests[key].body_digest) for key in changes.new_requests],
    )
    sql.many(
        "UPDATE request SET consent_id=?, use_window=? WHERE id=?",
        [
            (rows.requests[key].consent_id, rows.requests[key].window, key)
            for key in dict.fromkeys(changes.released_requests)
        ],
    )
    sql.many(
        "INSERT INTO open_intent(event_id, log_index, owner) VALUES (?,?,?)",
        [(event_id, index, owner) for event_id, index in changes.opened.items()],
    )
    sql.many(
        "DELETE FROM open_intent WHERE event_id=?",
        [(event_id,) for event_id in changes.closed],
    )
    sql.many(
        "INSERT INTO subject_event(subject_id, log_index) VALUES (?,?)",
        changes.subject_events,
    )
    sql.many(
        "INSERT INTO consent_event(consent_id, log_index) VALUES (?,?)", changes.consent_events
    )
    rows.seen.write(sql)
    _write_counts(sql, batch)


def _write_grants(sql: Sql, batch: Batch) -> None:
    grants = [one for one, _ in batch.changes.grants]
    sql.many(
        "INSERT INTO subject(id, lookup, kek_id, wrapped_key, sealed_secret) "
        "VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
        [
            (one.subject_id, one.lookup, one.kek_id, one.wrapped_key, one.sealed_secret)
            for one in grants
        ],
    )
    # Whom a reference alone named until now is found by the identifier from now on.
    sql.many(
        "UPDATE subject SET lookup=? WHERE id=? AND lookup IS NULL",
        [(one.lookup, one.subject_id) for one in grants if one.lookup is not None],
    )
    sql.many(
        "INSERT INTO consent(id, subject_id, controller, collector, terms, key_id, signature,"
        " artefact_digest, sealed_artefact, granted_at, grant_log_index, state,"
        " uses, use_window, window_uses) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,0,0,0)",
        [_granted(one, batch, log_index) for one, log_index in batch.changes.grants],
    )


def _granted(one: Grant, batch: Batch, log_index: int) -> tuple[object, ...]:
    terms = batch.rows.consents[one.consent_id].terms
    return (
        *(one.consent_id, one.subject_id, terms.controller, terms.collector, one.terms),
        *(one.key_id, one.signature, one.artefact_digest, one.sealed_artefact),
        *(batch.now, log_index, ConsentState.ACTIVE.value),
    )


def _write_counts(sql: Sql, batch: Batch) -> None:
    changes, rows = batch.changes, batch.rows
    write_standings(sql, {key: rows.consents[key].standing for key in changes.consents})
    sql.many(
        "INSERT INTO usage(scope, use_window, uses) VALUES (?,?,?) ON CONFLICT (scope) DO UPDATE "
        "SET use_window=excluded.use_window, uses=excluded.uses",
        [(scope, *rows.usage[scope]) for scope in changes.usage],
    )


def write_standings(sql: Sql, standings: Mapping[str, Standing]) -> None:
    """Write, within the open transaction, where these consents stand."""
    sql.many(
        "UPDATE consent SET state=?, uses=?, use_window=?, window_uses=? WHERE id=?",
        [
            (one.state.value, one.uses, one.window, one.window_uses, key)
            for key, one in standings.items()
        ],
    )


def read_consents(sql: Sql, ids: Sequence[str]) -> dict[str, ConsentRow]:
    """Return those of the consents that there are, as they stand in the open transaction."""
    parts = [ids[at : at + _KEYS] for at in range(0, len(ids), _KEYS)]
    asked = [sql.asked_by_keys(_CONSENTS, "id", part) for part in parts]
    return {row[0]: _consent(row) for rows in asked for row in rows()}


def _consent(row: tuple[Any, ...]) -> ConsentRow:
    _, subject_id, terms, state, uses, window, window_uses = row
    standing = Standing(ConsentState(state), uses, window, window_uses)
    return ConsentRow(subject_id, _terms(terms), standing)


def _agreement(institution: str, valid_from: int, until: int, ended_at: int | None) -> AgreementRow:
    end = until if ended_at is None else min(until, ended_at)
    return AgreementRow(institution, valid_from, end)
