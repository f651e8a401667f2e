"""A span of a text, as the English model reports it.

Owns the type. Refuses to know entities: those are the recogniser's.
"""

from typing import NamedTuple


class TextSpan(NamedTuple):
    """``text[start:end]`` is a PER, LOC or ORG; 0.5 is the operating point."""

    start: int
    end: int
    label: str
    score: float
