"""A text and all the views of it that recognisers read.

Owns which views a text has, and the cache that lets recognisers which are asked one by one share
them. Refuses to keep a text longer than until the next few: the cache is short.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from gateway.detection.context import ContextIndex, ContextWords
from gateway.detection.text.compacting import compacted
from gateway.detection.text.decoding import escapes
from gateway.detection.text.deferred import DeferredContext, lower
from gateway.detection.text.folding import Folded, fold, fold_plain, fold_rare
from gateway.detection.text.gates import Worth, worth
from gateway.detection.text.joining import joined
from gateway.detection.text.markers import without_markers
from gateway.detection.text.rewriting import disjoint, refold, rewrite
from gateway.detection.text.settled import NOWHERE, Settled
from gateway.detection.text.tokens import tokens
from gateway.detection.text.view import View, ViewKind

__all__ = ["Document", "lower", "shared_document"]


class Document:
    """One text as recognisers read it. Offsets outside are always those of ``original``."""

    __slots__ = ("_folded", "_is_plain", "_views", "folded", "original", "words")

    def __init__(self, original: str, words: ContextWords) -> None:
        plain = fold_plain(original)
        folded = plain or fold_rare(original)
        self.original: Final = original
        self.words: Final = words
        context = DeferredContext(words, folded)
        self.folded: Final = View(folded.text, ViewKind.FOLDED, context, folded.starts, folded.ends)
        """The view that every text has."""
        self._folded = folded
        self._is_plain = plain is not None
        self._views: tuple[View, ...] | None = None

    @property
    def views(self) -> tuple[View, ...]:
        """All views, the folded one first."""
        if self._views is None:
            self._views = (self.folded, *self.further())
        return self._views

    def look(self) -> Worth | None:
        """Return what further views are worth making for, None where none can come of it."""
        look = worth(self.folded.text, self.folded.ascii)
        return look if look.anything or not self._is_plain else None

    def further(self, settled: Settled = NOWHERE, look: Worth | None = None) -> Iterator[View]:
        """Yield the views beside the folded one; ``look`` is what ``look()`` returned, if asked.

        ``settled`` are places in the original that need no second look: a view that rewrites
        nothing but such is not made.
        """
        if self._views is not None:
            yield from self._views[1:]
            return
        look = look or self.look()
        if look is not None and look.anything:
            yield from self._rewritten(look, settled)
        unmarked = None if self._is_plain else without_markers(self.original)
        if unmarked is not None:
            form = fold(unmarked)
            view = self._view(form, ViewKind.JOINED)
            yield view
            yield from self._joined(form, worth(view.text, view.ascii), NOWHERE)

    def _rewritten(self, look: Worth, settled: Settled) -> Iterator[View]:
        base = self._folded
        if (look.rows or look.grouped) and not look.signs and self._is_settled(settled):
            # No digit is left that could belong to a number set apart.
            if not look.further:
                return
            look = look._replace(rows=False, grouped=False)
        yield from self._joined(base, look, settled)
        if look.escapes or look.base64 or look.hex:
            encoded = [*escapes(base.text)] if look.escapes else []
            encoded += tokens(base, look, settled)
            if encoded:
                yield from self._decoded(rewrite(base, disjoint(encoded)))

    def _is_settled(self, settled: Settled) -> bool:
        """Say whether every number of the text lies within a settled place."""
        if settled is NOWHERE:
            return False
        extent, covers = self.folded.extent, settled.covers
        # No generator: it is asked of nearly every text that has a number.
        for start, form in self.folded.forms:  # noqa: SIM110
            if not covers(*extent(start, start + len(form))):
                return False
        return True

    def _decoded(self, decoded: Folded) -> Iterator[View]:
        # What was hidden may be written in full width, or hold characters that show nothing.
        decoded = refold(decoded, fold(decoded.text))
        # Words may have been encoded with the number, and are then as near to it as they were.
        own = Folded(decoded.text, None, None)
        context = DeferredContext(self.words, own)
        view = View(own.text, ViewKind.DECODED, context, decoded.starts, decoded.ends, own)
        yield view
        for form in _together(own, worth(own.text, view.ascii), NOWHERE, context):
            whole = refold(decoded, form)
            yield View(form.text, ViewKind.JOINED, context, whole.starts, whole.ends, form)

    def _joined(self, base: Folded, look: Worth, settled: Settled) -> Iterator[View]:
        for form in _together(base, look, settled, self.folded.context):
            yield self._view(form, ViewKind.JOINED)

    def _view(self, form: Folded, kind: ViewKind) -> View:
        return View(form.text, kind, self.folded.context, form.starts, form.ends)


def _together(
    base: Folded, look: Worth, settled: Settled, context: ContextIndex
) -> Iterator[Folded]:
    """Yield ``base`` with its numbers written together, and with its codes; what there is."""
    together = joined(base, look, settled, context)
    if together is not None:
        yield together
    compact = compacted(base, look, settled)
    if compact is not None and (together is None or compact.text != together.text):
        yield compact


@lru_cache(maxsize=4)
def shared_document(text: str, words: ContextWords) -> Document:
    """Return the document of ``text``; the last few are kept for the next recogniser."""
    return Document(text, words)
