"""The port to what was used of a rule's limits: reading only, counting is the ledger's."""

from typing import Protocol


class UsageReader(Protocol):
    """Knows how often releases to an institution were counted."""

    async def recipient_uses(self, institution: str, rule: str, window_s: int) -> int:
        """Return the releases under the rule, of all subjects, in the window that runs now.

        Windows of ``window_s`` seconds are aligned to the Unix epoch. Raises ``Refused`` with
        STORE_UNAVAILABLE.
        """
        ...
