"""``aggregate bin``: weight of evidence of a bureau's features for one's own labels.

Owns the options and the display of the steps. A job is kept on the disk before it is sent, and gone
on with by ``--resume``. Refuses to begin a job that its own rules would not let it finish: file,
contract and key are looked at before anything is charged.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from clients.cli.aggregate.bin_job import How, Source, begun, resumed
from clients.cli.aggregate.bin_view import print_figures, print_preview, write_curves
from clients.cli.aggregate.secret import KeyFileOption
from clients.cli.output import (
    JsonOption,
    UsageError,
    failures_reported,
    note,
    print_json,
    progress_bar,
)
from clients.cli.profile import ProfileOption, load_profile
from clients.keyholder.binning.errors import BinningRefused
from clients.keyholder.binning.kept import JobTalk
from clients.keyholder.binning.link import talk_over
from clients.keyholder.binning.open_job import OpenJob
from clients.keyholder.binning.plan import BinWish, Mode, draft_job
from clients.keyholder.binning.preview import preview
from clients.keyholder.binning.rows import Columns
from clients.keyholder.binning.run import BinnedFigures, BinningRun, OnStep, goes_on
from clients.keyholder.calls import BudgetView, KeyholderClient
from clients.keyholder.errors import ResultRefused
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder
from clients.keyholder.wanted import micro_rho
from clients.sdk.errors import VeilgateError
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import MAX_LIFE_S, AskerKey

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
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Show cost, errors, bytes and time; ask nobody.")
]
ResumeOption = Annotated[
    str, typer.Option("--resume", help="A job's id: go on with it, with the same file.")
]
ProcessesOption = Annotated[
    int, typer.Option("--processes", min=0, max=256, help="That may work at a time; 0: all cores.")
]


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
    dry_run: DryRunOption = False,
    resume: ResumeOption = "",
    key: KeyOption = "",
    key_file: KeyFileOption = None,
    png: PngOption = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bin a bureau's features by your own labels: neither side sees the other's column.

    Aligned privately; the bureau learns which of its people are among your rows, and the gateway
    checks that each row's consent is that person's. A talk that breaks goes on by itself, for an
    hour after a crash by --resume; it is charged once.
    """
    with failures_reported(as_json):
        _require_new(png)
        columns = Columns(identifier, label, consent, id_type_column)
        source = Source(labels, id_type, columns, blinded, load_profile(profile))
        wish = _wish(features, mode, cost, purpose)
        cores = processes or os.cpu_count() or 1
        _bin(dataset, source, wish, How(key, key_file, cores, as_json, dry_run, resume, png))


def _bin(dataset: str, source: Source, wish: BinWish, how: How) -> None:
    with KeyholderClient(source.profile) as client:
        keyholder = Keyholder(identity_of(source.profile), client)
        contract, view = keyholder.contract(dataset)
        if how.dry_run:
            _preview(source, contract, view.budget, wish, how)
            return
        begin = resumed(keyholder, source, how) if how.resume else None
        job, talk = begin or begun(keyholder, source, contract, wish, how)
        figures = _talked(keyholder, source.profile, job, talk, how)
    _show(figures, contract, how)


def _wish(features: str, mode: str, cost: str, purpose: str) -> BinWish:
    names = tuple(name for name in features.split(",") if name)
    price = micro_rho(cost) if cost else 0
    return BinWish(features=names, mode=_mode(mode), cost=price, purpose=purpose)


def _preview(
    source: Source, contract: AggregateContract, budget: BudgetView, wish: BinWish, how: How
) -> None:
    """Show what a job comes to; nothing of the own rows leaves, and no key is needed."""
    rows, key = source.read(), AskerKey(scheme="elgamal", key="ff", proof="00")
    planned = draft_job(source.profile.institution, contract, rows, wish, key, int(time.time()))
    shown = preview(planned, rows, budget, how.processes)
    if how.as_json:
        print_json(shown)
    else:
        print_preview(shown)


def _show(figures: BinnedFigures, contract: AggregateContract, how: How) -> None:
    if how.as_json:
        print_json(figures)
    else:
        print_figures(figures, contract)
    if how.png is not None:
        write_curves(how.png, figures, contract)
        if not how.as_json:
            note(f"The curves are drawn in {how.png}.")


def _talked(
    keyholder: Keyholder, profile: ClientProfile, opened: OpenJob, talk: JobTalk, how: How
) -> BinnedFigures:
    identity = identity_of(profile)
    try:
        with _steps(how.as_json) as on_step:
            run = BinningRun(
                *(identity, opened, keyholder.rounds, time.time, on_step, how.processes, talk)
            )
            return run(talk_over(profile, float(MAX_LIFE_S)))
    except BaseException as error:
        # What was refused, or does not hold, is over; whatever else happened may be gone on with.
        refused = isinstance(error, VeilgateError) and not goes_on(error)
        over = refused or isinstance(error, BinningRefused | ResultRefused)
        if over:
            talk.kept.drop()
            keyholder.rounds.end(opened.job.id, str(error))
            note("The job is over; what was charged stays charged. Begin a new one.")
        else:
            note(f"The job is kept: go on with --resume {opened.job.id}")
        raise


@contextmanager
def _steps(as_json: bool) -> Iterator[OnStep]:
    """Show the steps as a bar that fills, with the parts of the talk counted beside it."""
    with progress_bar("binning", as_json) as progress:
        task = progress.add_task("binning", total=_STEPS)

        def on_step(what: str, done: int, of: int) -> None:
            if of and done >= of:
                progress.advance(task)
            progress.update(task, description=_said(what, done, of))

        yield on_step
        progress.advance(task)


def _said(what: str, done: int, of: int) -> str:
    if not done:
        return what
    return f"{what}: {done:,} of {of:,}" if done < of else what if of else f"{what}: {done:,} parts"


def _mode(word: str) -> Mode:
    if word == "exact":
        return "exact"
    if word == "dp":
        return "dp"
    raise UsageError("a mode is exact or dp", "Give --mode exact or --mode dp.")


def _require_new(path: Path | None) -> None:
    if path is not None and path.exists():
        raise UsageError(f"{path} is there already", "Name a new file.")
