"""How a caller names a natural person: by an identifier, or by an oblivious reference.

Owns the two forms and their bounds. Refuses to print either: a reference follows from the
identifier, so whoever can have guesses evaluated can find out whose it is.
"""

from __future__ import annotations

import re

import msgspec

from clients.sdk.vocabulary import IdentifierType

MAX_SUBJECT_LENGTH = 64
REFERENCE_SIZE = 64
_KEY_VERSION = re.compile(r"[a-z0-9]{1,16}", re.ASCII)


class Subject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A natural person, by a number of 1 to 64 characters; the gateway normalises it."""

    type: IdentifierType
    value: str

    def __post_init__(self) -> None:
        """Refuse an empty, overlong or unprintable value."""
        length = len(self.value) if self.value.strip() and self.value.isprintable() else 0
        if not 1 <= length <= MAX_SUBJECT_LENGTH:
            raise ValueError(f"a subject's value is 1 to {MAX_SUBJECT_LENGTH} printable characters")

    def __repr__(self) -> str:
        """Show the type only."""
        return f"Subject({self.type.value}, ...)"


class SubjectReference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A natural person, by what ``SubjectService`` gave for the identifier, unblinded.

    ``key_version`` names the key that evaluated it; ``value`` is the output of the oblivious
    function, 64 bytes (RFC 9497, VOPRF(ristretto255, SHA-512)). ``VeilgateClient.reference`` makes
    one. Keep it as you keep the identifier.

    Raises:
        ValueError: a field is not of this form.
    """

    key_version: str
    value: bytes

    def __post_init__(self) -> None:
        """Refuse what the gateway could not have given."""
        if not _KEY_VERSION.fullmatch(self.key_version):
            raise ValueError("a reference's key version is 1 to 16 lower-case letters and digits")
        if len(self.value) != REFERENCE_SIZE:
            raise ValueError(f"a reference is {REFERENCE_SIZE} bytes")

    def __repr__(self) -> str:
        """Show the key's version only."""
        return f"SubjectReference({self.key_version}, ...)"
