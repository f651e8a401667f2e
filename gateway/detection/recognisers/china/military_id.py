"""CN_MILITARY_ID: identity papers of the armed forces ("军字第2001988号").

Owns the form: who issued it, 字第, digits, 号. Refuses the papers of offices, which look the same
but for the first character, unless a word names an identity paper.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, Labels
from gateway.detection.text.view import View

_ENTITY = "CN_MILITARY_ID"
# One character, fixed characters, bounded digits: nothing to go back to.
_NUMBER = re.compile(
    r"[军士兵文武警参政后装海空南北沈兰济广成联总炮火东西中軍]字第? ?[0-9]{4,8}(?![0-9])[号號]?"
)
_THEIRS = frozenset("军士兵軍")


class CnMilitaryIdRecogniser(Recogniser):
    """Finds the numbers of military papers."""

    ENTITIES = (_ENTITY,)
    SIGNS = ("字",)
    GATES = (r"\?\? ?[0-9]{4}",)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {_ENTITY: words.MILITARY, OTHER: words.OTHER}

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the papers' numbers."""
        if "字" not in view.text:
            return
        labels = Labels(view, _ENTITY, 12, 4)
        for match in _NUMBER.finditer(view.text):
            near = labels.of(*match.span())
            score = LIKELY if near else POSSIBLE if match[0][0] in _THEIRS else WEAK
            why = f"form fits; near {near}" if near else "form fits"
            yield Finding(*match.span(), _ENTITY, score, "word and digits", why)
