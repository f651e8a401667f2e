"""Budgets of zero-concentrated differential privacy, in integer micro-rho.

Owns charging, the limit of refused questions, and the epsilon that is shown beside a rho. The costs
of questions add up (Bun and Steinke 2016, lemma 2.3); nothing is ever given back. Refuses charges
that are not positive or do not fit, and rounds against who asks: a cost up, an epsilon up.

What epsilon says: with rho and delta, the answers are (epsilon, delta)-differentially private for
epsilon = rho + 2 sqrt(rho ln(1 / delta)) (the same paper, proposition 1.3).
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction

import msgspec

from gateway.domain.privacy.errors import BoundsRefused, BudgetExhausted

MICRO = 1_000_000
"""Micro-rho in one rho."""
MAX_MICRO_RHO = 10**12
_DIGITS = 60
_SHOWN = Decimal("0.0001")


class PrivacyAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one legal entity may still ask of one dataset in one period, all in micro-rho.

    Raises:
        BoundsRefused: a number is negative, or more is spent than there was.
    """

    limit: int
    spent: int = 0
    spent_ever: int = 0
    """Over all periods, this one included: shown, for the loss does not end with a period."""
    refusals: int = 0
    max_refusals: int

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        numbers = (self.limit, self.spent, self.refusals, self.max_refusals)
        if min(numbers) < 0 or self.limit > MAX_MICRO_RHO:
            raise BoundsRefused("a budget holds no negative or unbounded number")
        if self.spent > self.limit or self.spent > self.spent_ever:
            raise BoundsRefused("a budget is not overdrawn")

    @property
    def left(self) -> int:
        """Micro-rho that may still be charged."""
        return self.limit - self.spent

    def charge(self, cost: int) -> PrivacyAccount:
        """The account after a question of this cost, which is not given back.

        Raises:
            BoundsRefused: the cost is not positive.
            BudgetExhausted: it does not fit, or too many questions of the period were refused.
        """
        if cost <= 0:
            raise BoundsRefused("a charge is positive")
        if cost > self.left or self.refusals >= self.max_refusals:
            raise BudgetExhausted("the charge does not fit the budget")
        return msgspec.structs.replace(
            self, spent=self.spent + cost, spent_ever=self.spent_ever + cost
        )

    def refuse(self, cost: int) -> PrivacyAccount:
        """The account after a question that was refused: charged like an answer, and counted.

        Raises:
            BoundsRefused: the cost is not positive.
            BudgetExhausted: as for `charge`.
        """
        return msgspec.structs.replace(self.charge(cost), refusals=self.refusals + 1)

    def next_period(self, limit: int) -> PrivacyAccount:
        """The account at the start of the next period: what was ever spent stays.

        Raises:
            BoundsRefused: the limit is negative or unbounded.
        """
        return msgspec.structs.replace(self, limit=limit, spent=0, refusals=0)


def micro_rho(rho: Fraction) -> int:
    """A rho in micro-rho, rounded up.

    Raises:
        BoundsRefused: it is not positive, or above 10^12 micro-rho.
    """
    micro = -(-rho * MICRO // 1)
    if not 0 < micro <= MAX_MICRO_RHO:
        raise BoundsRefused("a rho is positive and bounded")
    return int(micro)


def shown_epsilon(cost: int, delta: Decimal) -> Decimal:
    """The epsilon of a cost in micro-rho for a delta, rounded up to 4 places.

    Raises:
        BoundsRefused: the cost is negative, or delta is not in (0, 1).
    """
    if cost < 0 or not 0 < delta < 1:
        raise BoundsRefused("an epsilon is of a cost and of a delta in (0, 1)")
    up = Context(prec=_DIGITS, rounding=ROUND_CEILING)
    rho = up.divide(Decimal(cost), Decimal(MICRO))
    # ln and sqrt round to the nearest last digit: one more of these digits is the upper bound.
    logarithm = up.next_plus(up.ln(up.divide(Decimal(1), delta)))
    root = up.next_plus(up.sqrt(up.multiply(rho, logarithm))) if cost else Decimal(0)
    return up.add(rho, up.multiply(Decimal(2), root)).quantize(_SHOWN, context=up)
