"""Whether a source can be read, said once at each change.

Owns the log lines of a provider's process. Refuses to repeat itself at every look-up, and to print
what an engine says: its messages quote lines of the data.
"""

import logging
from typing import Final

_LOG: Final = logging.getLogger("gateway.provider")


class Readability:
    """What is known of one dataset's source."""

    def __init__(self, dataset: str) -> None:
        """Begin with a source that can be read."""
        self._dataset = dataset
        self._problem = ""

    def lost(self, problem: str) -> None:
        """Say what is wrong, in words of the code's own."""
        if problem != self._problem:
            _LOG.warning("dataset %s cannot be read: %s", self._dataset, problem)
        self._problem = problem

    def regained(self) -> None:
        """Say that it can be read again."""
        if self._problem:
            _LOG.warning("dataset %s can be read again", self._dataset)
        self._problem = ""
