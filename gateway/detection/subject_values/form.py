"""One way in which a value of the subject may be written.

Owns the compact form that values and texts are compared in: folded, lower case, without what may
stand between the parts of a value. Refuses to know what a value means.
"""

from typing import NamedTuple

from gateway.detection.text.document import lower
from gateway.detection.text.folding import fold

WHOLE = 1.0
PART = 0.9
GUESS = 0.75

SEPARATORS = " \t\r\n\f\v-.,/()+_·•'"
_WITHOUT_SEPARATORS = str.maketrans("", "", SEPARATORS)


class Form(NamedTuple):
    """``needle`` is compact. ``alone``: it counts only where no letter or digit goes on beside."""

    needle: str
    score: float
    alone: bool = False
    what: str = "whole value"
    barred_after: str = ""
    """Characters that make another word of it: 王总 is no person in 国王总是."""


def compact(text: str) -> str:
    """Return ``text`` folded, in lower case, without separators."""
    return lower(fold(text).text.translate(_WITHOUT_SEPARATORS))
