"""Addresses of Europe and Latin America in a text of any language: a street's line and its town.

Owns what must speak for them without a word for an address near: a street's word, a flat, or a
postal code and a town. Refuses a number and a capitalised word with none of these; those directly
behind a word for an address are ``en_labelled``'s.
"""

import re
from collections.abc import Iterator

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding
from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.recognisers.places.abroad_lines import Line, lines
from gateway.detection.recognisers.places.abroad_parts import (
    COUNTRY,
    OTHER_BEFORE,
    OTHER_ENDS,
    SURE_BEFORE,
    SURE_ENDS,
    TOWN,
    in_base_letters,
)
from gateway.detection.recognisers.places.en_labels import labelled
from gateway.detection.recognisers.places.en_parts import one_of
from gateway.detection.text.view import View

_SURE_STARTS = frozenset(SURE_BEFORE.split())
_STARTS = _SURE_STARTS.union(OTHER_BEFORE.split())
_SURE_TAILS = (*SURE_ENDS.split(), "str")
_TAILS = (*_SURE_TAILS, *(end for end in OTHER_ENDS.split() if len(end) > 3), "weg", "vei")
_WORDS = re.compile(r"[A-Za-z/']+")
_UNIT = re.compile(r"\b(?:Apt|Apartment|Suite|Unit|Flat|Ste|Building|Bldg)\.? ?#?[0-9]")
_ON = (
    r" (?:in|on|at|by|for|from|to|and|is|was|has|but|or|before|until|today|tomorrow|please|when"
    r"|where|as|since|because|with|near|this|that|if|so|next|last|after)\b"
)
_TOWN_BEHIND = re.compile(rf",[ ]{{1,2}}{TOWN}(?=[.,;)\n?!]|\Z|{_ON})")
_TOWN_REACH = 60
_NO_STREET_WORDS = """
January February March April May June July August September October November December Jan
Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Monday Tuesday Wednesday Thursday Friday
Saturday Sunday Article Section Chapter Table Figure Fig Page Part Version Line Act Rule
Volume Vol Order Invoice Total Flight Row Step Level Grade Class Phase Group Team Score
Note Item Clause Paragraph Schedule Appendix Annex Case Docket Account Loan Ticket Amount
Balance Code Model Type Size Year Week Day Days Hours Minutes Id ID Ref Phone Tel Fax
Error Port GMT UTC EUR USD Inc Ltd LLC Windows Release Build Number Age Sec Vs Game Quarter
The In On At And Of By For From To A An This That He She It We They You I Is Was
"""
_NO_STREET = frozenset(_NO_STREET_WORDS.split())
_YEAR = re.compile(r"(?<![0-9-])(?:19|20)[0-9]{2}(?![0-9-])")
_UPPER = re.compile(r"[A-Z]{2,4}\Z")
_CODED = re.compile(r"[0-9]{4}|[0-9]{3} [0-9]{2}\b|[0-9]{2}-[0-9]{3}")
GATES = (
    r"[^0-9](?:[0-9]{4,6}|[0-9]{5}-?[0-9]{3}|[0-9]{3} [0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4}-[0-9]{3}"
    r"|[0-9]{4} ?[A-Z]{2}),?[ \n][A-Z?][A-Za-z?]",
    r"[a-z?],?[ \n][0-9]{5}(?:[^0-9]|$)",
    rf"(?s)[0-9].*[,\n] ?{COUNTRY}\b",
    rf"(?i)\b{one_of(SURE_BEFORE)}[. ]",
    r"\b(?:Via|Av|Avda|Plaza|Place|[Cc]/) ?[.A-Z?][^0-9]*[0-9]",
    rf"(?i)(?:{one_of(SURE_ENDS + ' str')}|stra\?e|v\?gen|gr\?nd|s\?t\?ny|k\?r\?t)\.?,? [0-9]",
    r"(?i)[0-9].*\b(?:apt|apartment|suite|unit|flat|ste|building|bldg)\b\.? ?#?[0-9]",
    rf"(?i)[0-9] [a-z?. -]+(?:{one_of(SURE_ENDS)})\b",
)
WORTH = Pattern("|".join(f"(?:{gate})" for gate in GATES))


def abroad(view: View) -> Iterator[Finding]:
    """Yield the addresses of these countries in ``view``; those that may be by chance score low."""
    if not WORTH.occurs(view.ascii):
        return
    text = in_base_letters(view)
    for line in lines(text):
        if line.end > line.line:
            score, why = _with_town(view, line)
            yield Finding(line.start, line.end, "ADDRESS", score, "street, code and town", why)
        elif (behind := _town_behind(text, line)) and _begins_as_street(line):
            why = "a street's word, a number and a town"
            yield Finding(line.start, behind, "ADDRESS", POSSIBLE, "street abroad", why)
        elif _is_street(line, _SURE_STARTS, _SURE_TAILS) or _UNIT.search(line.street):
            score, why = _alone(view, line)
            end = behind or line.end
            yield Finding(line.start, end, "ADDRESS", score, "street abroad", why)


def _town_behind(text: bytes, line: Line) -> int:
    """Return where the town behind a comma ends, or 0."""
    behind = text[line.end : line.end + _TOWN_REACH]
    if not behind.startswith(b", "):
        return 0
    match = _TOWN_BEHIND.match(behind.decode("ascii"))
    return line.end + match.end() if match else 0


def _begins_as_street(line: Line) -> bool:
    word = line.text.split(" ", 1)[0].rstrip(".").lower()
    return len(word) > 2 and word in _STARTS and not _is_counted(line)


def _is_street(line: Line, starts: frozenset[str], tails: tuple[str, ...]) -> bool:
    words = _WORDS.findall(line.street.lower())
    return not starts.isdisjoint(words[:-1]) or any(word.endswith(tails) for word in words)


def _with_town(view: View, line: Line) -> tuple[float, str]:
    if _is_street(line, _SURE_STARTS, _SURE_TAILS) or _UNIT.search(line.street):
        return LIKELY, "a street or a flat, a number, and a town"
    if _is_street(line, _STARTS, _TAILS) and not _is_counted(line):
        return LIKELY, "a word that may be a street's, a number, and a town"
    if labelled(view, line.start):
        return LIKELY, "a name, a number and a town behind a word for an address"
    if _is_by_chance(line):
        return WEAK, "a name, a number and a town that may be something else"
    return POSSIBLE, "a name and a number, a postal code and a town"


def _is_counted(line: Line) -> bool:
    return not _NO_STREET.isdisjoint(_WORDS.findall(line.text))


def _is_by_chance(line: Line) -> bool:
    return bool(
        _is_counted(line)
        or _YEAR.search(line.text)
        or _UPPER.search(line.text)
        or not _CODED.search(line.text, line.line - line.start)
    )


def _alone(view: View, line: Line) -> tuple[float, str]:
    if labelled(view, line.start):
        return LIKELY, "a street and a number behind a word for an address"
    if _is_counted(line) or _YEAR.search(line.text):
        return WEAK, "a street and what may be a year"
    return POSSIBLE, "a street's word and a number"
