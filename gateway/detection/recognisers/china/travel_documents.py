"""Travel documents: CN_PASSPORT, CN_HK_MACAU_PERMIT, CN_TAIWAN_PERMIT.

Owns the letters that the National Immigration Administration puts before their numbers. None has
a check digit, so alone only the ordinary passport forms (E and G with eight digits) are possible.
Refuses bare digits that no word names.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, NamedTuple

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, Labels, other_label
from gateway.detection.recognisers.china.neighbours import stands_alone
from gateway.detection.recognisers.china.numbers import numbers
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_PASSPORT, _HK_MACAU, _TAIWAN = "CN_PASSPORT", "CN_HK_MACAU_PERMIT", "CN_TAIWAN_PERMIT"


class _Form(NamedTuple):
    entity: str
    pattern: re.Pattern[str]
    name: str
    alone: float
    """The score without a word; with one it is likely."""


def _form(entity: str, pattern: str, name: str, alone: float) -> _Form:
    return _Form(entity, re.compile(pattern), name, alone)


# One scan of the text; which forms a token has is asked of its ten characters.
_LETTERED = Pattern(r"[A-Za-z]{1,2}[0-9]{7,10}")
_SIGNED = re.compile(r" ?\([A-Z0-9]\)")
_LETTERED_FORMS = (
    _form(_PASSPORT, r"[EG][0-9]{8}", "E or G and 8 digits", POSSIBLE),
    _form(_PASSPORT, r"(?:E[A-HJ-NP-Z]|[DSP]E|M[A-Z]|K[A-Z])[0-9]{7}", "2 letters, 7 digits", WEAK),
    _form(_PASSPORT, r"[DSPHKM][0-9]{7,8}", "letter and 7 or 8 digits", WEAK),
    _form(_HK_MACAU, r"[CW][A-HJ-NP-Z]?[0-9]{7,8}", "C or W and digits", WEAK),
    _form(_HK_MACAU, r"[HM](?:[0-9]{10}|[0-9]{8})", "H or M and digits", WEAK),
    _form(_TAIWAN, r"[TL][0-9]{8}", "T or L and 8 digits", WEAK),
)
_OLD_PASSPORT = _form(_PASSPORT, r"1[45][0-9]{7}", "9 digits, old form", 0.0)
_BARE_TAIWAN = _form(_TAIWAN, r"[0-9]+", "8 or 10 digits", 0.0)
_BARE_FORMS = ((8, _BARE_TAIWAN), (9, _OLD_PASSPORT), (10, _BARE_TAIWAN))
# What names any of them: too general for digits without a letter.
_GENERAL = frozenset(words.DOCUMENT)


class CnTravelDocumentRecogniser(Recogniser):
    """Finds passports and permits of travel."""

    ENTITIES = (_PASSPORT, _HK_MACAU, _TAIWAN)
    SHAPES = ("[Aa]0{7}",)
    NAMED = (_PASSPORT, _TAIWAN)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _PASSPORT: words.PASSPORT,
        _HK_MACAU: words.HK_MACAU + words.DOCUMENT,
        _TAIWAN: words.TAIWAN + words.DOCUMENT,
        OTHER: words.OTHER,
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the documents with a letter, then the bare digits that a word names."""
        labels = {entity: Labels(view, entity, 14, 6) for entity in self.ENTITIES}
        yield from _lettered(view, labels)
        if not (labels[_PASSPORT].none and labels[_TAIWAN].none):
            yield from _bare(view, labels)


def _bare(view: View, labels: Mapping[str, Labels]) -> Iterator[Finding]:
    by_size = numbers(view)
    for size, form in _BARE_FORMS:
        for one in by_size.get(size, ()):
            if len(one.shape) > 1 or not form.pattern.fullmatch(one.digits):
                continue
            signed = _SIGNED.match(view.text[one.end : one.end + 4])
            end = one.end + signed.end() if signed and size == 10 else one.end
            match = Match(one.start, end, one.digits)
            finding = _judged(view, form, match, labels[form.entity])
            if finding is not None:
                yield finding


def _lettered(view: View, labels: Mapping[str, Labels]) -> Iterator[Finding]:
    for match in _LETTERED.matches(view.ascii):
        token = match.text.upper()
        for form in _LETTERED_FORMS:
            if form.pattern.fullmatch(token):
                finding = _judged(view, form, match, labels[form.entity])
                if finding is not None:
                    yield finding


def _judged(view: View, form: _Form, match: Match, labels: Labels) -> Finding | None:
    near = labels.of(match.start, match.end)
    if near in _GENERAL and not form.alone:
        near = None
    if not stands_alone(view, match, labels, near):
        return None
    score = LIKELY if near else form.alone
    if near is None and (match.text[0].islower() or other_label(view, match.start, match.end)):
        score = min(score, WEAK)
    if not score:
        return None
    why = f"form fits; near {near}" if near else "form fits"
    return Finding(match.start, match.end, form.entity, score, form.name, why)
