"""The port to what contributors know a subject by, and to the salts of commitments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gateway.application.ports.store import StoredConsent
from gateway.domain.subject import Subject, SubjectKey


class ConsentedSubjects(Protocol):
    """Consents and whose they are, by their id; raises ``Refused``: STORE_UNAVAILABLE."""

    async def consent(self, consent_id: str) -> StoredConsent | None:
        """Return a consent, whoever asks, or None."""
        ...

    async def subject_of(self, consent_id: str) -> Subject:
        """Return the subject of a consent that is there."""
        ...


class SubjectTags(Protocol):
    """Keyed functions of a gateway."""

    def subject_id(self, subject: SubjectKey) -> bytes:
        """Return the store's key of a subject. Raises ``Refused``: REFERENCE_KEY_UNKNOWN."""
        ...

    def tags(self, subject: SubjectKey, contributors: Sequence[str]) -> tuple[bytes, ...]:
        """Return each contributor's tag of a subject, 32 bytes.

        Raises ``Refused``: REFERENCE_KEY_UNKNOWN.
        """
        ...

    def consent_salt(self, asker: str, consent_id: str, tags: Sequence[str]) -> bytes:
        """Return 32 bytes that nobody else can make, the same for the same question."""
        ...

    def salts(self, count: int) -> tuple[bytes, ...]:
        """Return fresh salts of 32 random bytes."""
        ...
