"""De-identifies one text: fold, find, merge, mask, and look again.

Owns the order of the steps and the guarantee at the end. Refuses to return a text that some part
of the detection has not seen: an error of any recogniser fails the call (Presidio's own engine
logs it and goes on).
"""

from presidio_analyzer import RecognizerResult

from gateway.application.ports.detection import (
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    Span,
)
from gateway.detection.folding import fold
from gateway.detection.known_values import KnownValueSearch
from gateway.detection.limits import DEFAULT_MAX_BYTES, require_bounded
from gateway.detection.masking import Masker
from gateway.detection.merging import merge
from gateway.detection.recognisers.registry import GatedRecogniser, TextProfile, load_recognisers

# Only a known value is certain: where both find the same characters, its type is the one printed.
_HIGHEST_GUESS = 0.99
_GOOD_EVIDENCE = 0.9


class TextAnalyser:
    """Masks known values and recognised identifiers; synchronous, for use in a pool process."""

    def __init__(
        self, recognisers: tuple[GatedRecogniser, ...], max_bytes: int = DEFAULT_MAX_BYTES
    ) -> None:
        self._recognisers = recognisers
        self._max_bytes = max_bytes
        self._masker = Masker()

    def deidentify(self, text: str, known: tuple[KnownValue, ...]) -> str:
        """Return the masked text; the same object where nothing was found.

        Raises DetectionFailed for a text over the limit, an error in any part, and a known value
        that is still there after masking.
        """
        require_bounded(text, known, self._max_bytes)
        try:
            return self._masked(text, known)
        except DetectionFailed:
            raise
        except Exception as error:  # noqa: BLE001
            # The text of a foreign error may quote what it choked on: only its class goes on.
            raise DetectionFailed(DetectionFailure.RECOGNISER_ERROR, type(error).__name__) from None

    def _masked(self, text: str, known: tuple[KnownValue, ...]) -> str:
        search = KnownValueSearch(known)
        folded = fold(text)
        spans = merge(self._recognised(folded, search.spans(folded)))
        if not spans:
            return text
        masked, placeholders = self._masker.mask(text, spans)
        _require_no_residue(masked, search, placeholders)
        return masked

    def _recognised(self, folded: str, spans: list[Span]) -> list[Span]:
        profile = TextProfile.of(folded)
        for gated in self._recognisers:
            if gated.applies(profile):
                shown = _without(folded, spans) if gated.reads_the_rest else folded
                results = gated.recogniser.analyze(shown, [], None)  # type: ignore[arg-type]
                spans = spans + [_span(result) for result in results]
        return spans


def _span(found: RecognizerResult) -> Span:
    return Span(found.start, found.end, found.entity_type, min(found.score, _HIGHEST_GUESS))


def _without(folded: str, spans: list[Span]) -> str:
    """Blank what was found with good evidence, character for character."""
    for span in spans:
        if span.score >= _GOOD_EVIDENCE:
            folded = folded[: span.start] + "," * (span.end - span.start) + folded[span.end :]
    return folded


def _require_no_residue(
    masked: str, search: KnownValueSearch, placeholders: list[tuple[int, int]]
) -> None:
    # A placeholder is made of its type alone, so a value inside one is not the subject's.
    for left in search.spans(masked):
        if not any(start <= left.start and left.end <= end for start, end in placeholders):
            raise DetectionFailed(DetectionFailure.RESIDUE, left.type)


def build() -> TextAnalyser:
    """Load the first set of recognisers; takes a second or two, for Presidio's imports."""
    return TextAnalyser(load_recognisers())
