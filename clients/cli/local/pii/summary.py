"""The summary of a run, on standard error or as one JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from clients.cli.output import PIPE_WIDTH

if TYPE_CHECKING:
    from clients.cli.local.pii.flow import Summary


def summary_document(summary: Summary) -> dict[str, Any]:
    """The counts and the rate."""
    tally, seconds = summary.tally, summary.seconds
    return {
        "texts": tally.texts,
        "withheld": tally.failed,
        "entities": dict(sorted(tally.entities.items())),
        "found": tally.found,
        "seconds": round(seconds, 3),
        "texts_per_second": round(tally.texts / seconds, 1) if seconds else 0.0,
    }


def print_summary(summary: Summary, as_json: bool) -> None:
    """Print it on standard error: standard output is the run's own."""
    console = Console(stderr=True)
    document = summary_document(summary)
    if as_json:
        console.file.write(json.dumps(document) + "\n")
        return
    if not console.is_terminal:
        console = Console(stderr=True, width=PIPE_WIDTH)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("entity")
    table.add_column("found", justify="right")
    for name, count in sorted(summary.tally.entities.items()):
        table.add_row(name, f"{count:,}")
    table.add_row("all", f"{summary.tally.found:,}")
    console.print(table)
    withheld = f", {summary.tally.failed:,} withheld" if summary.tally.failed else ""
    rate = f"{document['texts_per_second']:,.0f} a second"
    console.print(f"{summary.tally.texts:,} texts{withheld}, {rate}", highlight=False)
