"""The ports for reading: consents, the Directory, the log. Nothing here can write."""

from typing import Protocol

import msgspec

from gateway.application.ports.ledger import SignedArtefact
from gateway.domain.consent import Consent
from gateway.domain.institution import Principal
from gateway.domain.stages import Authenticated, Repeat, Resolved


class StoredConsent(msgspec.Struct, frozen=True):
    """A consent with the artefact as it was signed. ``granted_at`` is in Unix seconds."""

    consent: Consent
    signed: SignedArtefact
    granted_at: int


class ConsentReader(Protocol):
    """Finds subjects and consents."""

    async def resolve(self, authenticated: Authenticated) -> Resolved:
        """Return the subject and the caller's consents of it, at most 32, the latest first.

        Raises ``Refused`` with STORE_UNAVAILABLE if the store cannot be read.
        """
        ...

    async def repeat(self, authenticated: Authenticated) -> Repeat | None:
        """Return under which consent this request id of the caller was released before, if so."""
        ...

    async def consent(self, consent_id: str) -> StoredConsent | None:
        """Return a consent by its id, whoever asks: the use case decides who may see it."""
        ...


class Directory(Protocol):
    """Knows the institutions, their certificates and their signing keys."""

    async def principal(self, institution: str, workload: str, fingerprint: str) -> Principal:
        """Return the principal of a certificate.

        Raises ``Refused``: CERTIFICATE_UNKNOWN, INSTITUTION_SUSPENDED.
        """
        ...

    async def member(self, institution: str) -> Principal:
        """Return an institution as the recipient of what another gateway asks for it.

        Raises ``Refused``: INSTITUTION_NOT_FOUND, INSTITUTION_SUSPENDED.
        """
        ...

    async def signing_key(self, institution: str, key_id: str) -> bytes | None:
        """Return the institution's Ed25519 public key (32 bytes) of that id, if registered."""
        ...
