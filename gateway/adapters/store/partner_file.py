"""The partner file: the institutions that a Directory starts with.

Owns the file's form. It is a seed: who is in the Directory already is left as the Directory has it.
Refuses unknown settings and malformed ids, fingerprints and keys.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role

_INSTITUTION: Final = r"^[a-z0-9][a-z0-9-]{1,62}\Z"
_UUID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
InstitutionId = Annotated[str, Meta(pattern=_INSTITUTION)]
KeyId = Annotated[str, Meta(pattern=r"^[a-z0-9.-]{1,63}\Z")]
Hex32 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
Moment = Annotated[datetime, Meta(tz=True)]
Names = Annotated[
    tuple[Annotated[str, Meta(pattern=r"^[a-z][a-z0-9._-]{0,95}\Z")], ...], Meta(min_length=1)
]
MAX_CREDENTIALS: Final = 8
"""Certificates, and signing keys, that an institution has in use at once."""


class PartnerFileError(Exception):
    """The partner file cannot be read; the text says where and why."""


class PartnerCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate with its end, so that the Directory can warn of it."""

    fingerprint: Hex32
    not_after: Moment


class PartnerAgreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agreement of the institution; the end is exclusive."""

    id: Annotated[str, Meta(pattern=_UUID)]
    datasets: Names
    purposes: Names
    valid_from: Moment
    valid_until: Moment
    evidence_sha256: Hex32


class Partner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One institution. Certificates by SHA-256, signing keys as Ed25519 public keys, in hex."""

    id: InstitutionId
    legal_group: InstitutionId
    roles: tuple[Role, ...]
    jurisdiction: Jurisdiction
    status: InstitutionStatus = InstitutionStatus.ACTIVE
    certificates: Annotated[
        tuple[Hex32 | PartnerCertificate, ...], Meta(max_length=MAX_CREDENTIALS)
    ] = ()
    signing_keys: Annotated[dict[KeyId, Hex32], Meta(max_length=MAX_CREDENTIALS)] = {}
    agreements: tuple[PartnerAgreement, ...] = ()


class _PartnerFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    partner: tuple[Partner, ...]


def read_partners(path: Path) -> tuple[Partner, ...]:
    """Read the partner file, or raise ``PartnerFileError``."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=_PartnerFile).partner
    except (OSError, ValueError) as error:
        raise PartnerFileError(f"{path}: {error}") from error
