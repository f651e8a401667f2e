"""The context words of a text, looked for when a recogniser first asks.

Owns the delay: most texts have nothing near which a word would count.
"""

from gateway.detection.context import ContextIndex, ContextWords, Word
from gateway.detection.text.folding import Folded


class DeferredContext(ContextIndex):
    """A context index made at its first use; from then on it costs what one does."""

    def __init__(self, words: ContextWords, folded: Folded) -> None:
        self._looked_for, self._folded = words, folded

    def __getattr__(self, name: str) -> dict[str, list[Word]]:
        """Make the words, which are asked for here only while they are not there yet."""
        if name != "_words":
            raise AttributeError(name)
        text, starts, ends = self._folded
        self._words = self._looked_for.by_topic(lower(text), starts, ends)
        return self._words


def lower(text: str) -> str:
    """Return ``text`` in lower case, character for character."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    # One letter has a lower case of two characters, which would shift every offset after it.
    return "".join([low if len(low := character.lower()) == 1 else character for character in text])
