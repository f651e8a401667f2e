"""Chinese addresses, whole, down to the room.

Owns where an address begins (a division, a word such as 住址, or the name before a house number)
and how sure it is. Refuses places that are no address: a city or a district by itself, the seat of
a court or an office, a street without a number unless divisions and an estate narrow it down.
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import ClassVar

from gateway.detection.recognisers.base import LIKELY, POSSIBLE, WEAK, Finding, Recogniser
from gateway.detection.recognisers.places.cn_boundary import REACH, name_before
from gateway.detection.recognisers.places.cn_chain import Chain, chain_at
from gateway.detection.recognisers.places.cn_parts import (
    ANCHOR,
    BODY_BEHIND,
    CROSSING,
    DETAILS,
    LABELLED_POSTCODE,
    LANDMARK,
    NAMED,
    STREET_OR_ESTATE,
    Kind,
)
from gateway.detection.recognisers.places.divisions import (
    ABBREVIATIONS,
    division_at,
    division_starts,
)
from gateway.detection.text.view import View, ViewKind

_TOPIC = "CN_ADDRESS"
_LABEL = (
    *("住址", "地址", "现住", "居住地", "居住在", "住在", "家住", "户籍", "户口所在地", "常住"),
    *("寄到", "寄往", "寄至", "送到", "送货", "搬到", "搬至", "收货", "家在", "坐落于", "租住"),
    *("通讯处", "经营场所", "房产位于", "抵押物位于", "房屋位于", "邮寄", "联系地", "门牌"),
    *(
        "人住",
        "他住",
        "她住",
        "我住",
        ",住",
        "东西寄",
        "请寄",
        "票寄",
        "宿舍是",
        "新家",
        "address",
        "addr",
    ),
)
_AFTER_LABEL = re.compile(
    f"(?:{'|'.join(_LABEL)})(?:[地]址)?(?:[是为在到于])?"
    '[ \t]{0,2}[:：="]{0,3}[ \t\n]{0,3}"?(?:中国)?'
)
_CHINESE = re.compile("[\u4e00-\u9fff]")
_SIGN = re.compile("[元间床室号號弄栋幢座层組组楼#邮路街巷村屯庄寓厦苑胡道区园场城嘎]")
_DASHED = re.compile("[\u4e00-\u9fff] ?[0-9]{1,3}[-—][0-9]")
"""One of the two is in everything by which an address begins, but for a word for one."""
_DIVISIONS = frozenset({Kind.DIVISION, Kind.SHORT, Kind.AREA})
_NAMES = frozenset({Kind.NAME})
_STRONG = NAMED | _NAMES


_LEAD_IN = 4
_OF_THE_COUNTY = "县市"
"""In front of a town: people leave out which."""
_LEADS = frozenset("至到往于在从由向为是寄送住达")
_TRIPLE = re.compile("[0-9]{1,2}-[0-9]{1,2}-[0-9]{3,4}")
_LANDMARK = 18


class ChineseAddresses(Recogniser):
    """CN_ADDRESS."""

    ENTITIES = ("CN_ADDRESS",)
    CONTEXT: ClassVar[Mapping[str, tuple[str, ...]]] = {_TOPIC: _LABEL}
    VIEWS = frozenset({ViewKind.FOLDED, ViewKind.DECODED})

    def find(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each address, from its first division to its room."""
        if view.text.isascii() or not is_worth(view):
            return
        if _CHINESE.search(view.text) is None:
            return
        found = False
        for finding in _addresses(view):
            found = found or finding.score >= POSSIBLE
            yield finding
        if "邮" in view.text:
            for code in LABELLED_POSTCODE.finditer(view.text):
                score = POSSIBLE if found else WEAK
                why = "six digits behind the word for a postal code"
                yield Finding(*code.span(1), "CN_ADDRESS", score, "postal code", why)


def is_worth(view: View) -> bool:
    """Say whether an address may begin in a text at all: the quick question before the slow."""
    text = view.text
    if _SIGN.search(text):
        return True
    dashed = b"-" in view.ascii or "—" in text
    return (dashed and _DASHED.search(text) is not None) or bool(view.context.all(_TOPIC))


def _addresses(view: View) -> Iterator[Finding]:
    starts = _Starts(view)
    while (start := starts.take()) is not None:
        chain = chain_at(view.text, start)
        starts.passed = max(starts.passed, chain.end, start + 1)
        finding = _judged(view, chain, start in starts.labelled) if chain.parts else None
        if finding is not None:
            yield finding


class _Starts:
    """Where addresses may begin, in order, but for those that lie within one already found."""

    def __init__(self, view: View) -> None:
        self.text = view.text
        self.passed = 0
        self.labelled: frozenset[int] = frozenset()
        self._sure: deque[int] = deque()
        self._numbers: deque[int] = deque()
        self._named = -1, 0
        labels = bool(view.context.all(_TOPIC))
        if labels or ANCHOR.search(self.text) or STREET_OR_ESTATE.search(self.text):
            if labels:
                found = _AFTER_LABEL.finditer(self.text)
                self.labelled = frozenset(label.end() for label in found)
            crossings = [
                name_before(self.text, crossing.start())
                for crossing in CROSSING.finditer(self.text)
            ]
            starts = self.labelled.union(division_starts(self.text), crossings)
            self._sure.extend(sorted(starts))
            self._numbers.extend(anchor.start() for anchor in ANCHOR.finditer(self.text))

    def take(self) -> int | None:
        """Return the next one, or None."""
        for queue in (self._sure, self._numbers):
            while queue and queue[0] < self.passed:
                queue.popleft()
        sure = self._sure[0] if self._sure else None
        if not self._numbers or (sure is not None and sure + REACH < self._numbers[0]):
            return sure
        named = max(self.passed, self._name(self._numbers[0]))
        if sure is None or (named < sure and not self._is_whole(sure)):
            return named
        return sure if sure < self._numbers[0] else named

    def _name(self, number: int) -> int:
        # The same number is come to again from each of its digits, where there are many of them.
        if self._named[0] != number:
            self._named = number, name_before(self.text, number)
        return self._named[1]

    def _is_whole(self, at: int) -> bool:
        division = division_at(self.text, at, 0)
        return division is not None and division.whole


def _judged(view: View, chain: Chain, labelled: bool) -> Finding | None:
    start, end = _at_division(view.text, _with_abbreviation(view.text, chain)), chain.end
    score, why = _weighed(chain, labelled)
    if score is None:
        return None
    seat = BODY_BEHIND.match(view.text, end) or view.text.endswith("办事处", start, end)
    if seat and not (labelled or chain.count(DETAILS)):
        score, why = WEAK, "the seat of a public body"
    landmark = LANDMARK.search(view.text[max(0, start - _LANDMARK) : start])
    if landmark is not None and chain.count(DETAILS):
        start -= len(landmark.group())
        score = max(score, POSSIBLE)
    if labelled:
        why += "; behind a word for an address"
    return Finding(start, end, "CN_ADDRESS", score, "chain of divisions and parts", why)


def _weighed(chain: Chain, labelled: bool) -> tuple[float | None, str]:
    details, strong = chain.count(DETAILS), chain.count(_STRONG)
    divisions, public = chain.count(_DIVISIONS), chain.count(frozenset({Kind.PUBLIC}))
    if strong and details == 1 and strong == chain.count(_NAMES) and not (labelled or divisions):
        if _is_triple(chain):
            return POSSIBLE, "a name, a building, a unit and a room"
        return WEAK, "a name and one number"
    if details and strong:
        if divisions or labelled or (details > 1 and _numbered(chain)):
            return LIKELY, "a street or an estate, and a number in it"
        sure = strong > 2 or _numbered(chain)
        return (POSSIBLE if sure else WEAK), "a street or an estate, and a number in it"
    if details and public:
        return (POSSIBLE if divisions or labelled else WEAK), "a public place, and a number in it"
    if details:
        return _numbers_only(chain, details, divisions, labelled)
    if labelled and (strong or divisions > 1):
        return (LIKELY if strong and divisions else POSSIBLE), "a place without a number"
    near = strong - chain.count(frozenset({Kind.TOWN}))
    if near and divisions > 1 and strong + divisions > 3:
        return POSSIBLE, "divisions down to a street or an estate"
    return (
        (WEAK, "a place without a number") if divisions and divisions + strong > 1 else (None, "")
    )


def _is_triple(chain: Chain) -> bool:
    name, *_, room = chain.parts
    return (
        name.end - name.start > 2
        and _TRIPLE.fullmatch(chain.text, room.start, room.end) is not None
    )


def _numbered(chain: Chain) -> bool:
    """Say whether a number stands directly behind a name, one that a floor or a count is not."""
    kinds = [part.kind for part in chain.parts]
    for name, detail, behind in zip(kinds[:-1], kinds[1:], [*kinds[2:], None], strict=True):
        if name is Kind.NAME and behind not in DETAILS:
            continue
        if (
            name in _STRONG
            and detail in DETAILS
            and (behind in DETAILS or detail is not Kind.FLOOR)
        ):
            return True
    return False


def _numbers_only(
    chain: Chain, details: int, divisions: int, labelled: bool
) -> tuple[float | None, str]:
    kinds = {part.kind for part in chain.parts}
    inner = kinds & {Kind.BUILDING, Kind.UNIT, Kind.ROOM}
    if len(inner) > 1 or (details > 1 and Kind.ROOM in kinds and divisions):
        return (LIKELY if divisions or labelled else POSSIBLE), "building, unit and room"
    if details > 1 and divisions > 1:
        return (POSSIBLE, "numbers in divisions")
    return (WEAK, "a number in a division") if divisions or labelled else (None, "")


def _at_division(text: str, start: int) -> int:
    """Return where a division begins behind a word that the name before took along (邮寄至北京市).

    An address begins with its largest division, so nothing before one belongs to it.
    """
    if division_at(text, start, 0) is not None or text[start] in ABBREVIATIONS:
        return start
    for at in range(start + 1, start + _LEAD_IN + 1):
        division = division_at(text, at, 0)
        if division is not None:
            # 海南 in 新海南小区 is a part of the estate's name; 河南省 is none.
            return at if division.whole or text[at - 1] in _LEADS else start
    return start


def _with_abbreviation(text: str, chain: Chain) -> int:
    """Return where the chain begins, the one letter of a province (沪, 粤) before it included."""
    at = chain.start
    first = chain.parts[0].kind is Kind.DIVISION
    if not at or (at > 1 and text[at - 2].isalpha()):
        return at
    if (first and text[at - 1] in ABBREVIATIONS) or text[at - 1] in _OF_THE_COUNTY:
        return at - 1
    return at
