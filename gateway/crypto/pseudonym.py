"""Keyed pseudonyms: what a recipient gets in place of an identifier.

Owns the mapping from (recipient, purpose, field, value) to a short token. Refuses unkeyed
hashes, which enumeration undoes within minutes for identifiers like telephone numbers, and
refuses tokens that two recipients, or two purposes of one, could join on.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from gateway.crypto.errors import CryptoError
from gateway.crypto.keyed import derive_key, tag

TOKEN_BYTES = 16
"""128 bits of HMAC output: 26 base32 characters after the prefix."""

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
        """The pseudonym of a value, for example ``phone_`` and 26 characters of a to z, 2 to 7.

        The same arguments give the same pseudonym. `value` is taken as it is: the caller
        normalises it.

        Raises:
            PseudonymError: the prefix is not 1 to 16 lower-case letters and digits.
        """
        if not _PREFIX.fullmatch(prefix):
            raise PseudonymError("a pseudonym's prefix is 1 to 16 lower-case letters and digits")
        mac = tag(
            self._key, scope.recipient.encode(), scope.purpose.encode(), scope.field.encode(), value
        )
        token = base64.b32encode(mac[:TOKEN_BYTES]).decode("ascii").rstrip("=").lower()
        return f"{prefix}_{token}"
