"""What may stand beside a candidate with letters in it.

Owns the rule: no ASCII letter, digit or underscore beside, but letters in front that name it
("ID110101..."), and a joint of a longer token (``-``, ``/``, ``#``) only where a word names it.
Chinese characters are a boundary on both sides. Refuses to say what the candidate is.
"""

from gateway.detection.recognisers.china.labels import Labels
from gateway.detection.recognisers.patterns import Match
from gateway.detection.text.view import View

_JOINTS = frozenset(b"-/#")


def stands_alone(view: View, match: Match, labels: Labels, near: str | None) -> bool:
    """Say whether ``match`` is a token of its own; ``near`` is the word that names it."""
    text = view.ascii
    after = text[match.end : match.end + 1]
    if after.isalnum() or after == b"_":
        return False
    before = text[match.start - 1 : match.start] if match.start else b""
    if before.isdigit() or before in (b"_", b"."):
        return False
    if before.isalpha():
        return labels.touches(match.start, match.end)
    return near is not None or not before or before[0] not in _JOINTS
