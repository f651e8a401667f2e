"""What a bureau brings to a binning: the checked job, its data, the history of row sets.

Owns the interfaces beyond the protocol's own work. Refuses nothing: what stands in a setup was
checked before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gateway.crypto.discrete_gaussian import discrete_gaussian
from gateway.domain.aggregate.binning import BinningPlan
from gateway.domain.aggregate.contract import BinnedFeature
from gateway.domain.aggregate.question import BinningJob

Codes = NDArray[np.uint8]
"""Bins: of rows, or of features and rows."""
Noise = Callable[[Fraction], int]
"""One draw of a discrete Gaussian of a variance; only tests pass another."""
Ordinals = NDArray[np.int64]


class BureauData(Protocol):
    """A frozen snapshot of people, each with a stable ordinal from 0 on. Calls block."""

    @property
    def people(self) -> int:
        """How many there are."""
        ...

    def identifiers(self) -> Sequence[bytes]:
        """Return each person's identifier in its normal form, by ordinal."""
        ...

    def references(self) -> Sequence[bytes]:
        """Return this bureau's scoped reference of each person, 32 bytes, by ordinal."""
        ...

    def codes(self, feature: BinnedFeature) -> Codes:
        """Return each person's bin of a feature, by ordinal. Raises ``BinDeclined``: DATA."""
        ...


class RowSetHistory(Protocol):
    """Which row sets of whom were answered; durable."""

    def admit(self, matched: Ordinals, people: int) -> None:
        """Let a job's set through and keep it.

        Raises ``BinDeclined``: HISTORY, BUDGET or REPEATED.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class BureauSetup:
    """What a bureau brings to a job: checked job and plan, data, history."""

    job: BinningJob
    plan: BinningPlan
    context: bytes
    """H(JOB, M)."""
    row_root: str
    """Of the manifest, over the leaves of the rows."""
    kind: str
    """Of the identifiers."""
    data: BureauData
    history: RowSetHistory
    declared_people: int
    """Shown to lenders in place of the true number, which may not be larger."""
    processes: int | None = 1
    """None: as many as there are cores."""
    noise: Noise = discrete_gaussian
