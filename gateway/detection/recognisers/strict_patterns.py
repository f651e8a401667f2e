r"""Runs the patterns of Presidio's own recognisers without Presidio's matching loop.

Owns two corrections. The loop logs a pattern's time-out and goes on; here nothing is caught. And
`\b` and `\w` are ASCII: under Unicode rules a Chinese character is part of a word, so that a
number glued to one has no word boundary and is missed.
"""

import re
from collections.abc import Iterator

from presidio_analyzer import Pattern, PatternRecognizer, RecognizerResult

_FLAGS = re.DOTALL | re.MULTILINE | re.IGNORECASE | re.ASCII
_BOUNDARY = r"\b"


class StrictPatterns(PatternRecognizer):
    """To be named before a predefined `PatternRecognizer` in the bases of a recogniser."""

    patterns: list[Pattern]

    def load(self) -> None:
        """Forget what an earlier instance compiled."""
        self._compiled: tuple[tuple[re.Pattern[str], float], ...] = ()

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002
        nlp_artifacts: object = None,  # noqa: ARG002
        regex_flags: int | None = None,  # noqa: ARG002
    ) -> list[RecognizerResult]:
        """Return every match with a score above zero, after the recogniser's own validation."""
        if not self._compiled:
            self._compiled = tuple(
                (re.compile(pattern.regex, _FLAGS), pattern.score) for pattern in self.patterns
            )
        return list(self._scored(text))

    def _scored(self, text: str) -> Iterator[RecognizerResult]:
        for pattern, weight in self._compiled:
            for match in pattern.finditer(text):
                score = self._validated(match[0], weight)
                if match[0] and score > self.MIN_SCORE:
                    yield RecognizerResult(
                        self.supported_entities[0], match.start(), match.end(), score
                    )

    def _validated(self, found: str, weight: float) -> float:
        if self.invalidate_result(found):
            return float(self.MIN_SCORE)
        valid = self.validate_result(found)
        if valid is None:
            return weight
        return self.MAX_SCORE if valid else float(self.MIN_SCORE)


def bounded_by_non_digits(patterns: list[Pattern]) -> list[Pattern]:
    """Let a number begin and end beside anything but a digit, letters included ("SSN219-...")."""
    return [
        Pattern(
            pattern.name,
            rf"(?<![0-9])(?:{pattern.regex.removeprefix(_BOUNDARY).removesuffix(_BOUNDARY)})(?![0-9])",
            pattern.score,
        )
        for pattern in patterns
    ]
