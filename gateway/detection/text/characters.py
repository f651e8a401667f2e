"""What each character folds to.

Owns the table of `folding`: compatibility forms (NFKC, character by character), enclosed and
foreign digits, look-alikes, spaces, dashes, middle dots, and the characters that show nothing.
Refuses to fold a character into more than four, and folds no letter into its base: é stays é.
"""

import re
import unicodedata
from collections.abc import Iterator

from gateway.detection.text.look_alikes import LOOK_ALIKES

COMMON = "，：；（）！？％　“”‘’—…、。《》【】·"
"""What plain Chinese text is full of. Not all of it folds."""

_MARK_BLOCKS = (
    (0x300, 0x370),
    (0x483, 0x48A),
    (0x1AB0, 0x1B00),
    (0x1DC0, 0x1E00),
    (0x20D0, 0x2100),
    (0xFE20, 0xFE30),
)
MARKS = frozenset(code for first, last in _MARK_BLOCKS for code in range(first, last))
"""Combining marks that sit on letters and digits of any kind."""

TEXT_BLOCKS = (
    (0x00A0, 0x3100),  # up to the symbols before kana
    (0x3130, 0x3400),  # Hangul letters, enclosed and squared CJK
    (0xA4D0, 0xAC00),
    (0xF900, 0x10000),
    (0x10200, 0x10600),
    (0x10A40, 0x10A50),
    (0x11000, 0x12000),
    (0x16A00, 0x17000),
    (0x1CCD0, 0x1CD00),
    (0x1D000, 0x1E000),
    (0x1E100, 0x1E300),
    (0x1E8C0, 0x1E960),
    (0x1EC70, 0x1EF00),
    (0x1F100, 0x1F300),
    (0x1FBF0, 0x1FC00),
    (0x2F800, 0x2FA20),
)
_LINES = dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
_SPACES = dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x2800, 0x3000), " ")
_DASHES = dict.fromkeys(
    (
        *range(0x2010, 0x2016),
        *(0x02D7, 0x058A, 0x2043, 0x2212, 0x2500, 0x2501, 0x2796, 0x2E3A, 0x2E3B),
        *(0x30FC, 0xFE31, 0xFE32, 0xFE58, 0xFE63, 0xFF0D, 0xFF70),
    ),
    "-",
)
_DOTS = dict.fromkeys((0x2022, 0x2027, 0x2219, 0x22C5, 0x30FB, 0xFF65, 0x0387), "\u00b7")
_SHOWS_NOTHING = (
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFFC),
    *range(0xE0000, 0xE01F0),
)
_MOST = 4


def _letters(first: int, last: int, base: str) -> dict[int, str]:
    return {code: chr(ord(base) + (code - first) % 26) for code in range(first, last)}


_ENCLOSED = {
    **_letters(0x1F110, 0x1F12A, "A"),
    **_letters(0x1F130, 0x1F14A, "A"),
    **_letters(0x1F150, 0x1F16A, "A"),
    **_letters(0x1F170, 0x1F18A, "A"),
    **_letters(0x1F1E6, 0x1F200, "A"),
    **_letters(0x249C, 0x24B6, "a"),
}


def digits(code: int) -> str | None:
    """Return the digits of a decimal digit, and of an enclosed or small number up to 20."""
    character = chr(code)
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    if 0x2460 <= code < 0x249C or 0x24EB <= code < 0x2500 or 0x2776 <= code < 0x2794:
        return str(int(unicodedata.numeric(character)))
    if 0x3220 <= code < 0x322A or 0x3280 <= code < 0x328A:
        return "一二三四五六七八九十"[code % 16]
    return None


def compatible(code: int) -> str | None:
    """Return the compatible form of a character that has one of at most four characters."""
    character = chr(code)
    form = unicodedata.normalize("NFKC", character)
    if form == character or len(form) > _MOST or any(ord(one) in MARKS for one in form):
        return None
    # A form may itself hold characters of the other tables: a dash, a space, a slash.
    return "".join(_SMALL.get(ord(one), one) for one in form)


_SMALL: dict[int, str] = {**_LINES, **_SPACES, **_DASHES, **_DOTS, **LOOK_ALIKES}
_SMALL |= {0x2044: "/", 0x2215: "/", 0x2236: ":", 0x2217: "*", 0x204E: "*"}


def foldable() -> Iterator[int]:
    """Yield those of the blocks that NFKC changes, and the numbers: of the most, nothing folds."""
    for first, last in TEXT_BLOCKS:
        characters = [chr(code) for code in range(first, last)]
        # All in one call. What stands between keeps them from being composed with each other.
        forms = unicodedata.normalize("NFKC", "\0".join(characters)).split("\0")
        for character, form in zip(characters, forms, strict=True):
            if form != character or character.isnumeric():
                yield ord(character)


def _folds() -> Iterator[tuple[int, str]]:
    for code in foldable():
        form = digits(code) or compatible(code)
        if form is not None and form != chr(code):
            yield code, form
    yield from _SMALL.items()
    yield from _ENCLOSED.items()
    yield from ((code, "") for code in _SHOWS_NOTHING)


FOLDS: dict[int, str] = {**dict.fromkeys(MARKS, ""), **dict(_folds())}
FOLDS.pop(ord("…"), None)


def _class(codes: Iterator[int]) -> str:
    """Return a character class of ``codes`` in ranges; beyond the BMP it is all or nothing."""
    parts: list[str] = []
    first = last = -2
    for code in (*sorted(code for code in codes if code < 0x10000), 0x110000):
        if code != last + 1:
            if first >= 0:
                parts.append(f"{re.escape(chr(first))}-{re.escape(chr(last))}")
            first = code
        last = code
    return "".join(parts)


_common = frozenset(map(ord, COMMON))
RARE = re.compile(f"[{_class(code for code in FOLDS if code not in _common)}\U00010000-\U0010ffff]")
"""Something to fold, or beyond the BMP, where nearly nothing is plain text."""

MOVES = re.compile(
    f"[{_class(code for code, form in FOLDS.items() if len(form) != 1 and code < 0x10000)}"
    + "".join(chr(code) for code, form in sorted(FOLDS.items()) if code > 0xFFFF and len(form) > 1)
    + "\U000e0000-\U000e01ef]"
)
"""Something after which offsets differ."""

COMMON_FOLDS = tuple((one, FOLDS[ord(one)]) for one in COMMON if ord(one) in FOLDS)
