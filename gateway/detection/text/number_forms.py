"""What the numbers of a text look like, whatever their digits are.

Owns the form of a number: its digits as 0, letters glued to it as A or a, and up to three signs
between its parts as they stand. Forms repeat from text to text, so what is decided by the form
alone is decided once. Refuses to look at the digits.
"""

import re

_DIGITS = b"0123456789"
_TO_FORM = bytes.maketrans(
    bytes([*_DIGITS, *range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]),
    b"0" * 10 + b"A" * 26 + b"a" * 26,
)
_GLUED = b"Aa_"
# From the first digit of a number on: tokens with a digit in them, and what joins them. A digit is
# found at once, where the begin of a word would have to be tried; what is glued before it is read
# backwards. The possessive parts keep this linear.
_FORM = re.compile(rb"0[0Aa_]*+(?:[ ()+./:-]{1,3}[Aa_]*+0[0Aa_]*+)*+")


def located(text: bytes) -> list[tuple[int, bytes]]:
    """Return where the numbers of the ASCII form of a view begin, and the form of each."""
    written = text.translate(_TO_FORM)
    found: list[tuple[int, bytes]] = []
    at = 0
    for form in _FORM.findall(written):
        start = written.index(b"0", at)
        end = start + len(form)
        if start and written[start - 1] in _GLUED:
            before = written[at:start]
            start = at + len(before.rstrip(_GLUED))
            form = written[start:end]
        found.append((start, form))
        at = end
    return found
