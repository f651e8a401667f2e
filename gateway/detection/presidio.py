"""Our recognisers in a plain Presidio AnalyzerEngine.

Owns the way in for those who have Presidio already: ``recognisers(language)`` to add to a registry,
``BlankNlpEngine`` where no spaCy model is wanted, and ``analyzer_engine()`` with both.
"""

from collections.abc import Iterable, Iterator, Sequence

import spacy
from presidio_analyzer import (
    AnalysisExplanation,
    AnalyzerEngine,
    EntityRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from gateway.detection.recognisers.base import Finding, Recogniser
from gateway.detection.recognisers.registry import context_words, recogniser_classes
from gateway.detection.text.document import shared_document
from gateway.detection.text.view import View

LANGUAGES = ("zh", "en")


class PresidioRecogniser(EntityRecognizer):
    """One of our recognisers in Presidio's form; what it finds does not depend on the language."""

    def __init__(self, inner: Recogniser, supported_language: str) -> None:
        """Wrap a recogniser for one language of a registry."""
        self._inner = inner
        super().__init__(
            supported_entities=list(inner.ENTITIES),
            name=inner.name,
            supported_language=supported_language,
        )

    def load(self) -> None:
        """Do nothing: the recogniser inside is ready."""

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: object = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return the results in ``text``, of the wanted entities (all, where none is named)."""
        return [
            _result(self._inner.name, view, finding)
            for view in shared_document(text, context_words()).views
            if view.kind in self._inner.VIEWS
            for finding in self._inner.find(view)
            if not entities or finding.entity in entities
        ]


def _result(name: str, view: View, finding: Finding) -> RecognizerResult:
    start, end = view.extent(finding.start, finding.end)
    explanation = AnalysisExplanation(
        recognizer=name,
        original_score=finding.score,
        pattern_name=finding.pattern,
        validation_result=finding.checked,  # type: ignore[arg-type]
        textual_explanation=finding.why,
    )
    return RecognizerResult(finding.entity, start, end, finding.score, explanation)


def recognisers(language: str) -> list[EntityRecognizer]:
    """Return a new instance of every recogniser, for one language of a registry."""
    return [PresidioRecogniser(one(), language) for one in recogniser_classes()]


def analyzer_engine(languages: Sequence[str] = LANGUAGES) -> AnalyzerEngine:
    """Return Presidio's engine with our recognisers only, and no model."""
    registry = RecognizerRegistry(
        recognizers=[one for language in languages for one in recognisers(language)],
        supported_languages=list(languages),
    )
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=BlankNlpEngine(languages),
        supported_languages=list(languages),
    )


class BlankNlpEngine(NlpEngine):
    """Presidio's language engine without a model: it splits nothing and knows nothing."""

    def __init__(self, languages: Sequence[str] = LANGUAGES) -> None:
        self._languages = list(languages)
        self._blank = spacy.blank("xx")

    def load(self) -> None:
        """Do nothing."""

    def is_loaded(self) -> bool:
        """Say yes."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:  # noqa: ARG002
        """Return artefacts without entities."""
        return NlpArtifacts(
            entities=[],
            tokens=self._blank.make_doc(""),
            tokens_indices=[],
            lemmas=[],
            nlp_engine=self,
            language=language,
        )

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,  # noqa: ARG002
        n_process: int = 1,  # noqa: ARG002
        **_: object,
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield each text with its artefacts."""
        return ((text, self.process_text(text, language)) for text in texts)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002
        """Say no."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002
        """Say no."""
        return False

    def get_supported_entities(self) -> list[str]:
        """Return none: entities are the recognisers' business."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the languages it was made for."""
        return self._languages
