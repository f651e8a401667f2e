"""The Directory's records: who is enrolled, with which credentials, and what may change them.

Owns the records, their life and the table of an institution's transitions. Times are Unix seconds.
Refuses private keys and certificates themselves: a certificate is its fingerprint and its end.
"""

from enum import StrEnum
from typing import Final

import msgspec

from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

ENROLMENT_TYPE: Final = "application/vnd.veilgate.enrolment.v1+protobuf"
CHANGE_TYPE: Final = "application/vnd.veilgate.credentials.v1+protobuf"
"""DSSE payload types of what an institution signs."""
MAX_CREDENTIALS: Final = 8
"""Certificates, and signing keys, that an institution has in use at once."""


class InstitutionEvent(StrEnum):
    """What can be done to an institution."""

    SUSPEND = "suspend"
    REACTIVATE = "reactivate"


TRANSITIONS: Final = {
    (InstitutionStatus.ACTIVE, InstitutionEvent.SUSPEND): InstitutionStatus.SUSPENDED,
    (InstitutionStatus.SUSPENDED, InstitutionEvent.REACTIVATE): InstitutionStatus.ACTIVE,
}


class Certificate(msgspec.Struct, frozen=True):
    """A client certificate by the SHA-256 of its DER form, lower-case hex.

    ``not_after`` is its own end, None where nobody told; ``retired_at`` is None while it is in use.
    """

    fingerprint: str
    not_after: int | None = None
    retired_at: int | None = None


class SigningKey(msgspec.Struct, frozen=True):
    """An Ed25519 public key (32 bytes) by its id, which is unique in the Directory."""

    key_id: str
    public_key: bytes
    retired_at: int | None = None

    def in_use(self, now: int) -> bool:
        """Return whether new signatures of it are accepted."""
        return self.retired_at is None or self.retired_at > now


class Enrolment(msgspec.Struct, frozen=True):
    """What an institution asks to be enrolled with; ``digest`` is SHA-256 of the signed bytes."""

    institution: str
    legal_group: str
    roles: frozenset[Role]
    jurisdiction: Jurisdiction
    certificates: tuple[Certificate, ...]
    signing_keys: tuple[SigningKey, ...]
    digest: bytes


class CredentialChange(msgspec.Struct, frozen=True):
    """What an institution adds and retires; ``digest`` is SHA-256 of the signed bytes."""

    institution: str
    change_id: str
    certificates: tuple[Certificate, ...]
    signing_keys: tuple[SigningKey, ...]
    retired_certificates: tuple[str, ...]
    retired_signing_keys: tuple[str, ...]
    overlap_s: int
    digest: bytes


class Contract(msgspec.Struct, frozen=True):
    """An agreement as the Directory records it; the end is exclusive, a purpose covers those below.

    ``evidence_sha256`` (32 bytes) is that of the signed contract.
    """

    id: str
    institution: str
    datasets: tuple[str, ...]
    purposes: tuple[str, ...]
    valid_from: int
    valid_until: int
    evidence_sha256: bytes
    ended_at: int | None = None

    @property
    def until(self) -> int:
        """Return the second from which on it does not hold."""
        return self.valid_until if self.ended_at is None else min(self.ended_at, self.valid_until)


class Member(msgspec.Struct, frozen=True):
    """An institution with every credential it ever had; ``enrolled_at`` is 0 where nobody knows."""

    id: str
    legal_group: str
    roles: frozenset[Role]
    jurisdiction: Jurisdiction
    status: InstitutionStatus
    enrolled_at: int
    certificates: tuple[Certificate, ...]
    signing_keys: tuple[SigningKey, ...]


class Expiring(msgspec.Struct, frozen=True):
    """Something that ends, whose it is, and when."""

    institution: str
    what: Certificate | SigningKey | Contract
    ends_at: int
