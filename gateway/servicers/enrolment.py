"""What an institution signs for the Directory, from its bytes to domain values.

Owns the checks of each field of ``Enrolment`` and ``CredentialChange``, and of the certificates in
them. Refuses unknown fields: a party must not sign what the gateway does not understand.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.unknown_fields import UnknownFieldSet

from gateway.domain.enrolment import (
    MAX_CREDENTIALS,
    Certificate,
    CredentialChange,
    Enrolment,
    SigningKey,
)
from gateway.domain.vocabulary import Jurisdiction, Role
from gateway.servicers import decode
from gateway.servicers.decode import InvalidField
from gateway.servicers.peer import PeerRefused, certificate_to_register
from veilgate.v1 import directory_pb2 as pb

MAX_CERTIFICATE_BYTES: Final = 16 * 1024
_MAX_OVERLAP_S: Final = 30 * 86_400
_MAX_CHANGE_AGE_S: Final = 3_600
_CLOCK_SKEW_S: Final = 300
_FINGERPRINT_CHARACTERS: Final = frozenset("0123456789abcdef")
Signed = TypeVar("Signed", pb.Enrolment, pb.CredentialChange)
T = TypeVar("T")


def enrolment(payload: bytes, path: str, trust_domain: str, now: float) -> Enrolment:
    """Return what a serialised ``Enrolment`` says, or raise ``InvalidField``."""
    message = _parsed(pb.Enrolment, payload, path)
    institution = decode.institution_id(message.institution, f"{path}.institution")
    certificates = _certificates(
        message.certificates, institution, f"{path}.certificates", trust_domain, now
    )
    keys = signing_keys(message.signing_keys, f"{path}.signing_keys")
    for found, name in ((certificates, "certificates"), (keys, "signing_keys")):
        if not found:
            raise InvalidField(f"{path}.{name}", f"must have 1 to {MAX_CREDENTIALS} entries")
    _require_made(message.created_at, f"{path}.created_at", now)
    return Enrolment(
        institution=institution,
        legal_group=decode.institution_id(message.legal_group, f"{path}.legal_group"),
        roles=_roles(message.roles, f"{path}.roles"),
        jurisdiction=_jurisdiction(message.jurisdiction, f"{path}.jurisdiction"),
        certificates=certificates,
        signing_keys=keys,
        digest=sha256(payload).digest(),
    )


def credential_change(payload: bytes, path: str, trust_domain: str, now: float) -> CredentialChange:
    """Return what a serialised ``CredentialChange`` says, or raise ``InvalidField``."""
    message = _parsed(pb.CredentialChange, payload, path)
    institution = decode.institution_id(message.institution, f"{path}.institution")
    added = _certificates(
        message.add_certificates, institution, f"{path}.add_certificates", trust_domain, now
    )
    if message.overlap_seconds > _MAX_OVERLAP_S:
        raise InvalidField(f"{path}.overlap_seconds", f"must be at most {_MAX_OVERLAP_S}")
    made = _require_made(message.created_at, f"{path}.created_at", now)
    if made < now - _MAX_CHANGE_AGE_S:
        raise InvalidField(f"{path}.created_at", "must be at most an hour old")
    change = CredentialChange(
        institution=institution,
        change_id=decode.uuid(message.change_id, f"{path}.change_id"),
        certificates=added,
        signing_keys=signing_keys(message.add_signing_keys, f"{path}.add_signing_keys"),
        retired_certificates=_each(
            message.retire_certificates, fingerprint, f"{path}.retire_certificates"
        ),
        retired_signing_keys=_each(
            message.retire_signing_keys, decode.key_id, f"{path}.retire_signing_keys"
        ),
        overlap_s=message.overlap_seconds,
        digest=sha256(payload).digest(),
    )
    if not (change.certificates or change.signing_keys or _retires(change)):
        raise InvalidField(path, "must add or retire something")
    return change


def _retires(change: CredentialChange) -> bool:
    return bool(change.retired_certificates or change.retired_signing_keys)


def _parsed(kind: type[Signed], payload: bytes, path: str) -> Signed:
    try:
        message = kind.FromString(payload)
    except DecodeError:
        raise InvalidField(path, f"must be a serialised {kind.__name__}") from None
    parts: list[Message] = [message, message.created_at]
    parts += message.signing_keys if kind is pb.Enrolment else message.add_signing_keys
    if any(len(UnknownFieldSet(part)) for part in parts):
        raise InvalidField(path, "must not hold fields that this version does not know")
    return message


def _certificates(
    ders: Sequence[bytes], institution: str, path: str, trust_domain: str, now: float
) -> tuple[Certificate, ...]:
    def certificate(der: bytes, at: str) -> Certificate:
        return _certificate(der, institution, at, trust_domain, now)

    return _each(ders, certificate, path)


def _certificate(
    der: bytes, institution: str, path: str, trust_domain: str, now: float
) -> Certificate:
    if not 0 < len(der) <= MAX_CERTIFICATE_BYTES:
        raise InvalidField(path, f"must have 1 to {MAX_CERTIFICATE_BYTES} bytes")
    try:
        found = certificate_to_register(der, trust_domain)
    except PeerRefused as refused:
        # A sentence of ours about the certificate, with nothing out of it.
        raise InvalidField(path, f"cannot be registered: {refused.reason.value}") from None
    if found.institution_id != institution:
        raise InvalidField(path, "must name this institution in its SPIFFE URI")
    if not now <= found.not_after:
        raise InvalidField(path, "must not have expired")
    return Certificate(found.fingerprint, found.not_after)


def signing_keys(messages: Iterable[pb.SigningKey], path: str) -> tuple[SigningKey, ...]:
    """Return new signing keys: none retired, no id and no key twice."""
    keys = _each(tuple(messages), _signing_key, path)
    if len({one.key_id for one in keys}) != len(keys) or (
        len({one.public_key for one in keys}) != len(keys)
    ):
        raise InvalidField(path, "must not name anything twice")
    return keys


def _signing_key(message: pb.SigningKey, path: str) -> SigningKey:
    if message.HasField("retired_at"):
        raise InvalidField(f"{path}.retired_at", "must not be set")
    if len(message.public_key) != 32:
        raise InvalidField(f"{path}.public_key", "must be an Ed25519 key of 32 bytes")
    return SigningKey(decode.key_id(message.key_id, f"{path}.key_id"), message.public_key)


def fingerprint(value: str, path: str) -> str:
    """Return a certificate's fingerprint."""
    if len(value) != 64 or not set(value) <= _FINGERPRINT_CHARACTERS:
        raise InvalidField(path, "must be a SHA-256 in lower-case hex")
    return value


def _each(values: Sequence[object], check: Callable[..., T], path: str) -> tuple[T, ...]:
    if len(values) > MAX_CREDENTIALS:
        raise InvalidField(path, f"must have at most {MAX_CREDENTIALS} entries")
    found = tuple(check(value, f"{path}[{at}]") for at, value in enumerate(values))
    if len(set(found)) != len(found):
        raise InvalidField(path, "must not name anything twice")
    return found


def _roles(numbers: Sequence[pb.Role.ValueType], path: str) -> frozenset[Role]:
    found = frozenset(role(number, f"{path}[{at}]") for at, number in enumerate(numbers))
    if not found or len(found) != len(numbers):
        raise InvalidField(path, "must name at least one role, and none twice")
    return found


def role(number: pb.Role.ValueType, path: str) -> Role:
    """Return a role."""
    try:
        return Role(pb.Role.Name(number).removeprefix("ROLE_").lower())
    except ValueError:
        raise InvalidField(path, "must be a known role") from None


def _jurisdiction(value: str, path: str) -> Jurisdiction:
    try:
        return Jurisdiction(value)
    except ValueError:
        known = ", ".join(one.value for one in Jurisdiction)
        raise InvalidField(path, f"must be one of {known}") from None


def _require_made(moment: Timestamp, path: str, now: float) -> int:
    """Return when it was made; it must say so, and not lie ahead."""
    if moment.seconds <= 0 or moment.seconds > now + _CLOCK_SKEW_S:
        raise InvalidField(path, "must be the moment of signing")
    return moment.seconds
