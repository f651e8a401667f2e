"""``--png``: an answer as a picture.

Owns which figures become which panels: a histogram one for each cell; without any, the people of
the cells and each figure by cell. Refuses to write over a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clients.cli.aggregate.view import SUPPRESSED, TOO_FEW, bin_label, cell_name
from clients.keyholder.answers import Cell, CohortAnswer, Estimate
from clients.keyholder.picture.chart import Panel, Row, chart
from clients.sdk.failure import SdkError

_MICRO = 1_000_000


def write_chart(path: Path, answer: CohortAnswer) -> None:
    """Draw an answer to a new file.

    Raises:
        SdkError: there is a file of that name, or it cannot be written.
    """
    title = f"{answer.title.en}, {answer.snapshot}"
    price = f"cost {answer.cost / _MICRO:g} rho, epsilon {answer.epsilon} for delta {answer.delta}"
    picture = chart(title, f"{price}; whiskers: one standard error", tuple(_panels(answer)))
    try:
        with path.open("xb") as file:
            file.write(picture)
    except OSError as error:
        raise SdkError(
            f"{path} cannot be written: {error.strerror}",
            "The figures are kept: `veilgate aggregate show` draws them to another file.",
        ) from error


def _panels(answer: CohortAnswer) -> Iterator[Panel]:
    filtered = "".join(f", {one}" for one in answer.where)
    if len(answer.cells) > 1 or not any(_has_histogram(cell) for cell in answer.cells):
        yield Panel(f"People{filtered}", tuple(_people(answer)))
        yield from _figure_panels(answer, filtered)
    for cell in answer.cells:
        for shown in cell.figures:
            if shown.figure.kind == "histogram":
                measure = answer.name_of(shown.figure.measure)
                rows = tuple(_row(bin_label(one), one.people) for one in shown.bins)
                unit = f" ({measure.unit})" if measure.unit else ""
                yield Panel(f"{measure.title.en}{unit}: {cell_name(answer, cell)}{filtered}", rows)


def _people(answer: CohortAnswer) -> Iterator[Row]:
    return (_row(cell_name(answer, cell), cell.people) for cell in answer.cells)


def _figure_panels(answer: CohortAnswer, filtered: str) -> Iterator[Panel]:
    first = next((cell for cell in answer.cells if not cell.suppressed), None)
    for place, shown in enumerate(first.figures if first else ()):
        if shown.figure.kind != "histogram":
            measure = answer.name_of(shown.figure.measure)
            rows = tuple(_figure_row(answer, cell, place) for cell in answer.cells)
            yield Panel(f"{shown.figure.label}, {measure.title.en}{filtered}", rows)


def _figure_row(answer: CohortAnswer, cell: Cell, place: int) -> Row:
    name = cell_name(answer, cell)
    if cell.suppressed:
        return Row(name, None, note=SUPPRESSED)
    return _row(name, cell.figures[place].estimate, TOO_FEW)


def _row(label: str, estimate: Estimate | None, note: str = SUPPRESSED) -> Row:
    if estimate is None:
        return Row(label, None, note=note)
    return Row(label, estimate.value, estimate.error or 0.0)


def _has_histogram(cell: Cell) -> bool:
    return any(one.figure.kind == "histogram" for one in cell.figures)
