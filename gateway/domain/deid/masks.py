"""Masking: a few characters at the ends stay, the rest becomes ``*``.

Owns what counts as a character. Letters and digits count, in any script, and so do the marks that
belong to them; spaces, dashes, brackets and all other punctuation are dropped first, so that a
value written with separators shows no more of itself than one without. Code points are counted
after NFC, so that an accent cannot be parted from its letter where one code point exists for both.
Refuses to look into a value's meaning: which format fits which field is the profile's business.
"""

import unicodedata
from collections.abc import Callable

from gateway.domain.deid.values import Value, require_value
from gateway.domain.policy.documents import MaskFormat

MASK = "*"
_ASCII_REST = {code: None for code in range(128) if not chr(code).isalnum()}

Masker = Callable[[Value], str]


def compile_mask(mask: MaskFormat) -> Masker:
    """Return the function that masks by ``mask``.

    A value of no more than ``keep_first + keep_last`` counted characters is replaced whole. With
    ``fixed_length`` the replaced part has that many ``*``, otherwise one for each character. The
    function raises ``DeidError`` for what is neither text nor an integer.
    """
    first, last, fixed = mask.keep_first, mask.keep_last, mask.fixed_length
    kept = first + last

    def apply(value: Value) -> str:
        if type(value) is str and value.isascii():
            # The common case, without three calls: it runs for every masked field of a record.
            text = value if value.isalnum() else value.translate(_ASCII_REST)
        else:
            text = significant(str(require_value(value)))
        size = len(text)
        if size <= kept:
            return MASK * (size if fixed is None else fixed)
        hidden = MASK * (size - kept if fixed is None else fixed)
        return text[:first] + hidden + text[size - last :]

    return apply


def significant(text: str) -> str:
    """Return the characters of ``text`` that count, in NFC."""
    if text.isascii():
        return text if text.isalnum() else text.translate(_ASCII_REST)
    return "".join(filter(_counts, unicodedata.normalize("NFC", text)))


def _counts(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"
