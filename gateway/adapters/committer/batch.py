"""One batch of the committer: what each operation does, over rows that were read for it.

Owns the rules of the transaction, for every engine: operations are applied in order and see each
other's effects; what they change is collected for the engine to write. Refuses to outlive its
transaction, and to know SQL.
"""

from collections.abc import Callable

import msgspec

from gateway.adapters.committer.batch_rows import Changes, ConsentRow, RequestRow, Rows
from gateway.adapters.committer.messages import (
    Again,
    AnyOperation,
    Append,
    Change,
    Done,
    Grant,
    Intend,
    Not,
    Operation,
    Release,
    Result,
    Tighten,
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

_SUBJECT_LIMIT = Not(ErrorReason.SUBJECT_LIMIT_REACHED)
_RECIPIENT_LIMIT = Not(ErrorReason.RECIPIENT_LIMIT_REACHED)
_ABSENT = Not(ErrorReason.CONSENT_ABSENT)
_SUSPENDED = Not(ErrorReason.INSTITUTION_SUSPENDED)
_NO_AGREEMENT = Not(ErrorReason.AGREEMENT_MISSING)
_TERMS = msgspec.msgpack.Decoder(ConsentTerms)


class Batch:
    """Applies operations to rows. ``now`` is in Unix seconds, ``log_size`` before the batch."""

    def __init__(self, rows: Rows, log_size: int, now: int) -> None:
        """Take what was read."""
        self.rows = rows
        self.changes = Changes([], [], {}, [], [], [], [], set(), set(), [])
        self._size = log_size
        self._now = now

    @property
    def now(self) -> int:
        """Return the batch's time in Unix seconds."""
        return self._now

    def apply(self, operation: AnyOperation) -> Result:
        """Return the operation's result, which holds once the batch has committed."""
        return _STEPS[type(operation)](self, operation)

    def intend(self, one: Intend) -> Result:
        """Bind the request id to these bytes, append, and keep the intent open."""
        if not self._are_active(one):
            return _SUSPENDED
        key = request_key(one)
        known = self.rows.requests.get(key)
        if known is None:
            self.rows.requests[key] = RequestRow(one.body_digest)
            self.changes.new_requests.append(key)
        elif known.body_digest != one.body_digest:
            return Not(ErrorReason.REQUEST_ID_REUSED)
        index = self._append(one)
        self.changes.opened[one.event_id] = index
        return Done(index)

    def release(self, one: Release) -> Result:
        """Check status, agreement, consent, limits now; count the use, append, close the intent."""
        if not self._are_active(one):
            return _SUSPENDED
        request = self.rows.requests.get(request_key(one))
        if request is None:
            return Not(ErrorReason.INTERNAL)
        if not self._is_open(one.intent_id):
            # Its committer was taken for dead, and the intent was closed as abandoned.
            return Not(ErrorReason.STORE_UNAVAILABLE)
        repeat = request.consent_id == one.consent_id
        refusal = self._agreement_refusal(one) or self._consent_refusal(
            one, request if repeat else None
        )
        seen = self.rows.seen.after(one)
        if isinstance(seen, Tighten):
            return refusal or seen
        if refusal is None and not repeat:
            refusal = self._count_limits(one)
        if refusal is not None:
            return refusal
        if not repeat:
            self._count_use(one, request)
        self.rows.seen.keep(one, seen)
        index = self._append(one)
        self._close(one.intent_id)
        return Done(index, repeat)

    def append(self, one: Append) -> Result:
        """Append an event; close its intent if it names one.

        An intent has one outcome: where a caller went away while its release was committed, the
        release stands and the abandonment is not recorded.
        """
        if one.intent_id:
            if not self._is_open(one.intent_id):
                return Done(self._size + len(self.changes.events), repeat=True)
            self._close(one.intent_id)
        return Done(self._append(one))

    def grant(self, one: Grant) -> Result:
        """Store a consent; the same artefact again changes nothing."""
        known = self.rows.grants.get(one.consent_id)
        if known is not None:
            digest, index = known
            same = digest == one.artefact_digest
            return Done(index, repeat=True) if same else Not(ErrorReason.CONSENT_ALREADY_EXISTS)
        if self.rows.subject_keys.setdefault(one.subject_id, one.wrapped_key) != one.wrapped_key:
            return Again()
        standing = Standing(ConsentState.ACTIVE)
        consent = ConsentRow(one.subject_id, _TERMS.decode(one.terms), standing)
        index = self._append(one)
        self.rows.consents[one.consent_id] = consent
        self.rows.grants[one.consent_id] = (one.artefact_digest, index)
        self.changes.grants.append((one, index))
        self.changes.consent_events.append((one.consent_id, index))
        return Done(index)

    def change(self, one: Change) -> Result:
        """Take a consent through a transition of its lifecycle."""
        row = self.rows.consents.get(one.consent_id)
        if row is None:
            return Not(ErrorReason.CONSENT_NOT_FOUND)
        state = TRANSITIONS.get((row.standing.state, ConsentEvent(one.transition)))
        if state is None:
            return Not(ErrorReason.CONSENT_TRANSITION_REFUSED)
        row.standing = msgspec.structs.replace(row.standing, state=state)
        self.changes.consents.add(one.consent_id)
        index = self._append(one)
        self.changes.consent_events.append((one.consent_id, index))
        return Done(index)

    def _agreement_refusal(self, one: Release) -> Not | None:
        """Return a refusal unless the agreement is the caller's and in force now."""
        row = self.rows.agreements.get(one.agreement_id)
        if row is None or row.institution != one.institution:
            return _NO_AGREEMENT
        return None if row.valid_from <= self._now < row.valid_until else _NO_AGREEMENT

    def _are_active(self, one: Intend | Release) -> bool:
        active = self.rows.active
        return one.institution in active and (not one.via or one.via in active)

    def _consent_refusal(self, one: Release, repeated: RequestRow | None) -> Not | None:
        """Return a refusal unless the consent stands now and is this subject's and caller's."""
        row = self.rows.consents.get(one.consent_id)
        if (
            row is None
            or row.subject_id != one.subject_id
            or row.terms.controller != one.institution
        ):
            return _ABSENT
        standing = row.standing
        if repeated is not None:
            standing = before_use(standing, repeated.window)
        finding = standing_finding(row.terms, standing, self._now)
        return None if finding is None else Not(finding.reason)

    def _count_limits(self, one: Release) -> Not | None:
        """Count the release against the rule's limits, or return which one is reached."""
        recipient, subject = usage_scopes(one)
        first = self._next_use(recipient, one.recipient_window, one.recipient_limit)
        second = self._next_use(subject, one.subject_window, one.subject_limit)
        if first is None:
            return _RECIPIENT_LIMIT
        if second is None:
            return _SUBJECT_LIMIT
        self.rows.usage[recipient], self.rows.usage[subject] = first, second
        self.changes.usage.update((recipient, subject))
        return None

    def _next_use(self, scope: bytes, seconds: int, limit: int) -> tuple[int, int] | None:
        window = self._now // seconds
        counted, uses = self.rows.usage.get(scope, (window, 0))
        uses = uses + 1 if counted == window else 1
        return (window, uses) if uses <= limit else None

    def _count_use(self, one: Release, request: RequestRow) -> None:
        row = self.rows.consents[one.consent_id]
        row.standing = after_use(row.terms, row.standing, self._now)
        request.consent_id, request.window = one.consent_id, row.standing.window
        self.changes.consents.add(one.consent_id)
        self.changes.released_requests.append(request_key(one))

    def _append(self, one: Operation) -> int:
        """Queue the operation's event; return the index it will have."""
        index = self._size + len(self.changes.events)
        self.changes.events.append(one.event)
        if one.subject_id:
            self.changes.subject_events.append((one.subject_id, index))
        return index

    def _is_open(self, event_id: str) -> bool:
        return event_id in self.changes.opened or event_id in self.rows.open_intents

    def _close(self, event_id: str) -> None:
        if self.changes.opened.pop(event_id, None) is None:
            self.rows.open_intents.discard(event_id)
            self.changes.closed.append(event_id)


_STEPS: dict[type, Callable[..., Result]] = {
    Intend: Batch.intend,
    Release: Batch.release,
    Append: Batch.append,
    Grant: Batch.grant,
    Change: Batch.change,
}


def request_key(one: Intend | Release) -> str:
    """Return the key of a request id, which is unique for its institution."""
    return f"{one.institution}|{one.request_id}"


def usage_scopes(one: Release) -> tuple[bytes, bytes]:
    """Return the keys of the recipient's and the subject's counters under this rule."""
    recipient = recipient_scope(one.institution, one.rule)
    return recipient, recipient + b"|" + one.subject_id


def recipient_scope(institution: str, rule: str) -> bytes:
    """Return the key of an institution's counter under a rule, for all subjects together."""
    return f"{institution}|{rule}".encode()
