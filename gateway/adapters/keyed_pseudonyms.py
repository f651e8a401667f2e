"""Pseudonyms under the gateway's key, behind the application's port."""

import re

from gateway.adapters.keyring import Keyring
from gateway.crypto.pseudonym import PseudonymScope
from gateway.domain.deid.operators import Pseudonym

_NOT_PREFIX = re.compile(r"[^a-z0-9]")


class KeyedPseudonyms:
    """Makes pseudonyms; a field's name, shortened, is their prefix."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the key."""
        self._pseudonymiser = keyring.pseudonymiser

    def bound(self, recipient: str, purpose: str) -> Pseudonym:
        """Return the function from field and value to this recipient's pseudonym."""

        def pseudonym(field: str, value: str) -> str:
            scope = PseudonymScope(recipient, purpose, field)
            prefix = _NOT_PREFIX.sub("", field)[:16] or "p"
            return self._pseudonymiser.pseudonym(prefix, scope, value.encode())

        return pseudonym
