"""The base of our recognisers: Presidio's interface outside, views and findings inside.

Owns the step from a finding in a view to a result in the original, with the reason of its score.
Refuses Presidio's own matching loop, which logs a pattern's time-out and goes on without its
findings: here every error reaches the caller.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, NamedTuple

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult

from gateway.detection.context import ContextWords
from gateway.detection.text.document import shared_document
from gateway.detection.text.view import View, ViewKind

# Scores. A policy sets the threshold; 0.5 is the default of every entity.
PROVED = 0.99
"""A check digit holds, and all that else can be checked."""
LIKELY = 0.8
"""The form is rare enough to stand for itself, or a word near says what it is."""
POSSIBLE = 0.6
"""The form fits and nothing speaks against it."""
WEAK = 0.3
"""The form fits, and so do many harmless things: below every default threshold."""


class Finding(NamedTuple):
    """``view.text[start:end]`` is an ``entity``.

    ``pattern`` names the form that fitted, ``why`` says in fixed words what decided the score
    ("check digit holds; near 身份证"): never a part of the text but for the context word.
    ``checked`` is the outcome of a checksum, None where there is none.
    """

    start: int
    end: int
    entity: str
    score: float
    pattern: str
    why: str
    checked: bool | None = None


class Recogniser(EntityRecognizer):
    """A subclass names its entities, gates and context words, and finds."""

    name: str
    ENTITIES: ClassVar[tuple[str, ...]]
    SHAPES: ClassVar[tuple[str, ...]] = ()
    """RE2 patterns over the shapes of numbers (``gates.shapes``): 0 for a digit, A or a letters."""
    NAMED: ClassVar[tuple[str, ...]] = ()
    """Topics of ``CONTEXT``: a word of theirs, in a text with digits."""
    NEEDS_DIGITS: ClassVar[bool] = True
    """False: a word of ``NAMED`` counts in a text without digits as well."""
    SIGNS: ClassVar[tuple[str, ...]] = ()
    """What stands in the text as it is written here."""
    GATES: ClassVar[tuple[str, ...]] = ()
    """RE2 patterns over ``view.ascii``. The recogniser is asked about a view with any of its
    shapes, named topics or signs (where it has any of these), in which one of its gates matches
    (where it has gates)."""
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Topic to words, for ``view.has_context``. Topics are shared: name one after an entity."""
    VIEWS: ClassVar[frozenset[ViewKind]] = frozenset(ViewKind)

    def __init__(self, supported_language: str = "zh") -> None:
        """Serve one language of Presidio's registry; what is found does not depend on it."""
        super().__init__(
            supported_entities=list(self.ENTITIES), supported_language=supported_language
        )

    def load(self) -> None:
        """Do nothing: patterns are compiled when the module is imported."""

    @abstractmethod
    def find(self, view: View) -> Iterator[Finding]:
        """Yield the findings in one view; they may overlap."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: object = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the results in ``text``, of the wanted entities (all, where none is named)."""
        document = shared_document(text, self._words())
        return [
            self._result(view, finding)
            for view in document.views
            if view.kind in self.VIEWS
            for finding in self.find(view)
            if not entities or finding.entity in entities
        ]

    def _result(self, view: View, finding: Finding) -> RecognizerResult:
        start, end = view.extent(finding.start, finding.end)
        explanation = AnalysisExplanation(
            recognizer=self.name,
            original_score=finding.score,
            pattern_name=finding.pattern,
            validation_result=finding.checked,  # type: ignore[arg-type]
            textual_explanation=finding.why,
        )
        return RecognizerResult(finding.entity, start, end, finding.score, explanation)

    @staticmethod
    def _words() -> ContextWords:
        # The registry knows every recogniser, and each recogniser this base.
        from gateway.detection.recognisers.registry import context_words

        return context_words()


class BatchRecogniser(Recogniser):
    """A recogniser that is quicker over many views at once than over one after the other."""

    @abstractmethod
    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        """Return the findings of each view, in order."""

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the findings in one view."""
        yield from self.find_many([view])[0]
