"""The detector: a text, the subject's known values, and out come the spans that are personal data.

Owns the order of the steps and the bound on a text. Refuses to return the spans of a text that some
part of the detection has not seen: an error of any recogniser fails the call (Presidio's own engine
logs it and goes on).
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from gateway.application.ports.detection import (
    Detected,
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    Wanted,
)
from gateway.detection.limits import DEFAULT_MAX_BYTES, require_bounded
from gateway.detection.merging import merge
from gateway.detection.questions import EVERYTHING, Answer, Question
from gateway.detection.recognisers.base import LIKELY, BatchRecogniser, Finding, Recogniser
from gateway.detection.recognisers.registry import (
    GatedRecognisers,
    context_words,
    recogniser_classes,
)
from gateway.detection.subject_values.search import SubjectValues
from gateway.detection.text.document import Document
from gateway.detection.text.settled import NOWHERE, Settled
from gateway.detection.text.view import View, ViewKind


class TextEngine:
    """Finds personal data; synchronous. Make one and use it for all texts.

    ``recognisers`` None stands for all; a list of one's own serves tests and measurements.
    """

    def __init__(
        self,
        max_bytes: int = DEFAULT_MAX_BYTES,
        recognisers: Sequence[Recogniser] | None = None,
    ) -> None:
        if recognisers is None:
            recognisers = [one() for one in recogniser_classes()]
        self._max_bytes = max_bytes
        self._words = context_words()
        self._batched = tuple(one for one in recognisers if isinstance(one, BatchRecogniser))
        self._gated = GatedRecognisers(
            tuple(one for one in recognisers if not isinstance(one, BatchRecogniser))
        )
        # Several texts of one record come with the same values; only the last set is kept.
        self._prepared = lru_cache(maxsize=1)(SubjectValues)

    def analyse(
        self, text: str, known: tuple[KnownValue, ...] = (), wanted: Wanted = EVERYTHING
    ) -> tuple[Detected, ...]:
        """Return disjoint spans in order; offsets are those of ``text``.

        Raises DetectionFailed for a text over the limit and an error in any part.
        """
        (answer,) = self.analyse_many([Question(text, known, wanted)])
        if isinstance(answer, DetectionFailed):
            raise answer
        return answer

    def analyse_many(self, questions: Sequence[Question]) -> list[Answer]:
        """Return the spans of each text, or why there are none; quicker than one by one."""
        work = [_Work(question, Document(question.text, self._words)) for question in questions]
        for one in work:
            one.run(self._by_rules)
        self._by_models([one for one in work if one.failed is None])
        for one in work:
            if one.found or one.known:
                one.run(_merge)
        return [one.answer() for one in work]

    def _by_rules(self, work: "_Work") -> None:
        question, document = work.question, work.document
        require_bounded(question.text, question.known, self._max_bytes)
        if question.known:
            work.known.extend(self._prepared(question.known).find(document))
        gated, folded = self._gated, document.folded
        work.ask(folded, gated.worth_asking(folded))
        look = document.look()
        if look is None:
            return
        for view in document.further(work.settled(), look):
            work.views.append(view)
            if view.kind is ViewKind.JOINED:
                work.ask(view, gated.worth_asking_again(view, folded, work.settled()))
            else:
                work.ask(view, gated.worth_asking(view))

    def _by_models(self, batch: "list[_Work]") -> None:
        for recogniser in self._batched:
            _by_model(recogniser, [work for work in batch if work.failed is None])


def _by_model(recogniser: BatchRecogniser, batch: "list[_Work]") -> None:
    pairs = [(work, view) for work in batch for view in work.views if view.kind in recogniser.VIEWS]
    try:
        found = recogniser.find_many([view for _, view in pairs])
    except Exception as error:  # noqa: BLE001
        if len(batch) == 1:
            batch[0].fail(error)
            return
        # Which text is at fault is not known: each is asked about by itself.
        for work in batch:
            _by_model(recogniser, [work])
        return
    for (work, view), findings in zip(pairs, found, strict=True):
        if findings:
            work.take(view, [(recogniser, findings)])


class _Work:
    """One text on its way through the steps."""

    __slots__ = ("_least", "document", "failed", "found", "known", "question", "views")

    def __init__(self, question: Question, document: Document) -> None:
        self.question = question
        self.document = document
        self.views = [document.folded]
        self.known: list[Detected] = []
        self.found: list[Detected] = []
        self.failed: DetectionFailed | None = None
        wanted = question.wanted
        # Most want everything at one threshold: then there is nothing to look up.
        everything = wanted.entities is None and not wanted.thresholds
        self._least = wanted.threshold if everything else None

    def run(self, step: "Callable[[_Work], None]") -> None:
        if self.failed is not None:
            return
        try:
            step(self)
        except Exception as error:  # noqa: BLE001
            self.fail(error)

    def fail(self, error: Exception) -> None:
        # The text of a foreign error may quote what it choked on: only its class goes on.
        self.failed = (
            error
            if isinstance(error, DetectionFailed)
            else DetectionFailed(DetectionFailure.RECOGNISER_ERROR, type(error).__name__)
        )

    def ask(self, view: View, asked: Iterable[Recogniser]) -> None:
        """Take what each of the recognisers finds in a view."""
        self.take(view, [(recogniser, recogniser.find(view)) for recogniser in asked])

    def take(
        self, view: View, by_recogniser: Iterable[tuple[Recogniser, Iterable[Finding]]]
    ) -> None:
        """Take what each of the recognisers has found in a view, where it is wanted."""
        least, wanted, found = self._least, self.question.wanted, self.found
        moved = view.starts is not None
        for by, findings in by_recogniser:
            for start, end, entity, score, pattern, why, checked in findings:
                if score >= least if least is not None else wanted.takes(entity, score):
                    if moved:
                        start, end = view.extent(start, end)
                    found.append(
                        Detected(start, end, entity, score, by.name, pattern, why, checked)
                    )

    def settled(self) -> Settled:
        """Return where something is found that a second look would not change."""
        if not self.found:
            return NOWHERE
        return Settled([(one.start, one.end) for one in self.found if one.score >= LIKELY])

    def answer(self) -> Answer:
        return self.failed if self.failed is not None else tuple(self.found)


def _merge(work: _Work) -> None:
    text, known = work.question.text, work.known
    merged = merge(text, [*known, *work.found] if known else work.found)
    if merged and merged[-1].end > len(text):
        raise DetectionFailed(DetectionFailure.RECOGNISER_ERROR, "extent")
    # A known value has to leave masked whatever else was found around it.
    for one in known:
        if not _covers(merged, one):
            raise DetectionFailed(DetectionFailure.RESIDUE, one.type)
    work.found = merged


def _covers(merged: list[Detected], one: Detected) -> bool:
    at = one.start
    for span in merged:
        if span.start <= at < span.end:
            at = span.end
    return at >= one.end
