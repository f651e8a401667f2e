"""English names of organisations: capitalised words and a legal form, or an employer by context.

Owns both patterns. Refuses a lone capitalised word without either.
"""

from collections.abc import Iterator

from gateway.detection.recognisers.base import LIKELY, WEAK, Finding
from gateway.detection.recognisers.patterns import Pattern

FORMED = 0.7
_WORD = r"[A-Z][A-Za-z0-9?'&.+-]{0,24}"
_NAME = rf"{_WORD}(?: {_WORD}){{0,4}}(?:, {_WORD}){{0,2}}(?:,? (?:and|&) {_WORD}(?: {_WORD})?)?"
_FORMS = (
    r"Inc|LLC|L\.L\.C|Ltd|LTD|Limited|Corp|Corporation|PLC|plc|Plc|LLP|L\.P|GmbH|S\.A|N\.A|"
    r"Incorporated|INC|CORP|Pvt|PVT|Pty"
)
_PLAIN_FORMS = (
    "Bank|University|College|Hospital|Group|Holdings|Partners|Associates|Company|Credit Union|"
    "Foundation|Institute|and Sons|& Sons|and Co|& Co"
)
_FORM = Pattern(
    rf"\b{_NAME},? (?:(?:Pty|Pvt|PVT|Co)\.? ?,? ?)?(?:{_FORMS})\b\.?|\b{_NAME} & Co\b\.?"
)
_PLAIN = Pattern(rf"\b(?:{_NAME} (?:{_PLAIN_FORMS})\b|(?:University|Bank|College) of {_NAME})")
_EMPLOYER = Pattern(
    r"\b(?:[Ww]ork(?:s|ed|ing)? (?:at|for)|[Ee]mployed (?:by|at|with)|"
    r"[Ee]mployer(?: name)?(?: is| was|:)|"
    r"[Ww]orkplace:?|[Jj]ob at|Company(?: name)?:) (?:the )?"
)
_NAMED = Pattern(rf"^{_NAME}(?: of {_WORD}(?: {_WORD})?)?")
_LEADING = Pattern(
    r"^(?:(?:The|At|By|From|In|For|And|Employer|Company|Of|With|Dear|To|On|Works?|Is|Attn)[ :]+)+"
)
_NO_EMPLOYER = (
    *("Mr", "Mrs", "Ms", "Dr", "I ", "EIN", "Identification", "ID ", "Unknown", "None", "N/A"),
)
_MOST = 200
EMPLOYER_WORDS = (
    *("employer", "works at", "work at", "works for", "work for", "worked at", "worked for"),
    *("employed by", "employed at", "employed with", "company", "workplace", "working at"),
    *("working for", "job at"),
)
GATES = (
    rf"\b(?:{_FORMS}|{_PLAIN_FORMS})\b",
    r"(?i)\b(?:work(?:s|ed|ing)? (?:at|for)|employed |employer|job at|workplace|company)",
)


def formed(text: bytes) -> Iterator[Finding]:
    """Yield the names with a form in the ASCII form of a view."""
    for pattern, score, name in ((_FORM, FORMED, "legal form"), (_PLAIN, WEAK, "plain form")):
        for match in pattern.matches(text):
            prose = next(_LEADING.matches(match.text.encode()), None)
            start = match.start + (prose.end if prose else 0)
            yield Finding(
                start, match.end, "ORGANIZATION", score, name, "capitalised words and a form"
            )


def employers(text: bytes) -> Iterator[Finding]:
    """Yield what is named as an employer."""
    for word in _EMPLOYER.matches(text):
        for match in _NAMED.matches(text[word.end : word.end + _MOST]):
            if not match.text.startswith(_NO_EMPLOYER):
                end = word.end + len(match.text.rstrip(".,"))
                why = "behind a word for an employer"
                yield Finding(word.end, end, "ORGANIZATION", LIKELY, "employer", why)
