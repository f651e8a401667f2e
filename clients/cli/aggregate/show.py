"""Own questions and their answers: ``aggregate rounds`` and ``aggregate show``; asks no gateway.

Owns showing what is kept. Refuses to open anything: figures that were not kept are gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from clients.cli.aggregate.charts import write_chart
from clients.cli.aggregate.view import print_answer
from clients.cli.output import JsonOption, UsageError, failures_reported, print_json, print_table
from clients.cli.profile import ProfileOption, load_profile
from clients.keyholder.answers import read_answer
from clients.keyholder.identity import keyholder_folder
from clients.keyholder.keyholder import rounds_of
from clients.keyholder.rounds import RoundStore

RoundArgument = Annotated[str, typer.Argument(metavar="ROUND", help="Of `aggregate rounds`.")]
PngOption = Annotated[Path | None, typer.Option("--png", help="Draw the answer to this new file.")]

_MICRO = 1_000_000


@dataclass(frozen=True, kw_only=True)
class _Line:
    round: str
    state: str
    dataset: str
    purpose: str
    cost: int
    asked_at: int


def add_show(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("rounds")(rounds)
    group.command("show")(show)


def rounds(profile: ProfileOption = None, as_json: JsonOption = False) -> None:
    """List the own questions about cohorts, the latest first."""
    with failures_reported(as_json):
        store = rounds_of(keyholder_folder(load_profile(profile)))
        lines = [_line(store, one) for one in store.identities()]
        found = sorted(lines, key=lambda line: line.asked_at, reverse=True)
        if as_json:
            print_json(found)
            return
        print_table(
            ("round", "state", "dataset", "purpose", "rho", "asked"),
            [
                (
                    one.round,
                    one.state,
                    one.dataset,
                    one.purpose,
                    f"{one.cost / _MICRO:g}",
                    f"{datetime.fromtimestamp(one.asked_at, UTC):%Y-%m-%d %H:%M:%S}",
                )
                for one in found
            ],
        )


def show(
    round_id: RoundArgument,
    png: PngOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a round's figures again, as they came out when it was opened."""
    with failures_reported(as_json):
        store = rounds_of(keyholder_folder(load_profile(profile)))
        kept = store.answer(round_id)
        if kept is None:
            raise UsageError(
                "no figures are kept of that round",
                "See its state with `veilgate aggregate rounds`.",
            )
        answer = read_answer(kept)
        if png is not None:
            write_chart(png, answer)
        if as_json:
            print_json(answer)
            return
        print_answer(answer)


def _line(store: RoundStore, identity: str) -> _Line:
    question = store.get(identity).question
    return _Line(
        round=identity,
        state=store.state(identity),
        dataset=question.dataset,
        purpose=question.purpose,
        cost=question.cost,
        asked_at=question.issued_at,
    )
