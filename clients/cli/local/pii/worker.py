"""The work on one chunk: detect, mask, write; in this process or in one that was spawned for it.

Owns the detector of its process. Refuses to let one text's failure touch another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from clients.cli.local.pii.forms import Piece, Read, refusal
from clients.cli.local.pii.items import Chunk, Done, Tally
from clients.cli.local.pii.masker import Masker
from clients.cli.local.pii.order import Order
from gateway.application.ports.detection import Detected, DetectionFailed
from gateway.detection.engine import TextEngine
from gateway.detection.questions import Question

BATCH = 64


class Worker:
    """Works on chunks, one after the other."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._engine = TextEngine()
        self._masker = Masker(order.masking)

    def run(self, chunk: Chunk) -> Done:
        """Return what is to be written for a chunk."""
        form, view = self._order.form, self._order.view
        pieces = [form.pieces(item) for item in chunk.items]
        reads = self._reads([one for of_item in pieces for one in of_item])
        tally, failures, output = Tally(), [], []
        for item, of_item in zip(chunk.items, pieces, strict=True):
            read = [next(reads) for _ in of_item]
            output.append(view.written(form, item, read))
            for one in read:
                tally.texts += 1
                tally.entities.update(span.type for span in one.spans)
                if one.refused:
                    tally.failed += 1
                    failures.append((item.line, one.refused.what))
        return Done(b"".join(output), tally, chunk.size, tuple(failures))

    def _reads(self, pieces: Sequence[Piece]) -> Iterator[Read]:
        for at in range(0, len(pieces), BATCH):
            yield from self._batch(pieces[at : at + BATCH])

    def _batch(self, pieces: Sequence[Piece]) -> Iterator[Read]:
        asked = [one for one in pieces if one.refused is None]
        wanted = self._order.wanted
        questions = [Question(one.lead + one.text, one.known, wanted) for one in asked]
        answers = iter(self._engine.analyse_many(questions))
        for piece in pieces:
            if piece.refused is not None:
                yield Read(piece, refused=piece.refused)
                continue
            answer = next(answers)
            if isinstance(answer, DetectionFailed):
                yield Read(piece, refused=refusal(answer))
                continue
            spans = list(_within(answer, len(piece.lead)))
            yield Read(piece, spans, self._masker.mask(piece.text, spans))


def _within(spans: Sequence[Detected], lead: int) -> Iterator[Detected]:
    """Yield the spans behind the lead, with offsets of the text itself."""
    if not lead:
        yield from spans
        return
    for span in spans:
        if span.end > lead:
            yield msgspec.structs.replace(
                span, start=max(span.start - lead, 0), end=span.end - lead
            )
