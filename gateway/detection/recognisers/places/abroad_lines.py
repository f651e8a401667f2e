"""A street's line of Europe or Latin America and what belongs to it: flat, code, town, country.

Owns where a line begins and ends, in small patterns one behind the other: one for all of it would
outgrow RE2's memory. Refuses to judge whether it is an address.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from gateway.detection.recognisers.patterns import Pattern
from gateway.detection.recognisers.places.abroad_parts import (
    CODE,
    COUNTRY,
    DETAIL,
    GAP,
    NAME,
    NUMBER,
    OTHER_BEFORE,
    OTHER_ENDS,
    REGION,
    SURE_BEFORE,
    SURE_ENDS,
    TOWN,
)
from gateway.detection.recognisers.places.en_labels import without_stop
from gateway.detection.recognisers.places.en_parts import one_of

_REACH = 160
"""What belongs to a line ends at most so far behind it."""
_ENDS = one_of(f"{SURE_ENDS} {OTHER_ENDS}")
_STREET = rf"{NAME}(?: (?:[a-z]+ )?[a-z]*{_ENDS}\b\.?)?"
_NAME_FIRST = Pattern(rf"\b(?:[a-z/]+\.? ){{0,4}}(?:[Cc]/ ?)?{_STREET},? (?:{NUMBER}|[Ss]/[Nn]\b)")
_NUMBER_FIRST = Pattern(
    rf"\b{NUMBER}(?: ?bis\b| ?ter\b)?,? (?:[a-z/]+\.? ){{0,4}}{_STREET}(?: [0-9]{{1,3}}[A-Z]?\b)?"
)
_UNNUMBERED = Pattern(
    rf"\b(?i:{one_of(SURE_BEFORE + ' avenue place via quai')})[. ](?:[a-z]+ ){{0,3}}{NAME}"
    rf"{GAP}{CODE}(?:,? |,?\n){TOWN}"
)
_FLAT = Pattern(rf"^{DETAIL}")
_CODE_AND_TOWN = Pattern(rf"^(?:{GAP}{TOWN})?{GAP}{CODE}(?:,? |,?\n){TOWN}{REGION}")
_TOWN_AND_CODE = Pattern(
    rf"^(?:{GAP}{TOWN}){{1,2}}(?:[ \n]{{0,2}},? ?[A-Z]{{2,3}}\b)?"
    rf"(?:[ ,\n]{{1,4}}{TOWN}(?: and {TOWN})?)?(?:,? |,?\n){CODE}"
)
_COUNTRY_BEHIND = Pattern(rf"^{GAP}{COUNTRY}\b(?:,? {CODE})?")
_TOWN_AND_COUNTRY = Pattern(rf"^(?:{GAP}{TOWN}){{1,2}}{GAP}{COUNTRY}\b(?:,? {CODE})?")
_TOWN_ONLY = Pattern(rf"^ {TOWN}")
_STARTS = frozenset(f"{SURE_BEFORE} {OTHER_BEFORE}".split())
_CUTS = frozenset(f"{SURE_BEFORE} via av avenue ave plaza avda place".split())
"""Within a line these begin the street: what stands before is somebody's name."""
_PROSE = re.compile(
    r"(?:(?:Visited|Visit|At|To|From|In|On|Of|Address|Home|Live|Lives|Please|Moved|Dear|Attn|And"
    r"|But|For|Ship|Send|Deliver|Is|Hi|Hello|Was|Has|Mr|Mrs|Ms|Dr|Contact|Office|Our|My|New)\.?"
    r"[ ,:]+)+"
)
_BEHIND_IT = re.compile(
    r"(?:[ ,\n]+(?:Phone|Tel|Telephone|Mobile|Email|E-mail|Fax|Please|Thanks|Thank|Dear|Attn|Ref"
    r"|Order|Customer|Contact|Regards|Name|Date|Account|DOB|SSN|ID|PS|Note|And|The|He|She|It|We"
    r"|Cell|Kind|Best|Sincerely|Yours|Call|Ask|If|When|But|My|Our|This|That)\.?)+\Z"
)
_CODE_FIRST = re.compile(r", [0-9]{4,6}\Z")


class Line(NamedTuple):
    """``text`` from ``start`` to ``end``: the street's line ends at ``line``, then its town."""

    start: int
    line: int
    end: int
    text: str

    @property
    def street(self) -> str:
        """The street's line by itself."""
        return self.text[: self.line - self.start]


def lines(text: bytes) -> Iterator[Line]:
    """Yield all lines of a number and a name, with what belongs to them."""
    for match in _NAME_FIRST.matches(text):
        start = match.start + _begin(match.text)
        yield line_at(text, start, match.end)
    for match in _NUMBER_FIRST.matches(text):
        if _is_one(match.text):
            yield line_at(text, match.start, match.end)
    for match in _UNNUMBERED.matches(text):
        yield Line(match.start, match.end - 1, match.end, match.text)


def line_at(text: bytes, start: int, end: int) -> Line:
    """Return the line from ``start`` to ``end`` and the flat, town and country behind it."""
    behind = text[end : end + _REACH]
    line = end + _length(_FLAT, behind)
    behind = behind[line - end :]
    size = _length(_CODE_AND_TOWN, behind) or _length(_TOWN_AND_CODE, behind)
    if not size and _CODE_FIRST.search(text[start:line].decode("ascii")[-8:]):
        size = _length(_TOWN_ONLY, behind)
    if size:
        size += _length(_COUNTRY_BEHIND, behind[size:])
    else:
        size = _length(_TOWN_AND_COUNTRY, behind)
    return _trimmed(text, start, line, line + size)


def _trimmed(text: bytes, start: int, line: int, end: int) -> Line:
    said = text[start:end].decode("ascii")
    tail = _BEHIND_IT.search(said[-_REACH:])
    if tail is not None:
        end -= len(tail.group())
    end = without_stop(text, end)
    line = min(line, end)
    return Line(start, line, end, text[start:end].decode("ascii"))


def _length(pattern: Pattern, text: bytes) -> int:
    return pattern.first_end(text)


def _begin(text: str) -> int:
    """Return how many characters of a match are words of the sentence before the street."""
    at = start = 0
    small, last = True, ""
    words = text.split(" ")
    for word, behind in pairwise(words):
        key = word.rstrip(".").lower()
        small = small and word.islower()
        begins = key in (_STARTS if small else _CUTS) and behind[:1].isalpha()
        if begins and last != "Gran":
            return at
        at, last = at + len(word) + 1, word
        start = at if small else start
    prose = _PROSE.match(text, start)
    return prose.end() if prose is not None else start


def _is_one(text: str) -> bool:
    """Say whether the small words between a number and a name are those of a street."""
    words = text.replace(",", " ").split()[1:]
    small = next((word for word in words if not word[0].isdigit()), "")
    return not small.islower() or small.rstrip(".") in _STARTS or small in {"bis", "ter"}
