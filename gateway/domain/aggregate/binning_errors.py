"""How far noisy weights are expected to lie from the true ones (mode ``dp``).

Owns the standard errors of a weight of evidence and of an information value, to first order in the
noise on rows and events and with the totals taken as they are: approximations for people to read,
no claim of privacy rests on them. Refuses bins with no event or no non-event: there the constant
stands, and its error is without bound. Noise also makes information values larger on the whole.
"""

from __future__ import annotations

from math import fsum, inf, sqrt

from gateway.domain.aggregate.binning import BinFigure, FeatureFigures


def woe_error(one: BinFigure, variance: float) -> float:
    """Return the standard error of a bin's weight; ``variance`` is of each noisy count."""
    events, others = one.events, one.rows - one.events
    if not variance:
        return 0.0
    if events <= 0 or others <= 0:
        return inf
    # ln e - ln (n - e), with independent noise on n and e.
    return sqrt(variance * ((1 / events + 1 / others) ** 2 + 1 / others**2))


def value_error(feature: FeatureFigures, variance: float) -> float:
    """Return the standard error of a feature's information value."""
    if not variance:
        return 0.0
    bad = fsum(one.events for one in feature.bins)
    good = fsum(one.rows - one.events for one in feature.bins)
    spread = 0.0
    for one in feature.bins:
        events, others = one.events, one.rows - one.events
        if events <= 0 or others <= 0:
            return inf
        p, q = events / bad, others / good
        by_bad, by_good = (one.woe + 1 - q / p) / bad, (1 - one.woe - p / q) / good
        spread += variance * ((by_bad - by_good) ** 2 + by_good**2)
    return sqrt(spread)
