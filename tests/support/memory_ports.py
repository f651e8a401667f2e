"""The application's ports in memory, for the tests of the use cases.

Owns the promises of each port, kept with dictionaries: the ledger knows which intents are open and
what became of each. Refuses nothing on its own: a test says which call fails, and how.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from itertools import count
from typing import Final

import msgspec

from gateway.application.ports.detection import (
    Detected,
    DetectionFailed,
    KnownValue,
    TextDetector,
    Wanted,
)
from gateway.application.ports.ledger import Ledger, NewConsent, Recorded
from gateway.application.ports.provider import Fetched, Inquiry, Provider
from gateway.application.ports.pseudonyms import Pseudonyms
from gateway.application.ports.store import ConsentReader, Directory, StoredConsent
from gateway.domain.consent import ConsentEvent
from gateway.domain.deid.operators import Pseudonym
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.stages import (
    Authenticated,
    Decided,
    Intended,
    Released,
    Repeat,
    Resolved,
    SafeRecord,
    Value,
)
from gateway.domain.subject import Subject

DIGEST: Final = "digest of the policy"


class MemoryLedger(Ledger):
    """Numbers what it records; ``failing`` holds what a method raises instead."""

    def __init__(self) -> None:
        self.failing: dict[str, BaseException] = {}
        self.events: list[tuple[str, str]] = []
        """Kind and reason of everything recorded."""
        self.open: set[str] = set()
        self.outcomes: dict[str, list[str]] = defaultdict(list)
        """Of each intent, what closed it."""
        self.stalled: set[str] = set()
        """Methods that never return."""
        self.evaluations: dict[str, int] = defaultdict(int)
        """By institution, how many were taken."""
        self._ids = count(1)
        self._requests: dict[tuple[str, str], bytes] = {}

    async def _enter(self, method: str) -> None:
        if method in self.stalled:
            await asyncio.Event().wait()
        if method in self.failing:
            raise self.failing[method]

    def _record(self, kind: str, reason: str = "") -> Recorded:
        self.events.append((kind, reason))
        return Recorded(f"event-{next(self._ids)}", len(self.events) - 1)

    def _close(self, intended: Intended, outcome: str) -> None:
        if intended.event_id not in self.open and not self.outcomes[intended.event_id]:
            raise AssertionError("an outcome of an intent that was never made")
        self.open.discard(intended.event_id)
        self.outcomes[intended.event_id].append(outcome)

    async def intend(self, decided: Decided) -> Intended:
        """Open an intent."""
        await self._enter("intend")
        authenticated = decided.resolved.authenticated
        key = (authenticated.principal.institution, authenticated.received.request_id)
        body = authenticated.received.body_digest
        if self._requests.setdefault(key, body) != body:
            raise refuse(ErrorReason.REQUEST_ID_REUSED)
        recorded = self._record("INTENT")
        self.open.add(recorded.event_id)
        self.outcomes[recorded.event_id] = []
        return Intended(decided, recorded.event_id, recorded.log_index, DIGEST)

    async def release(self, safe: SafeRecord) -> Released:
        """Close the intent with a release."""
        await self._enter("release")
        self._close(safe.intended, "RELEASE")
        recorded = self._record("RELEASE")
        return Released(safe, recorded.event_id, recorded.log_index, False, bytes(32))

    async def deny(self, resolved: Resolved, decision: Decision) -> Recorded:
        """Record a denial."""
        await self._enter("deny")
        return self._record("DENIAL", decision.findings[0].reason)

    async def explain(self, resolved: Resolved, decision: Decision) -> Recorded:
        """Record an explanation."""
        await self._enter("explain")
        return self._record("EXPLANATION", "" if decision.allow else decision.findings[0].reason)

    async def fail(self, intended: Intended, reason: ErrorReason) -> Recorded:
        """Close the intent with a failure."""
        await self._enter("fail")
        self._close(intended, "FAILURE")
        return self._record("FAILURE", reason)

    def abandon(self, intended: Intended) -> None:
        """Close the intent of a caller that is gone."""
        self._close(intended, "ABANDONED")
        self._record("ABANDONED")

    async def take_evaluations(self, principal: Principal, amount: int, limit: int) -> int:
        """Take out of the institution's allowance, which never runs into another day here."""
        await self._enter("take_evaluations")
        taken = self.evaluations[principal.institution] + amount
        if taken > limit:
            raise refuse(ErrorReason.REFERENCE_QUOTA_SPENT)
        self.evaluations[principal.institution] = taken
        return limit - taken

    async def grant(self, principal: Principal, consent: NewConsent) -> Recorded:
        """Record a grant."""
        await self._enter("grant")
        return self._record("CONSENT_GRANTED", consent.terms.consent_id)

    async def change(
        self, principal: Principal, consent_id: str, transition: ConsentEvent
    ) -> Recorded:
        """Record a change."""
        await self._enter("change")
        return self._record(transition.value, consent_id)


class MemoryConsents(ConsentReader):
    """Consents of one subject, and the requests that were released before."""

    def __init__(self, *stored: StoredConsent) -> None:
        self.stored = {one.consent.terms.consent_id: one for one in stored}
        self.repeats: dict[tuple[str, str], Repeat] = {}
        self.asked_for_repeats = 0
        self.failing: Refused | None = None

    async def resolve(self, authenticated: Authenticated) -> Resolved:
        """Return the caller's own consents, the latest first."""
        if self.failing is not None:
            raise self.failing
        institution, named = authenticated.principal.institution, authenticated.received.consent_id
        own = sorted(
            (
                one
                for id_, one in self.stored.items()
                if one.consent.terms.controller == institution and named in ("", id_)
            ),
            key=lambda one: -one.granted_at,
        )
        subject = Subject(b"i" * 32, b"s" * 32) if own else None
        return Resolved(authenticated, subject, tuple(one.consent for one in own))

    async def repeat(self, authenticated: Authenticated) -> Repeat | None:
        """Return the release of this request id, if there was one."""
        self.asked_for_repeats += 1
        key = (authenticated.principal.institution, authenticated.received.request_id)
        return self.repeats.get(key)

    async def consent(self, consent_id: str) -> StoredConsent | None:
        """Return a consent, whoever asks."""
        return self.stored.get(consent_id)


class MemoryProvider(Provider):
    """Answers with ``answer``: values (all of them, or what the test made of them), or an error."""

    def __init__(self, record: Mapping[str, Value]) -> None:
        self.record = dict(record)
        self.answer: Mapping[str, Value] | BaseException | None = {}
        self.given = False
        self.stalled = False
        self.event = ""
        """The provider's own event of an answer."""
        self.asked: list[Inquiry] = []

    def answers(self, answer: Mapping[str, Value] | BaseException | None) -> None:
        """Answer with this from now on."""
        self.answer, self.given = answer, True

    async def fetch(self, inquiry: Inquiry) -> Fetched | None:
        """Return exactly the fields asked for, unless told otherwise."""
        self.asked.append(inquiry)
        if self.stalled:
            await asyncio.Event().wait()
        if isinstance(self.answer, BaseException):
            raise self.answer
        record = {field: self.record[field] for field in inquiry.fields}
        values = self.answer if self.given else record
        return None if values is None else Fetched(values, self.event)


class MemoryDetector(TextDetector):
    """Finds known values as they are written; ``failing`` is raised instead."""

    def __init__(self) -> None:
        self.failing: DetectionFailed | None = None
        self.stalled = False
        self.seen: list[tuple[str, tuple[KnownValue, ...]]] = []
        self.wanted: list[Wanted] = []
        self.also: tuple[Detected, ...] = ()
        """What is found besides."""

    async def analyse(
        self, text: str, known: tuple[KnownValue, ...], wanted: Wanted
    ) -> tuple[Detected, ...]:
        """Find each known value, the first known one first."""
        self.seen.append((text, known))
        self.wanted.append(wanted)
        if self.stalled:
            await asyncio.Event().wait()
        if self.failing is not None:
            raise self.failing
        found = list(self.also)
        for one in known:
            start = text.find(one.value)
            while start >= 0:
                end = start + len(one.value)
                if all(end <= other.start or other.end <= start for other in found):
                    found.append(Detected(start, end, one.type, 1.0))
                start = text.find(one.value, end)
        return tuple(sorted(found, key=lambda span: span.start))


class MemoryPseudonyms(Pseudonyms):
    """Pseudonyms that say for whom they are and hide the value."""

    def __init__(self) -> None:
        self.failing: Exception | None = None

    def bound(self, recipient: str, purpose: str) -> Pseudonym:
        """Return a function that numbers values by recipient, purpose and field."""

        def pseudonym(field: str, value: str) -> str:
            if self.failing is not None:
                raise self.failing
            return f"{recipient}/{purpose}/{field}/{len(value)}"

        return pseudonym


class MemoryDirectory(Directory):
    """Signing keys by institution and id."""

    def __init__(self, keys: Mapping[tuple[str, str], bytes]) -> None:
        self._keys = dict(keys)

    async def principal(self, institution: str, workload: str, fingerprint: str) -> Principal:
        """Know nobody: the use cases are given their principal."""
        raise refuse(ErrorReason.CERTIFICATE_UNKNOWN)

    async def member(self, institution: str) -> Principal:
        """Know nobody."""
        raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)

    async def signing_key(self, institution: str, key_id: str) -> bytes | None:
        """Return the key, if registered."""
        return self._keys.get((institution, key_id))


def with_standing(stored: StoredConsent, **changes: object) -> StoredConsent:
    """The consent with another standing."""
    standing = msgspec.structs.replace(stored.consent.standing, **changes)
    consent = msgspec.structs.replace(stored.consent, standing=standing)
    return msgspec.structs.replace(stored, consent=consent)
