"""Runs detectors over a labelled corpus and scores them alike.

Owns the loop: every detector reads the same texts and is scored by the same rules. Refuses to
forgive: a text that a detector gives up counts as all missed.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.application.ports.detection import Detected, DetectionFailed, Span, Wanted
from gateway.detection.evaluation.candidates import CandidateEngine, kept
from gateway.detection.evaluation.contributions import Contributions
from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.labelled import Labelled
from gateway.detection.evaluation.scoring import Scores, score_text

Find = Callable[[str], Sequence[Span]]
Progress = Callable[[], None]
Watch = Callable[[Labelled, Sequence[Detected]], None]
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts, and the types to score: None, all that are found."""

    texts: tuple[Labelled, ...]
    scored: frozenset[str] | None = None
    same: Equivalences = field(default_factory=Equivalences)

    @property
    def types(self) -> frozenset[str]:
        """The types that the corpus marks."""
        return frozenset(mark.type for one in self.texts for mark in one.marks)

    def counts(self, type_: str) -> bool:
        """Say whether spans of a type are scored."""
        return self.scored is None or any(self.same.same(type_, one) for one in self.scored)

    def narrowed(self, one: Labelled) -> Labelled:
        """Return the text with those of its marks that are scored."""
        if self.scored is None:
            return one
        marks = tuple(mark for mark in one.marks if self.counts(mark.type))
        return Labelled(one.text, marks, one.group, one.language)


@dataclass(slots=True)
class Outcome:
    """What came of one detector: scores by group, and over all."""

    name: str
    overall: Scores = field(default_factory=Scores)
    by_group: dict[str, Scores] = field(default_factory=dict)
    seconds: float = 0.0

    def add(
        self, one: Labelled, found: Sequence[Span] | None, corpus: Corpus, types: frozenset[str]
    ) -> None:
        """Score one text."""
        group = self.by_group.setdefault(one.group, Scores())
        spans = None if found is None else [span for span in found if corpus.counts(span.type)]
        score_text((self.overall, group), one, spans, corpus.same, types)


@dataclass(slots=True)
class OwnOutcome:
    """What came of ours: one outcome a threshold, and each recogniser's part at the first."""

    at: dict[float, Outcome]
    contributions: Contributions


def evaluate_own(
    engine: CandidateEngine,
    corpus: Corpus,
    wanted: Wanted,
    thresholds: Iterable[float] = (),
    progress: Progress = lambda: None,
    watch: Watch = lambda text, found: None,  # noqa: ARG005
) -> OwnOutcome:
    """Score the detector for ``wanted``, and at each of ``thresholds`` in place of its own.

    ``watch`` is told what was found in each text for ``wanted``, of the types that are scored.
    """
    steps = {one: Wanted(wanted.entities, one) for one in thresholds} | {wanted.threshold: wanted}
    outcomes = {threshold: Outcome("veilgate") for threshold in steps}
    contributions = Contributions(corpus.same)
    types = corpus.types
    for batch in _batches([corpus.narrowed(one) for one in corpus.texts]):
        began = time.perf_counter()
        answers = engine.candidates_many([one.text for one in batch])
        elapsed = time.perf_counter() - began
        for outcome in outcomes.values():
            outcome.seconds += elapsed
        for one, answer in zip(batch, answers, strict=True):
            found = None if isinstance(answer, DetectionFailed) else answer
            for threshold, step in steps.items():
                spans = None if found is None else kept(one.text, found, step)
                outcomes[threshold].add(one, spans, corpus, types)
                if step is wanted:
                    watch(one, [span for span in spans or () if corpus.counts(span.type)])
            over = [span for span in found or () if wanted.takes(span.type, span.score)]
            contributions.add(one, (span for span in over if corpus.counts(span.type)))
            progress()
    return OwnOutcome(outcomes, contributions)


def evaluate_peer(
    name: str, find: Find, corpus: Corpus, progress: Progress = lambda: None
) -> Outcome:
    """Score another detector."""
    outcome = Outcome(name)
    types = corpus.types
    for text in corpus.texts:
        one = corpus.narrowed(text)
        began = time.perf_counter()
        found = find(one.text)
        outcome.seconds += time.perf_counter() - began
        outcome.add(one, found, corpus, types)
        progress()
    return outcome


def _batches(texts: Sequence[Labelled]) -> Iterator[Sequence[Labelled]]:
    for at in range(0, len(texts), _BATCH):
        yield texts[at : at + _BATCH]
