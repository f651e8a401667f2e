"""``aggregate ask --dry-run``: what a question costs and how exact its answer would be.

Owns the words. What it prints follows from contract and budget; no data is looked at.
"""

from __future__ import annotations

from clients.cli.output import note, print_line, print_pairs, print_table
from clients.keyholder.expected import ExpectedFigure, Preview
from clients.keyholder.figure_text import figure_text

_MICRO = 1_000_000


def print_preview(shown: Preview) -> None:
    """Print a preview for people."""
    print_line(f"{shown.dataset}: nobody was asked, and nothing is charged.", "bold")
    print_pairs(
        (
            ("cost", f"{_rho(shown.cost)} rho"),
            ("budget", f"{_rho(shown.left_before)} rho left, {_rho(shown.left_after)} after it"),
            ("epsilon", f"{shown.epsilon} for delta {shown.delta}, of one person's data"),
            ("with all before", f"epsilon {shown.epsilon_ever}"),
            ("scheme", f"{shown.scheme}, {shown.ciphertexts} ciphertexts a contributor"),
            ("values", f"{shown.values} in {shown.cells} cells"),
            (
                "contributors",
                f"{shown.contributors}; {shown.others_needed} are needed besides your own;"
                f" noise of {shown.honest} is counted on",
            ),
            ("least people", f"{shown.minimum_cohort} of a contributor in a cell"),
        )
    )
    print_table(
        ("figure", "measure", "people in the cell", "expected standard error"),
        [row for one in shown.figures for row in _rows(one)],
    )
    note("Errors that hang on the people are for values spread evenly over the measure's range.")
    if shown.left_after < 0:
        note("The budget does not cover it.")


def _rows(one: ExpectedFigure) -> list[tuple[str, str, str, str]]:
    return [
        (one.figure, one.measure, f"{people:,}" if people else "any", _error(error, one.unit))
        for people, error in one.errors.items()
    ]


def _error(error: float, unit: str) -> str:
    return f"± {figure_text(error, error).partition(' ±')[0]} {unit}".rstrip()


def _rho(micro: int) -> str:
    return f"{micro / _MICRO:g}"
