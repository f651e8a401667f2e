"""The numbers of a text: runs of digits, whole or in the groups that people write.

Owns one reading that all recognisers of digits share, because it costs more than what each of them
does with it, and remembers where in a form of a number its groups may be one. Refuses what cannot
be an identifier whoever asks: digits out of a longer number, the parts of a decimal, amounts of
money, digits that run on into a Latin word. Keeps the numbers of the last two views, no longer.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.detection.text.view import View

_SHORTEST, _LONGEST = 7, 32
_USUAL = 64
"""Bytes of a form that is worth remembering."""
_GROUP = re.compile(b"0+")
_LETTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset(b"0123456789")
_GAPS = frozenset((b" ", b"-", b"  ", b" -", b"- ", b" - ", b")", b") ", b")-"))
_SEPARATORS = b" -)"
_X = frozenset(b"xX")
_BEFORE_X = frozenset((14, 17))
GAP = "[ )-]{1,3}"
"""What may stand between two groups, in a pattern over forms (``text.number_forms``)."""
_SPACE, _POINT, _BEYOND = b" .?"
# What may end a number's chance to be one: looked at more closely.
_AFTER = _LETTERS | frozenset(b"_.?%")
_BEFORE = frozenset(b".?$")
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


class _Window(NamedTuple):
    """Where a number may stand in a form, and the digits that one of its shape begins with."""

    start: int
    end: int
    shape: _Shape
    first: frozenset[int]
    glued: bool


@lru_cache(maxsize=2)
def numbers(view: View) -> Mapping[int, Sequence[Number]]:
    """Return the numbers of the view by how many digits they have, X included."""
    found: dict[int, list[Number]] = {}
    ascii_, text = view.ascii, view.text
    behind = len(ascii_)
    for at, form in view.forms:
        for begin, last, shape, first, glued in (
            _remembered(form) if len(form) <= _USUAL else _windows(form)
        ):
            start, end = at + begin, at + last
            if ascii_[start] not in first:
                continue
            if start and ascii_[start - 1] in _BEFORE and _is_part(ascii_, text, start):
                continue
            digits = ascii_[start:end].translate(None, _SEPARATORS).decode("ascii")
            after = ascii_[end] if end < behind else _SPACE
            if after in _AFTER:
                if _is_check(ascii_, end, len(digits)):
                    digits, end = digits + "X", end + 1
                elif _runs_on(ascii_, text, end):
                    continue
            # Numbers are many, and this way one costs half.
            number = tuple.__new__(Number, (start, end, digits, shape, glued))
            if len(digits) in found:
                found[len(digits)].append(number)
            else:
                found[len(digits)] = [number]
    return found


def _is_check(ascii_: bytes, at: int, size: int) -> bool:
    """Say whether the check character of a resident number stands here."""
    return ascii_[at] in _X and size in _BEFORE_X and not ascii_[at + 1 : at + 2].isalnum()


def _windows(form: bytes) -> tuple[_Window, ...]:
    """Return where numbers may stand in what has this form, in order of their begin."""
    groups = [match.span() for match in _GROUP.finditer(form)]
    found: list[_Window] = []
    for at, (start, end) in enumerate(groups):
        glued = start > 0 and form[start - 1] in _LETTERS
        shape: _Shape = (end - start,)
        if _SHORTEST <= shape[0] <= _LONGEST:
            found.append(_Window(start, end, shape, _DIGITS, glued))
        following = at + 1
        while shape in _BEGINNINGS and following < len(groups):
            begin, after = groups[following]
            if form[end:begin] not in _GAPS:
                break
            end, shape = after, (*shape, after - begin)
            if shape in _WHOLE:
                found.append(_Window(start, end, shape, _WHOLE[shape], glued))
            following += 1
    return tuple(found)


# Forms repeat from text to text.
_remembered = lru_cache(maxsize=8192)(_windows)


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
    if ascii_[start - 1] == _POINT:
        return start > 1 and ascii_[start - 2] in _DIGITS
    return text[start - 1] in _MONEY_BEFORE
