"""Addresses in an English text: forms of English-speaking countries, of others, behind a label.

Owns which finding stands where forms overlap, and postal codes behind their word. Refuses nothing
that a form finds: a low score says what is unsure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.recognisers.places.abroad import WORTH as WORTH_ABROAD
from gateway.detection.recognisers.places.abroad import abroad
from gateway.detection.recognisers.places.en_forms import FORMS
from gateway.detection.recognisers.places.en_labelled import WORTH as WORTH_BEHIND_LABELS
from gateway.detection.recognisers.places.en_labelled import behind_labels
from gateway.detection.recognisers.places.en_labels import TOPIC, WORDS, labelled, without_stop
from gateway.detection.recognisers.places.en_parts import (
    AU_STATE,
    EIRCODE,
    OTHER_STREET,
    PIN,
    SURE_STREET,
    UK_CODE,
    US_TAIL,
)
from gateway.detection.recognisers.places.en_street import streets
from gateway.detection.text.view import View, ViewKind

_CODE = (
    rf"(?:{UK_CODE}|{EIRCODE}|[A-Z][0-9][A-Z][ -]?[0-9][A-Z][0-9]|{PIN}"
    r"|[0-9]{4,5}(?:-[0-9]{4})?)"
)
_LABELLED_CODE = Pattern(
    r"\b(?i:zip ?codes?|zip|post ?code|postal code|pin ?code|eircode)"
    rf"(?: ?is ?| ?[:#=] ?| of | ){_CODE}\b"
)
_CODE_LAST = re.compile(rf"{_CODE}\Z")
_PROSE = re.compile(
    r"\A(?:(?:Visited|Visit|At|To|From|In|On|Of|Address|Home|Lives?|Please|Moved|Dear|Attn|And|But"
    r"|For)[ ,:\n]+)+"
)

_NUMBERS = "One Two Three Four Five Six Seven Eight Nine Ten"
_FORMED = (
    rf"(?s)(?i:[0-9].* {SURE_STREET}\b)",
    rf"(?s)(?:[0-9]|One|Two|Ten).*[A-Z][A-Za-z?.'-]* {OTHER_STREET}\b",
    rf"{US_TAIL}|\b{UK_CODE}\b|\b{EIRCODE}\b|[a-z][ ,-]{{1,3}}{PIN}\b",
    rf"{AU_STATE},? {{1,2}}[0-9]{{4}}\b|[A-Z][0-9][A-Z][ -]?[0-9][A-Z][0-9]",
    r"(?i)\b(?:box|bag) ?#?[a-z]?[0-9]|\b(?:highway|hwy|route|road|interstate) [0-9]",
    r"(?i)[0-9].*\b(?:broadway|avenue (?:[a-z]|of)|rue|chemin)\b",
    r"(?i)\b(?:zip|post ?code|postal|pin ?code)|\b[AFD]PO,? A[AEP]\b",
)
_WORTH = Pattern("|".join(f"(?:{gate})" for gate in _FORMED))
_ANYTHING = Pattern(
    "|".join(one.pattern for one in (_WORTH, WORTH_ABROAD, WORTH_BEHIND_LABELS)), memory=64 << 20
)
"""All that this file and its two neighbours ask first: one pass for a text that has none of it."""


class EnglishAddresses(Recogniser):
    """ADDRESS."""

    ENTITIES = ("ADDRESS",)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {TOPIC: WORDS}
    VIEWS = frozenset({ViewKind.FOLDED, ViewKind.DECODED})
    SHAPES = ("0",)
    SIGNS = tuple(f"{word} " for word in _NUMBERS.split())

    def find(self, view: View) -> Iterator[Finding]:
        """Yield what the forms find; of those that overlap the surest, then the longest."""
        if not _ANYTHING.occurs(view.ascii):
            return
        found = sorted(_all(view), key=lambda one: (-one.score, one.start - one.end))
        covered = bytearray(len(view.text))
        for one in found:
            if not any(covered[one.start : one.end]):
                covered[one.start : one.end] = b"\1" * (one.end - one.start)
                yield one


def _all(view: View) -> Iterator[Finding]:
    text = view.ascii
    if _WORTH.occurs(text):
        yield from _formed(view)
    yield from abroad(view)
    yield from behind_labels(view)


def _formed(view: View) -> Iterator[Finding]:
    text = view.ascii
    for form in FORMS:
        for match in form.pattern.matches(text):
            if form.must is None or form.must.search(match.text):
                start = match.start + _prose(match.text)
                near = form.score == WEAK and labelled(view, start)
                end = without_stop(text, match.end)
                score = POSSIBLE if near else form.score
                yield Finding(start, end, "ADDRESS", score, form.name, form.why)
    yield from streets(view)
    for match in _LABELLED_CODE.matches(text):
        code = _CODE_LAST.search(match.text)
        if code is not None:
            start, why = match.start + code.start(), "behind the word for a postal code"
            yield Finding(start, match.end, "ADDRESS", POSSIBLE, "postal code", why)


def _prose(text: str) -> int:
    """Return how many characters at the beginning of a match are words of the sentence."""
    match = _PROSE.match(text)
    return match.end() if match is not None and match.end() < len(text) else 0
