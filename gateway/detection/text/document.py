"""A text and all the views of it that recognisers read.

Owns which views a text has, and the cache that lets recognisers which are asked one by one share
them. Refuses to keep a text longer than until the next few: the cache is short.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from gateway.detection.context import ContextIndex, ContextWords
from gateway.detection.text.compacting import compacted
from gateway.detection.text.decoding import escapes
from gateway.detection.text.deferred import DeferredContext
from gateway.detection.text.folding import Folded, fold, fold_plain, fold_rare
from gateway.detection.text.gates import Worth, worth
from gateway.detection.text.joining import joined
from gateway.detection.text.markers import without_markers
from gateway.detection.text.rewriting import disjoint, refold, rewrite
from gateway.detection.text.tokens import tokens
from gateway.detection.text.view import View, ViewKind


def lower(text: str) -> str:
    """Return ``text`` in lower case, character for character."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    # One letter has a lower case of two characters, which would shift every offset after it.
    return "".join([low if len(low := character.lower()) == 1 else character for character in text])


@dataclass(frozen=True, eq=False)
class Document:
    """One text as recognisers read it. Offsets outside are always those of ``original``."""

    original: str
    words: ContextWords
    folded: View = field(init=False)
    """The view that every text has."""
    _folded: Folded = field(init=False, repr=False)
    _is_plain: bool = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Fold the text."""
        plain = fold_plain(self.original)
        folded = plain or fold_rare(self.original)
        context = DeferredContext(lambda: _index(self.words, folded))
        view = View(folded.text, ViewKind.FOLDED, context, folded.starts, folded.ends)
        object.__setattr__(self, "folded", view)
        object.__setattr__(self, "_folded", folded)
        object.__setattr__(self, "_is_plain", plain is not None)

    @cached_property
    def views(self) -> tuple[View, ...]:
        """All views, the folded one first."""
        folded = self.folded
        look = worth(folded.text, folded.ascii)
        unmarked = None if self._is_plain else without_markers(self.original)
        if not look.anything and unmarked is None:
            return (folded,)
        return (folded, *self._further(look), *self._unmarked(unmarked))

    def _unmarked(self, unmarked: str | None) -> Iterator[View]:
        if unmarked is not None:
            view = self._view(fold(unmarked), ViewKind.JOINED)
            yield view
            yield from self._joined(fold(unmarked), worth(view.text, view.ascii))

    def _further(self, look: Worth) -> Iterator[View]:
        base = self._folded
        yield from self._joined(base, look)
        encoded = disjoint(
            [
                *(escapes(base.text) if look.escapes else ()),
                *(tokens(base.text) if look.token else ()),
            ]
        )
        if edits := list(encoded):
            yield from self._decoded(rewrite(base, edits))

    def _decoded(self, decoded: Folded) -> Iterator[View]:
        # What was hidden may be written in full width, or hold characters that show nothing.
        decoded = refold(decoded, fold(decoded.text))
        view = self._view(decoded, ViewKind.DECODED)
        yield view
        yield from self._joined(decoded, worth(decoded.text, view.ascii))

    def _joined(self, base: Folded, look: Worth) -> Iterator[View]:
        together = joined(base, look)
        if together is not None:
            yield self._view(together, ViewKind.JOINED)
        compact = compacted(base, look)
        if compact is not None and (together is None or compact.text != together.text):
            yield self._view(compact, ViewKind.JOINED)

    def _view(self, form: Folded, kind: ViewKind) -> View:
        context: ContextIndex = self.folded.context
        if kind is ViewKind.DECODED:
            # Words may have been encoded with the number.
            context = DeferredContext(lambda: _index(self.words, form))
        return View(form.text, kind, context, form.starts, form.ends)


def _index(words: ContextWords, folded: Folded) -> ContextIndex:
    return words.index(lower(folded.text), folded.starts, folded.ends)


@lru_cache(maxsize=4)
def shared_document(text: str, words: ContextWords) -> Document:
    """Return the document of ``text``; the last few are kept for the next recogniser."""
    return Document(text, words)
