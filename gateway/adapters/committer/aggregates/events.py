"""The events of encrypted aggregates: opened, roster, released, void, refused, failed, denied.

Owns what they say: who asked which question by its digest, at what cost, over how many contributors
and consents, and what came out by its digest. Refuses to say which agent declined, which consent
did not stand, and whom a question is about: a subject stands there by its tag alone, and many
consents by their Merkle root.
"""

from typing import Final

import msgspec

from gateway.adapters.committer.audit_events import (
    CONSENT_LABEL,
    AuditEvent,
    Event,
    new_event_id,
    opening,
)
from gateway.adapters.store.aggregate_store import RoundFacts
from gateway.crypto.keyed import commitment
from gateway.domain.institution import Principal
from gateway.domain.subject import Subject

OPENED: Final = "AGGREGATE_OPENED"
ROSTER: Final = "AGGREGATE_ROSTER"
RELEASED: Final = "AGGREGATE_RELEASED"
VOID: Final = "AGGREGATE_VOID"
REFUSED: Final = "AGGREGATE_REFUSED"
FAILED: Final = "AGGREGATE_FAILED"
DENIED: Final = "AGGREGATE_DENIED"
KEY_REGISTERED: Final = "AGGREGATE_KEY_REGISTERED"


class AggregateEvent(AuditEvent, frozen=True, omit_defaults=True):
    """An event of this path. ``request`` is the question's digest; digests are hex."""

    round: str = ""
    question: str = ""
    """Its kind: cohort, subject or binning."""
    cost: int = 0
    """Micro-rho."""
    contributors: int = 0
    consents: int = 0
    consents_root: str = ""
    roster: str = ""
    contributions: str = ""
    """Merkle root over the members' contributions."""
    result: str = ""
    """Of the combined ciphertexts."""
    key: str = ""


def round_event(
    kind: str,
    principal: Principal,
    round_id: str,
    facts: RoundFacts,
    about: tuple[Subject, str] | None,
    **more: object,
) -> Event:
    """Say something of a round; ``about`` is its one subject and that one's consent id, if any."""
    event_id = new_event_id()
    tag, consent = "", ""
    if about is not None:
        subject, consent_id = about
        tag, salt = opening(subject, event_id)
        consent = commitment(CONSENT_LABEL, salt, consent_id.encode()).hex()
    event = AggregateEvent(
        v=1,
        kind=kind,
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        purpose=facts.purpose,
        dataset=facts.dataset,
        subject=tag,
        consent=consent,
        request=facts.digest.hex(),
        round=round_id,
        question=facts.kind,
        roster=facts.roster_digest.hex(),
        consents=facts.consents,
        consents_root=facts.consents_root.hex(),
        **more,  # type: ignore[arg-type]
    )
    return Event(event_id, msgspec.json.encode(event))


def key_event(principal: Principal, key_id: bytes, scheme: str) -> Event:
    """Say that an institution registered a key."""
    return _plain(KEY_REGISTERED, principal, key=key_id.hex(), question=scheme)


def denied_event(principal: Principal, digest: bytes, reason: str) -> Event:
    """Say that something was not let in: its digest, and why."""
    return _plain(DENIED, principal, outcome="DENIED", reasons=(reason,), request=digest.hex())


def _plain(kind: str, principal: Principal, **facts: object) -> Event:
    event_id = new_event_id()
    event = AggregateEvent(
        v=1,
        kind=kind,
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        **facts,  # type: ignore[arg-type]
    )
    return Event(event_id, msgspec.json.encode(event))
