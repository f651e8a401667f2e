"""One spelling for a value that was written in many: what equal values have in common.

Owns the form that pseudonyms and the composition guard compare by: the characters that count
(``masks.significant``) in NFKC, lower case, every numeral as its digit (``一三八``, ``①``, full
width). Refuses to serve as a mask's input: what a recipient sees keeps the writer's spelling.
"""

import unicodedata

from gateway.domain.deid.masks import significant


def canonical(text: str) -> str:
    """Return the value's one spelling; as many characters as count in it, except for ligatures."""
    return spelling(significant(text))


def spelling(counted: str) -> str:
    """Return the one spelling of a value's significant characters."""
    if counted.isascii():
        return counted.lower()
    folded = significant(unicodedata.normalize("NFKC", counted)).casefold()
    return folded if folded.isascii() else "".join(map(_digit, folded))


def _digit(character: str) -> str:
    number = unicodedata.numeric(character, -1.0)
    return str(int(number)) if 0 <= number <= 9 and number.is_integer() else character
