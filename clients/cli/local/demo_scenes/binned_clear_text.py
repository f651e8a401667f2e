"""What binned features come to in the clear: computed from the published table in plain Python.

Owns a second way to the figures that the encrypted computation gives. It shares the contract's bins
and the rule for a count of zero with it, and no code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import fsum, log

from clients.cli.local.demo_data.credit import CreditRecord, credit_records
from clients.cli.local.demo_data.loans import is_bad
from gateway.domain.aggregate.contract import BinnedFeature


@dataclass(frozen=True, slots=True)
class ClearBin:
    """A bin's rows and events, and its weight of evidence."""

    rows: int
    events: int
    woe: float


@dataclass(frozen=True, slots=True)
class ClearFeature:
    """A feature's bins and its information value."""

    bins: tuple[ClearBin, ...]
    information_value: float


def clear_feature(
    feature: BinnedFeature, spans: Sequence[tuple[int, int]], zero_cell: Decimal
) -> ClearFeature:
    """Weigh a feature over spans of the contract's bins, first and last of each."""
    records = [(_bin(feature, one), is_bad(one)) for one in credit_records()]
    inside = [[bad for at, bad in records if first <= at <= last] for first, last in spans]
    bad = [float(sum(one) or zero_cell) for one in inside]
    good = [float(len(one) - sum(one) or zero_cell) for one in inside]
    shares = [(b / fsum(bad), g / fsum(good)) for b, g in zip(bad, good, strict=True)]
    weights = [log(b / g) for b, g in shares]
    value = fsum((b - g) * woe for (b, g), woe in zip(shares, weights, strict=True))
    bins = (ClearBin(len(one), sum(one), woe) for one, woe in zip(inside, weights, strict=True))
    return ClearFeature(tuple(bins), value)


def _bin(feature: BinnedFeature, record: CreditRecord) -> int:
    value = str(getattr(record, feature.name))
    if feature.edges:
        return sum(Decimal(value) >= edge for edge in feature.edges)
    groups = [at for at, group in enumerate(feature.groups) if value in group]
    return groups[0] if groups else len(feature.groups)
