"""Names of people in English and other Latin text, found by the model that is shipped beside it.

Owns the recogniser; ``tagger`` does the work. Refuses texts without two Latin letters in a
row before any work. Places and organisations are no personal data by themselves: they are reported
below every default threshold, for those who ask for them.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from gateway.detection.names.english.spans import TextSpan
from gateway.detection.names.english.tagger import EnglishTagger
from gateway.detection.names.english.tokens import ADDRESS, TWO_LATIN_LETTERS
from gateway.detection.recognisers.base import BatchRecogniser, Finding
from gateway.detection.text.view import View, ViewKind

_DATA = Path(__file__).parent.parent / "data"
_ENTITY = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
_SURE = 0.85
_BELOW_DEFAULT = 0.49


@cache
def english_tagger() -> EnglishTagger:
    """Return the shipped model; it is read once a process, when the first text needs it."""
    return EnglishTagger.load(_DATA / "english_names.npz", _DATA / "english_lexicon.npz")


_DIGIT = re.compile("[0-9]")
_LABEL = re.compile(
    r"(?:[A-Za-z]{1,12} )?"
    r"(?:Alipay|WeChat|PayPal|ID|Id|IBAN|SWIFT|BIC|SSN|ITIN|EIN|Tel|Phone|Mobile|Email|Card|No)\.?"
)


class EnglishNames(BatchRecogniser):
    """PERSON; LOCATION and ORGANIZATION at scores below 0.5."""

    ENTITIES = ("PERSON", "LOCATION", "ORGANIZATION")
    GATES = (r"[A-Za-z][A-Za-z?]|\?[A-Za-z]",)
    VIEWS = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def find_many(self, views: Sequence[View]) -> list[list[Finding]]:
        """Return the names in each view; many views together cost less than one by one."""
        found: list[list[Finding]] = [[] for _ in views]
        asked = [at for at, view in enumerate(views) if _has_words(view.text)]
        if asked:
            spans = english_tagger().spans([views[at].text for at in asked])
            for at, its in zip(asked, spans, strict=True):
                found[at] = [_finding(span) for span in its if _may_be_name(views[at].text, span)]
        return found


def _has_words(text: str) -> bool:
    """Say whether there are two Latin letters in a row, addresses of mail and of the web apart."""
    if not TWO_LATIN_LETTERS.search(text):
        return False
    if "@" in text or "www." in text or "://" in text:
        return TWO_LATIN_LETTERS.search(ADDRESS.sub(" ", text)) is not None
    return True


def _may_be_name(text: str, span: TextSpan) -> bool:
    """Say whether a span may be one: no digit in it, and not only the label of a number."""
    value = text[span.start : span.end]
    if not value.isalpha() and _DIGIT.search(value):
        return False
    return not _LABEL.fullmatch(value)


def _finding(span: TextSpan) -> Finding:
    score = round(span.score, 3)
    if span.label != "PER":
        score = min(score, _BELOW_DEFAULT)
    why = "the model is sure" if score >= _SURE else "the model finds it likely"
    if score < 0.5:
        why = "the model finds it possible"
    return Finding(span.start, span.end, _ENTITY[span.label], score, "English name model", why)
