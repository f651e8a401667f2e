"""The ports that tie a binning's rows to consents: whose one is, and the bureau's tag of whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from gateway.domain.subject import SubjectKey


class ConsentVersion(msgspec.Struct, frozen=True):
    """Whose a consent is, and the digest of what was signed: 32 bytes each, never to be emitted."""

    controller: str
    subject_id: bytes
    digest: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "ConsentVersion(...)"


class RowTag(msgspec.Struct, frozen=True):
    """A subject by the store's key and by an institution's tag, 32 bytes each."""

    subject_id: bytes
    tag: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "RowTag(...)"


class ConsentVersions(Protocol):
    """Reads many consents."""

    async def versions(self, consent_ids: Sequence[str]) -> Mapping[str, ConsentVersion]:
        """Return those of the consents that there are. Raises ``Refused``: STORE_UNAVAILABLE."""
        ...


class RowTags(Protocol):
    """Keyed functions of a gateway; an identifier costs about 100 microseconds."""

    async def tagged(self, subjects: Sequence[SubjectKey], scope: str) -> list[RowTag]:
        """Return each subject's key and tag, beside the event loop, and 1,000 at a time.

        Raises ``Refused``: REFERENCE_KEY_UNKNOWN.
        """
        ...

    def consent_salt(self, asker: str, consent_id: str, tags: Sequence[str]) -> bytes:
        """Return 32 bytes that nobody else can make, the same for the same words."""
        ...

    def salts(self, count: int) -> tuple[bytes, ...]:
        """Return fresh salts of 32 random bytes."""
        ...
