"""An institution that is not in the partner file: certificate, keys, profile, enrolment, rotation.

Owns its files and ids; the home's development authority signs its certificates. It acts through the
SDK, as a partner would.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from clients.cli.local.dev_authority import DevAuthority, Issued, LeafRequest
from clients.cli.local.dev_members import write_signing_key
from clients.cli.local.home import AUTHORITY, OPERATOR
from clients.sdk import ClientProfile, VeilgateClient
from clients.sdk.identity.client_certificate import ClientCertificate
from clients.sdk.identity.enrolment import (
    CredentialTerms,
    EnrolmentTerms,
    NamedKey,
    sign_change,
    sign_enrolment,
)
from clients.sdk.models.directory import Agreement, SignedChange, SignedEnrolment
from gateway.crypto.ed25519 import SigningKey
from support.live_gateway import DATASET, LiveGateway

_FRESH = count(1)


@dataclass(slots=True)
class Newcomer:
    """One institution; ``rotated`` gives it new credentials, which its profile then names."""

    gateway: LiveGateway
    folder: Path
    roles: tuple[str, ...] = ("lender",)
    id: str = ""
    certificate: Issued = field(init=False)
    key: NamedKey = field(init=False)

    def __post_init__(self) -> None:
        self.id = self.id or f"newcomer-{next(_FRESH)}"
        self.folder = self.folder / self.id
        self.certificate, self.key = self.issued(), self.made_key()

    @property
    def fingerprint(self) -> str:
        """The present certificate's fingerprint."""
        return ClientCertificate(self.certificate.certificate).fingerprint

    def issued(self, institution: str = "", **changes: Any) -> Issued:
        """A new certificate of the home's authority; its profile does not name it yet."""
        authority = DevAuthority.load(self.gateway.home.folder / AUTHORITY)
        request = LeafRequest.institution(institution or self.id, lifetime=timedelta(days=20))
        for name, value in changes.items():
            object.__setattr__(request, name, value)
        return authority.issue(request)

    def made_key(self) -> NamedKey:
        """A new signing key; the Directory does not know it yet."""
        return NamedKey(f"{self.id}-n{next(_FRESH)}", SigningKey.generate())

    def enrolment(self, **terms: Any) -> SignedEnrolment:
        """What it asks to be enrolled as; ``terms`` are fields of ``EnrolmentTerms``."""
        whole: dict[str, Any] = {
            "institution": self.id,
            "legal_group": f"{self.id}-group",
            "roles": self.roles,
            "jurisdiction": "CN",
        }
        certificates = [ClientCertificate(self.certificate.certificate)]
        return sign_enrolment(EnrolmentTerms(**{**whole, **terms}), certificates, [self.key])

    def change(
        self,
        certificates: Iterable[Issued] = (),
        signed_by: NamedKey | None = None,
        **terms: Any,
    ) -> SignedChange:
        """A change of its credentials; ``terms`` are fields of ``CredentialTerms``."""
        some = tuple(ClientCertificate(one.certificate) for one in certificates)
        wanted = CredentialTerms(institution=self.id, certificates=some, **terms)
        return sign_change(wanted, signed_by or self.key)

    def profile(self) -> ClientProfile:
        """Its profile, with the certificate and the signing key that it has now."""
        name = str(uuid4())
        certificate, key = self.certificate.write(self.folder, name)
        signing = self.folder / f"{name}-signing.pem"
        write_signing_key(signing, self.key.key)
        return ClientProfile(
            gateway=self.gateway.address,
            ca=self.gateway.profile(OPERATOR).ca,
            certificate=certificate,
            key=key,
            institution=self.id,
            signing_key=signing,
            signing_key_id=self.key.key_id,
        )

    def client(self) -> VeilgateClient:
        """A client with its present certificate; use it in a ``with``."""
        return VeilgateClient(self.profile())

    def agreement(self, **terms: Any) -> Agreement:
        """An agreement on the demo's dataset for all of credit; ``terms`` are its fields."""
        return agreement_of(self.id, **terms)


def agreement_of(institution: str, **terms: Any) -> Agreement:
    """An agreement of any institution, in force from a day ago for ten days."""
    now = datetime.now(UTC).replace(microsecond=0)
    whole: dict[str, Any] = {
        "agreement_id": str(uuid4()),
        "institution": institution,
        "datasets": (DATASET,),
        "purposes": ("credit",),
        "valid_from": now - timedelta(days=1),
        "valid_until": now + timedelta(days=10),
        "evidence_sha256": sha256(b"the signed contract").hexdigest(),
    }
    return Agreement(**{**whole, **terms})
