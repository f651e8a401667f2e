"""Numbers and everything else that is written as it is: identifiers, telephones, cards, e-mails.

Owns the national form of a mobile number and which numbers are known by their last digits.
"""

import re
from collections.abc import Iterator

from gateway.detection.subject_values.form import PART, WHOLE, Form, compact

SHORT = 6
_CHINA_PREFIXED_MOBILE = re.compile(r"(?:00)?86(1[3-9][0-9]{9})")
_NORTH_AMERICAN = re.compile(r"1([2-9][0-9]{9})")
_TAIL_LENGTH = 4
_NUMBER = re.compile(r"[0-9]{7,}[0-9x]")
_EMAIL = re.compile(r"[^@\s]{3,}@[^@\s]+")


def number_forms(value: str) -> Iterator[Form]:
    """Yield the value as it is; a telephone without its country code."""
    needle = compact(value)
    national = _CHINA_PREFIXED_MOBILE.fullmatch(needle)
    if national is None and value.strip().startswith("+"):
        national = _NORTH_AMERICAN.fullmatch(needle)
    needle = national[1] if national else needle
    yield Form(needle, WHOLE, alone=len(needle) < SHORT)
    if _EMAIL.fullmatch(value.strip()):
        yield Form(compact(value.split("@")[0]), PART, alone=True, what="local part of the address")


def number_of(value: str) -> str | None:
    """Return the digits of a value that is known by its first and last digits, or None."""
    needle = next(number_forms(value)).needle
    return needle if _NUMBER.fullmatch(needle) else None


def tail_of(number: str) -> str:
    """Return the last digits by which a number is known."""
    return number[-_TAIL_LENGTH:]
