"""Chains of parts: an address from where it begins down to the room.

Owns the order of the parts and what may stand between them. Refuses to begin by itself: the caller
says where. A chain looks at each character a bounded number of times and ends at the first place
where no part fits.
"""

from gateway.detection.recognisers.places.cn_parts import (
    BARE_NAME,
    BARE_ROOM,
    BASEMENT,
    BESIDE,
    CROSSING,
    DASHED_ROOM,
    DETAIL,
    DETAILS,
    HINT,
    IN_A_VILLAGE,
    INNER_NAME,
    LETTER,
    LOWER_NAME,
    NAME,
    NAME_AND_ROOM,
    NAMED,
    NO_NAME,
    NUMBERED_NAME,
    POSTCODE,
    SEPARATOR,
    SPOKEN_ROOM,
    WITHIN,
    Kind,
    Part,
)
from gateway.detection.recognisers.places.divisions import division_at

_MOST_PARTS = 24
_A_NAME_ITSELF = 3
"""A suffix so long is a name: 软件园, 开发区."""
_DIVISIONS = frozenset({Kind.DIVISION, Kind.SHORT, Kind.AREA})
_STRONG = NAMED | {Kind.PUBLIC, Kind.NAME}
_BEFORE_A_ROOM = DETAILS | {Kind.ESTATE, Kind.NAME}


class Chain:
    """The parts of an address so far, and where the text goes on."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = self.end = start
        self.parts: list[Part] = []
        self.level = 0

    @property
    def last(self) -> Kind | None:
        """The kind of the last part."""
        return self.parts[-1].kind if self.parts else None

    def count(self, kinds: frozenset[Kind]) -> int:
        """Return how many parts are of one of the kinds."""
        return sum([part.kind in kinds for part in self.parts])

    def take(self, kind: Kind, start: int, end: int) -> bool:
        """Add a part."""
        self.parts.append(Part(kind, start, end))
        self.end = end
        return True


def chain_at(text: str, start: int) -> Chain:
    """Return the longest chain from ``start``; it may be empty."""
    chain = Chain(text, start)
    while len(chain.parts) < _MOST_PARTS and _grow(chain):
        pass
    if chain.count(DETAILS):
        for tail in (BESIDE, HINT, POSTCODE):
            behind = tail.match(text, chain.end)
            if behind is not None:
                chain.end = behind.end()
    return chain


def _grow(chain: Chain) -> bool:
    at, hard = chain.end, False
    if chain.parts:
        between = SEPARATOR.match(chain.text, at)
        if between is not None and between.end() > at:
            hard = not between.group().isspace() or "\n" in between.group()
            at = between.end()
    within = WITHIN.match(chain.text, at) if chain.last in _STRONG else None
    if within is not None and DETAIL.match(chain.text, within.end()):
        at = within.end()
    return (
        _division(chain, at)
        or _crossing(chain, at)
        or _detail(chain, at)
        or _name(chain, at, hard)
        or (not hard and _room(chain, at))
    )


def _division(chain: Chain, at: int) -> bool:
    if chain.parts and chain.last not in _DIVISIONS:
        return False
    found = division_at(chain.text, at, chain.level)
    if found is None or (chain.parts and found.level < chain.level):
        return False
    chain.level = found.level
    return chain.take(Kind.DIVISION if found.whole else Kind.SHORT, at, found.end)


def _detail(chain: Chain, at: int) -> bool:
    match = DETAIL.match(chain.text, at)
    if match is None or match.lastgroup is None:
        basement = BASEMENT.match(chain.text, at) if chain.parts else None
        return basement is not None and chain.take(Kind.FLOOR, at, basement.end())
    kind = Kind[match.lastgroup]
    if chain.last in _DIVISIONS and kind in {Kind.FLOOR, Kind.ROOM}:
        return False
    return chain.take(kind, at, match.end())


def _crossing(chain: Chain, at: int) -> bool:
    if chain.last is Kind.ROAD:
        match = CROSSING.match(chain.text, at)
        if match is not None:
            return chain.take(Kind.NUMBER if match["way"] else Kind.ROAD, at, match.end())
    if chain.last is Kind.VILLAGE:
        match = IN_A_VILLAGE.match(chain.text, at)
        return match is not None and chain.take(Kind.NUMBER, at, match.end())
    return False


def _name(chain: Chain, at: int, hard: bool) -> bool:
    if chain.last in {Kind.ROOM}:
        return False
    above = not chain.parts or (chain.last in _DIVISIONS and chain.level < 3)
    match = NUMBERED_NAME.match(chain.text, at)
    if match is not None and not NO_NAME.search(match.group()):
        return chain.take(Kind.ESTATE, at, match.end())
    match = (NAME if above else LOWER_NAME).match(chain.text, at)
    if match is None or match.lastgroup is None:
        return _bare_name(chain, at, hard)
    kind, name = Kind[match.lastgroup], chain.text[at : match.start(match.lastgroup)]
    nameless = not name and match.end() - at < _A_NAME_ITSELF
    if NO_NAME.search(name) or (nameless and (hard or not chain.parts)):
        return _bare_name(chain, at, hard)
    if hard and chain.last not in _DIVISIONS and not _detail_behind(chain.text, match.end()):
        return False
    if nameless and chain.last is Kind.SHORT and kind is Kind.ROAD:
        # 中山 + 路: the division is the road's name.
        start = chain.parts.pop().start
        return chain.take(kind, start, match.end())
    return chain.take(kind, at, match.end())


def _bare_name(chain: Chain, at: int, hard: bool) -> bool:
    match = BARE_NAME.match(chain.text, at)
    if match is None and chain.last in DETAILS | NAMED:
        match = INNER_NAME.match(chain.text, at)
        if match is None and not hard:
            match = NAME_AND_ROOM.match(chain.text, at)
    if match is None or NO_NAME.search(match.group()):
        return False
    return chain.take(Kind.NAME, at, match.end())


def _detail_behind(text: str, at: int) -> bool:
    for _ in range(3):
        behind = at + (text[at : at + 1] == " ")
        if DETAIL.match(text, behind) or BARE_ROOM.match(text, behind):
            return True
        name = LOWER_NAME.match(text, at) or BARE_NAME.match(text, at)
        if name is None:
            return False
        at = name.end()
    return False


def _room(chain: Chain, at: int) -> bool:
    if chain.last in _DIVISIONS:
        return False
    roomy = chain.last in _BEFORE_A_ROOM or chain.count(DETAILS)
    match = (BARE_ROOM if roomy else DASHED_ROOM).match(chain.text, at)
    if match is None and chain.last is Kind.FLOOR:
        match = LETTER.match(chain.text, at)
    if match is None and chain.last in DETAILS:
        match = SPOKEN_ROOM.match(chain.text, at)
    return match is not None and chain.take(Kind.ROOM, at, match.end())
