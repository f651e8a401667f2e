"""The context words of a text, looked for when a recogniser first asks.

Owns the delay: most texts have nothing near which a word would count.
"""

from collections.abc import Callable
from functools import cached_property

from gateway.detection.context import ContextIndex, Word


class DeferredContext(ContextIndex):
    """A context index made by ``make`` at its first use."""

    def __init__(self, make: Callable[[], ContextIndex]) -> None:
        self._make = make

    def all(self, topic: str) -> list[Word]:
        """Return every word of the topic, in order."""
        return self._made.all(topic)

    def nearest(self, topic: str, start: int, end: int, before: int, after: int) -> str | None:
        """Return the word of the topic nearest to ``start`` .. ``end``, or None."""
        return self._made.nearest(topic, start, end, before, after)

    @cached_property
    def _made(self) -> ContextIndex:
        return self._make()
