"""Folds a text character by character, so that an offset in the result is one in the original.

Owns full-width forms, unusual spaces and unusual dashes. It refuses every folding that changes the
length of a text: zero-width characters, compositions and number words are for a normaliser that
keeps an offset table.
"""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys([0x00A0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63], "-")
_FOLDS: dict[int, int | str] = {**_FULL_WIDTH, **_SPACES, **_DASHES}


def fold(text: str) -> str:
    """Return `text` with full-width ASCII, spaces and dashes folded; same number of characters."""
    return text if text.isascii() else text.translate(_FOLDS)
