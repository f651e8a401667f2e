"""The ports to what masking of free text needs of the keys: pseudonyms, tokens, shifts of dates.

Owns the promises: what is bound to one recipient and purpose means nothing to another. Refuses to
open a token in any other context (``TokenRefused``), and to show a value in a repr.
"""

import enum
from typing import NamedTuple, Protocol

from gateway.domain.deid.text import TextKeys


class TokenRefusal(enum.Enum):
    """Why a token was not opened."""

    MALFORMED = "this is not a token"
    NOT_OPENED = "the token was altered, or belongs to another recipient, purpose, type or key"


class TokenRefused(Exception):
    """The token was not opened. Never carries any of it."""

    def __init__(self, reason: TokenRefusal) -> None:
        """Take why."""
        super().__init__(reason.value)
        self.reason = reason


class Revealed(NamedTuple):
    """What a token stands for: the type of the entity, and its value as it stood in the text."""

    type: str
    value: str

    def __repr__(self) -> str:
        """Show no value."""
        return f"Revealed(type={self.type!r}, ...)"


class TextKeySource(Protocol):
    """Gives the keyed functions that a text's masking calls."""

    def bound(self, recipient: str, purpose: str, subject: bytes | None) -> TextKeys:
        """Return the functions for one recipient (an institution's id) and purpose.

        ``subject`` is what dates are shifted by: a secret of the subject's own, or any bytes that
        stay the same for it. Without one no date can be shifted (``TextKeys.shift_days`` is None),
        and a date whose operator is ``shift`` is replaced by its type.
        """
        ...


class TokenOpener(Protocol):
    """Opens the tokens that ``TextKeys.token`` made."""

    def reveal(self, token: str, recipient: str, purpose: str) -> Revealed:
        """Return what the token stands for, to whom and for what it was made.

        Raises ``TokenRefused``.
        """
        ...
