"""The port to keyed pseudonyms: stable for a recipient and a purpose, unlinkable across them."""

from typing import Protocol

from gateway.domain.deid.operators import Pseudonym


class Pseudonyms(Protocol):
    """Makes pseudonyms under a key that the application never sees."""

    def bound(self, recipient: str, purpose: str) -> Pseudonym:
        """Return the function from field and value to the pseudonym that this recipient gets."""
        ...
