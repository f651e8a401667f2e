"""How an answer looks in a terminal: a table of cells, and histograms as bars.

Owns the words. Refuses to print a suppressed cell as anything but "suppressed".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clients.cli.output import note, print_line, print_pairs, print_table
from clients.keyholder.answers import Bin, Cell, CohortAnswer, Estimate, MeasureName, Shown
from clients.keyholder.figure_text import figure_text

SUPPRESSED = "suppressed"
TOO_FEW = "too few"
_BAR = 40
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MICRO = 1_000_000


def print_answer(answer: CohortAnswer) -> None:
    """Print an answer for people."""
    print_line(f"{answer.title.en} / {answer.title.zh}, {answer.snapshot}", "bold")
    if answer.where:
        print_line("of people with " + " and ".join(answer.where))
    _print_cells(answer)
    for cell in answer.cells:
        for shown in cell.figures:
            if shown.figure.kind == "histogram":
                _print_histogram(answer, cell, shown)
    _print_origin(answer)
    _print_notes(answer)


def measure_title(measure: MeasureName) -> str:
    """Return a measure's name with its unit, in both languages."""
    unit = f" ({measure.unit})" if measure.unit else ""
    return f"{measure.title.en} / {measure.title.zh}{unit}"


def cell_name(answer: CohortAnswer, cell: Cell) -> str:
    """Return what a cell is the group of; "all" where nothing is grouped."""
    pairs = zip(answer.grouped, cell.group, strict=True)
    return ", ".join(f"{one.name}={value}" for one, value in pairs) or "all"


def _print_cells(answer: CohortAnswer) -> None:
    dimensions = [f"{one.title.en} / {one.title.zh}" for one in answer.grouped]
    figures = _tabled(answer)
    names = [f"{shown.figure.label} of {shown.figure.measure}" for shown in figures]
    rows = [_row(cell, len(names)) for cell in answer.cells]
    print_table((*dimensions, "people / 人数", *names), rows)


def _tabled(answer: CohortAnswer) -> list[Shown]:
    open_cells = (cell for cell in answer.cells if not cell.suppressed)
    first = next(open_cells, None)
    return [] if first is None else list(_in_table(first))


def _in_table(cell: Cell) -> Iterator[Shown]:
    return (one for one in cell.figures if one.figure.kind != "histogram")


def _row(cell: Cell, figures: int) -> Sequence[str]:
    if cell.people is None:
        return (*cell.group, SUPPRESSED, *[""] * figures)
    return (*cell.group, estimate_text(cell.people), *map(_figure, _in_table(cell)))


def _figure(shown: Shown) -> str:
    return TOO_FEW if shown.estimate is None else estimate_text(shown.estimate)


def estimate_text(estimate: Estimate) -> str:
    """Return a figure with its standard error, and a mark where the noise drowns it."""
    return f"{'~' if estimate.weak else ''}{figure_text(estimate.value, estimate.error)}"


def _print_histogram(answer: CohortAnswer, cell: Cell, shown: Shown) -> None:
    print_line(f"{measure_title(answer.name_of(shown.figure.measure))}: {cell_name(answer, cell)}")
    largest = max((one.people.value for one in shown.bins), default=0.0)
    labels = [bin_label(one) for one in shown.bins]
    width = max(map(len, labels), default=0)
    for one, label in zip(shown.bins, labels, strict=True):
        bar = bar_text(one.people.value, largest)
        print_line(f"  {label:>{width}}  {bar:<{_BAR}}  {estimate_text(one.people)}")
    print_line("")


def bin_label(one: Bin) -> str:
    """Return a bin's bounds."""
    return f"{one.low:,g} to {one.high:,g}"


def bar_text(value: float, largest: float) -> str:
    """Return a bar of at most 40 characters; none for what is not above zero."""
    if largest <= 0 or value <= 0:
        return ""
    eighths = round(value / largest * _BAR * 8)
    whole, part = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[part] if part else "")


def _print_origin(answer: CohortAnswer) -> None:
    print_pairs(
        (
            ("contributors", f"{len(answer.members)}: {', '.join(answer.members)}"),
            ("purpose", answer.purpose),
            ("cost", f"{answer.cost / _MICRO:g} rho"),
            ("epsilon", f"{answer.epsilon} for delta {answer.delta}, of one person's data"),
            ("in the log", f"at index {answer.log_index}, event {answer.event_id}"),
            ("round", answer.id),
        )
    )


def _print_notes(answer: CohortAnswer) -> None:
    note("± is one standard error of the noise; that of clipping and of wrong data is not in it.")
    if any(cell.suppressed for cell in answer.cells):
        note(f"{SUPPRESSED}: too few people at one contributor or more.")
    if any(_weak(cell) for cell in answer.cells):
        note("~: so few people that the noise drowns the figure.")


def _weak(cell: Cell) -> bool:
    return any(one.estimate is not None and one.estimate.weak for one in cell.figures)
