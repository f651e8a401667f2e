"""A source's values and rows, made into the answers that a worker can be given.

Owns the types that may leave a provider's process: text, 64-bit integers, nothing. Calendar dates
become ISO 8601 text and whole decimals integers; a fraction, a time of day, bytes, a truth value or
an overlong text is no answer, and neither are two rows for one subject.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from gateway.adapters.providers.messages import (
    MAX_RECORD_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    Answer,
    Found,
    Invalid,
    Missing,
    Value,
)

_INT64: Final = 1 << 63
_DIGITS: Final = 19


class NoValue(Exception):
    """A value is of a type or size that no contract allows. Carries nothing of it."""


def answer_of(rows: Sequence[Sequence[Any]]) -> Answer:
    """Return the answer that the rows of one subject make."""
    if not rows:
        return Missing()
    if len(rows) > 1:
        return Invalid()
    try:
        values = tuple(map(_converted, rows[0]))
    except NoValue:
        return Invalid()
    if sum(len(value) for value in values if type(value) is str) > MAX_RECORD_CHARACTERS:
        return Invalid()
    return Found(values)


def _converted(value: object) -> Value:
    # By exact type: a truth value is an int to Python, and a point in time is a date.
    kind = type(value)
    if kind is str:
        if len(value) > MAX_VALUE_CHARACTERS:  # type: ignore[arg-type]  # kind says it
            raise NoValue
        return value  # type: ignore[return-value]  # kind says it
    if value is None:
        return None
    if kind is int:
        return _bounded(value)  # type: ignore[arg-type]  # kind says it
    return _rarer(value)


def _rarer(value: object) -> Value:
    if type(value) is date:
        return value.isoformat()
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() < _DIGITS:
        whole = int(value)
        if whole == value:
            return _bounded(whole)
    raise NoValue


def _bounded(value: int) -> int:
    if not -_INT64 <= value < _INT64:
        raise NoValue
    return value
