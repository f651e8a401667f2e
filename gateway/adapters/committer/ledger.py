"""The ledger port over the committer: domain values to operations, results to stages.

Owns which event an operation carries, and is the one place that makes ``Intended`` and
``Released``. A committer that is gone or slow is STORE_UNAVAILABLE, and nothing leaves.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.adapters.committer.audit_events import (
    CHANGE_KINDS,
    Event,
    consent_event,
    decision_event,
    evaluation_event,
    failure_event,
    intent_event,
    release_event,
)
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
    TakeQuota,
    Tighten,
)
from gateway.adapters.processes.batch_channel import Calls, SiblingGone
from gateway.adapters.store.subject_store import SubjectStore
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.ledger import NewConsent, Recorded
from gateway.domain.consent import ConsentEvent
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Decided, Intended, Received, Released, Resolved, SafeRecord
from gateway.safe_logging import log_unexpected

_LOG: Final = logging.getLogger(__name__)
_GRANT_ATTEMPTS: Final = 3
_UNKNOWN: Final = -1
_DAY_S: Final = 86_400


class CommitterLedger:
    """Implements ``Ledger``; ``on_store(ok)`` hears of failures, and of the first success after."""

    def __init__(
        self,
        channel: Calls[AnyOperation, Result],
        subjects: SubjectStore,
        policy: PolicyInForce,
        on_store: Callable[[bool], None],
    ) -> None:
        """Take the channel to the committer and what events are made from."""
        self._channel = channel
        self._subjects = subjects
        self._policy = policy
        self._on_store = on_store
        self._store_ok = True

    async def intend(self, decided: Decided) -> Intended:
        """Make the intent durable."""
        digest = self._policy.current.digest
        event = intent_event(decided, digest)
        authenticated = decided.resolved.authenticated
        received = authenticated.received
        operation = Intend(
            event.body,
            decided.subject.id,
            event.id,
            authenticated.principal.institution,
            received.request_id,
            received.body_digest,
            _carrier(received),
        )
        try:
            done = await self._done(operation)
        except asyncio.CancelledError:
            # The intent is on its way and nobody waits for it: what closes it follows in order.
            self.abandon(Intended(decided, event.id, _UNKNOWN, digest))
            raise
        return Intended(decided, event.id, done.log_index, digest)

    async def release(self, safe: SafeRecord) -> Released:
        """Check again, count, append, close the intent; all in one transaction.

        Where it would show too much beside what was shown before, the record is tightened and
        tried again; each try tightens at least one value more, so it ends.
        """
        while True:
            event = release_event(safe)
            result = await self._result(_release(safe, event))
            if not isinstance(result, Tighten):
                done = _require(result)
                return Released(safe, event.id, done.log_index, done.repeat, event.salt)
            safe = safe.tightened(result.at)

    async def deny(self, resolved: Resolved, decision: Decision) -> Recorded:
        """Record a denial."""
        return await self._record("DENIAL", resolved, decision)

    async def explain(self, resolved: Resolved, decision: Decision) -> Recorded:
        """Record that a decision was given without a release."""
        return await self._record("EXPLANATION", resolved, decision)

    async def fail(self, intended: Intended, reason: ErrorReason) -> Recorded:
        """Record that an intent came to nothing."""
        event = failure_event(intended, "FAILURE", reason)
        return _recorded(event, await self._done(_closing(event, intended)))

    def abandon(self, intended: Intended) -> None:
        """Record, without waiting, that the caller of an intent is gone."""
        event = failure_event(intended, "ABANDONED", ErrorReason.DEADLINE_EXCEEDED)
        future = self._channel.call(_closing(event, intended))
        future.add_done_callback(
            lambda done: (
                None
                if done.cancelled() or done.exception() is None
                # The intent stays open and is closed at the next start.
                else log_unexpected(_LOG, "recording an abandoned call", SiblingGone(False))
            )
        )

    async def grant(self, principal: Principal, consent: NewConsent) -> Recorded:
        """Store a consent, and its subject if new."""
        for _ in range(_GRANT_ATTEMPTS):
            sealed = await self._subjects.seal(consent)
            terms = consent.terms
            event = consent_event(
                "CONSENT_GRANTED",
                principal,
                sealed.subject,
                terms.consent_id,
                basis=terms.lawful_basis.value,
                separate=tuple(sorted(kind.value for kind in terms.separate)),
            )
            result = await self._result(
                Grant(
                    event.body,
                    sealed.subject.id,
                    sealed.lookup,
                    sealed.wrapped.kek_id,
                    sealed.wrapped.sealed,
                    sealed.sealed_secret,
                    terms.consent_id,
                    msgspec.msgpack.encode(terms),
                    consent.signed.key_id,
                    consent.signed.signature,
                    sealed.artefact_digest,
                    sealed.sealed_artefact,
                )
            )
            if not isinstance(result, Again):
                return _recorded(event, _require(result))
        raise refuse(ErrorReason.STORE_UNAVAILABLE)

    async def take_evaluations(self, principal: Principal, amount: int, limit: int) -> int:
        """Take evaluations out of the institution's quota of today; record how many."""
        event = evaluation_event(principal, amount)
        scope = f"evaluate|{principal.institution}".encode()
        operation = TakeQuota(event.body, b"", scope, _DAY_S, amount, limit)
        return (await self._done(operation)).value

    async def change(
        self, principal: Principal, consent_id: str, transition: ConsentEvent
    ) -> Recorded:
        """Take a consent through a transition."""
        subject = await self._subjects.subject_of(consent_id)
        event = consent_event(CHANGE_KINDS[transition], principal, subject, consent_id)
        operation = Change(event.body, subject.id, consent_id, transition.value)
        return _recorded(event, await self._done(operation))

    async def _record(self, kind: str, resolved: Resolved, decision: Decision) -> Recorded:
        event = decision_event(kind, resolved, decision, self._policy.current.digest)
        subject_id = b"" if resolved.subject is None else resolved.subject.id
        return _recorded(event, await self._done(Append(event.body, subject_id, "")))

    async def done(self, operation: AnyOperation) -> Done:
        """Return how an operation ended, or raise ``Refused``; for the ports of rare operations."""
        return await self._done(operation)

    async def _done(self, operation: AnyOperation) -> Done:
        return _require(await self._result(operation))

    async def _result(self, operation: AnyOperation) -> Result:
        try:
            result = await self._channel.call(operation)
        except SiblingGone:
            self._report(ok=False)
            raise refuse(ErrorReason.STORE_UNAVAILABLE) from None
        self._report(
            ok=not (isinstance(result, Not) and result.reason is ErrorReason.STORE_UNAVAILABLE)
        )
        return result

    def _report(self, ok: bool) -> None:
        # A failure always: whether the store came back meanwhile, only the listener's probe knows.
        if not ok or not self._store_ok:
            self._store_ok = ok
            self._on_store(ok)


def _release(safe: SafeRecord, event: Event) -> Release:
    decided = safe.intended.decided
    authenticated = decided.resolved.authenticated
    limits = decided.limits
    return Release(
        event.body,
        decided.subject.id,
        safe.intended.event_id,
        authenticated.principal.institution,
        authenticated.received.request_id,
        decided.consent.terms.consent_id,
        decided.decision.rule,
        limits.per_subject.count,
        limits.per_subject.per.seconds,
        limits.per_recipient.count,
        limits.per_recipient.per.seconds,
        decided.decision.agreement,
        _carrier(authenticated.received),
        () if safe.guard is None else safe.guard.left(),
    )


def _carrier(received: Received) -> str:
    return "" if received.forwarded is None else received.forwarded.gateway


def _closing(event: Event, intended: Intended) -> Append:
    return Append(event.body, intended.decided.subject.id, intended.event_id)


def _require(result: Result) -> Done:
    if isinstance(result, Done):
        return result
    if isinstance(result, Not):
        raise refuse(result.reason, result.element)
    raise refuse(ErrorReason.STORE_UNAVAILABLE)


def _recorded(event: Event, done: Done) -> Recorded:
    return Recorded("" if done.repeat else event.id, done.log_index, done.repeat)
