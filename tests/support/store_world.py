"""People, consents and requests as domain values, for the contract tests of the store's ports.

Owns short ways to build them and to walk one record path by hand: decide, intend, release.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Iterable
from itertools import count
from typing import Any
from uuid import uuid4

import msgspec

from clients.cli.local.demo_data.dataset import synthetic_subject
from gateway.application.ports.ledger import NewConsent, Recorded, SignedArtefact
from gateway.domain.consent import ConsentTerms
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import Ask
from gateway.domain.policy.documents import Limit, Limits
from gateway.domain.reasons import Refused
from gateway.domain.stages import Authenticated, Decided, Intended, Received, Released, SafeRecord
from gateway.domain.subject import SubjectIdentifier, SubjectKey, normalise
from gateway.domain.vocabulary import (
    IdentifierType,
    Jurisdiction,
    LawfulBasis,
    Period,
    Role,
    SeparateConsent,
)
from support.agreements import agreement_of
from support.live_gateway import CATEGORIES, DATASET, UNDERWRITING
from support.store_engines import Worker

_PEOPLE = count(1)
LENDER_A, LENDER_B = (
    Principal(one, "integrator", frozenset({Role.LENDER}), Jurisdiction.CN, (agreement_of(one),))
    for one in ("lender-a", "lender-b")
)


def fresh_person() -> SubjectIdentifier:
    """The identifier of a person that no other test of this process uses."""
    raw = synthetic_subject(next(_PEOPLE))
    return normalise(IdentifierType(raw.identity_type), raw.identity_number)


def terms(**changes: Any) -> ConsentTerms:
    """Terms that underwriting by lender-a accepts."""
    now = int(time.time())
    values: dict[str, Any] = {
        "consent_id": str(uuid4()),
        "version": 1,
        "controller": "lender-a",
        "collector": "lender-a",
        "providers": frozenset({"demo-bureau"}),
        "datasets": frozenset({DATASET}),
        "purposes": frozenset({UNDERWRITING}),
        "fields": frozenset(),
        "categories": frozenset(CATEGORIES),
        "lawful_basis": LawfulBasis.CONSENT,
        "separate": frozenset({SeparateConsent.THIRD_PARTY, SeparateConsent.SENSITIVE}),
        "valid_from": now - 60,
        "valid_until": now + 86_400,
        "uses": None,
        "frequency": None,
        "data_life_days": 30,
        "evidence_sha256": bytes(32),
    }
    return ConsentTerms(**{**values, **changes})


def new_consent(
    person: SubjectKey, agreed: ConsentTerms, artefact: bytes = b"as it was signed"
) -> NewConsent:
    """A consent whose signature was checked before it gets to the ledger."""
    return NewConsent(person, agreed, SignedArtefact(artefact, "lender-a-1", bytes(64)))


async def granted(worker: Worker, person: SubjectKey, **changes: Any) -> ConsentTerms:
    """Grant a consent and return its terms."""
    agreed = terms(**changes)
    await worker.ledger.grant(LENDER_A, new_consent(person, agreed))
    return agreed


def asked(
    person: SubjectKey,
    request_id: str = "",
    digest: bytes = b"digest of the body".ljust(32),
    principal: Principal = LENDER_A,
    consent_id: str = "",
) -> Authenticated:
    """A request for underwriting."""
    ask = Ask(UNDERWRITING, DATASET)
    received = Received(request_id or str(uuid4()), person, ask, consent_id, digest)
    return Authenticated(received, principal)


async def decided(worker: Worker, request: Authenticated) -> Decided:
    """The decision on a request, which must allow."""
    resolved, decision, _ = await worker.decide(request)
    return Decided.allowed(resolved, decision)


def safe(intended: Intended) -> SafeRecord:
    """A record as it is after de-identification."""
    return SafeRecord(intended, (("name", "mask", "A**"), ("credit_amount", "keep", 7)), ())


def limits(per_subject: int, per_recipient: int, per: Period = Period.MONTH) -> Limits:
    """A rule's limits in the widest window, so that hardly a test sees one end."""
    return Limits(Limit(per_subject, per), Limit(per_recipient, per))


def under_rule(one: Decided, rule: str, bounds: Limits) -> Decided:
    """The same permission by a rule of the test's own, with its own limits and counters."""
    decision = msgspec.structs.replace(one.decision, rule=rule)
    return msgspec.structs.replace(one, decision=decision, limits=bounds)


async def released(worker: Worker, request: Authenticated) -> Released:
    """Decide, intend, release; the provider is left out."""
    return await released_as(worker, await decided(worker, request))


async def released_as(worker: Worker, one: Decided) -> Released:
    """Intend and release what was decided."""
    return await worker.ledger.release(safe(await worker.ledger.intend(one)))


async def ends(calls: Iterable[Awaitable[Released | Recorded]]) -> list[str]:
    """How each of these concurrent calls ended: "released", "repeat", or the refusal's reason."""

    async def end(call: Awaitable[Released | Recorded]) -> str:
        try:
            return "repeat" if (await call).repeat else "released"
        except Refused as refused:
            return refused.reason.value

    return await asyncio.gather(*(end(call) for call in calls))
