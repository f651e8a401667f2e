"""Analysis of a caller's own text: what of it is personal data, and why.

Owns the step from the detector's failures to refusals. Keeps nothing of a text.
"""

from gateway.application.ports.detection import (
    Detected,
    DetectionFailed,
    DetectionFailure,
    KnownValue,
    TextDetector,
    Wanted,
)
from gateway.domain.reasons import ErrorReason, refuse

_TOO_LARGE = "text"


class AnalyseText:
    """Asks the detector, and refuses where it did not see the whole text."""

    def __init__(self, detector: TextDetector) -> None:
        """Take the detector."""
        self._detector = detector

    async def __call__(
        self, text: str, known: tuple[KnownValue, ...], wanted: Wanted
    ) -> tuple[Detected, ...]:
        """Return disjoint spans in order; offsets are code points of ``text``.

        Raises ``Refused``: INVALID_FIELD for a text over the limit, RATE_LIMITED where too many
        wait, DETECTION_FAILED for all else. None of them says anything of the text.
        """
        try:
            return await self._detector.analyse(text, known, wanted)
        except DetectionFailed as failed:
            match failed.reason:
                case DetectionFailure.OVERSIZE:
                    raise refuse(ErrorReason.INVALID_FIELD, _TOO_LARGE) from None
                case DetectionFailure.OVERLOADED:
                    raise refuse(ErrorReason.RATE_LIMITED) from None
            raise refuse(ErrorReason.DETECTION_FAILED) from None
