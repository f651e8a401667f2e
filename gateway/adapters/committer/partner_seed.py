"""The partner file into the Directory, once: each institution that is not there yet is enrolled.

Owns the operations and their events (source: file). Refuses to change who is there: the Directory
is the source of truth, and the file only what it begins with.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

import msgspec

from gateway.adapters.committer.directory_events import FROM_FILE, enrolled_event
from gateway.adapters.committer.directory_ledger import enrol_operation
from gateway.adapters.committer.messages import Enrol
from gateway.adapters.store.partner_file import Partner, PartnerAgreement, PartnerCertificate
from gateway.domain.enrolment import Certificate, Contract, Enrolment, SigningKey


def seed_operations(partners: Iterable[Partner]) -> list[Enrol]:
    """Return the operations that enrol these institutions, in order."""
    return [_operation(one) for one in partners]


def _operation(partner: Partner) -> Enrol:
    enrolment = Enrolment(
        partner.id,
        partner.legal_group,
        frozenset(partner.roles),
        partner.jurisdiction,
        tuple(_certificate(one) for one in partner.certificates),
        tuple(SigningKey(id_, bytes.fromhex(key)) for id_, key in partner.signing_keys.items()),
        sha256(msgspec.json.encode(partner)).digest(),
    )
    contracts = tuple(_contract(partner.id, one) for one in partner.agreements)
    event = enrolled_event(
        "",
        enrolment,
        source=FROM_FILE,
        status=partner.status.value,
        agreements=tuple(one.id for one in contracts),
    )
    return enrol_operation(event.body, "", enrolment, partner.status, contracts)


def _certificate(one: str | PartnerCertificate) -> Certificate:
    if isinstance(one, str):
        return Certificate(one)
    return Certificate(one.fingerprint, _second(one.not_after))


def _contract(institution: str, one: PartnerAgreement) -> Contract:
    return Contract(
        one.id,
        institution,
        tuple(sorted(one.datasets)),
        tuple(sorted(one.purposes)),
        _second(one.valid_from),
        _second(one.valid_until),
        bytes.fromhex(one.evidence_sha256),
    )


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
