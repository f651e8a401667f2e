"""The events of the Directory: who was enrolled, suspended or changed, by which operator.

Owns what they say: ids, fingerprints, ids of keys, words of agreements, the hash of the contract.
Refuses personal data: none comes here. ``institution`` is the one concerned, ``by`` who acted.
"""

from typing import Any, Final

import msgspec

from gateway.adapters.committer.audit_events import AuditEvent, Event, new_event_id
from gateway.domain.enrolment import Contract, CredentialChange, Enrolment, InstitutionEvent

STATUS_KINDS: Final = {
    InstitutionEvent.SUSPEND: "INSTITUTION_SUSPENDED",
    InstitutionEvent.REACTIVATE: "INSTITUTION_REACTIVATED",
}
FROM_FILE: Final = "file"
_encode = msgspec.json.Encoder().encode


def enrolled_event(by: str, enrolment: Enrolment, **more: Any) -> Event:
    """Say that an institution was enrolled; ``more`` are members for one of the partner file."""
    return _event(
        "INSTITUTION_ENROLLED",
        enrolment.institution,
        by,
        legal_group=enrolment.legal_group,
        roles=tuple(sorted(enrolment.roles)),
        jurisdiction=enrolment.jurisdiction.value,
        certificates=tuple(one.fingerprint for one in enrolment.certificates),
        signing_keys=tuple(one.key_id for one in enrolment.signing_keys),
        evidence=enrolment.digest.hex(),
        **more,
    )


def credentials_event(by: str, change: CredentialChange) -> Event:
    """Say which credentials were added and retired."""
    return _event(
        "CREDENTIALS_CHANGED",
        change.institution,
        by,
        certificates=tuple(one.fingerprint for one in change.certificates),
        signing_keys=tuple(one.key_id for one in change.signing_keys),
        retired=change.retired_certificates + change.retired_signing_keys,
        overlap_seconds=change.overlap_s,
        evidence=change.digest.hex(),
    )


def status_event(by: str, institution: str, transition: InstitutionEvent) -> Event:
    """Say that an institution was suspended or reactivated."""
    return _event(STATUS_KINDS[transition], institution, by)


def agreement_added_event(by: str, contract: Contract) -> Event:
    """Say which agreement was recorded."""
    return _event(
        "AGREEMENT_ADDED",
        contract.institution,
        by,
        agreement=contract.id,
        datasets=contract.datasets,
        purposes=contract.purposes,
        valid_from=contract.valid_from,
        valid_until=contract.valid_until,
        evidence=contract.evidence_sha256.hex(),
    )


def agreement_ended_event(by: str, contract: Contract) -> Event:
    """Say which agreement was ended."""
    return _event("AGREEMENT_ENDED", contract.institution, by, agreement=contract.id)


def _event(kind: str, institution: str, by: str, **facts: Any) -> Event:
    event_id = new_event_id()
    event = AuditEvent(v=1, kind=kind, id=event_id, institution=institution, by=by, **facts)
    return Event(event_id, _encode(event))
