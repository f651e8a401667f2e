"""The events of the audit log, as the JSON bytes that are stored and hashed.

Owns what an event says: who, what for, which rule, which fields by which operator, commitments.
Refuses every value of a record and every stable reference to a subject: a subject's tag is keyed by
a secret of its own and the event id, so destroying the secret makes the past unlinkable.
"""

import hmac
import os
from typing import Final

import msgspec

from gateway.crypto.keyed import commitment
from gateway.domain.consent import ConsentEvent
from gateway.domain.institution import Principal
from gateway.domain.policy.decision import Ask, Decision
from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.stages import Decided, Intended, Received, Resolved, SafeRecord
from gateway.domain.subject import Subject

RECORD_LABEL: Final = b"veilgate record v1"
_REQUEST_LABEL: Final = b"veilgate request v1"
CONSENT_LABEL: Final = b"veilgate consent v1"
_encode = msgspec.json.Encoder().encode


class AuditEvent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event but for its time, which the committer puts in front. Hex strings throughout."""

    v: int
    kind: str
    id: str
    institution: str = ""
    workload: str = ""
    purpose: str = ""
    dataset: str = ""
    rule: str = ""
    policy: str = ""
    outcome: str = ""
    reasons: tuple[str, ...] = ()
    intent: str = ""
    subject: str = ""
    request: str = ""
    consent: str = ""
    released: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    record: str = ""
    basis: str = ""
    separate: tuple[str, ...] = ()
    abandoned: int = 0
    receipt_key: str = ""
    """The id and the public key (hex) that receipts are verified with, with a space between."""
    count: int = 0
    via: str = ""
    peer_event: str = ""
    provider_event: str = ""
    by: str = ""
    source: str = ""
    legal_group: str = ""
    roles: tuple[str, ...] = ()
    jurisdiction: str = ""
    status: str = ""
    certificates: tuple[str, ...] = ()
    signing_keys: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()
    overlap_seconds: int = 0
    agreement: str = ""
    agreements: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    valid_from: int = 0
    valid_until: int = 0
    evidence: str = ""
    tightened: tuple[str, ...] = ()
    """Released fields of which less is shown than their masks would, or which were withheld."""


class Event(msgspec.Struct, frozen=True):
    """An event's id and its bytes; ``salt`` opens the commitment to the record, if there is one."""

    id: str
    body: bytes
    salt: bytes = b""


def new_event_id() -> str:
    """Return 128 random bits in hex."""
    return os.urandom(16).hex()


def intent_event(decided: Decided, policy_digest: str) -> Event:
    """Say that a permitted release is about to be tried."""
    event_id, received = new_event_id(), decided.resolved.authenticated.received
    principal = decided.resolved.authenticated.principal
    tag, salt = _tag_and_salt(decided.subject, event_id)
    event = AuditEvent(
        v=1,
        kind="INTENT",
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        purpose=received.ask.purpose,
        dataset=received.ask.dataset,
        rule=decided.decision.rule,
        policy=policy_digest,
        outcome="PERMITTED",
        subject=tag,
        request=commitment(_REQUEST_LABEL, salt, received.request_id.encode()).hex(),
        consent=commitment(CONSENT_LABEL, salt, decided.consent.terms.consent_id.encode()).hex(),
        agreement=decided.decision.agreement,
    )
    return Event(event_id, _encode(_carried(event, received)))


def _carried(event: AuditEvent, received: Received) -> AuditEvent:
    """Return the event with the gateway that carried the request, and that gateway's own event."""
    came = received.forwarded
    if came is None:
        return event
    return msgspec.structs.replace(event, via=came.gateway, peer_event=came.event_id)


def release_event(safe: SafeRecord) -> Event:
    """Say what was released: fields, operators, and a commitment to the values."""
    event_id, decided = new_event_id(), safe.intended.decided
    authenticated = decided.resolved.authenticated
    tag, salt = _tag_and_salt(decided.subject, event_id)
    event = AuditEvent(
        v=1,
        kind="RELEASE",
        id=event_id,
        institution=authenticated.principal.institution,
        purpose=authenticated.received.ask.purpose,
        dataset=authenticated.received.ask.dataset,
        rule=decided.decision.rule,
        outcome="RELEASED",
        intent=safe.intended.event_id,
        subject=tag,
        released=tuple([f"{field}:{operator}" for field, operator, _ in safe.fields]),
        withheld=tuple([f"{one.field}:{one.because}" for one in safe.withheld]),
        record=commitment(RECORD_LABEL, salt, _encode(safe.fields)).hex(),
        provider_event=safe.provider_event,
        tightened=safe.tight_fields(),
    )
    return Event(event_id, _encode(_carried(event, authenticated.received)), salt)


def decision_event(kind: str, resolved: Resolved, decision: Decision, policy_digest: str) -> Event:
    """Say that something was denied (DENIAL), or explained without a release (EXPLANATION)."""
    event_id, principal = new_event_id(), resolved.authenticated.principal
    purpose, dataset = _known_words(resolved.authenticated.received.ask, decision)
    event = AuditEvent(
        v=1,
        kind=kind,
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        purpose=purpose,
        dataset=dataset,
        rule=decision.rule,
        policy=policy_digest,
        outcome="PERMITTED" if decision.allow else "DENIED",
        reasons=tuple(finding.reason.value for finding in decision.findings),
        subject="" if resolved.subject is None else _tag_and_salt(resolved.subject, event_id)[0],
        agreement=decision.agreement,
    )
    return Event(event_id, _encode(_carried(event, resolved.authenticated.received)))


def _known_words(ask: Ask, decision: Decision) -> tuple[str, str]:
    """Return purpose and dataset, empty where the policy does not know them.

    An unknown word is the caller's own: it may be a person's name, and the log is for ever.
    """
    match decision.findings:
        case (Finding(reason=ErrorReason.PURPOSE_UNKNOWN), *_):
            return "", ""
        case (Finding(reason=ErrorReason.DATASET_UNKNOWN), *_):
            return ask.purpose, ""
    return ask.purpose, ask.dataset


def failure_event(intended: Intended, kind: str, reason: ErrorReason) -> Event:
    """Say that an intent came to nothing (FAILURE), or that its caller went away (ABANDONED)."""
    event_id, decided = new_event_id(), intended.decided
    event = AuditEvent(
        v=1,
        kind=kind,
        id=event_id,
        institution=decided.resolved.authenticated.principal.institution,
        rule=decided.decision.rule,
        outcome="NOT_RELEASED",
        reasons=(reason.value,),
        intent=intended.event_id,
        subject=_tag_and_salt(decided.subject, event_id)[0],
    )
    return Event(event_id, _encode(event))


def consent_event(
    kind: str, principal: Principal, subject: Subject, consent_id: str, **terms: object
) -> Event:
    """Say that a consent was granted or changed; ``terms`` are words of its terms."""
    event_id = new_event_id()
    tag, salt = _tag_and_salt(subject, event_id)
    event = AuditEvent(
        v=1,
        kind=kind,
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        subject=tag,
        consent=commitment(CONSENT_LABEL, salt, consent_id.encode()).hex(),
        **terms,  # type: ignore[arg-type]
    )
    return Event(event_id, _encode(event))


def evaluation_event(principal: Principal, count: int) -> Event:
    """Say that an institution had so many blinded identifiers evaluated."""
    event_id = new_event_id()
    event = AuditEvent(
        v=1,
        kind="REFERENCES_EVALUATED",
        id=event_id,
        institution=principal.institution,
        workload=principal.workload,
        count=count,
    )
    return Event(event_id, _encode(event))


def plain_event(kind: str, **facts: str | int) -> bytes:
    """Say something of the gateway itself: that it started, which policy is in force."""
    event = AuditEvent(v=1, kind=kind, id=new_event_id(), **facts)  # type: ignore[arg-type]
    return _encode(event)


CHANGE_KINDS: Final = {
    ConsentEvent.REVOKE: "CONSENT_REVOKED",
    ConsentEvent.PAUSE: "CONSENT_PAUSED",
    ConsentEvent.RESUME: "CONSENT_RESUMED",
    ConsentEvent.EXPIRE: "CONSENT_EXPIRED",
}


def opening(subject: Subject, event_id: str) -> tuple[str, bytes]:
    """Return an event's tag of its subject and the salt of its commitments, for its receipt."""
    return _tag_and_salt(subject, event_id)


def _tag_and_salt(subject: Subject, event_id: str) -> tuple[str, bytes]:
    """Return what the event says of its subject, and the salt of its commitments.

    The two halves of HMAC-SHA512(subject secret, event id): one says nothing about the other.
    """
    mac = hmac.digest(subject.secret, event_id.encode(), "sha512")
    return mac[:32].hex(), mac[32:]
