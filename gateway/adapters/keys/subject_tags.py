"""What contributors know a subject by, over the keyring.

Owns the salts and the keyed one of a consent's commitment. Refuses nothing on its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final

from gateway.adapters.keys.keyring import Keyring
from gateway.domain.aggregate.subject import SALT_SIZE
from gateway.domain.subject import SubjectKey, SubjectReference

_LABEL: Final = b"veilgate/consent-salt/v1"


class KeyedSubjectTags:
    """Implements ``SubjectTags``."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the keys."""
        self._keyring = keyring

    def subject_id(self, subject: SubjectKey) -> bytes:
        """Return the store's key of a subject."""
        return self._keyring.subject_id(subject)

    def tags(self, subject: SubjectKey, contributors: Sequence[str]) -> tuple[bytes, ...]:
        """Return each contributor's tag; the identifier is evaluated once for all."""
        reference = SubjectReference(self._keyring.version, self._keyring.reference(subject))
        return tuple(self._keyring.scoped_reference(reference, one) for one in contributors)

    def consent_salt(self, asker: str, consent_id: str, tags: Sequence[str]) -> bytes:
        """Return the keyed salt."""
        parts = (asker, consent_id, *tags)
        return self._keyring.body_digest(_LABEL, *(one.encode() for one in parts))

    def salts(self, count: int) -> tuple[bytes, ...]:
        """Return random salts."""
        return tuple(secrets.token_bytes(SALT_SIZE) for _ in range(count))
