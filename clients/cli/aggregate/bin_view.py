"""How binned features look: a table a feature, its weights as bars, and the curves as a picture.

Owns the words, those of a job that is not begun as well. Refuses to show a noisy figure without its
expected error.
"""

from __future__ import annotations

from math import isinf, sqrt
from pathlib import Path
from typing import Final

from clients.cli.output import note, print_line, print_pairs, print_table
from clients.keyholder.binning.preview import SHOWN_VALUE, BinPreview, ExpectedFeature
from clients.keyholder.binning.run import BinnedFigures
from clients.keyholder.picture.chart import Panel, Row, chart
from clients.sdk.failure import SdkError
from gateway.domain.aggregate.binning import (
    FeatureFigures,
    bin_name,
    bin_variance,
    ordinary_bins,
)
from gateway.domain.aggregate.binning_errors import value_error, woe_error
from gateway.domain.aggregate.contract import AggregateContract, BinnedFeature
from gateway.domain.privacy.budget import MICRO

_HALF: Final = 16
_NAME: Final = 48
_MINUTES: Final = 90


def print_figures(figures: BinnedFigures, contract: AggregateContract) -> None:
    """Print all features, those that say most first."""
    known, variance = _features(contract), _variance(figures)
    ordered = sorted(figures.features, key=lambda one: -one.information_value)
    print_table(
        ("feature", "title", "bins", "information value / 信息值"),
        [
            (
                one.name,
                f"{known[one.name].title.en} / {known[one.name].title.zh}",
                len(one.bins),
                _with_error(one.information_value, value_error(one, variance)),
            )
            for one in ordered
        ],
    )
    for one in ordered:
        _print_feature(one, known[one.name], variance)
    _print_origin(figures, known, variance)


def print_preview(shown: BinPreview) -> None:
    """Print what a job would come to."""
    print_line(f"{shown.dataset}: nobody was asked, and nothing is charged.", "bold")
    left, after = shown.left_before / MICRO, shown.left_after / MICRO
    print_pairs(
        (
            ("mode", shown.mode),
            ("cost", f"{shown.cost / MICRO:g} rho"),
            ("budget", f"{left:g} rho left, {after:g} after it" if shown.cost else ""),
            ("epsilon", f"{shown.epsilon} for delta {shown.delta}" if shown.epsilon else ""),
            ("rows", f"{shown.rows:,}, of them {shown.events:,} events"),
            ("least rows", f"{shown.minimum_rows:,} that match, {shown.minimum_bin} of a bin"),
            ("noise", f"± {shown.count_error:.2g} on each count" if shown.count_error else "none"),
            ("to send", f"{_size(shown.sent_bytes)}, and {shown.bytes_a_person} bytes for each of"),
            ("", f"the bureau's people, which {shown.bureau} declares in the talk"),
            (
                "own work",
                f"{_time(shown.own_seconds)} on {shown.processes} cores,"
                f" {_time(shown.seconds_a_million_people)} more for a million people",
            ),
            ("gateway", f"{_time(shown.gateway_seconds)} to bind the rows to their consents"),
        )
    )
    print_table(
        ("feature", "bins", "rows a bin", "WOE", f"IV of {SHOWN_VALUE}", "IV by noise alone"),
        [
            (one.name, one.bins, f"{one.rows_a_bin:,}", *map(_expected, _errors(one)))
            for one in shown.features
        ],
    )
    note("Errors are of the noise, for rows and events spread evenly; in exact there are none.")
    if shown.left_after < 0:
        note("The budget does not cover it.")


def _errors(one: ExpectedFeature) -> tuple[tuple[str, float | None], ...]:
    return (("± ", one.woe_error), ("± ", one.value_error), ("", one.value_by_noise))


def _expected(error: tuple[str, float | None]) -> str:
    sign, value = error
    return "" if value is None else f"{sign}{value:.2g}"


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def _time(seconds: float) -> str:
    return f"{seconds:.2g} s" if seconds < _MINUTES else f"{seconds / 60:.0f} min"


def write_curves(path: Path, figures: BinnedFigures, contract: AggregateContract) -> None:
    """Draw the weight of evidence of each feature by bin to a new file.

    Raises:
        SdkError: there is a file of that name, or it cannot be written.
    """
    known, variance = _features(contract), _variance(figures)
    panels = [
        Panel(
            f"{known[one.name].title.en}: IV {one.information_value:.4f}",
            tuple(
                Row(
                    bin_name(known[one.name], part.first, part.last),
                    part.woe,
                    _finite(woe_error(part, variance)),
                )
                for part in one.bins
            ),
            line=True,
        )
        for one in figures.features
    ]
    title = f"Weight of evidence, {contract.dataset} {contract.snapshot}"
    kind = f"mode {figures.job.mode}; whiskers: one standard error"
    try:
        with path.open("xb") as file:
            file.write(chart(title, kind, panels))
    except OSError as error:
        raise SdkError(
            f"{path} cannot be written: {error.strerror}", "The figures are printed all the same."
        ) from error


def _print_feature(one: FeatureFigures, feature: BinnedFeature, variance: float) -> None:
    print_line(f"{feature.title.en} / {feature.title.zh}", "bold")
    if not one.bins:
        print_line("  all bins have too few rows")
        return
    largest = max(abs(part.woe) for part in one.bins)
    print_table(
        ("bin", "rows", "events", "rate", "WOE", "", "IV"),
        [
            (
                bin_name(feature, part.first, part.last)[:_NAME],
                _with_error(part.rows, sqrt(variance)),
                _with_error(part.events, sqrt(variance)),
                f"{part.events / part.rows:.1%}" if part.rows > 0 else "",
                _with_error(part.woe, woe_error(part, variance)),
                _bar(part.woe, largest),
                f"{part.part:.4f}",
            )
            for part in one.bins
        ],
    )


def _print_origin(figures: BinnedFigures, known: dict[str, BinnedFeature], variance: float) -> None:
    job = figures.job
    print_pairs(
        (
            ("mode", job.mode),
            ("cost", f"{job.cost / MICRO:g} rho" if job.cost else ""),
            ("rows", job.rows),
            ("consents", figures.consents),
            ("in the log", f"at index {figures.log_index}, event {figures.event_id}"),
            ("job", job.id),
        )
    )
    if any(not _has_missing(one, known[one.name]) for one in figures.features):
        note("No bin named missing: rows without a value are none, or too few to be shown.")
    if variance:
        note("± is one standard error of the noise, to first order; IV comes out too large by it.")


def _has_missing(one: FeatureFigures, feature: BinnedFeature) -> bool:
    return any(part.first == ordinary_bins(feature) for part in one.bins)


def _bar(value: float, largest: float) -> str:
    """A bar to the left for weights below zero, to the right above."""
    length = round(abs(value) / largest * _HALF) if largest else 0
    left = "█" * length if value < 0 else ""
    right = "█" * length if value > 0 else ""
    return f"{left:>{_HALF}}│{right:<{_HALF}}"


def _with_error(value: float, error: float) -> str:
    shown = f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
    if not error:
        return shown
    return f"{shown} ± ?" if isinf(error) else f"{shown} ± {error:.2g}"


def _finite(error: float) -> float:
    return 0.0 if isinf(error) else error


def _variance(figures: BinnedFigures) -> float:
    job = figures.job
    return float(bin_variance(len(job.features), job.cost))


def _features(contract: AggregateContract) -> dict[str, BinnedFeature]:
    return {} if contract.binning is None else {one.name: one for one in contract.binning.features}
