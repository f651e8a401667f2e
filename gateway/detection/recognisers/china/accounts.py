"""WECHAT_ID, QQ_NUMBER and ALIPAY_ID: names on the networks of Tencent and Ant.

Owns what each of them allows (WeChat: 6 to 20 characters that begin with a letter; QQ: 5 to 11
digits; Alipay: 16 digits under 2088) and the many ways people write the networks' names. Refuses
plain words: a value of letters only counts where the label is written as one ("微信号：zhangwei").
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, Finding
from gateway.detection.recognisers.china import words
from gateway.detection.recognisers.china.labelled import Kind, LabelledRecogniser
from gateway.detection.recognisers.china.labels import OTHER
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.text.view import View

_WECHAT, _QQ, _ALIPAY = "WECHAT_ID", "QQ_NUMBER", "ALIPAY_ID"
_ID = Pattern(r"[A-Za-z][A-Za-z0-9_-]{5,19}")
_WXID = Pattern(r"wxid_[A-Za-z0-9]{10,18}")
_DIGITS = Pattern(r"[1-9][0-9]{4,10}")
_ALIPAY_UID = Pattern(r"2088[0-9]{12}")
_NOT_NAMES = frozenset(words.NOT_NAMES)
# Asked of twenty characters at most.
_WORD = re.compile(r"[A-Za-z]+")
_LINKS = ("_", "-")
_TIGHT = frozenset(":：=号號是为為")


def _is_name(view: View, match: Match) -> bool:
    """Say whether a token may be somebody's id: no product, no domain, no plain word."""
    after = view.text[match.end : match.end + 2]
    if after[:1] in ("@", "/") or (after[:1] == "." and after[1:].isalnum()):
        return False
    word = _WORD.match(match.text)
    if word and word[0].lower() in _NOT_NAMES and not match.text[word.end() :].startswith(_LINKS):
        return False
    if any(sign.isdigit() or sign in "_-" for sign in match.text):
        return True
    before = view.text[max(0, match.start - 2) : match.start].rstrip()
    return before[-1:] in _TIGHT


def _is_no_address(view: View, match: Match) -> bool:
    """Leave out digits that are the name of a mailbox."""
    return view.text[match.end : match.end + 1] != "@"


class CnAccountRecogniser(LabelledRecogniser):
    """Finds the ids that a word names, and two forms that name themselves."""

    ENTITIES = (_WECHAT, _QQ, _ALIPAY)
    SIGNS = ("wxid_", "2088")
    NAMED = ENTITIES
    NEEDS_DIGITS = False
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {
        _WECHAT: words.WECHAT,
        _QQ: words.QQ,
        _ALIPAY: words.ALIPAY,
        OTHER: words.OTHER,
    }
    KINDS = (
        Kind(_WECHAT, _ID, "letter and 5 to 19 more", 8, accepts=_is_name),
        Kind(_WECHAT, _DIGITS, "digits", 4, accepts=_is_no_address, score=POSSIBLE),
        Kind(_QQ, _DIGITS, "5 to 11 digits", 8, accepts=_is_no_address),
        Kind(_ALIPAY, _ALIPAY_UID, "2088 and 12 digits", 12),
    )

    def find(self, view: View) -> Iterator[Finding]:
        """Yield what a word names, then what needs none."""
        yield from super().find(view)
        text = view.ascii
        if b"wxid_" in text:
            for match in _WXID.standing_alone(text):
                yield Finding(match.start, match.end, _WECHAT, LIKELY, "wxid", "form is WeChat's")
        if b"2088" in text:
            for match in _ALIPAY_UID.standing_alone(text):
                yield Finding(match.start, match.end, _ALIPAY, POSSIBLE, "2088", "form is Alipay's")
