"""The numbers of a text: runs of digits, whole or in the groups that people write.

Owns one scan that all recognisers of digits share, because it costs more than what each of them
does with it. Refuses what cannot be an identifier whoever asks: digits out of a longer number, the
parts of a decimal, amounts of money, digits that run on into a Latin word. Keeps the scan of the
last two views, no longer.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from gateway.detection.text.view import View

_SHORTEST, _LONGEST = 7, 32
# One class, repeated, with nothing after it: Python's re cannot go back, and is quicker here.
_GROUP = re.compile(rb"[0-9]+")
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset(b"0123456789")
_GAPS = frozenset((b" ", b"-", b"  ", b" -", b"- ", b" - ", b")", b") ", b")-"))
_SEPARATORS = b" -)"
_X = frozenset(b"xX")
_BEFORE_X = frozenset((14, 17))
GAP = "[ )-]{1,3}"
"""What may stand between two groups, in a pattern over shapes (``gates.shapes``)."""
_SPACE, _POINT, _BEYOND = b" .?"
# What may end a number's chance to be one: looked at more closely.
_AFTER = _LETTERS | frozenset(b"_.?%")
_SHORTEST_WORD, _LONGEST_WORD = 3, 20
_CURRENCIES = frozenset((b"USD", b"CNY", b"RMB", b"EUR", b"GBP", b"HKD", b"JPY", b"AUD", b"CAD"))
_HEX_LETTERS = frozenset(b"ABCDEFabcdef")
_MONEY_BEFORE = frozenset("$¥￥€£")
_MONEY_AFTER = frozenset("元%")

# Lengths of the groups, by what is written so; the recognisers look at them again.
MOBILE_SHAPES = ((3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (5, 6), (4, 3, 4), (3, 3, 5))
MOBILE_SHAPES_86 = ((5, 4, 4), (7, 4, 4), (5, 8), (7, 8))
LANDLINE_SHAPES = ((3, 8), (4, 7), (4, 8), (3, 4, 4), (4, 4, 4), (4, 3, 4))
LANDLINE_SHAPES_86 = ((2, 8), (3, 8), (3, 7), (2, 4, 4), (3, 4, 4), (3, 3, 4))
LOCAL_SHAPES = ((4, 4), (3, 4))
RESIDENT_SHAPES = (
    (6, 8, 4), (14, 4), (6, 12), (6, 4, 4, 4), (6, 4, 2, 2, 4), (3, 3, 4, 4, 4), (6, 6, 6),
    (4, 4, 4, 4, 2), (3, 3, 8, 4), (6, 6, 3), (6, 2, 2, 2, 3),
    (6, 8, 3), (14, 3), (6, 11), (6, 4, 4, 3), (6, 4, 2, 2, 3), (3, 3, 4, 4, 3), (6, 6, 5),
    (4, 4, 4, 4, 1), (3, 3, 8, 3),
)  # fmt: skip
CARD_SHAPES = (
    (4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (6, 10), (6, 13), (6, 12),
    (4, 4, 4, 7), (8, 8), (4, 4, 4, 5), (4, 4, 8), (4, 12), (4, 15), (6, 11), (4, 4, 11),
)  # fmt: skip
ACCOUNT_SHAPES = ((4, 4, 4, 4, 4), (4, 4, 4, 2), (3, 3, 3, 3), (5, 5, 5))

_Shape = tuple[int, ...]


def _first_digits(*kinds: tuple[str, tuple[_Shape, ...]]) -> dict[_Shape, frozenset[int]]:
    by_shape: dict[_Shape, frozenset[int]] = {}
    for digits, shapes in kinds:
        for shape in shapes:
            by_shape[shape] = by_shape.get(shape, frozenset()) | frozenset(digits.encode("ascii"))
    return by_shape


# What a number of a shape may begin with: most tables of numbers end here.
_WHOLE = _first_digits(
    ("1", MOBILE_SHAPES),
    ("08", MOBILE_SHAPES_86),
    ("0", LANDLINE_SHAPES),
    ("123456789", LANDLINE_SHAPES_86),
    ("2345678", LOCAL_SHAPES),
    ("123456789", RESIDENT_SHAPES),
    ("123456789", CARD_SHAPES),
    ("0123456789", ACCOUNT_SHAPES),
)
_BEGINNINGS = frozenset(shape[:size] for shape in _WHOLE for size in range(1, len(shape)))
_FIRST = frozenset(shape[0] for shape in _WHOLE)
_NONE: frozenset[int] = frozenset()


def shape_of(*shapes: _Shape) -> str:
    """Return the pattern of numbers in such groups, over shapes as ``gates`` has them."""
    return "|".join(GAP.join(f"0{{{size}}}" for size in shape) + "(?:[^0]|$)" for shape in shapes)


class Number(NamedTuple):
    """``digits`` (the last may be X) stand at ``start`` to ``end``, in groups of ``shape``.

    ``glued``: a Latin letter stands before. That is only an identifier where the letters name it.
    """

    start: int
    end: int
    digits: str
    shape: _Shape
    glued: bool


@lru_cache(maxsize=2)
def numbers(view: View) -> Mapping[int, tuple[Number, ...]]:
    """Return the numbers of the view by how many digits they have, X included."""
    ascii_, text = view.ascii, view.text
    groups = [match.span() for match in _GROUP.finditer(ascii_)]
    found: dict[int, list[Number]] = {}
    last = len(groups) - 1
    for at, (start, end) in enumerate(groups):
        if end - start < _SHORTEST:
            if end - start not in _FIRST or at == last:
                continue
            following = groups[at + 1][0]
            if following - end > 3 or ascii_[end:following] not in _GAPS:
                continue
        windows = _windows(ascii_, groups, at)
        if not windows or _is_part(ascii_, text, start):
            continue
        glued = start > 0 and ascii_[start - 1] in _LETTERS
        for end, shape in windows:
            digits = ascii_[start:end].translate(None, _SEPARATORS).decode("ascii")
            after = ascii_[end] if end < len(ascii_) else _SPACE
            if after in _X and len(digits) in _BEFORE_X and not ascii_[end + 1 : end + 2].isalnum():
                number = Number(start, end + 1, digits + "X", shape, glued)
            elif after in _AFTER and _runs_on(ascii_, text, end):
                continue
            else:
                number = Number(start, end, digits, shape, glued)
            found.setdefault(len(number.digits), []).append(number)
    return {size: tuple(those) for size, those in found.items()}


def _windows(text: bytes, groups: list[tuple[int, int]], at: int) -> list[tuple[int, _Shape]]:
    """Return the end and the shape of every number that begins with group ``at``."""
    start, end = groups[at]
    first = text[start]
    shape: _Shape = (end - start,)
    windows = [(end, shape)] if _SHORTEST <= shape[0] <= _LONGEST else []
    while shape in _BEGINNINGS and at + 1 < len(groups):
        at += 1
        start, after = groups[at]
        if start - end > 3 or text[end:start] not in _GAPS:
            break
        end, shape = after, (*shape, after - start)
        if first in _WHOLE.get(shape, _NONE):
            windows.append((end, shape))
    return windows


def _runs_on(ascii_: bytes, text: str, end: int) -> bool:
    """Say whether a number that ends here is the begin of something else, or an amount."""
    if ascii_[end] == _POINT:
        return ascii_[end + 1 : end + 2].isdigit()
    if ascii_[end] == _BEYOND:
        return text[end] in _MONEY_AFTER
    return ascii_[end] not in _LETTERS or not _is_word(ascii_, end)


def _is_word(ascii_: bytes, at: int) -> bool:
    """Say whether a Latin word begins here, so that only a space is missing ("13800138000Tom").

    Two letters are a unit, three capitals a currency, letters up to F the rest of a hash.
    """
    end = at
    while end < len(ascii_) and end - at <= _LONGEST_WORD and ascii_[end] in _LETTERS:
        end += 1
    word = ascii_[at:end]
    if not _SHORTEST_WORD <= len(word) <= _LONGEST_WORD or word in _CURRENCIES:
        return False
    if end < len(ascii_) and (ascii_[end] in _DIGITS or ascii_[end : end + 1] == b"_"):
        return False
    return not _HEX_LETTERS.issuperset(word)


def _is_part(ascii_: bytes, text: str, start: int) -> bool:
    """Say whether a number that begins here is the fraction of a decimal, or an amount."""
    if not start:
        return False
    if ascii_[start - 1] == _POINT:
        return start > 1 and ascii_[start - 2] in _DIGITS
    return text[start - 1] in _MONEY_BEFORE
