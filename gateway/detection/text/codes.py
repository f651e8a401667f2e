"""Codes of letters and digits that were written in groups or said: ``9111 0108 MA01``, ``N L two``.

Owns which groups may be one credit code, account number of IBAN's form, passport or plate, by
lengths and places of letters; recognisers check what comes of it. Refuses more than twenty groups,
and to look for a code within a longer row of them: the cost would be a square.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.detection.text.folding import Folded
from gateway.detection.text.numerals import FILL, readable
from gateway.detection.text.rewriting import Edit, extent
from gateway.detection.text.settled import Settled

_GAP = r"(?: ?[\-_./*~|\\\u00b7点杠] ?| {1,3}|\r?\n)"
_GROUP = "[A-Z0-9oil]{1,9}(?![A-Za-z0-9])"
_ROW = re.compile(rf"(?<![A-Za-z0-9]){_GROUP}(?:{_GAP}{_GROUP}){{1,19}}+")
_ONE = re.compile("[A-Z0-9oil]+")
_WHOLE = re.compile("(?<![A-Za-z0-9])(?:[0-9A-Zoil]{18}|[CEGHLMTW][0-9OIoil]{8})(?![A-Za-z0-9])")
_SIGN = "[0-9A-Zoil]"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(rf"[{_PROVINCES}]{_GAP}?[A-HJ-Z](?:{_GAP}?{_SIGN}){{5,6}}+(?![A-Za-z0-9])")
_SAID = re.compile(
    rf"(?<![A-Za-z0-9])(?:[A-Z]{{1,4}}(?![A-Za-z0-9])|[0-9]{FILL}*)"
    rf"(?:[ \-]{{1,2}}(?:[A-Z]{{1,4}}(?![A-Za-z0-9])|[0-9]{FILL}*)){{8,40}}+"
)
_PART = re.compile(f"[A-Z0-9]+{FILL}*")
_DOCUMENT, _CREDIT_CODE, _SHORTEST_IBAN, _LONGEST_IBAN, _WORD = 9, 18, 15, 34, 2


_LETTER_O_OR_I = frozenset("OIoil")
_GLUED = "IBAN"
_ALL = str.maketrans("OIoil", "01011")
_SMALL = str.maketrans("oil", "011")
_NO_CREDIT_CODE = str.maketrans("OISZ", "0152")
"""Letters that credit codes do not have, and the digits that they look like."""


class _Group(NamedTuple):
    start: int
    end: int
    written: str


def grouped(base: Folded, text: str, settled: Settled) -> Iterator[Edit]:
    """Yield the codes of ``base`` that are written in groups; not those that are ``settled``.

    ``text`` is that of ``base``, sign for sign, with digits for what may stand for them.
    """
    for row in _ROW.finditer(text):
        groups = [_Group(*one.span(), one[0]) for one in _ONE.finditer(text, *row.span())]
        code = _code(groups)
        if code and not settled.covers(*extent(base, code[0].start, code[-1].end)):
            yield _edit(code)
    for whole in _WHOLE.finditer(text):
        code = [_Group(*whole.span(), whole[0])]
        if _is_code(_written(code)) and _written(code) != whole[0]:
            yield _edit(code)
    for plate in _PLATE.finditer(text):
        places = [
            at for at in range(*plate.span()) if text[at].isalnum() and text[at] not in "点杠"
        ]
        signs = [_Group(at, at + 1, text[at]) for at in places]
        if len(signs) < len(plate[0]) or not _LETTER_O_OR_I.isdisjoint(plate[0]):
            yield _edit([one._replace(written=one.written.translate(_ALL)) for one in signs])


def said(text: str) -> Iterator[Edit]:
    """Yield the codes whose digits are words."""
    read = readable(text, words=True, letters=False, tags=False)
    for row in _SAID.finditer(read):
        groups = [
            _Group(*one.span(), one[0].rstrip(FILL)) for one in _PART.finditer(read, *row.span())
        ]
        if code := _code(groups):
            yield _edit(code)


def _code(groups: Sequence[_Group]) -> Sequence[_Group]:
    """Return the groups without the words in capitals around them, empty where they are no code."""
    first, last = 0, len(groups)
    while first < last and len(groups[first].written) > _WORD and groups[first].written.isalpha():
        first += 1
    while (
        last > first
        and len(groups[last - 1].written) > _WORD
        and groups[last - 1].written.isalpha()
    ):
        last -= 1
    code = [_without_label(groups[first]), *groups[first + 1 : last]] if first < last else []
    return code if len(code) > 1 and _is_code(_written(code)) else ()


def _without_label(group: _Group) -> _Group:
    """Leave out the word that a number is glued to: ``IBANNL06 ABNA``."""
    if not group.written.startswith(_GLUED) or group.written == _GLUED:
        return group
    return _Group(group.start + len(_GLUED), group.end, group.written[len(_GLUED) :])


def _written(code: Sequence[_Group]) -> str:
    written = "".join([one.written for one in code]).translate(_SMALL)
    if len(written) == _DOCUMENT:
        return written[0] + written[1:].translate(_ALL)
    return written.translate(_NO_CREDIT_CODE) if len(written) == _CREDIT_CODE else written


def _is_code(written: str) -> bool:
    """Say whether it may be a credit code, an account number of IBAN's form or a passport."""
    letters = sum(map(str.isalpha, written))
    digits = len(written) - letters
    if not letters or digits < 6:
        return False
    if letters <= 2 and 7 <= digits <= 9 and written[:letters].isalpha():
        return True
    is_iban = written[:2].isalpha() and written[2:4].isdigit()
    if len(written) == _CREDIT_CODE and not is_iban:
        return True
    return is_iban and _SHORTEST_IBAN <= len(written) <= _LONGEST_IBAN


def _edit(code: Sequence[_Group]) -> Edit:
    """Return the edit that leaves nothing between the groups."""
    starts: list[int] = []
    for one in code:
        starts += [*range(one.start, one.start + len(one.written))]
    end = code[-1].end
    return Edit(code[0].start, end, _written(code), starts, [*starts[1:], end])
