"""Subjects: the identifiers that callers send, and what the gateway knows a person by.

Owns the normal form of an identifier and its checks. Refuses to put an identifier into an error
text or a repr.
"""

import re
import unicodedata
from operator import mul
from typing import Final

import msgspec

from gateway.domain.vocabulary import IdentifierType

MAX_IDENTIFIER_CHARACTERS: Final = 64
_SEPARATORS: Final = re.compile(r"[\s\-–—·.]")
_CN_RESIDENT_ID: Final = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_US_SSN: Final = re.compile(r"(?!000|666)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}", re.ASCII)
_WEIGHTS: Final = tuple(pow(2, 17 - position, 11) for position in range(17))
_CHECK: Final = "10X98765432"


class InvalidIdentifier(ValueError):
    """The identifier is not one of its type. Carries the type, never the value."""


class SubjectIdentifier(msgspec.Struct, frozen=True):
    """A normalised identifier; make one with ``normalise``."""

    type: IdentifierType
    value: str

    def __repr__(self) -> str:
        """Show the type only."""
        return f"SubjectIdentifier({self.type.value})"

    def encoded(self) -> bytes:
        """Return the bytes that references are computed over: type, a bar, value."""
        return f"{self.type.value}|{self.value}".encode()


class SubjectReference(msgspec.Struct, frozen=True):
    """A person by the output of the oblivious function over the normalised identifier.

    ``value`` has 64 bytes (RFC 9497, ristretto255-SHA512); whoever can have identifiers evaluated
    can make it, so it is no secret of the person's and no credential.
    """

    key_version: str
    value: bytes

    def __repr__(self) -> str:
        """Show the key's version only."""
        return f"SubjectReference({self.key_version})"


SubjectKey = SubjectIdentifier | SubjectReference
"""How a request names its subject."""


def normalise(kind: IdentifierType, raw: str) -> SubjectIdentifier:
    """Return the identifier in its normal form, or raise ``InvalidIdentifier``.

    Width, case, spaces, dots and hyphens do not matter. A resident identity number must have its
    check character right (GB 11643-1999, ISO 7064 MOD 11-2); a social security number must not
    have an area, group or serial that was never issued.
    """
    if len(raw) > MAX_IDENTIFIER_CHARACTERS:
        raise InvalidIdentifier(kind.value)
    plain = raw.isascii() and raw.isalnum()
    value = raw if plain else _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw))
    value = value.upper()
    match kind:
        case IdentifierType.CN_RESIDENT_ID:
            good = _CN_RESIDENT_ID.fullmatch(value) is not None and _check_character(value)
        case IdentifierType.US_SSN:
            good = _US_SSN.fullmatch(value) is not None
    if not good:
        raise InvalidIdentifier(kind.value)
    return SubjectIdentifier(kind, value)


def _check_character(value: str) -> bool:
    total = sum(map(mul, _WEIGHTS, map(int, value[:17])))
    return _CHECK[total % 11] == value[17]


class Subject(msgspec.Struct, frozen=True):
    """A person as the store knows him or her: a keyed reference and a secret of his or her own.

    ``id`` is 32 bytes and never leaves the gateway; ``secret`` is 32 bytes and keys every tag that
    the log holds of this person, so destroying it makes the past unlinkable.
    """

    id: bytes
    secret: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "Subject(...)"
