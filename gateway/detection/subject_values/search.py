"""Finds the values of one subject in a text: one automaton pass over each of its views.

Owns the search: letters in any case, separators between characters ignored, and for numbers the
last four digits after words such as 尾号, and starred forms (138****5678). Refuses to guess beyond
the forms that ``names``, ``places``, ``dates`` and ``numbers`` list.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import ahocorasick

from gateway.application.ports.detection import Detected, KnownValue
from gateway.detection.subject_values.dates import date_forms, parse_date
from gateway.detection.subject_values.form import PART, SEPARATORS, Form
from gateway.detection.subject_values.names import name_forms
from gateway.detection.subject_values.numbers import SHORT, number_forms, number_of, tail_of
from gateway.detection.subject_values.places import address_forms, employer_forms
from gateway.detection.text.document import Document, lower
from gateway.detection.text.view import View

RECOGNISER = "SubjectValues"
_NAMES = frozenset(("PERSON", "NAME", "FULL_NAME", "PERSON_NAME"))
_ORGANISATIONS = frozenset(("ORGANIZATION", "EMPLOYER", "COMPANY"))
_LATIN_LETTER = re.compile("[A-Za-zÀ-ÖØ-öø-ɏ]")
_TAIL = re.compile(
    r"(?:尾号|尾数|末尾|末[四4]位|[后][四4]位|end(?:s|ing)?(?:\s{1,3}(?:in|with))?|last\s{1,3}(?:four|4))"
    r"(?:\s?(?:digits?|数字?|号码?))?\s{0,3}(?:为|是|is|are|of|in)?\s{0,3}[:#*]{0,8}\s{0,3}"
    r"([0-9]{3}[0-9x])(?![0-9])",
    re.IGNORECASE,
)
_TAIL_BEFORE = re.compile(r"(?<![0-9])([0-9]{3}[0-9x])\s?(?:结尾|收尾|尾号)", re.IGNORECASE)
_STARRED = re.compile(r"(?<![0-9])([0-9]{0,8})[*×✱●•xX]{2,16}([0-9]{2,8}[xX]?)(?![0-9])")


class _Needle(NamedTuple):
    form: Form
    type: str


class SubjectValues:
    """The values of one subject, prepared once for several texts."""

    def __init__(self, known: Iterable[KnownValue]) -> None:
        needles: dict[str, _Needle] = {}
        self._numbers: dict[str, str] = {}
        for value in known:
            for form in _forms(value):
                held = needles.get(form.needle)
                if form.needle and (held is None or held.form.score < form.score):
                    needles[form.needle] = _Needle(form, value.type)
            if (number := number_of(value.value)) is not None:
                self._numbers.setdefault(number, value.type)
        self._tails = {tail_of(number): type_ for number, type_ in self._numbers.items()}
        self._automaton = ahocorasick.Automaton() if needles else None
        if self._automaton is not None:
            for needle, entry in needles.items():
                self._automaton.add_word(needle, entry)
            self._automaton.make_automaton()

    def find(self, document: Document) -> Iterator[Detected]:
        """Yield every occurrence in any view; offsets are those of the original."""
        if self._automaton is None:
            return
        for view in document.views:
            yield from _whole(view, self._automaton)
            if self._numbers:
                yield from self._partial(view)

    def _partial(self, view: View) -> Iterator[Detected]:
        for pattern in (_TAIL, _TAIL_BEFORE):
            for match in pattern.finditer(view.text):
                type_ = self._tails.get(match[1].lower())
                if type_ is not None:
                    yield _detected(view, *match.span(1), type_, 1.0, "last four digits")
        for match in _STARRED.finditer(view.text):
            for number, type_ in self._numbers.items():
                if number.startswith(match[1]) and number.endswith(match[2].lower()):
                    yield _detected(view, *match.span(), type_, PART, "starred form")
                    break


def _whole(view: View, automaton: ahocorasick.Automaton) -> Iterator[Detected]:
    text = view.text
    origins = [at for at, character in enumerate(text) if character not in SEPARATORS]
    haystack = lower("".join([text[at] for at in origins]))
    for last, (form, type_) in automaton.iter(haystack):
        start, end = origins[last - len(form.needle) + 1], origins[last] + 1
        if (form.alone or len(form.needle) < SHORT) and not _stands_alone(text, start, end, form):
            continue
        if form.barred_after and text[end : end + 1] in form.barred_after and end < len(text):
            continue
        # "(415) 555-2671" begins with its bracket.
        start -= text[start - 1 : start] == "(" and ")" in text[start:end]
        yield _detected(view, start, end, type_, form.score, form.what)


def _forms(value: KnownValue) -> Iterator[Form]:
    if value.type in _NAMES:
        return name_forms(value.value)
    if "ADDRESS" in value.type and "@" not in value.value:
        return address_forms(value.value)
    if value.type in _ORGANISATIONS:
        return employer_forms(value.value)
    return _plain_forms(value.value)


def _plain_forms(value: str) -> Iterator[Form]:
    return number_forms(value) if parse_date(value) is None else date_forms(value)


def _detected(view: View, start: int, end: int, type_: str, score: float, what: str) -> Detected:
    first, last = view.extent(start, end)
    return Detected(first, last, type_, score, RECOGNISER, what, "a value of the subject's")


def _stands_alone(text: str, start: int, end: int, form: Form) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if _continues(before, text[start]) or _continues(text[end - 1], after):
        return False
    spread = end - start != len(form.needle)
    return not (spread and form.needle.isdigit() and len(form.needle) < SHORT)


def _continues(left: str, right: str) -> bool:
    if left.isdigit() and right.isdigit():
        return True
    return bool(_LATIN_LETTER.match(left) and _LATIN_LETTER.match(right))
