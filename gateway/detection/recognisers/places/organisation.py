"""Organisations by the form of their names, Chinese and English.

Owns the scores of the forms, and what an employer's word adds. Refuses to raise public bodies and
well-known institutions over the threshold by themselves: they identify nobody, unless they are
someone's employer.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.places.cn_organisation import (
    BRANCH,
    EMPLOYED,
    FORM,
    HEAD_WORDS,
    LABELLED,
    QUICK,
    Form,
    name_start,
)
from gateway.detection.recognisers.places.en_organisation import (
    EMPLOYER_WORDS,
    GATES,
    employers,
    formed,
)
from gateway.detection.text.view import View, ViewKind

_TOPIC = "ORGANIZATION"
_ENTITIES = ("ORGANIZATION",)
_SCORES = {Form.REGISTERED: LIKELY, Form.SMALL: POSSIBLE, Form.PLAIN: WEAK, Form.PUBLIC: WEAK}
_A_FORM = 4
"""A form that begins within an employer's name ends at most so far behind it."""
_BEFORE = 16


class ChineseOrganisations(Recogniser):
    """ORGANIZATION, in Chinese."""

    ENTITIES = _ENTITIES
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {_TOPIC: HEAD_WORDS}
    VIEWS = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def find(self, view: View) -> Iterator[Finding]:
        """Yield names with a legal form, and what stands behind a word for an employer."""
        if not view.text.isascii():
            if QUICK.search(view.text):
                yield from _formed(view.text)
            if view.context.all(_TOPIC):
                yield from _employers(view.text)


class EnglishOrganisations(Recogniser):
    """ORGANIZATION, in English."""

    ENTITIES = _ENTITIES
    GATES = GATES
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {_TOPIC: EMPLOYER_WORDS}
    VIEWS = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def find(self, view: View) -> Iterator[Finding]:
        """Yield names with a legal form, and what stands behind a word for an employer."""
        yield from formed(view.ascii)
        if view.context.all(_TOPIC):
            yield from employers(view.ascii)


def _formed(text: str) -> Iterator[Finding]:
    last = 0
    for match in FORM.finditer(text):
        start = name_start(text, match.start(), last)
        if start is None or match.lastgroup is None:
            continue
        branch = BRANCH.match(text, match.end())
        end = last = branch.end() if branch else match.end()
        form = Form[match.lastgroup]
        employer = LABELLED.search(text[max(0, start - _BEFORE) : start])
        score = LIKELY if employer else _SCORES[form]
        why = f"a name and its form ({form.value})" + ("; an employer" if employer else "")
        yield Finding(start, end, "ORGANIZATION", score, form.value, why)


def _employers(text: str) -> Iterator[Finding]:
    for match in EMPLOYED.finditer(text):
        start, end = match.span("name")
        if FORM.search(text, start, end + _A_FORM) is None:
            why = "behind a word for an employer"
            yield Finding(start, end, "ORGANIZATION", LIKELY, "employer", why)
