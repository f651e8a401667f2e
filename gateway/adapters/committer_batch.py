"""The rows that one batch reads and writes, kept in memory between its operations.

Owns the reading in few statements, the writing in few, and that operations of one batch see each
other's effects in order. Refuses to outlive its transaction.
"""

import sqlite3
from collections.abc import Iterable

import msgspec

from gateway.adapters.committer_messages import (
    AnyOperation,
    Change,
    Done,
    Grant,
    Intend,
    Not,
    Operation,
    Release,
)
from gateway.domain.consent import (
    TRANSITIONS,
    ConsentEvent,
    ConsentState,
    ConsentTerms,
    Standing,
    after_use,
    before_use,
    standing_finding,
)
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import InstitutionStatus

_TERMS = msgspec.msgpack.Decoder(ConsentTerms)
_SUBJECT_LIMIT = Not(ErrorReason.SUBJECT_LIMIT_REACHED)
_RECIPIENT_LIMIT = Not(ErrorReason.RECIPIENT_LIMIT_REACHED)
_ABSENT = Not(ErrorReason.CONSENT_ABSENT)
_SUSPENDED = Not(ErrorReason.INSTITUTION_SUSPENDED)


class _ConsentRow:
    """A consent as read in this transaction, and whether it was changed."""

    __slots__ = ("changed", "standing", "subject_id", "terms")

    def __init__(self, row: tuple[bytes, bytes, str, int, int, int]) -> None:
        subject_id, terms, state, uses, window, window_uses = row
        self.subject_id = subject_id
        self.terms = _TERMS.decode(terms)
        self.standing = Standing(ConsentState(state), uses, window, window_uses)
        self.changed = False


class Batch:
    """The working set of one transaction. ``now`` is in Unix seconds."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        operations: list[AnyOperation],
        log_size: int,
        now: int,
    ) -> None:
        """Read what the operations name."""
        self._connection = connection
        self._size = log_size
        self._now = now
        self.events: list[bytes] = []
        self._subject_events: list[tuple[bytes, int]] = []
        self._opened: dict[str, int] = {}
        self._closed: list[tuple[str]] = []
        self._new_requests: list[tuple[str, str, bytes]] = []
        self._released: list[tuple[str, int, str, str]] = []
        self._active = self._read_active()
        self._requests = self._read_requests(operations)
        self._consents = self._read_consents(operations)
        self._usage: dict[bytes, tuple[int, int]] = self._read_usage(operations)
        self._changed_usage: set[bytes] = set()

    # Reading

    def _read_active(self) -> set[str]:
        rows = self._connection.execute(
            "SELECT id FROM institution WHERE status=?", (InstitutionStatus.ACTIVE.value,)
        )
        return {row[0] for row in rows}

    def _read_requests(
        self, operations: list[AnyOperation]
    ) -> dict[tuple[str, str], tuple[bytes, str | None, int]]:
        keys = {
            (one.institution, one.request_id)
            for one in operations
            if isinstance(one, Intend | Release)
        }
        if not keys:
            return {}
        # A row-value IN over VALUES is the one form that SQLite answers from the primary key.
        places = ",".join(["(?,?)"] * len(keys))
        rows = self._connection.execute(
            "SELECT institution_id, request_id, body_digest, consent_id, coalesce(use_window, 0) "
            f"FROM request WHERE (institution_id, request_id) IN (VALUES {places})",
            [part for key in keys for part in key],
        )
        return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}

    def _read_consents(self, operations: list[AnyOperation]) -> dict[str, _ConsentRow]:
        ids = {one.consent_id for one in operations if isinstance(one, Release | Change)}
        if not ids:
            return {}
        rows = self._connection.execute(
            "SELECT id, subject_id, terms, state, uses, use_window, window_uses "
            f"FROM consent WHERE id IN ({_places(ids)})",
            list(ids),
        )
        return {row[0]: _ConsentRow(row[1:]) for row in rows}

    def _read_usage(self, operations: list[AnyOperation]) -> dict[bytes, tuple[int, int]]:
        scopes = [scope for one in operations if isinstance(one, Release) for scope in _scopes(one)]
        if not scopes:
            return {}
        rows = self._connection.execute(
            f"SELECT scope, use_window, uses FROM usage WHERE scope IN ({_places(scopes)})",
            scopes,
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    # Checking and changing, in memory

    def status_refusal(self, institution: str) -> Not | None:
        """Return a refusal unless the institution is active now."""
        return None if institution in self._active else _SUSPENDED

    def reserve(self, one: Intend) -> bool:
        """Bind the request id to these bytes; False if it is bound to others."""
        key = (one.institution, one.request_id)
        known = self._requests.get(key)
        if known is not None:
            return known[0] == one.body_digest
        self._requests[key] = (one.body_digest, None, 0)
        self._new_requests.append((*key, one.body_digest))
        return True

    def is_repeat(self, one: Release) -> bool:
        """Return whether this request was released before under the same consent."""
        known = self._requests.get((one.institution, one.request_id))
        return known is not None and known[1] == one.consent_id

    def use_consent(self, one: Release, repeat: bool) -> Not | None:
        """Return a refusal unless the consent stands now and belongs to subject and caller."""
        row = self._consents.get(one.consent_id)
        if (
            row is None
            or row.subject_id != one.subject_id
            or row.terms.controller != one.institution
        ):
            return _ABSENT
        standing = row.standing
        if repeat:
            window = self._requests[one.institution, one.request_id][2]
            standing = before_use(standing, window)
        finding = standing_finding(row.terms, standing, self._now)
        return None if finding is None else Not(finding.reason)

    def count_limits(self, one: Release) -> Not | None:
        """Count the release against the rule's limits, or return which one is reached."""
        recipient, subject = _scopes(one)
        first = self._next_use(recipient, one.recipient_window, one.recipient_limit)
        second = self._next_use(subject, one.subject_window, one.subject_limit)
        if first is None:
            return _RECIPIENT_LIMIT
        if second is None:
            return _SUBJECT_LIMIT
        self._usage[recipient], self._usage[subject] = first, second
        self._changed_usage.update((recipient, subject))
        return None

    def _next_use(self, scope: bytes, seconds: int, limit: int) -> tuple[int, int] | None:
        window = self._now // seconds
        counted, uses = self._usage.get(scope, (window, 0))
        uses = uses + 1 if counted == window else 1
        return (window, uses) if uses <= limit else None

    def confirm_use(self, one: Release, repeat: bool) -> None:
        """Count the use of the consent and remember that the request was released."""
        if repeat:
            return
        row = self._consents[one.consent_id]
        row.standing = after_use(row.terms, row.standing, self._now)
        row.changed = True
        key = (one.institution, one.request_id)
        self._requests[key] = (self._requests[key][0], one.consent_id, row.standing.window)
        self._released.append((one.consent_id, row.standing.window, *key))

    def granted(self, one: Grant) -> Done | Not | None:
        """Return how a consent id that exists already is answered, or None if it is new."""
        row = self._connection.execute(
            "SELECT artefact_digest, grant_log_index FROM consent WHERE id=?", (one.consent_id,)
        ).fetchone()
        if row is None:
            return None
        if row[0] != one.artefact_digest:
            return Not(ErrorReason.CONSENT_ALREADY_EXISTS)
        return Done(row[1], repeat=True)

    def other_subject_key(self, one: Grant) -> bool:
        """Return whether the subject has another key than the artefact was sealed under."""
        row = self._connection.execute(
            "SELECT wrapped_key FROM subject WHERE id=?", (one.subject_id,)
        ).fetchone()
        return row is not None and row[0] != one.wrapped_key

    def insert_consent(self, one: Grant, log_index: int) -> None:
        """Insert the consent, and its subject if there is none."""
        terms = _TERMS.decode(one.terms)
        self._connection.execute(
            "INSERT INTO subject(id, lookup, kek_id, wrapped_key, sealed_secret) "
            "VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING",
            (one.subject_id, one.lookup, one.kek_id, one.wrapped_key, one.sealed_secret),
        )
        self._connection.execute(
            "INSERT INTO consent(id, subject_id, controller, collector, terms, key_id, signature,"
            " artefact_digest, sealed_artefact, granted_at, grant_log_index, state,"
            " uses, use_window, window_uses) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,0,0,0)",
            (
                *(one.consent_id, one.subject_id, terms.controller, terms.collector, one.terms),
                *(one.key_id, one.signature, one.artefact_digest, one.sealed_artefact),
                *(self._now, log_index, ConsentState.ACTIVE.value),
            ),
        )

    def change_state(self, one: Change) -> Not | None:
        """Take the consent through a transition, or return why not."""
        row = self._consents.get(one.consent_id)
        if row is None:
            return Not(ErrorReason.CONSENT_NOT_FOUND)
        state = TRANSITIONS.get((row.standing.state, ConsentEvent(one.transition)))
        if state is None:
            return Not(ErrorReason.CONSENT_TRANSITION_REFUSED)
        row.standing = msgspec.structs.replace(row.standing, state=state)
        row.changed = True
        return None

    def append(self, one: Operation) -> int:
        """Queue the operation's event; return the index it will have."""
        index = self._size + len(self.events)
        self.events.append(one.event)
        if one.subject_id:
            self._subject_events.append((one.subject_id, index))
        return index

    def open_intent(self, event_id: str, index: int) -> None:
        """Remember an intent until its outcome."""
        self._opened[event_id] = index

    def close_intent(self, event_id: str) -> None:
        """Forget an intent: its outcome is in this batch."""
        if self._opened.pop(event_id, None) is None:
            self._closed.append((event_id,))

    # Writing

    def flush(self) -> None:
        """Write all changes but the log's own; leaves out what changed nothing."""
        many = self._connection.executemany
        if self._new_requests:
            many(
                "INSERT INTO request(institution_id, request_id, body_digest) VALUES (?,?,?)",
                self._new_requests,
            )
        if self._released:
            many(
                "UPDATE request SET consent_id=?, use_window=? "
                "WHERE institution_id=? AND request_id=?",
                self._released,
            )
        if self._opened:
            many("INSERT INTO open_intent(event_id, log_index) VALUES (?,?)", self._opened.items())
        if self._closed:
            many("DELETE FROM open_intent WHERE event_id=?", self._closed)
        if self._subject_events:
            many("INSERT INTO subject_event VALUES (?,?)", self._subject_events)
        self._flush_counts()

    def _flush_counts(self) -> None:
        many = self._connection.executemany
        changed = [(id_, row.standing) for id_, row in self._consents.items() if row.changed]
        if changed:
            many(
                "UPDATE consent SET state=?, uses=?, use_window=?, window_uses=? WHERE id=?",
                [
                    (one.state.value, one.uses, one.window, one.window_uses, id_)
                    for id_, one in changed
                ],
            )
        if self._changed_usage:
            many(
                "INSERT INTO usage(scope, use_window, uses) VALUES (?,?,?) ON CONFLICT DO UPDATE "
                "SET use_window=excluded.use_window, uses=excluded.uses",
                [(scope, *self._usage[scope]) for scope in self._changed_usage],
            )


def _places(values: Iterable[object]) -> str:
    return ",".join("?" for _ in values)


def _scopes(one: Release) -> tuple[bytes, bytes]:
    """Return the keys of the recipient's and the subject's counters under this rule."""
    recipient = f"{one.institution}|{one.rule}".encode()
    return recipient, recipient + b"|" + one.subject_id
