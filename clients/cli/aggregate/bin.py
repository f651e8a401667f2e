"""``aggregate bin``: weight of evidence of a bureau's features for one's own labels.

Owns the options and the display of the steps. Refuses to begin a job that its own rules would not
let it finish: file, contract and key are looked at before anything is charged.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from clients.cli.aggregate.bin_view import print_figures, write_curves
from clients.cli.aggregate.secret import KeyFileOption, secret_by
from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    progress_bar,
)
from clients.cli.profile import ProfileOption, load_profile
from clients.keyholder.binning.link import talk_over
from clients.keyholder.binning.plan import BinWish, Mode, draft_job, sign_job
from clients.keyholder.binning.rows import Columns, LabelledRows, read_rows
from clients.keyholder.binning.run import BinnedFigures, BinningRun, OnStep
from clients.keyholder.calls import KeyholderClient
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.keyholder.wanted import micro_rho
from clients.sdk.calls.subjects import MAX_BATCH
from clients.sdk.client import VeilgateClient
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.subject import SubjectReference
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import MAX_LIFE_S

_STEPS: Final = 4
LabelsOption = Annotated[
    Path, typer.Option("--labels", help="CSV: an identifier, a label 0 or 1, a consent a row.")
]
IdTypeOption = Annotated[IdentifierType, typer.Option("--id-type", help="Of the identifiers.")]
IdTypeColumnOption = Annotated[
    str, typer.Option("--id-type-column", help="The column of types, where there are several.")
]
IdOption = Annotated[str, typer.Option("--id", help="The column of identifiers.")]
LabelOption = Annotated[str, typer.Option("--label", help="The column of labels; 1 is an event.")]
ConsentOption = Annotated[str, typer.Option("--consent", help="The column of consent ids.")]
FeaturesOption = Annotated[
    str, typer.Option("--features", help="Names, separated by commas; all if left out.")
]
ModeOption = Annotated[
    str, typer.Option("--mode", help="exact (consents must cover that) or dp (noisy, costs rho).")
]
PurposeOption = Annotated[str, typer.Option("--purpose", help="What for, by the contract.")]
CostOption = Annotated[str, typer.Option("--cost", help="What to pay in dp, in rho, such as 0.5.")]
KeyOption = Annotated[
    str, typer.Option("--key", help="The beginning of a key's id; the newest if left out.")
]
PngOption = Annotated[Path | None, typer.Option("--png", help="Draw the curves to this new file.")]
BlindedOption = Annotated[
    bool,
    typer.Option("--blinded", help="Tell the gateway references, not identifiers; costs quota."),
]
ProcessesOption = Annotated[
    int, typer.Option("--processes", min=0, max=256, help="That may work at a time; 0: all cores.")
]


@dataclass(frozen=True)
class How:
    """How a job is run, whatever it is about."""

    key: str
    key_file: Path | None
    processes: int
    as_json: bool


def add_bin(group: typer.Typer) -> None:
    """Add the command."""
    group.command("bin")(bin_features)


def bin_features(
    dataset: Annotated[str, typer.Argument(metavar="DATASET")],
    labels: LabelsOption,
    purpose: PurposeOption,
    id_type: IdTypeOption = IdentifierType.CN_RESIDENT_ID,
    id_type_column: IdTypeColumnOption = "",
    identifier: IdOption = "id",
    label: LabelOption = "label",
    consent: ConsentOption = "consent",
    features: FeaturesOption = "",
    mode: ModeOption = "exact",
    cost: CostOption = "",
    processes: ProcessesOption = 0,
    blinded: BlindedOption = False,
    key: KeyOption = "",
    key_file: KeyFileOption = None,
    png: PngOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bin a bureau's features by your own labels: neither side sees the other's column.

    Aligned privately; the bureau learns which of its people are among your rows, and the gateway
    checks that each row's consent is that person's. A job runs once: if it breaks off, it is
    charged all the same.
    """
    with failures_reported(as_json):
        _require_new(png)
        own = load_profile(profile)
        columns = Columns(identifier, label, consent, id_type_column)
        rows = _blinded(read_rows(labels, id_type, columns), own, blinded)
        names = tuple(name for name in features.split(",") if name)
        price = micro_rho(cost) if cost else 0
        wish = BinWish(features=names, mode=_mode(mode), cost=price, purpose=purpose)
        how = How(key, key_file, processes or os.cpu_count() or 1, as_json)
        with KeyholderClient(own) as client:
            keyholder = Keyholder(identity_of(own), client)
            contract, _ = keyholder.contract(dataset)
            figures = _run(keyholder, own, contract, rows, wish, how)
        _show(figures, contract, png, as_json)


def _blinded(rows: LabelledRows, profile: ClientProfile, wanted: bool) -> LabelledRows:
    """Return the rows, with their references, evaluated blinded, where they are wanted."""
    if not wanted:
        return rows
    pairs, found = rows.pairs(), list[SubjectReference]()
    with VeilgateClient(profile) as client:
        for at in range(0, len(pairs), MAX_BATCH):
            found += client.references(pairs[at : at + MAX_BATCH])
    return replace(rows, references=tuple(found))


def _show(
    figures: BinnedFigures, contract: AggregateContract, png: Path | None, as_json: bool
) -> None:
    if as_json:
        print_json(figures)
    else:
        print_figures(figures, contract)
    if png is not None:
        write_curves(png, figures, contract)
        if not as_json:
            note(f"The curves are drawn in {png}.")


def _run(
    keyholder: Keyholder,
    profile: ClientProfile,
    contract: AggregateContract,
    rows: LabelledRows,
    wish: BinWish,
    how: How,
) -> BinnedFigures:
    identity, now = identity_of(profile), int(time.time())
    head = keyholder.keys.choose("elgamal", how.key)
    planned = draft_job(identity.institution, contract, rows, wish, head.public, now)
    # A key that does not open is found out before anything is charged.
    held = keyholder.keys.open(head.id, secret_by(how.key_file))
    if keyholder.keys.registration(head.id) is None:
        keyholder.register(head)
    opened = sign_job(identity, planned, rows, held.stored())
    with _steps(how.as_json) as on_step:
        run = BinningRun(identity, opened, keyholder.rounds, time.time, on_step, how.processes)
        return run(talk_over(profile, float(MAX_LIFE_S)))


@contextmanager
def _steps(as_json: bool) -> Iterator[OnStep]:
    """Show the steps as a bar that fills, with the parts of the talk counted beside it."""
    with progress_bar("binning", as_json) as progress:
        task = progress.add_task("binning", total=_STEPS)

        def on_step(what: str, done: int, of: int) -> None:
            if of:
                progress.advance(task)
            progress.update(task, description=what if of else f"{what}: {done} parts")

        yield on_step
        progress.advance(task)


def _mode(word: str) -> Mode:
    if word == "exact":
        return "exact"
    if word == "dp":
        return "dp"
    raise UsageError("a mode is exact or dp", "Give --mode exact or --mode dp.")


def _require_new(path: Path | None) -> None:
    if path is not None and path.exists():
        raise UsageError(f"{path} is there already", "Name a new file.")
