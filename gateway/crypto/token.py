"""Tokens that stand for a value and can be opened again: AES-SIV (RFC 5297) under a 512-bit key.

Owns the form ``tok1_<TYPE>_<base32>`` and the context that a token is bound to: key version,
recipient, purpose, type. A token is the same for the same value and context, so that records join
on it, and says only in which class of 16 bytes the value's length lies. Refuses to open anything in
another context, and a second spelling of the same token.
"""

from __future__ import annotations

import re
from base64 import b32decode, b32encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from gateway.crypto.errors import CryptoError, KeyMaterialError
from gateway.crypto.keyed import derive_key

KEY_SIZE = 64
"""AES-256 twice: one half authenticates, the other encrypts."""
MAX_VALUE_BYTES = 4096
_BLOCK = 16
_LONGEST = 8192
_LABEL = b"veilgate token v1"
_TYPE = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_TOKEN = re.compile(r"tok1_([A-Z][A-Z0-9_]{0,63})_([a-z2-7]{1,8000})", re.ASCII)


class TokenError(CryptoError):
    """The value or the context cannot stand in a token."""


class MalformedToken(TokenError):
    """This is not a token."""


class TokenNotOpened(TokenError):
    """The token was altered, or sealed under another key or in another context."""


@dataclass(frozen=True, slots=True)
class TokenContext:
    """Whom a token is for and what for; none of them empty.

    Raises:
        TokenError: a part is empty.
    """

    key_version: str
    recipient: str
    purpose: str

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if not (self.key_version and self.recipient and self.purpose):
            raise TokenError("a token has a key version, a recipient and a purpose")

    def associated(self, type_: str) -> list[bytes]:
        """The associated data, a component each: S2V keeps them apart (RFC 5297, 2.4)."""
        parts = (self.key_version, self.recipient, self.purpose, type_)
        return [_LABEL, *(part.encode() for part in parts)]


@dataclass(frozen=True, slots=True, eq=False)
class Tokeniser:
    """Makes and opens tokens under one key.

    Raises:
        KeyMaterialError: the key is not 64 bytes.
    """

    _key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(self._key) != KEY_SIZE:
            raise KeyMaterialError("the key of tokens is 64 bytes")

    @classmethod
    def derive(cls, master: bytes, label: str) -> Tokeniser:
        """Derive the key's halves from a master key and a label (a key version, say).

        Raises:
            KeyMaterialError: the master key is shorter than 32 bytes, or the label empty.
        """
        if not label:
            raise KeyMaterialError("a derived key has a label")
        halves = (derive_key(master, f"token/{half}/{label}") for half in ("mac", "cipher"))
        return cls(b"".join(halves))

    def seal(self, context: TokenContext, type_: str, value: str) -> str:
        """The token of a value; the same arguments give the same token.

        Raises:
            TokenError: the type is no upper-case name, or the value is over the limit or no text.
        """
        if not _TYPE.fullmatch(type_):
            raise TokenError("a token's type is written A-Z, 0-9 and _")
        sealed = AESSIV(self._key).encrypt(_padded(value), context.associated(type_))
        return f"tok1_{type_}_{b32encode(sealed).decode().rstrip('=').lower()}"

    def open(self, context: TokenContext, token: str) -> tuple[str, str]:
        """The type and the value that a token stands for.

        Raises:
            MalformedToken: it is not a token.
            TokenNotOpened: it was altered, or belongs to another key or context.
        """
        found = _TOKEN.fullmatch(token) if len(token) <= _LONGEST else None
        if found is None:
            raise MalformedToken("this is not a token")
        try:
            plain = AESSIV(self._key).decrypt(_sealed(found[2]), context.associated(found[1]))
        except InvalidTag:
            raise TokenNotOpened("the token was altered or belongs elsewhere") from None
        return found[1], _unpadded(plain)


def _padded(value: str) -> bytes:
    """The value's bytes, one 0x80 and zeros up to a whole block (ISO/IEC 7816-4)."""
    try:
        plain = value.encode()
    except UnicodeEncodeError:
        # The cause is dropped because its text repeats the value.
        raise TokenError("the value has a lone surrogate") from None
    if len(plain) > MAX_VALUE_BYTES:
        raise TokenError("the value is too long for a token")
    return plain + b"\x80" + bytes(-(len(plain) + 1) % _BLOCK)


def _unpadded(plain: bytes) -> str:
    # It is authentic, so this cannot fail but by a fault of `_padded`.
    return plain.rstrip(b"\0")[:-1].decode()


def _sealed(text: str) -> bytes:
    try:
        sealed = b32decode(text.upper() + "=" * (-len(text) % 8))
    except ValueError:
        raise MalformedToken("this is not a token") from None
    if len(sealed) < 2 * _BLOCK or b32encode(sealed).decode().rstrip("=").lower() != text:
        raise MalformedToken("this is not a token")
    return sealed
