"""How much text one call may bring. Refuses what is larger, before anything reads it."""

from gateway.application.ports.detection import DetectionFailed, DetectionFailure, KnownValue

DEFAULT_MAX_BYTES = 64 * 1024
MAX_KNOWN_VALUES = 256
_MOST_BYTES = 4
"""Of a character in UTF-8."""


def require_bounded(text: str, known: tuple[KnownValue, ...], max_bytes: int) -> None:
    """Raise DetectionFailed for over `max_bytes` of UTF-8, or over 256 known values."""
    if len(known) > MAX_KNOWN_VALUES or len(text) > max_bytes:
        raise DetectionFailed(DetectionFailure.OVERSIZE)
    if len(text) * _MOST_BYTES <= max_bytes:
        return
    if len(text.encode("utf-8", "surrogatepass")) > max_bytes:
        raise DetectionFailed(DetectionFailure.OVERSIZE)
