"""What stands beside a candidate: a number that is part of a longer one is none.

Owns the reading of neighbours in the ASCII form of a view. Refuses nothing by itself.
"""

import re

_THREE = re.compile(rb"[0-9]{3}(?![0-9])")
_IN_PARTS = re.compile(rb"[0-9]{3}[-/]|[0-9]{3}\.[0-9]{3}\.[0-9]{4}")
_ALNUM = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGITS = frozenset(b"0123456789")
_BLANK, _COMMA, _EQUALS = 32, 44, 61
_JOINS = frozenset(b"-.:/\\@")
_JOINERS = frozenset(b"-./,:+")
_SIGNS = frozenset(b"$#=")
_AFTER_JOINERS = frozenset(b"-./:")


def glued_before(text: bytes, start: int) -> bool:
    """Say whether a letter or digit touches ``start``."""
    return start > 0 and text[start - 1] in _ALNUM


def glued_behind(text: bytes, end: int) -> bool:
    """Say whether a letter or digit touches ``end``."""
    return end < len(text) and text[end] in _ALNUM


def digit_before(text: bytes, start: int) -> bool:
    """Say whether a digit touches ``start``, or a digit and a joining sign do."""
    if start == 0:
        return False
    last = text[start - 1]
    if last in _DIGITS:
        return True
    if last == _COMMA and not _goes_on_in_thousands(text, start):
        return False
    return last in _JOINERS and start > 1 and text[start - 2] in _DIGITS


def _goes_on_in_thousands(text: bytes, start: int) -> bool:
    """Say whether three digits follow, and not the begin of a number in parts: ``1,234``."""
    return _THREE.match(text, start) is not None and _IN_PARTS.match(text, start) is None


def digit_behind(text: bytes, end: int) -> bool:
    """Say whether a digit touches ``end``, or a joining sign and a digit do."""
    if end >= len(text):
        return False
    first = text[end]
    if first in _DIGITS:
        return True
    return first in _AFTER_JOINERS and end + 1 < len(text) and text[end + 1] in _DIGITS


def joined(text: bytes, start: int, end: int) -> bool:
    """Say whether the candidate goes on beyond a sign, as parts of a UUID or a version do."""
    # A colon or point behind a letter is a label's: "SSN:523-45-6789", "No.4111...".
    goes_on = _DIGITS if start and text[start - 1] in b":." else _ALNUM
    before = start > 1 and text[start - 1] in b"-.:/\\" and text[start - 2] in goes_on
    behind = end + 1 < len(text) and text[end] in b"-.:/\\@" and text[end + 1] in _ALNUM
    return before or behind


def alone(text: bytes, start: int, end: int) -> bool:
    """Say whether nothing touches the candidate that it could be a part of."""
    before = text[start - 1] if start else _BLANK
    behind = text[end] if end < len(text) else _BLANK
    if before in _ALNUM or behind in _ALNUM:
        return False
    return not (before in _JOINS or behind in _JOINS) or not joined(text, start, end)


def in_a_row(text: bytes, start: int, end: int) -> bool:
    """Say whether another number stands one space, tab or comma away: a row of a table."""
    before = start > 1 and text[start - 1] in b" \t,|" and text[start - 2] in _DIGITS
    behind = end + 1 < len(text) and text[end] in b" \t,|" and text[end + 1] in _DIGITS
    return before or behind


def is_amount(text: bytes, start: int) -> bool:
    """Say whether a currency sign or an operator stands before; ``phone=`` is a name's."""
    if not start or text[start - 1] not in _SIGNS:
        return False
    return text[start - 1] != _EQUALS or start < 2 or text[start - 2] not in _ALNUM
