"""The values that operators take: text that can be encoded, and integers of 64 bits.

Owns the checks that every operator starts with. Refuses what could not be sent anyway (a lone
surrogate, a larger integer) and bool, which Python counts among the integers.
"""

import re

from gateway.domain.deid.errors import DeidError

Value = str | int

_SURROGATE = re.compile("[\ud800-\udfff]")
_INT64_MIN, _INT64_MAX = -(2**63), 2**63 - 1


def require_text(value: object) -> str:
    """Return ``value`` if it is text without lone surrogates, otherwise raise ``DeidError``."""
    if type(value) is not str:
        raise DeidError("needs text")
    if not value.isascii() and _SURROGATE.search(value):
        raise DeidError("has a lone surrogate")
    return value


def require_integer(value: object) -> int:
    """Return ``value`` if it is an integer of 64 bits, otherwise raise ``DeidError``."""
    if type(value) is not int:
        raise DeidError("needs an integer")
    if not _INT64_MIN <= value <= _INT64_MAX:
        raise DeidError("needs an integer of 64 bits")
    return value


def require_value(value: object) -> Value:
    """Return ``value`` if it is either of the two, otherwise raise ``DeidError``."""
    if type(value) is str:
        return value if value.isascii() else require_text(value)
    return require_integer(value)
