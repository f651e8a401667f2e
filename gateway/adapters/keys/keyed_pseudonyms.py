"""Pseudonyms under the gateway's key, behind the application's port."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from gateway.adapters.keys.keyring import Keyring
from gateway.crypto.pseudonym import PseudonymScope
from gateway.domain.deid.operators import Pseudonym

_NOT_PREFIX: Final = re.compile(r"[^a-z0-9]")
_REMEMBERED_SCOPES: Final = 4096


class KeyedPseudonyms:
    """Makes pseudonyms; a field's name, shortened, is their prefix."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the key."""
        self._pseudonymiser = keyring.pseudonymiser
        # Scopes are remembered, values never.
        self._scope = lru_cache(_REMEMBERED_SCOPES)(self._bind)

    def bound(self, recipient: str, purpose: str) -> Pseudonym:
        """Return the function from field and value to this recipient's pseudonym."""
        scope = self._scope
        return lambda field, value: scope(recipient, purpose, field)(value.encode())

    def _bind(self, recipient: str, purpose: str, field: str) -> Callable[[bytes], str]:
        prefix = _NOT_PREFIX.sub("", field)[:16] or "p"
        return self._pseudonymiser.bind(prefix, PseudonymScope(recipient, purpose, field))
