"""Keyed pseudonyms: what a recipient gets in place of an identifier.

Owns the mapping from (recipient, purpose, field, value) to a short token. Refuses unkeyed
hashes, which enumeration undoes within minutes for identifiers like telephone numbers, and
refuses tokens that two recipients, or two purposes of one, could join on.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.crypto.errors import CryptoError
from gateway.crypto.keyed import derive_key, length_prefixed

TOKEN_BYTES = 16
"""128 bits of HMAC output: 32 hex digits after the prefix."""

_PREFIX = re.compile(r"[a-z][a-z0-9]{0,15}", re.ASCII)


class PseudonymError(CryptoError):
    """The prefix or scope cannot stand in a pseudonym."""


@dataclass(frozen=True, slots=True)
class PseudonymScope:
    """Who sees a pseudonym, what for, and which field it stands for; none of them empty.

    Raises:
        PseudonymError: a part is empty.
    """

    recipient: str
    purpose: str
    field: str

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not (self.recipient and self.purpose and self.field):
            raise PseudonymError("a pseudonym has a recipient, a purpose and a field")


@dataclass(frozen=True, slots=True, eq=False)
class Pseudonymiser:
    """Makes pseudonyms under a key derived from a master key and a label (a key version, say)."""

    _key: bytes = field(repr=False)

    @classmethod
    def derive(cls, master: bytes, label: str) -> Pseudonymiser:
        """Derive the key.

        Raises:
            KeyMaterialError: the master key is shorter than 32 bytes, or the label empty.
        """
        return cls(derive_key(master, f"pseudonym/{label}"))

    def pseudonym(self, prefix: str, scope: PseudonymScope, value: bytes) -> str:
        """The pseudonym of a value, for example ``phone_`` and 32 hex digits.

        The same arguments give the same pseudonym. `value` is taken as it is: the caller
        normalises it.

        Raises:
            PseudonymError: the prefix is not 1 to 16 lower-case letters and digits.
        """
        return self.bind(prefix, scope)(value)

    def bind(self, prefix: str, scope: PseudonymScope) -> Callable[[bytes], str]:
        """The function from value to pseudonym of one scope; the same results, less work a value.

        Raises:
            PseudonymError: the prefix is not 1 to 16 lower-case letters and digits.
        """
        if not _PREFIX.fullmatch(prefix):
            raise PseudonymError("a pseudonym's prefix is 1 to 16 lower-case letters and digits")
        key = self._key
        begin = length_prefixed(
            scope.recipient.encode(), scope.purpose.encode(), scope.field.encode()
        )

        def pseudonym(value: bytes) -> str:
            mac = hmac.digest(key, begin + length_prefixed(value), "sha256")
            return f"{prefix}_{mac[:TOKEN_BYTES].hex()}"

        return pseudonym
