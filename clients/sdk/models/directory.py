"""What the Directory holds, as frozen values: institutions, credentials, agreements.

Owns the types and their bounds. Refuses private keys: everything here may be shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clients.sdk.failure import RequestError


class Role(StrEnum):
    """What an institution may be; it may be several."""

    LENDER = "lender"
    BUREAU = "bureau"
    DATA_PROVIDER = "data_provider"
    AUDITOR = "auditor"
    REGULATOR = "regulator"
    OPERATOR = "operator"
    WITNESS = "witness"
    GATEWAY = "gateway"


class InstitutionStatus(StrEnum):
    """Only an active institution gets anything."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A client certificate by the SHA-256 of its DER form, in lower-case hex.

    ``not_after`` is its own end, if the Directory knows it; from ``retired_at`` on it is refused.
    """

    fingerprint: str
    not_after: datetime | None = None
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A signing key: its id, unique in the Directory, and the Ed25519 public key (32 bytes)."""

    key_id: str
    public_key: bytes
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """For which purposes an institution may receive which datasets; a purpose covers those below.

    ``agreement_id`` is a UUID; ``valid_until`` is exclusive; ``evidence_sha256`` is the SHA-256 of
    the signed contract in hex. ``ended_at`` is set by the gateway alone. Moments have a time zone.

    Raises:
        RequestError: a moment without a time zone, or a hash that is none.
    """

    agreement_id: str
    institution: str
    datasets: tuple[str, ...]
    purposes: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    evidence_sha256: str
    ended_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if self.valid_from.tzinfo is None or self.valid_until.tzinfo is None:
            raise RequestError("an agreement's moments have a time zone", "Add one, such as UTC.")
        if len(self.evidence_sha256) != 64 or set(self.evidence_sha256) - set("0123456789abcdef"):
            raise RequestError(
                "`evidence_sha256` is not a SHA-256 in lower-case hex",
                "Give the 64 digits that `sha256sum` prints for the signed contract.",
            )


@dataclass(frozen=True, slots=True)
class Institution:
    """A member of the Directory, with the credentials that it ever had."""

    id: str
    legal_group: str
    roles: tuple[Role, ...]
    jurisdiction: str
    status: InstitutionStatus
    certificates: tuple[Certificate, ...]
    signing_keys: tuple[RegisteredKey, ...]
    enrolled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Expiring:
    """Something that ends soon, and whose it is."""

    institution: str
    what: Certificate | RegisteredKey | Agreement
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DirectorySignature:
    """An Ed25519 signature (64 bytes) over the DSSE encoding, and the id of the key."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedEnrolment:
    """A serialised ``Enrolment`` and a signature of each of its signing keys."""

    enrolment: bytes
    signatures: tuple[DirectorySignature, ...]


@dataclass(frozen=True, slots=True)
class SignedChange:
    """A serialised ``CredentialChange``, signed by a key in use and by each key that it adds."""

    change: bytes
    signatures: tuple[DirectorySignature, ...]


@dataclass(frozen=True, slots=True)
class DirectoryReceipt:
    """A change that holds for every call from now on. ``event_id`` is empty for a repeat."""

    event_id: str
    log_index: int


@dataclass(frozen=True, slots=True)
class ChangeReceipt:
    """A change of credentials; from ``retired_at`` on what was retired is refused."""

    event_id: str
    log_index: int
    retired_at: datetime | None
