"""Own questions and their answers: ``aggregate rounds`` and ``aggregate show``; asks no gateway.

Owns showing what is kept. Refuses to open anything: figures that were not kept are gone, and those
about a person are shown by ``aggregate exposure``, which asks whether the consent still stands.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from clients.cli.aggregate.charts import write_chart
from clients.cli.aggregate.view import print_answer
from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    print_pairs,
    print_table,
)
from clients.cli.profile import ProfileOption, load_profile
from clients.keyholder.answers import CohortAnswer, read_answer
from clients.keyholder.history import Figures, Past, Standing, forget_old, past_of
from clients.keyholder.identity import keyholder_folder
from clients.keyholder.keyholder import rounds_of

RoundArgument = Annotated[str, typer.Argument(metavar="ROUND", help="Of `aggregate rounds`.")]
PngOption = Annotated[Path | None, typer.Option("--png", help="Draw the answer to this new file.")]
KindOption = Annotated[
    list[str] | None, typer.Option("--kind", help="cohort, exposure or binning; repeat it.")
]
StateOption = Annotated[
    list[str] | None,
    typer.Option("--state", help="open, opened, ended, expired or damaged; repeat it."),
]

_MICRO = 1_000_000
_KINDS: Final = ("cohort", "exposure", "binning")
_WHY_NOT: Final = {
    Figures.NONE: "no figures are kept of it",
    Figures.SEALED: "its answer is sealed: `veilgate aggregate exposure`, with the same consent,"
    " shows it again",
    Figures.FORGOTTEN: "its figures were deleted when their days were over",
}


def add_show(group: typer.Typer) -> None:
    """Add the commands."""
    group.command("rounds")(rounds)
    group.command("show")(show)


def rounds(
    kind: KindOption = None,
    state: StateOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the own questions of every kind, the latest first.

    An open one can be gone on with; an expired one was not opened in time. Figures whose days are
    over are deleted.
    """
    with failures_reported(as_json):
        kinds = _among("kind", kind, _KINDS)
        states = _among("state", state, tuple(Standing))
        found = [one for one in _past(profile) if one.kind in kinds and one.state in states]
        if as_json:
            print_json(found)
            return
        print_table(
            ("round", "kind", "state", "figures", "dataset", "purpose", "rho", "asked"),
            [_row(one) for one in found],
        )


def show(
    round_id: RoundArgument,
    png: PngOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a round, with its figures as they came out when it was opened, if they are kept."""
    with failures_reported(as_json):
        past = next((one for one in _past(profile) if one.round == round_id), None)
        if past is None:
            raise UsageError("there is no such round", "See `veilgate aggregate rounds`.")
        answer = _answer(past, profile)
        if answer is None:
            _show_past(past, png, as_json)
            return
        if png is not None:
            write_chart(png, answer)
        if as_json:
            print_json(answer)
            return
        print_answer(answer)


def _past(profile: Path | None) -> tuple[Past, ...]:
    folder, now = keyholder_folder(load_profile(profile)), int(time.time())
    forget_old(folder, now)
    return past_of(folder, now)


def _answer(past: Past, profile: Path | None) -> CohortAnswer | None:
    if past.kind != "cohort" or past.figures is not Figures.KEPT:
        return None
    kept = rounds_of(keyholder_folder(load_profile(profile))).answer(past.round)
    return None if kept is None else read_answer(kept)


def _show_past(past: Past, png: Path | None, as_json: bool) -> None:
    if png is not None:
        raise UsageError(_WHY_NOT[past.figures], "There is nothing to draw.")
    if as_json:
        print_json(past)
        return
    print_pairs(
        (
            ("round", past.round),
            ("kind", past.kind),
            ("state", f"{past.state}: {past.why}" if past.why else past.state),
            ("dataset", f"{past.dataset}, {past.snapshot}" if past.dataset else ""),
            ("purpose", past.purpose),
            ("cost", f"{past.cost / _MICRO:g} rho"),
            ("asked", _time(past.asked_at)),
            ("until", _time(past.expires_at)),
            ("consent", past.consent_id),
        )
    )
    note(f"{_WHY_NOT[past.figures]}.")


def _row(one: Past) -> tuple[object, ...]:
    return (
        *(one.round, one.kind, one.state, one.figures, one.dataset, one.purpose),
        *(f"{one.cost / _MICRO:g}", _time(one.asked_at)),
    )


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}" if seconds else ""


def _among(name: str, given: list[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    words = tuple(given or known)
    if not set(words) <= set(known):
        raise UsageError(f"that is no {name} of a round", f"Give one of {', '.join(known)}.")
    return words
