"""The compact view: characters set apart, groups of letters and digits, and spelled addresses.

Owns what `joining` does not see because letters are in it: ``z h a n g @ q q . c o m``, ``user [at]
example [dot] com``, ``example。com``, ``MA〇一``; ``codes`` knows the groups (``9111 0108 MA01``).
Refuses prose: characters set apart count only with a digit or an @ among them, words only where
both "at" and "dot" stand.
"""

import re
from collections.abc import Iterator

from gateway.detection.text.codes import grouped, said
from gateway.detection.text.folding import Folded
from gateway.detection.text.gates import Worth
from gateway.detection.text.numerals import CHINESE
from gateway.detection.text.rewriting import Edit, disjoint, extent, rewrite
from gateway.detection.text.settled import NOWHERE, Settled

_SIGNS = "".join(CHINESE)
_SPACERS = " -_.*/|,~\u00b7\n"
_SPREAD = re.compile(
    "|".join(
        rf"(?<![A-Za-z0-9])[!-~](?:{s}(?!{s})[!-~](?![A-Za-z0-9])){{7,}}+"
        for s in map(re.escape, _SPACERS)
    )
)
_PART = r"[A-Za-z0-9_%+-]{1,64}"
_LABEL = r"[A-Za-z0-9-]{1,63}"
_OPEN, _CLOSE = r"[ ]{0,2}[\[({<【〔「]\s{0,2}", r"\s{0,2}[\])}>】〕」][ ]{0,2}"
_AT = rf"(?:{_OPEN}(?:at|@|艾特|圈a){_CLOSE}|[ ]{{0,2}}(?:艾特|圈a)[ ]{{0,2}}|\s{{0,2}}@\s{{0,2}})"
_DOT = rf"(?:{_OPEN}(?:dot|\.|点){_CLOSE}|[ ]{{0,2}}点[ ]{{0,2}}|[ ]dot[ ]|[ ]\.[ ]|\.|。)"
_ADDRESS = re.compile(
    rf"(?<![A-Za-z0-9]){_PART}(?:{_DOT}{_PART}){{0,4}}"
    rf"(?:{_AT}|[ ]at[ ](?={_LABEL}(?:[ ]dot[ ]|点)))"
    rf"{_LABEL}(?:{_DOT}{_LABEL}){{1,5}}(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_AT_SIGN = re.compile(f"{_AT}|[ ]at[ ]", re.IGNORECASE)
_SUFFIX = re.compile(
    r"(?:\.[ ]?(?:com|cn|net|org|edu|gov|info|biz|name|mobi|io|co|me|cc|tv|top|vip|xyz|eu|uk|us|de"
    r"|fr|it|es|nl|ch|se|ru|jp|kr|hk|tw|mo|sg|my|th|in|au|nz|ca|br|mx|za)"
    r"|(?i:(?:[ ]dot[ ]|点)(?:com|cn|net|org|edu|gov|info|io|co|uk|us|hk|tw)))(?![A-Za-z0-9])"
)
_LOOSE_DOT = re.compile(rf"\s{{0,2}}\.\s{{0,2}}|{_DOT}", re.IGNORECASE)
_DOT_SIGN = re.compile(_DOT, re.IGNORECASE)
_OCTET = rf"[0-9{_SIGNS}]{{1,3}}"
_IP = re.compile(
    rf"(?<![0-9{_SIGNS}.]){_OCTET}(?:(?:{_DOT}|\s{{0,2}}\.\s{{0,2}}){_OCTET}){{3}}(?![0-9{_SIGNS}.])",
    re.IGNORECASE,
)
_MIXED = re.compile(rf"(?<![A-Za-z0-9{_SIGNS}])[A-Za-z0-9{_SIGNS}]{{6,64}}+(?![A-Za-z0-9{_SIGNS}])")
_TO_DIGITS = str.maketrans(CHINESE)


def compacted(base: Folded, look: Worth, settled: Settled = NOWHERE) -> Folded | None:
    """Return ``base`` with such parts written together, or None where there is none.

    What stands within a ``settled`` place of the original stays as it is written.
    """
    if not any((look.spread, look.spelled, look.grouped, look.mixed, look.words, look.letters)):
        return None
    text = base.text
    plain = text.translate(_TO_DIGITS) if look.signs else text
    found: list[Edit] = []
    if look.spread:
        found += _spread(plain)
    if look.spelled:
        found += _spelled(text)
    if look.grouped or look.mixed or look.letters or (look.spread and look.signs):
        found += grouped(base, plain, settled)
    if look.words:
        found += said(text)
    if look.mixed:
        found += _mixed(text)
    edits = [
        edit for edit in disjoint(found) if not settled.covers(*extent(base, edit.start, edit.end))
    ]
    return rewrite(base, edits) if edits else None


def _kept(text: str, places: list[int], end: int, written: str | None = None) -> Edit:
    """Return the edit that keeps only the characters at ``places`` of what ends at ``end``."""
    form = "".join([text[at] for at in places]) if written is None else written
    return Edit(places[0], end, form, places, [*places[1:], end])


def _spread(text: str) -> Iterator[Edit]:
    for match in _SPREAD.finditer(text):
        start, end = match.span()
        written = text[start:end:2]
        if not written.isdigit() and any(one.isdigit() or one == "@" for one in written):
            yield _kept(text, list(range(start, end, 2)), end)


def _spelled(text: str) -> Iterator[Edit]:
    for match in _ADDRESS.finditer(text):
        sign = _AT_SIGN.search(text, *match.span())
        if sign is None:
            continue
        is_sure = sign[0] == "@" or sign[0].strip(" \n").lower() not in ("@", "at")
        end = match.end() if is_sure else _end_of_domain(match)
        if sign[0] != "@":
            yield from [Edit(*sign.span(), "@")] if end else []
        yield from _dots(text, match.start(), end)
    for match in _IP.finditer(text):
        written = _LOOSE_DOT.sub(".", match[0]).translate(_TO_DIGITS)
        if written != match[0]:
            yield Edit(match.start(), match.end(), written)


def _end_of_domain(match: re.Match[str]) -> int:
    """Return where the last common suffix ends, 0 for none: prose may be like it."""
    ends = [suffix.end() for suffix in _SUFFIX.finditer(match[0])]
    return match.start() + ends[-1] if ends else 0


def _dots(text: str, start: int, end: int) -> Iterator[Edit]:
    for one in _DOT_SIGN.finditer(text, start, end):
        if one[0] != ".":
            yield Edit(*one.span(), ".")


def _mixed(text: str) -> Iterator[Edit]:
    for match in _MIXED.finditer(text):
        token = match[0]
        if not token.isascii() and not token.isdigit():
            written = token.translate(_TO_DIGITS)
            if sum("0" <= one <= "9" for one in written) >= 5 and _has_ascii_letter(written):
                yield _kept(text, list(range(*match.span())), match.end(), written)


def _has_ascii_letter(text: str) -> bool:
    return any(one.isascii() and one.isalpha() for one in text)
