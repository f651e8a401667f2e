"""What a person wants to know, before it is a question.

Owns the figures that can be asked for (a mean, a quantile...) and which sums, squares and
histograms they are made of. Refuses quantiles outside (0, 1) and figures that are asked for twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Literal

import msgspec

from clients.sdk.failure import RequestError
from gateway.domain.aggregate.question import Condition

Kind = Literal["sum", "mean", "variance", "deviation", "histogram", "quantile"]
_SUMMED = ("sum", "mean", "variance", "deviation")
_SQUARED = ("variance", "deviation")


class Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One figure of a measure; ``at`` is a quantile's share as it was written, such as "0.5"."""

    kind: Kind
    measure: str
    at: str = ""

    def __post_init__(self) -> None:
        """Refuse a share where there is none, and a quantile that is none."""
        if (self.kind == "quantile") != bool(self.at):
            raise ValueError("a share goes with a quantile, and only with it")
        if self.at and not 0 < _share(self.at) < 1:
            raise ValueError("a quantile's share lies between 0 and 1")

    @property
    def share(self) -> float:
        """Of a quantile."""
        return float(self.at)

    @property
    def label(self) -> str:
        """How it is named in tables."""
        return f"{self.kind} {self.at}".rstrip()


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request for statistics of a cohort; people are always counted."""

    dataset: str
    purpose: str
    cost: int
    """Micro-rho."""
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()

    def __post_init__(self) -> None:
        """Refuse doubles."""
        if len(set(self.figures)) != len(self.figures):
            raise ValueError("a figure is asked for once")

    @property
    def sums(self) -> tuple[str, ...]:
        """Measures whose sum is needed, by name: the same wishes make the same question."""
        return _measures(self.figures, _SUMMED)

    @property
    def squares(self) -> tuple[str, ...]:
        """Measures whose sum of squares is needed."""
        return _measures(self.figures, _SQUARED)

    @property
    def histograms(self) -> tuple[str, ...]:
        """Measures whose histogram is needed."""
        return _measures(self.figures, ("histogram", "quantile"))


def conditions(words: Iterable[str]) -> tuple[Condition, ...]:
    """Read ``dimension=value`` words, sorted; several of one dimension mean one of the values.

    Raises:
        RequestError: a word has another form.
    """
    among: dict[str, list[str]] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals and value):
            raise RequestError("a filter is written dimension=value", "Such as market=CN.")
        among.setdefault(name, []).append(value)
    return tuple(
        Condition(name, tuple(sorted(set(values)))) for name, values in sorted(among.items())
    )


def quantile(word: str) -> Figure:
    """Read ``measure:share``.

    Raises:
        RequestError: the word has another form.
    """
    name, _, share = word.partition(":")
    try:
        return Figure("quantile", name, share)
    except ValueError:
        raise RequestError(
            "a quantile is written measure:share, with a share between 0 and 1",
            "Such as credit_amount:0.5 for the median.",
        ) from None


def micro_rho(word: str) -> int:
    """Read a cost in rho, exact to a millionth.

    Raises:
        RequestError: it is none, or finer.
    """
    try:
        micro = Decimal(word) * 1_000_000
        if not micro.is_finite() or micro != micro.to_integral_value() or not 0 < micro <= 10**9:
            raise InvalidOperation
    except InvalidOperation:
        raise RequestError(
            "a cost is a positive number of rho, to a millionth", "Such as --cost 0.05."
        ) from None
    return int(micro)


def _measures(figures: Iterable[Figure], kinds: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({one.measure for one in figures if one.kind in kinds}))


def _share(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError("a share is a decimal number") from None
    return number if number.is_finite() else Decimal(0)
