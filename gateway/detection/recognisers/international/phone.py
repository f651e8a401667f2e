"""PHONE_NUMBER: telephone numbers of any country, by country code, by form or by label.

Owns the order of the forms and the extension behind a number. Refuses digits without separator or
label (but for +, and Britain's mobiles), and the mainland's mobile numbers where they stand bare:
those have a recogniser of their own.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.international import phone_forms as forms
from gateway.detection.recognisers.international.labels import label_of
from gateway.detection.recognisers.international.neighbours import (
    digit_before,
    digit_behind,
    glued_before,
    glued_behind,
    in_a_row,
    is_amount,
    joined,
)
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.recognisers.quantities import counts_something
from gateway.detection.text.view import View

_TOPIC = "PHONE_NUMBER"
_EXTENSION = re.compile(
    r" {0,2},? ?(?:x|ext|extn|extension|#|分机号|分机|转) {0,2}[.:]?[ #]?[0-9]{1,6}"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_BEGINS_EXTENSION = frozenset(" ,xXeE#分转")
_MAINLAND_MOBILE = re.compile("(?:86)?1[3-9][0-9]{9}")
_MAINLAND_CODED = re.compile("861[3-9][0-9]{9}")
_LIST_NUMBER = re.compile("(?<=[0-9]{4}) [0-9]{1,2}$")
_BEHIND_LIST_NUMBER = (b")", b".", b"?")
_DECIMAL = re.compile(r"\+ ?[0-9]{1,3}\.[0-9]{5,}\Z")
_NAMED = 0.85
_ASIDE = 0.05
"""What a number of the mainland loses here, so that its own recogniser names it."""


class PhoneNumberRecogniser(Recogniser):
    """Finds telephone numbers, with their extension."""

    ENTITIES = (_TOPIC,)
    SHAPES = ("0(?:[ .()/-]{0,3}0){6}",)
    # Everything but digits of a length that no telephone number has, or that are a mobile number of
    # the mainland.
    GATES = (
        r"[+]|[0-9][ .()/-]{1,3}[0-9]",
        r"(?:^|[^0-9])(?:[0-9]{7,10}|[02-9][0-9]{10}|1[0-2][0-9]{9}|[0-9]{12,15})(?:[^0-9]|$)",
    )
    CONTEXT: ClassVar = {
        _TOPIC: (
            "phone",
            "phones",
            "phone number",
            "phone no",
            "telephone",
            "tel",
            "tel no",
            "mobile",
            "mobile number",
            "cell",
            "cellphone",
            "cell phone",
            "fax",
            "call",
            "called",
            "calls",
            "calling",
            "call me",
            "contact number",
            "contact no",
            "contact",
            "contact details",
            "whatsapp",
            "ring",
            "rang",
            "dial",
            "dialled",
            "dialed",
            "landline",
            "hotline",
            "reach me at",
            "reached at",
            "reach him at",
            "reach her at",
            "reach",
            "reached",
            "my number",
            "new number",
            "old number",
            "his number",
            "her number",
            "their number",
            "sms",
            "text me",
            "voicemail",
            "ph",
            "mob",
            "电话",
            "电话号码",
            "手机",
            "手机号",
            "手机号码",
            "移动电话",
            "座机",
            "固话",
            "固定电话",
            "联系方式",
            "联系电话",
            "联络电话",
            "致电",
            "来电",
            "去电",
            "拨打",
            "传真",
            "電話",
            "手機",
            "聯絡電話",
        )
    }
    _MARKED = Pattern(
        "|".join((forms.INTERNATIONAL, forms.DOUBLE_ZERO, forms.OTHER, forms.NANP, forms.TRUNK))
    )
    _UNMARKED = Pattern(forms.UNMARKED)

    def find(self, view: View) -> Iterator[Finding]:
        """Yield the numbers in a known form, and where a label stands those in any."""
        found: set[int] = set()
        for match in self._MARKED.matches(view.ascii):
            if finding := _marked(view, match):
                found.update((finding.start, match.end))
                yield finding
        if view.context.all(_TOPIC):
            for found_one in self._UNMARKED.matches(view.ascii):
                match = _without_list_number(view.ascii, found_one)
                known = match.end in found or match.start in found
                if not known and (finding := _unmarked(view, match)):
                    yield finding


def _marked(view: View, match: Match) -> Finding | None:
    if match.text.startswith(("+", "(+")) or (match.text[:2] == "00" and match.text[2].isdigit()):
        return _international(view, match)
    if not _free(view, match.start, match.end):
        return None
    score = forms.domestic_score(view.ascii, match)
    label = label_of(view, (_TOPIC,), match.start, match.end)
    if label and not forms.is_date(match.text) and _is_long_enough(match.text):
        # The mainland's recognisers know its landlines, which begin with 0, better.
        score = LIKELY if "0" in match.text[:2] else _NAMED
    elif not label and _cut_off(view, match):
        return None
    if _is_service(view, match):
        score = WEAK
    why = f"form of a country's plan; near {label.word}" if label else "form of a country's plan"
    return _finding(view, match.start, match.end, score, "domestic", why)


def _international(view: View, match: Match) -> Finding | None:
    if _DECIMAL.match(match.text):
        return None
    length = forms.international_length(match.text)
    end = match.start + length
    if not length or not _free(view, match.start, end):
        return None
    digits = forms.digits_of(match.text[:length]).lstrip("0")
    score = LIKELY
    if match.text[0] == "0" and not label_of(view, (_TOPIC,), match.start, end):
        separated = len(match.text[2:length].strip(" -0123456789")) or "-" in match.text[:length]
        score = POSSIBLE if separated or " " in match.text[:length] else WEAK
    if _MAINLAND_CODED.fullmatch(digits):
        score -= _ASIDE
    return _finding(view, match.start, end, score, "country code", "code of a country")


def _without_list_number(text: bytes, match: Match) -> Match:
    """Return the match without the number of the next item: ``... 8148 2) phone``."""
    item = _LIST_NUMBER.search(match.text)
    if item is None or text[match.end : match.end + 1] not in _BEHIND_LIST_NUMBER:
        return match
    return Match(match.start, match.start + item.start(), match.text[: item.start()])


def _unmarked(view: View, match: Match) -> Finding | None:
    text = view.ascii
    if digit_before(text, match.start) or digit_behind(text, match.end):
        return None
    if _MAINLAND_MOBILE.fullmatch(forms.digits_of(match.text)) or _cut_off(view, match):
        return None
    if match.text.isdigit():
        if counts_something(view, match.end) or forms.is_date(match.text):
            return None
    elif _is_decimal(match.text) or forms.is_date(match.text):
        return None
    label = label_of(view, (_TOPIC,), match.start, match.end)
    if label is None or not _free(view, match.start, match.end):
        return None
    in_table = in_a_row(view.ascii, match.start, match.end)
    score = POSSIBLE if in_table else LIKELY - _ASIDE
    score = WEAK if _is_service(view, match) else score
    return _finding(view, match.start, match.end, score, "digits", f"near {label.word}")


def _is_service(view: View, match: Match) -> bool:
    """Say whether it is a company's number in a Chinese text: 400 or 800, and seven digits."""
    return not view.text.isascii() and forms.is_service(match.text)


def _is_long_enough(text: str) -> bool:
    return len(forms.digits_of(text)) >= forms.LEAST_DIGITS


def _is_decimal(text: str) -> bool:
    """Say whether it is a decimal, or the address of a computer."""
    whole, point, part = text.partition(".")
    if not point or not whole.isdigit():
        return False
    if part.isdigit():
        return len(part) != 4
    octets = text.split(".")
    return len(octets) == 4 and all(one.isdigit() and int(one) <= 255 for one in octets)


def _free(view: View, start: int, end: int) -> bool:
    """Say whether no longer number or amount goes on at either side."""
    text = view.ascii
    if digit_before(text, start) or digit_behind(text, end) or is_amount(text, start):
        return False
    if glued_before(text, start):
        label = label_of(view, (_TOPIC,), start, end)
        if label is None or not label.touches:
            return False
    return not glued_behind(text, end) or _extension_end(view.text, end) > end


def _extension_end(text: str, end: int) -> int:
    """Return where the extension behind a number ends; ``end`` where there is none."""
    if text[end : end + 1] not in _BEGINS_EXTENSION:
        return end
    match = _EXTENSION.match(text, end)
    return match.end() if match else end


def _cut_off(view: View, match: Match) -> bool:
    return joined(view.ascii, match.start, match.end)


def _finding(view: View, start: int, end: int, score: float, form: str, why: str) -> Finding:
    extended = _extension_end(view.text, end)
    if extended > end:
        score = max(score, LIKELY) if score > WEAK else score
    return Finding(start, extended, _TOPIC, score, form, why)
