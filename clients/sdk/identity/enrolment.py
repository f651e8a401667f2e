"""What an institution signs for the Directory: its enrolment, and changes of its credentials.

Owns making these requests from certificates and keys, signing them (DSSE with Ed25519), and the
file in which an enrolment goes to the operator. Works offline. Refuses a certificate that names
another institution: the gateway would, and it costs a round of letters.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from google.protobuf.message import DecodeError

from clients.sdk.codecs.directory import decode_roles, encode_role, timestamp
from clients.sdk.failure import RequestError
from clients.sdk.identity.client_certificate import ClientCertificate
from clients.sdk.models.directory import DirectorySignature, Role, SignedChange, SignedEnrolment
from gateway.crypto.dsse import DsseEnvelope, DsseSignature, sign_payload
from gateway.crypto.dsse_json import decode_envelope, encode_envelope
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import CryptoError
from veilgate.v1 import directory_pb2 as pb

ENROLMENT_TYPE: Final = "application/vnd.veilgate.enrolment.v1+protobuf"
CHANGE_TYPE: Final = "application/vnd.veilgate.credentials.v1+protobuf"
MAX_OVERLAP: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A signing key and the id that it has, or is to have, in the Directory."""

    key_id: str
    key: SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentTerms:
    """What an institution wants to be enrolled as; ``jurisdiction`` is two letters (ISO 3166-1)."""

    institution: str
    legal_group: str
    roles: tuple[str, ...]
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class EnrolmentContent:
    """What a signed enrolment asks for, to be looked at before it is sent."""

    institution: str
    legal_group: str
    roles: tuple[Role, ...]
    jurisdiction: str
    certificates: tuple[str, ...]
    signing_keys: tuple[str, ...]
    created_at: datetime


def sign_enrolment(
    terms: EnrolmentTerms,
    certificates: Iterable[ClientCertificate],
    keys: Iterable[NamedKey],
    now: datetime | None = None,
) -> SignedEnrolment:
    """An enrolment that each of its keys has signed; ``now`` is the moment of signing.

    Raises:
        RequestError: a certificate names another institution, or there is no certificate or key.
    """
    some, named = tuple(certificates), tuple(keys)
    if not some or not named:
        raise RequestError(
            "an enrolment has at least one certificate and one signing key", "Give both."
        )
    message = pb.Enrolment(
        institution=terms.institution,
        legal_group=terms.legal_group,
        roles=[encode_role(role) for role in terms.roles],
        jurisdiction=terms.jurisdiction,
        certificates=[_der_of(one, terms.institution) for one in some],
        signing_keys=[_public(one) for one in named],
        created_at=timestamp(now or datetime.now(UTC)),
    )
    payload = message.SerializeToString(deterministic=True)
    return SignedEnrolment(payload, _signatures(ENROLMENT_TYPE, payload, named))


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialTerms:
    """What an institution changes: what is added, what is retired, and how long both hold.

    ``retire_certificates`` are fingerprints, ``retire_signing_keys`` ids; ``overlap`` is 0 to 30
    days, in whole seconds.
    """

    institution: str
    certificates: tuple[ClientCertificate, ...] = ()
    signing_keys: tuple[NamedKey, ...] = ()
    retire_certificates: tuple[str, ...] = ()
    retire_signing_keys: tuple[str, ...] = ()
    overlap: timedelta = timedelta(days=7)

    def __post_init__(self) -> None:
        """Refuse what the gateway would."""
        if not timedelta(0) <= self.overlap <= MAX_OVERLAP:
            raise RequestError("an overlap is 0 to 30 days", "Give one, such as 7 days.")


def sign_change(
    terms: CredentialTerms, signed_by: NamedKey, now: datetime | None = None
) -> SignedChange:
    """A change that a key in use and each new key have signed; send it within the hour.

    Raises:
        RequestError: a certificate names another institution.
    """
    message = pb.CredentialChange(
        institution=terms.institution,
        change_id=str(uuid4()),
        add_certificates=[_der_of(one, terms.institution) for one in terms.certificates],
        add_signing_keys=[_public(one) for one in terms.signing_keys],
        retire_certificates=terms.retire_certificates,
        retire_signing_keys=terms.retire_signing_keys,
        overlap_seconds=int(terms.overlap.total_seconds()),
        created_at=timestamp(now or datetime.now(UTC)),
    )
    payload = message.SerializeToString(deterministic=True)
    return SignedChange(
        payload, _signatures(CHANGE_TYPE, payload, (signed_by, *terms.signing_keys))
    )


def enrolment_to_json(signed: SignedEnrolment) -> bytes:
    """The file that goes to the operator: a DSSE envelope in JSON."""
    signatures = tuple(DsseSignature(one.key_id, one.signature) for one in signed.signatures)
    return encode_envelope(DsseEnvelope(ENROLMENT_TYPE, signed.enrolment, signatures))


def enrolment_from_json(raw: bytes) -> SignedEnrolment:
    """Read such a file; the gateway checks the signatures.

    Raises:
        RequestError: it is not an enrolment.
    """
    try:
        envelope = decode_envelope(raw)
    except CryptoError as error:
        raise _no_enrolment() from error
    if envelope.payload_type != ENROLMENT_TYPE:
        raise _no_enrolment()
    signatures = tuple(DirectorySignature(one.keyid, one.sig) for one in envelope.signatures)
    return SignedEnrolment(envelope.payload, signatures)


def content_of(signed: SignedEnrolment) -> EnrolmentContent:
    """What an enrolment asks for.

    Raises:
        RequestError: it is not an enrolment.
        AnswerError: it names roles that this release does not know.
    """
    try:
        message = pb.Enrolment.FromString(signed.enrolment)
        certificates = tuple(
            x509.load_der_x509_certificate(der).fingerprint(SHA256()).hex()
            for der in message.certificates
        )
    except (DecodeError, ValueError) as error:
        raise _no_enrolment() from error
    return EnrolmentContent(
        message.institution,
        message.legal_group,
        decode_roles(message.roles),
        message.jurisdiction,
        certificates,
        tuple(one.key_id for one in message.signing_keys),
        message.created_at.ToDatetime(tzinfo=UTC),
    )


def _signatures(
    kind: str, payload: bytes, keys: Iterable[NamedKey]
) -> tuple[DirectorySignature, ...]:
    made = [sign_payload(kind, payload, one.key_id, one.key).signatures[0] for one in keys]
    return tuple(DirectorySignature(one.keyid, one.sig) for one in made)


def _public(one: NamedKey) -> pb.SigningKey:
    return pb.SigningKey(key_id=one.key_id, public_key=one.key.public_key.raw)


def _der_of(one: ClientCertificate, institution: str) -> bytes:
    if f"/institution/{institution}/workload/" not in one.uri:
        raise RequestError(
            "the certificate does not name this institution",
            f"Its one URI is to be spiffe://DOMAIN/institution/{institution}/workload/NAME.",
        )
    return one.der


def _no_enrolment() -> RequestError:
    return RequestError(
        "the file is not a signed enrolment", "Make one with `veilgate partner request`."
    )
