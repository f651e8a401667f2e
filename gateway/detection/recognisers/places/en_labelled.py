"""What stands directly behind a word for an address: a number and a name, without a street's word.

Owns the words (live at, ship it to, our address is) and how far the address goes behind them.
Refuses a name without a number, and words that go on (moved to 3 Major League teams).
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding
from gateway.detection.recognisers.patterns import Match, Pattern
from gateway.detection.recognisers.places.abroad_lines import line_at
from gateway.detection.recognisers.places.abroad_parts import (
    CODE,
    COUNTRY,
    GAP,
    NAME,
    NUMBER,
    TOWN,
    in_base_letters,
)
from gateway.detection.recognisers.places.en_labels import TOPIC, without_stop
from gateway.detection.recognisers.places.en_parts import TAIL, UK_CODE, UNIT
from gateway.detection.text.view import View

_IT = (
    r"(?: (?:it|this|that|them|everything|me|us|him|her|back|over|off|out|straight|directly)){0,3}"
)
_THING = r"(?: (?:the|my|our|your|his|her|their|a|an|this|these|all) [a-z]+(?: [a-z]+)?)?"
_BY_VERB = (
    r"(?:live|lives|lived|living|reside|resides|resided|residing|stay|stays|stayed|staying|located"
    r"|based|situated|meet|met|house|home|property|apartment|flat|office|resident|visit us|visit me"
    r"|find us|find me|parked|deliver|delivered|delivery|drop|pick up|pickup|collect|stop by|i'm"
    r"|we're"
    r"|i am|we are|is|arrive|arrived|arriving|stopped)"
)
_BY_WAY = (
    r"(?:move|moved|moving|relocate|relocated|relocating|ship|ships|shipped|shipping|send|sends|sent"
    r"|sending|deliver|delivers|delivered|delivery|mail|mailed|mailing|post|posted|forward|forwarded"
    r"|dispatch|dispatched|return|returned|courier|parcel|package|letter|drop|dropped|come|came|go"
    r"|drive|drove|ride|taxi|cab|been|get|bring|take|invoice|addressed)"
)
_LABEL = Pattern(
    rf"\b(?:{_BY_VERB}{_IT}{_THING} at|(?:liv|resid)(?:e|es|ing|ed) in|{_BY_WAY}{_IT}{_THING} to"
    r"|visit(?: us at)?"
    r"|(?:address|residence|domicile|location|billing|shipping|ship to|deliver to|lives|live)"
    r"(?: (?:is|was|to|as|will be|has changed to|changed to|line 1|now))*)"
    r"(?: now)?(?: ?[:=-]{1,2})?[ \n]{1,2}",
    ignore_case=True,
)
_WEAK_LABEL = re.compile(
    r"\A(?:go|been|get|take|bring|is|met|stopped|arriv\w+|find us|based|come|came|visit"
    r"|return\w*)\b",
    re.IGNORECASE,
)
_PLACE = Pattern(rf"^(?:{UNIT}{GAP})?(?:{NUMBER},? {NAME}|{NAME},? {NUMBER})")
_REGION = Pattern(rf"^(?:{GAP}{NAME})?{GAP}{TAIL}\b")
_TOWNS = Pattern(
    rf"^(?:,[ ]{{1,2}}{TOWN}){{1,3}}(?: (?:{CODE}|{UK_CODE}|[0-9]{{3,6}}\b))?(?:{GAP}{COUNTRY}\b)?"
)
_LAST = "(?i:at|to|in|is|was|as|be|now|from|address|visit|residence|billing|shipping|lives?)"
_GATES = (
    rf"(?:\b{_LAST}|[:=-])[ \n]{{1,2}}(?:[A-Z][a-z]* )?[0-9]{{1,5}}[A-Za-z]?,? [A-Z?][a-z?]",
    rf"(?:\b{_LAST}|[:=-])[ \n]{{1,2}}(?:[A-Z?][A-Za-z?'.-]*,? )+[0-9]",
)
"""The last word of a label, a number and a name in either order."""
WORTH = Pattern("|".join(f"(?:{gate})" for gate in _GATES))
_MOST = 200
_TWO_WORDS = re.compile(r"[0-9][0-9A-Za-z/-]*,? [A-Z][A-Za-z'.-]+ [A-Z][a-z]+")
_TAIL = re.compile(r",[ ]{1,3}[A-Z]|\n|[0-9]\D+[0-9]{4}")
_GOES_ON = re.compile(r" (?:[a-z]+s|of|degrees|percent|and [0-9])\b|[%$]")
_A_FEW = re.compile("[0-9] [A-Za-z ]+s")
_NO_NAME = re.compile(
    r"\b(?:Days?|Weeks?|Months?|Years?|Hours?|Minutes?|Countries|States|Cities|People|Persons|Users"
    r"|Customers|Members|Percent|Degrees|Million|Billion|USD|EUR|GBP|RMB|CNY|PM|AM|GMT|UTC|January"
    r"|February|March|April|May|June|July|August|September|October|November|December|Mon|Tue|Wed"
    r"|Thu|Fri|Sat|Sun|Version|Windows|Phase|Level|Step|Page|Section|Chapter|Article|Table|Terminal"
    r"|Gate|Platform|Boxes|Copies|Phone|Order|Room|Stars?|Times|Dollars|Euros|Pounds|Points?|Miles"
    r"|Km|Employees|Branches|Offices|Locations|Stores)\b"
)


def behind_labels(view: View) -> Iterator[Finding]:
    """Yield the addresses directly behind a word for one."""
    if not view.context.all(TOPIC) or not WORTH.occurs(view.ascii):
        return
    text = in_base_letters(view)
    for label in _LABEL.matches(view.ascii):
        for match in _PLACE.matches(text[label.end : label.end + _MOST]):
            start, end = label.end, _end(text, label.end, label.end + match.end)
            place = Match(start, end, text[start:end].decode("ascii"))
            score, why = _weighed(view, label, place)
            yield Finding(start, end, "ADDRESS", score, "behind a label", why)


def _end(text: bytes, start: int, end: int) -> int:
    line = line_at(text, start, end)
    if line.end > line.line:
        return line.end
    behind = text[line.line : line.line + _MOST]
    for pattern in (_REGION, _TOWNS):
        for match in pattern.matches(behind):
            return without_stop(text, line.line + match.end)
    return line.end


def _weighed(view: View, label: Match, place: Match) -> tuple[float, str]:
    tail = _TAIL.search(place.text) is not None
    behind = view.ascii[place.end : place.end + 12].decode("ascii")
    counted = not tail and (_GOES_ON.match(behind) or _A_FEW.fullmatch(place.text))
    if counted or _NO_NAME.search(place.text):
        return WEAK, "behind a word for an address, but a count or a time"
    if tail:
        weak = _WEAK_LABEL.match(label.text) is not None
        return (POSSIBLE if weak else LIKELY), "a number, a name and a town behind a word"
    if _TWO_WORDS.search(place.text) and not _WEAK_LABEL.match(label.text):
        return POSSIBLE, "a number and a name behind a word for an address"
    return WEAK, "a number and a word behind a word for an address"
