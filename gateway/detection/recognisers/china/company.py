"""Numbers of companies and sole traders: credit code, organisation code, licence, tax number.

Owns CN_UNIFIED_SOCIAL_CREDIT_CODE (GB 32100-2015), CN_ORGANIZATION_CODE (GB 11714-1997),
CN_BUSINESS_LICENSE (GS 15-2006, 15 digits) and CN_TAX_NUMBER. Refuses the short ones without a
word that names them: their one check character holds for every tenth number.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import (
    LIKELY,
    POSSIBLE,
    PROVED,
    WEAK,
    Finding,
    Recogniser,
)
from gateway.detection.recognisers.check_digits import (
    has_credit_code_check,
    has_mod_11_2_check,
    has_mod_11_10_check,
    has_organisation_check,
)
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labels import OTHER, Labels
from gateway.detection.recognisers.china.neighbours import stands_alone
from gateway.detection.recognisers.china.numbers import numbers
from gateway.detection.recognisers.china.regions import is_birth_date, is_region
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_CREDIT, _ORGANISATION = "CN_UNIFIED_SOCIAL_CREDIT_CODE", "CN_ORGANIZATION_CODE"
_LICENCE, _TAX = "CN_BUSINESS_LICENSE", "CN_TAX_NUMBER"
_SIGN = "[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]"
# The gaps of the second form are not optional: the digits before a code would be taken in.
_CREDIT_CODE = Pattern(
    rf"{_SIGN}{{2}}[0-9]{{6}}{_SIGN}{{10}}"
    rf"|{_SIGN}{{2}}[ -][0-9]{{6}}[ -]{_SIGN}{{8,9}}[ -]?{_SIGN}{{1,2}}"
)
_ORGANISATION_CODE = Pattern(r"[0-9A-Za-z]{8}[ ]?-?[ ]?[0-9Xx]")
_TAX_NUMBER = Pattern(r"[0-9A-Za-z]{15,20}")
_KINDS = frozenset("123456789ANY")


class CnCompanyRecogniser(Recogniser):
    """Finds the numbers of companies."""

    ENTITIES = (_CREDIT, _ORGANISATION, _LICENCE, _TAX)
    SHAPES = ("[0Aa]{2}0{6}[0Aa]{10}", "[0Aa]{2}[ -]0{6}[ -][0Aa]{8}")
    NAMED = (_ORGANISATION, _LICENCE, _TAX)
    # An organisation code may be made of letters alone.
    NEEDS_DIGITS = False
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _CREDIT: words.CREDIT_CODE,
        _ORGANISATION: words.ORGANISATION,
        _LICENCE: words.LICENCE,
        _TAX: words.TAX,
        OTHER: words.OTHER,
    }

    def find(self, view: View) -> Iterator[Finding]:
        """Yield credit codes, and of the others those that a word names."""
        yield from _credit_codes(view)
        words = view.context.all
        if words(_ORGANISATION):
            yield from _organisation_codes(view)
        if words(_LICENCE):
            yield from _licences(view)
        if words(_TAX):
            yield from _tax_numbers(view)


def _credit_codes(view: View) -> Iterator[Finding]:
    labels = Labels(view, _CREDIT, 20, 6)
    for match in _CREDIT_CODE.matches(view.ascii):
        code = match.text.replace(" ", "").replace("-", "").upper()
        if (
            len(code) != 18
            or code[0] not in _KINDS
            or not (is_region(code[2:8]) or code[2:8] == "100000")
        ):
            continue
        holds = has_credit_code_check(code)
        if not holds and _is_resident(code):
            continue
        near = labels.of(match.start, match.end)
        if not stands_alone(view, match, labels, near):
            continue
        checked = holds
        # Digits only: one of 31 holds by chance, so the inner organisation code must hold too.
        if checked and code.isdigit() and near is None and not has_organisation_check(code[8:17]):
            checked = False
        if not checked and _is_resident(code):
            continue
        score = PROVED if checked else POSSIBLE if near else WEAK
        yield _finding(match, _CREDIT, score, "18 characters", checked, near)


def _is_resident(code: str) -> bool:
    if not code[:17].isdigit() or code[17] not in "0123456789X":
        return False
    return is_birth_date(code[6:14]) and has_mod_11_2_check(code)


def _organisation_codes(view: View) -> Iterator[Finding]:
    labels = Labels(view, _ORGANISATION)
    for match in _ORGANISATION_CODE.matches(view.ascii):
        near = labels.of(match.start, match.end)
        if near is None or not stands_alone(view, match, labels, near):
            continue
        code = match.text.replace(" ", "").replace("-", "").upper()
        checked = has_organisation_check(code)
        yield _finding(
            match, _ORGANISATION, PROVED if checked else POSSIBLE, "8 and 1", checked, near
        )


def _licences(view: View) -> Iterator[Finding]:
    labels = Labels(view, _LICENCE, 16)
    for one in numbers(view).get(15, ()):
        near = labels.of(one.start, one.end) if len(one.shape) == 1 else None
        if near is None or not one.digits.isdigit():
            continue
        checked = is_region(one.digits[:6]) and has_mod_11_10_check(one.digits)
        match = Match(one.start, one.end, one.digits)
        yield _finding(match, _LICENCE, PROVED if checked else POSSIBLE, "15 digits", checked, near)


def _tax_numbers(view: View) -> Iterator[Finding]:
    labels = Labels(view, _TAX)
    for match in _TAX_NUMBER.matches(view.ascii):
        near = labels.of(match.start, match.end)
        if (
            near is None
            or not stands_alone(view, match, labels, near)
            or not match.text[:6].isdigit()
        ):
            continue
        why = f"near {near}"
        yield Finding(match.start, match.end, _TAX, LIKELY, "15 to 20 characters", why)


def _finding(
    match: Match, entity: str, score: float, pattern: str, checked: bool, near: str | None
) -> Finding:
    why = "check character holds" if checked else "check character fails"
    if near:
        why += f"; near {near}"
    return Finding(match.start, match.end, entity, score, pattern, why, checked)
