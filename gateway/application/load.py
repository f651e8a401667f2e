"""How many calls are under way, and whether that is many."""

from typing import Final

BUSY: Final = 3
"""Calls under way from which on a batch is worth waiting for; gateway/README.md has the figures."""


class Load:
    """A count of calls under way in this worker; kept on the event loop's thread."""

    __slots__ = ("calls",)

    def __init__(self) -> None:
        """Start with none."""
        self.calls = 0

    @property
    def busy(self) -> bool:
        """Return whether calls wait for each other anyway, so that gathering them costs nothing."""
        return self.calls >= BUSY
