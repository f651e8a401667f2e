"""The events of re-identification: asked for, approved, used, denied; by which person.

Owns what they say: ids, the rule, the purpose, how many tokens of which types, the digest of the
request. Refuses tokens, values and the justification's words: its hash is there.
"""

from hashlib import sha256
from typing import Any

import msgspec

from gateway.adapters.committer.audit_events import AuditEvent, Event, new_event_id
from gateway.application.ports.reidentification import NewRequest
from gateway.domain.institution import Principal

_encode = msgspec.json.Encoder().encode


def requested_event(principal: Principal, new: NewRequest) -> Event:
    """Say that a person asked for tokens to be opened."""
    return _event(
        "REIDENTIFICATION_REQUESTED",
        principal,
        purpose=new.purpose,
        rule=new.rule,
        count=new.tokens,
        request=new.digest.hex(),
        evidence=sha256(new.justification.encode()).hexdigest(),
        valid_until=new.expires_at,
    )


def approved_event(principal: Principal, digest: bytes) -> Event:
    """Say that a second person approved."""
    return _event("REIDENTIFICATION_APPROVED", principal, request=digest.hex())


def used_event(principal: Principal, digest: bytes, types: tuple[str, ...]) -> Event:
    """Say that values are about to leave: the types of their entities."""
    return _event(
        "REIDENTIFIED", principal, outcome="RELEASED", released=types, request=digest.hex()
    )


def denied_event(principal: Principal, request_id: str, reason: str) -> Event:
    """Say that nothing was opened, and why."""
    return _event(
        "REIDENTIFICATION_DENIED",
        principal,
        outcome="DENIED",
        reasons=(reason,),
        request=sha256(request_id.encode()).hexdigest(),
    )


def _event(kind: str, principal: Principal, **facts: Any) -> Event:
    event_id = new_event_id()
    event = AuditEvent(
        v=1,
        kind=kind,
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        **facts,
    )
    return Event(event_id, _encode(event))
