"""A naive model of the committer: lists of moments instead of counters, and no batches.

Owns what each operation should give, written down from the promises of the ledger. Refuses to
share the gateway's own rules: not its lifecycle table, not its counting.
"""

from dataclasses import dataclass, field

import msgspec

from gateway.adapters.committer.messages import (
    Again,
    AnyOperation,
    Append,
    Change,
    Done,
    Grant,
    Intend,
    Not,
    Release,
    Result,
)
from gateway.domain.consent import ConsentTerms
from gateway.domain.reasons import ErrorReason as Reason
from support.committer_operations import CONTRACTS, START

PREFILL = 250
"""Events before the first: a run goes past the first full tile, of 256."""
TABLE = {
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "revoke"): "revoked",
    ("paused", "revoke"): "revoked",
    ("active", "expire"): "expired",
    ("paused", "expire"): "expired",
}
STANDING = {
    "paused": Reason.CONSENT_PAUSED,
    "revoked": Reason.CONSENT_REVOKED,
    "expired": Reason.CONSENT_EXPIRED,
}


@dataclass
class Agreement:
    """A consent of the model: the moments at which it was used, the latest last."""

    terms: ConsentTerms
    subject: bytes
    digest: bytes
    log_index: int
    state: str = "active"
    used: list[int] = field(default_factory=list)


@dataclass
class Request:
    """A request id of the model, and its last counted use."""

    body: bytes
    consent: str = ""
    used: int = 0


@dataclass
class Model:
    """What the gateway promises, with lists and no batches."""

    events: list[tuple[int, bytes]] = field(default_factory=list)
    consents: dict[str, Agreement] = field(default_factory=dict)
    requests: dict[tuple[str, str], Request] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    outcomes: dict[str, int] = field(default_factory=dict)
    keys: dict[bytes, bytes] = field(default_factory=dict)
    counted: dict[tuple[object, ...], list[int]] = field(default_factory=dict)
    latest: int = START

    def apply(self, one: AnyOperation, clock: int) -> Result:
        now = max(clock, self.latest)
        match one:
            case Intend():
                result = self._intend(one)
            case Release():
                result = self._release(one, now)
            case Append():
                result = self._append(one)
            case Grant():
                result = self._grant(one)
            case Change():
                result = self._change(one)
        # An outcome or a grant that was there already; a repeated release is an event of its own.
        known = isinstance(result, Done) and result.repeat and not isinstance(one, Release)
        if isinstance(result, Done) and not known:
            assert result.log_index == PREFILL + len(self.events)
            self.events.append((now, one.event))
            self.latest = now
        return result

    def _next(self, repeat: bool = False) -> Done:
        return Done(PREFILL + len(self.events), repeat)

    def _intend(self, one: Intend) -> Result:
        if one.institution == "lender-s":
            return Not(Reason.INSTITUTION_SUSPENDED)
        key = (one.institution, one.request_id)
        if self.requests.setdefault(key, Request(one.body_digest)).body != one.body_digest:
            return Not(Reason.REQUEST_ID_REUSED)
        self.open.add(one.event_id)
        return self._next()

    def _append(self, one: Append) -> Result:
        if one.intent_id and one.intent_id not in self.open:
            return self._next(repeat=True)
        self._close(one.intent_id)
        return self._next()

    def _close(self, intent: str) -> None:
        if intent:
            self.open.discard(intent)
            self.outcomes[intent] = self.outcomes.get(intent, 0) + 1

    def _grant(self, one: Grant) -> Result:
        known = self.consents.get(one.consent_id)
        if known is not None:
            if known.digest != one.artefact_digest:
                return Not(Reason.CONSENT_ALREADY_EXISTS)
            return Done(known.log_index, repeat=True)
        if self.keys.get(one.subject_id, one.wrapped_key) != one.wrapped_key:
            return Again()
        if one.terms == b"\xc1":
            return Not(Reason.INTERNAL)
        self.keys[one.subject_id] = one.wrapped_key
        agreed = msgspec.msgpack.decode(one.terms, type=ConsentTerms)
        index = PREFILL + len(self.events)
        self.consents[one.consent_id] = Agreement(
            agreed, one.subject_id, one.artefact_digest, index
        )
        return Done(index)

    def _change(self, one: Change) -> Result:
        consent = self.consents.get(one.consent_id)
        if consent is None:
            return Not(Reason.CONSENT_NOT_FOUND)
        after = TABLE.get((consent.state, one.transition))
        if after is None:
            return Not(Reason.CONSENT_TRANSITION_REFUSED)
        consent.state = after
        return self._next()

    def _release(self, one: Release, now: int) -> Result:
        if one.institution == "lender-s":
            return Not(Reason.INSTITUTION_SUSPENDED)
        request = self.requests.get((one.institution, one.request_id))
        if request is None:
            return Not(Reason.INTERNAL)
        if one.intent_id not in self.open:
            return Not(Reason.STORE_UNAVAILABLE)
        if not _agreed(one, now):
            return Not(Reason.AGREEMENT_MISSING)
        consent = self.consents.get(one.consent_id)
        if (
            consent is None
            or consent.subject != one.subject_id
            or consent.terms.controller != one.institution
        ):
            return Not(Reason.CONSENT_ABSENT)
        repeat = request.consent == one.consent_id
        reason = _stands(consent, now, request.used if repeat else None)
        if reason is None and not repeat:
            reason = self._count(one, now)
        if reason is not None:
            return Not(reason)
        if not repeat:
            consent.used.append(now)
            request.consent, request.used = one.consent_id, now
        self._close(one.intent_id)
        return self._next(repeat)

    def _count(self, one: Release, now: int) -> Reason | None:
        recipient = self.counted.setdefault((one.institution, one.rule), [])
        person = self.counted.setdefault((one.institution, one.rule, one.subject_id), [])
        if _in_window(recipient, now, one.recipient_window) >= one.recipient_limit:
            return Reason.RECIPIENT_LIMIT_REACHED
        if _in_window(person, now, one.subject_window) >= one.subject_limit:
            return Reason.SUBJECT_LIMIT_REACHED
        recipient.append(now)
        person.append(now)
        return None


def _agreed(one: Release, now: int) -> bool:
    if one.agreement_id not in CONTRACTS:
        return False
    whose, start, end, ended = CONTRACTS[one.agreement_id]
    over = now >= end or (ended is not None and now >= ended)
    return whose == one.institution and now >= start and not over


def _in_window(moments: list[int], now: int, seconds: int) -> int:
    return sum(one // seconds == now // seconds for one in moments)


def _stands(consent: Agreement, now: int, own: int | None) -> Reason | None:
    """Why the consent cannot be used, its own first use (of a repeated request) left out."""
    agreed, used = consent.terms, list(consent.used)
    if own is not None:
        used.remove(own)
    if consent.state != "active":
        return STANDING[consent.state]
    if not agreed.valid_from <= now < agreed.valid_until:
        return Reason.CONSENT_EXPIRED
    if agreed.uses is not None and len(used) >= agreed.uses:
        return Reason.CONSENT_USES_SPENT
    frequency = agreed.frequency
    if frequency and _in_window(used, now, frequency.per.seconds) >= frequency.count:
        return Reason.CONSENT_FREQUENCY_SPENT
    return None


def check_bounds(model: Model) -> None:
    """Whatever was asked, nothing was used more often than agreed, and no intent ended twice."""
    for consent in model.consents.values():
        agreed = consent.terms
        assert agreed.uses is None or len(consent.used) <= agreed.uses
        for moment in consent.used:
            assert agreed.valid_from <= moment < agreed.valid_until
            if agreed.frequency is not None:
                seconds = agreed.frequency.per.seconds
                assert _in_window(consent.used, moment, seconds) <= agreed.frequency.count
    assert set(model.outcomes.values()) <= {1}
    assert model.open.isdisjoint(model.outcomes)
