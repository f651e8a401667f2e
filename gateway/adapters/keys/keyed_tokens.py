"""The keyed functions of text masking, behind the application's ports.

Owns what each is bound to: key version, recipient, purpose and entity type; for the shift of dates
recipient and subject, so that intervals between a subject's dates hold over purposes. Refuses to
hand a value on: what cannot be sealed is ``Unparsable``, and is then replaced by its type.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.adapters.keys.keyring import Keyring
from gateway.application.ports.tokens import Revealed, TokenRefusal, TokenRefused
from gateway.crypto.ff1 import Ff1, FormatPreservingError
from gateway.crypto.keyed import length_prefixed, tag
from gateway.crypto.pseudonym import PseudonymScope
from gateway.crypto.token import MalformedToken, TokenContext, TokenError
from gateway.domain.deid.errors import Unparsable
from gateway.domain.deid.text import TextKeys

_NOT_PREFIX: Final = re.compile(r"[^a-z0-9]")
_REMEMBERED_SCOPES: Final = 4096


class KeyedTokens:
    """Implements ``TextKeySource`` and ``TokenOpener``."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the keys."""
        self._keyring = keyring
        self._ff1 = Ff1(keyring.digits)
        # Scopes are remembered, values never.
        self._scope = lru_cache(_REMEMBERED_SCOPES)(self._bind)

    def bound(self, recipient: str, purpose: str, subject: bytes | None) -> TextKeys:
        """Return the functions for one recipient and purpose, and for a subject's dates."""
        scope = self._scope
        return TextKeys(
            lambda type_, value: scope(recipient, purpose, type_)(value.encode()),
            lambda type_, value: self._sealed(recipient, purpose, type_, value),
            lambda type_, value: self._digits(recipient, purpose, type_, value),
            None if subject is None else lambda most: self._shift(recipient, subject, most),
        )

    def reveal(self, token: str, recipient: str, purpose: str) -> Revealed:
        """Return what the token stands for, to whom and for what it was made."""
        try:
            context = TokenContext(self._keyring.version, recipient, purpose)
            return Revealed(*self._keyring.tokeniser.open(context, token))
        except MalformedToken:
            raise TokenRefused(TokenRefusal.MALFORMED) from None
        except TokenError:
            raise TokenRefused(TokenRefusal.NOT_OPENED) from None

    def _bind(self, recipient: str, purpose: str, type_: str) -> Callable[[bytes], str]:
        prefix = _NOT_PREFIX.sub("", type_.lower())[:16]
        # A type is no field: the prefix keeps the two apart.
        scope = PseudonymScope(recipient, purpose, f"text/{type_}")
        return self._keyring.pseudonymiser.bind(prefix, scope)

    def _sealed(self, recipient: str, purpose: str, type_: str, value: str) -> str:
        context = TokenContext(self._keyring.version, recipient, purpose)
        try:
            return self._keyring.tokeniser.seal(context, type_, value)
        except TokenError:
            raise Unparsable("cannot stand in a token") from None

    def _digits(self, recipient: str, purpose: str, type_: str, digits: str) -> str:
        parts = (self._keyring.version, recipient, purpose, type_)
        try:
            return self._ff1.encrypt(length_prefixed(*map(str.encode, parts)), digits)
        except FormatPreservingError:
            raise Unparsable("has too few digits") from None

    def _shift(self, recipient: str, subject: bytes, most: int) -> int:
        """Return -most to -1 or 1 to most; 256 bits over so few values are as good as even."""
        mac = tag(self._keyring.shift, b"veilgate shift v1", recipient.encode(), subject)
        drawn = int.from_bytes(mac, "big") % (2 * most) - most
        return drawn if drawn < 0 else drawn + 1
