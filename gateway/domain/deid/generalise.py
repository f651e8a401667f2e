"""Generalisation of numbers and dates: a value becomes the class that it lies in.

Owns bands and the shortening of dates. Refuses what is no ISO 8601 calendar date: an unread value
is never passed on. Addresses have a file of their own.
"""

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable
from datetime import date
from typing import Literal

from gateway.domain.deid.errors import Unparsable
from gateway.domain.deid.values import Value, require_integer, require_text

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KEPT = {"month": len("1990-03"), "year": len("1990")}


def band_labels(edges: tuple[int, ...]) -> tuple[str, ...]:
    """Return the labels of the bands between ascending edges, the lowest first."""
    inner = (f"{low}-{high}" for low, high in itertools.pairwise(edges))
    return (f"<{edges[0]}", *inner, f">={edges[-1]}")


def compile_bands(edges: tuple[int, ...]) -> Callable[[Value], str]:
    """Return the function from an integer to the label of its band.

    Ascending edges e0 .. en give the labels ``<e0``, ``e0-e1`` (the lower edge included, the upper
    not) and ``>=en``. The function raises ``DeidError`` for what is no integer.
    """
    labels = band_labels(edges)

    def apply(value: Value) -> str:
        return labels[bisect_right(edges, require_integer(value))]

    return apply


def compile_date(unit: Literal["month", "year"]) -> Callable[[Value], str]:
    """Return the function from ``1990-03-15`` to ``1990-03`` or ``1990``.

    The function raises ``DeidError`` for what is no text, ``Unparsable`` for what is no date.
    """
    kept = _KEPT[unit]

    def apply(value: Value) -> str:
        text = require_text(value)
        if _ISO_DATE.fullmatch(text) is None:
            raise Unparsable("is no ISO 8601 calendar date")
        try:
            date.fromisoformat(text)
        except ValueError:
            # The cause is dropped because its text repeats the value.
            raise Unparsable("is no day of the calendar") from None
        return text[:kept]

    return apply
