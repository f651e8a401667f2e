"""A name that stands in a text more than once: sure in one place, it is likely in the others.

Owns the second look at what the model found. Refuses to look for words that the model thought no
name at all: only doubtful spans are raised, never new ones made.
"""

from collections.abc import Sequence

from gateway.detection.names.english.spans import TextSpan

_SURE, _DOUBTFUL = 0.85, 0.5
_RAISED = 0.6
_SHORTEST = 3


def raised(text: str, spans: Sequence[TextSpan]) -> list[TextSpan]:
    """Return the spans of ``text``; a doubtful person all of whose words are sure is likely."""
    doubtful = [one for one in spans if one.label == "PER" and one.score < _DOUBTFUL]
    sure = {
        word.lower()
        for one in spans
        if one.label == "PER" and one.score >= _SURE
        for word in text[one.start : one.end].split()
        if len(word) >= _SHORTEST and word[0].isupper()
    }
    if not (doubtful and sure):
        return list(spans)
    known = [one for one in doubtful if _all_in(text[one.start : one.end], sure)]
    return [one._replace(score=_RAISED) if one in known else one for one in spans]


def _all_in(part: str, sure: set[str]) -> bool:
    return part[0].isupper() and all(word.lower() in sure for word in part.split())
