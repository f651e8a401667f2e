"""Calls that go wrong in every way, with canaries in every place where a caller can put text.

Owns the list of ways. Each takes a caller and a person whose record the provider holds; what comes
of it is heard by the caller's ``Errors``.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.sdk.consents.draft import Subject
from clients.sdk.consents.signing import load_signing_key, sign
from clients.sdk.vocabulary import IdentifierType
from support.faults_canaries import Person
from support.faults_errors import Caller
from support.live_gateway import DATASET, UNDERWRITING, underwriting_terms
from veilgate.v1 import audit_pb2, consent_pb2, exchange_pb2, subject_pb2

METHODS = (
    *(f"/veilgate.v1.ExchangeService/{name}" for name in ("GetRecord", "ExplainAccess")),
    *(f"/veilgate.v1.ConsentService/{name}Consent" for name in ("Grant", "Get", "Revoke")),
    "/veilgate.v1.AuditService/ListEvents",
    "/veilgate.v1.AuditService/GetCheckpoint",
    "/veilgate.v1.AuditService/GetInclusionProof",
    "/veilgate.v1.AuditService/GetTile",
    "/grpc.health.v1.Health/Check",
    "/veilgate.v1.ExchangeService/NoSuchMethod",
)
_TYPES = {
    "CN_RESIDENT_ID": subject_pb2.IDENTIFIER_TYPE_CN_RESIDENT_ID,
    "US_SSN": subject_pb2.IDENTIFIER_TYPE_US_SSN,
}
_OVERSIZE = 80 * 1024


def request(person: Person, **changes: Any) -> exchange_pb2.GetRecordRequest:
    """A request for the person's record; ``changes`` are fields of the message."""
    subject = subject_pb2.SubjectIdentifier(
        type=_TYPES[person.identity_type], value=person.identity_number
    )
    fields: dict[str, Any] = {
        "request_id": str(uuid4()),
        "subject": subject,
        "dataset": DATASET,
        "purpose": UNDERWRITING,
    }
    return exchange_pb2.GetRecordRequest(**{**fields, **changes})


def grant(caller: Caller, person: Person, **changes: Any) -> str:
    """Grant a consent of the person's; return its id, granted or not."""
    signed, consent_id = signed_consent(caller, person, **changes)
    caller.ask(caller.grant, consent_pb2.GrantConsentRequest(consent=signed))
    return consent_id


def signed_consent(
    caller: Caller, person: Person, **changes: Any
) -> tuple[consent_pb2.SignedConsent, str]:
    """A signed consent of the person's, and its id."""
    subject = Subject(IdentifierType(person.identity_type), person.identity_number)
    draft = underwriting_terms(
        caller.profile, synthetic_subject(1), **{"subject": subject, **changes}
    )
    key, key_id = load_signing_key(caller.profile)
    return sign(draft, key, key_id), draft.consent_id


def misplaced(person: Person) -> Iterator[exchange_pb2.GetRecordRequest]:
    """Values in the wrong place, by mistake or on purpose, well-formed there and not."""
    for value in sorted(person.canaries):
        plain = value.split()[0].lower()
        yield request(person, request_id=value)
        yield request(person, dataset=value)
        yield request(person, purpose=value)
        yield request(person, consent_id=value)
        yield request(person, fields=[value])
        yield request(person, fields=[plain, plain])
        # Where a value has the form of a name, it is looked up and not found.
        yield request(person, dataset=plain)
        yield request(person, purpose=f"credit.{plain}")
        yield request(person, purpose=plain)
        yield request(person, fields=[plain])
        for kind in _TYPES.values():
            wrong = subject_pb2.SubjectIdentifier(type=kind, value=value)
            yield request(person, subject=wrong)


def garbage(person: Person) -> Iterator[bytes]:
    """Bytes that are no request, and hold the person's values."""
    body = request(person, fields=sorted(person.canaries)).SerializeToString()
    yield b"\xff" + body
    yield body[:-7]
    yield "|".join(sorted(person.canaries)).encode()
    yield body + b"\x0a\xff\xff\xff\xff\x0f" + body


def oversize(person: Person) -> bytes:
    """A request above the limit of the transport."""
    return request(person, fields=[str(person.row["name"])] * _OVERSIZE).SerializeToString()


def spoilt_consents(caller: Caller, person: Person) -> Iterator[consent_pb2.SignedConsent]:
    """Consents that are refused: values in wrong places, wrong signatures, bytes that are none."""
    signed, _ = signed_consent(caller, person)
    values = sorted(person.canaries)
    artefact = consent_pb2.ConsentArtefact.FromString(signed.artefact)
    yield _with(signed, signature=bytes(64))
    yield _with(signed, signature=str(person.row["name"]).encode())
    yield _with(signed, key_id=values[0][:60])
    yield _with(signed, artefact="|".join(values).encode())
    yield _with(signed, artefact=signed.artefact + b"\xfa\x3f\x14" + values[0].encode()[:20])
    for name in ("providers", "datasets", "purposes", "fields", "categories"):
        for value in (f"{values[0]} ", values[-1]):
            changed = consent_pb2.ConsentArtefact()
            changed.CopyFrom(artefact)
            getattr(changed, name).append(value)
            yield _with(signed, artefact=changed.SerializeToString())
    for name in ("controller", "collector", "consent_id"):
        changed = consent_pb2.ConsentArtefact()
        changed.CopyFrom(artefact)
        setattr(changed, name, values[0])
        yield _with(signed, artefact=changed.SerializeToString())


def _with(signed: consent_pb2.SignedConsent, **changes: Any) -> consent_pb2.SignedConsent:
    changed = consent_pb2.SignedConsent()
    changed.CopyFrom(signed)
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def misdirected(caller: Caller, person: Person) -> None:
    """Values in the requests of the other services."""
    for value in sorted(person.canaries):
        caller.ask(caller.get_consent, consent_pb2.GetConsentRequest(consent_id=value))
        caller.ask(caller.revoke, consent_pb2.RevokeConsentRequest(consent_id=value))
        caller.ask(caller.audit.GetTile, audit_pb2.GetTileRequest(path=value))
        caller.ask(caller.audit.GetTile, audit_pb2.GetTileRequest(path=f"tile/0/{value}"))
