"""What a binning would cost and be worth: nobody is asked, no round is opened.

Owns the estimates. The price, the budget and the noise follow from contract and account; the errors
are of the noise alone, for rows spread evenly over a feature's bins and events as frequent in each;
seconds come from a trial on some made-up rows, bytes from the forms of the messages. The own file
was read for the number of rows and of events. How many people the bureau declares, it says in the
talk only, so that what they take is given for each.
"""

from __future__ import annotations

import time
from math import isinf, sqrt
from typing import Final

import msgspec

from clients.keyholder.binning.rows import LabelledRows
from clients.keyholder.binning.run import ROWS_A_PART
from clients.keyholder.calls import BudgetView
from gateway.crypto.alignment import AlignmentKey
from gateway.crypto.alignment_work import blinded, raised
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.elgamal.row_work import labels_of
from gateway.crypto.workers import Workers
from gateway.domain.aggregate.binning import BinFigure, BinningPlan, ordinary_bins
from gateway.domain.aggregate.binning_errors import woe_error
from gateway.domain.aggregate.binning_talk import ELEMENT, IDENTIFIERS, label_size
from gateway.domain.aggregate.contract import BinnedFeature
from gateway.domain.aggregate.question import BinningJob
from gateway.domain.privacy.budget import shown_epsilon

SHOWN_VALUE: Final = 0.1
"""The information value whose error is shown: from here on a feature is commonly worth a look."""
_TRIAL: Final = 256
_BINDING_US: Final = 150.0
"""Of the gateway, for each row: it evaluates the identifier."""


class ExpectedFeature(msgspec.Struct, frozen=True):
    """Errors of one feature, None in ``exact`` or where a bin has too few events to say."""

    name: str
    bins: int
    rows_a_bin: int
    woe_error: float | None
    value_error: float | None
    """Of an information value of 0.1."""
    value_by_noise: float | None
    """What noise alone makes of a feature that says nothing."""


class BinPreview(msgspec.Struct, frozen=True, kw_only=True):
    """A job's price and worth. Costs are micro-rho; bytes and seconds are estimates."""

    dataset: str
    contract: str
    mode: str
    bureau: str
    rows: int
    events: int
    minimum_rows: int
    minimum_bin: int
    cost: int
    left_before: int
    left_after: int
    """Negative where the budget does not cover the job."""
    epsilon: str | None
    delta: str | None
    count_error: float
    """Of each bin's rows and of its events."""
    sent_bytes: int
    bytes_a_person: int
    """For each person that the bureau declares, both ways together."""
    own_seconds: float
    seconds_a_million_people: float
    gateway_seconds: float
    processes: int
    features: tuple[ExpectedFeature, ...]


def preview(
    planned: tuple[BinningJob, BinningPlan],
    rows: LabelledRows,
    budget: BudgetView,
    processes: int,
) -> BinPreview:
    """Return what a drafted job comes to."""
    job, plan = planned
    terms, number, events = plan.terms.budget, job.rows, sum(rows.labels)
    noisy = terms is not None and job.cost > 0
    row_s, person_s = _trial(job.mode, processes)
    return BinPreview(
        dataset=job.dataset,
        contract=job.contract,
        mode=job.mode,
        bureau=plan.terms.bureau,
        rows=number,
        events=events,
        minimum_rows=plan.terms.minimum_rows,
        minimum_bin=plan.terms.minimum_bin,
        cost=job.cost,
        left_before=budget.left,
        left_after=budget.limit - budget.spent - job.cost,
        epsilon=str(shown_epsilon(job.cost, terms.shown_delta)) if noisy and terms else None,
        delta=terms.delta if noisy and terms else None,
        count_error=sqrt(float(plan.variance)),
        sent_bytes=number * (_row_bytes(rows) + ELEMENT + label_size(job.mode)),
        bytes_a_person=2 * ELEMENT,
        own_seconds=number * row_s,
        seconds_a_million_people=1e6 * person_s,
        gateway_seconds=number * _BINDING_US / 1e6,
        processes=processes,
        features=tuple(_expected(one, plan, number, events) for one in plan.features),
    )


def _expected(feature: BinnedFeature, plan: BinningPlan, rows: int, events: int) -> ExpectedFeature:
    bins = ordinary_bins(feature)
    here, variance = rows // bins, float(plan.variance)
    figure = BinFigure(first=0, last=0, rows=here, events=events // bins, woe=0.0, part=0.0)
    error = woe_error(figure, variance)
    if not variance or isinf(error):
        return ExpectedFeature(feature.name, bins, here, None, None, None)
    # IV is, to second order, the weights' mean square: noise adds its variance to it, and moves a
    # value of v by 2 sqrt(v / bins) times a weight's error.
    moved = 2 * sqrt(SHOWN_VALUE / bins) * error
    return ExpectedFeature(feature.name, bins, here, error, moved, error**2)


def _row_bytes(rows: LabelledRows) -> int:
    """Bytes of a row's consent and subject on the wire."""
    some = min(ROWS_A_PART, len(rows.consents))
    sizes = (one.ByteSize() + 2 + len(rows.consents[0]) + 2 for one in rows.subjects(0, some))
    return -(-sum(sizes) // some)


def _trial(mode: str, processes: int) -> tuple[float, float]:
    """Seconds of the own work for a row, and for one of the bureau's people."""
    names = [b"%018d" % number for number in range(_TRIAL)]
    key, public = AlignmentKey.generate(), SecretKey.generate().public_key().to_bytes()
    proven, context = mode == "dp", bytes(32)
    with Workers(1) as workers:
        labels_of(public, context, bytes(8), proven=proven, workers=workers)
        start = time.perf_counter()
        elements = blinded(key, IDENTIFIERS, names, workers)
        labels_of(public, context, bytes(_TRIAL), proven=proven, workers=workers)
        between = time.perf_counter()
        raised(key, elements, workers)
        end = time.perf_counter()
    each = _TRIAL * max(1, processes)
    return (between - start) / each, (end - between) / each
